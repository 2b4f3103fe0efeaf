package moved

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/export"
)

// Format names the form of a file of segments.
const Format = "crmdeck-audit-segments/1"

// ErrFile: it is no file of segments, or is cut off.
var ErrFile = errors.New("it is no file of audit segments, or not a whole one")

// ErrOther: the file is that of another store.
var ErrOther = errors.New("its segments are those of another store")

// The bounds of a line: a first one with 1,000 segments and more, and an event.
const maxLine = 4 << 20

// title is the first line.
type title struct {
	Format   string   `json:"format"`
	Store    string   `json:"store"`
	Made     string   `json:"made_at"`
	Before   string   `json:"before_seal"`
	Segments []seglet `json:"segments"`
}

// seglet is a segment in the first line.
type seglet struct {
	First  uint64    `json:"first"`
	Last   uint64    `json:"last"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Before string    `json:"before"`
	Chain  string    `json:"chain"`
	Seal   string    `json:"seal"`
}

func titleOf(c Choice, storeID string, now time.Time) title {
	t := title{Format: Format, Store: storeID, Made: now.UTC().Format(time.RFC3339), Before: hex.EncodeToString(c.seal)}
	for _, s := range c.Segments {
		t.Segments = append(t.Segments, seglet{s.First, s.Last, s.From.UTC(), s.To.UTC(),
			hex.EncodeToString(s.Before), hex.EncodeToString(s.Chain), hex.EncodeToString(s.Seal)})
	}
	return t
}

// segments are those of the first line, and the seal before them.
func (t *title) segments() (list []store.Segment, before []byte, err error) {
	var errs []error
	bytesOf := func(s string) []byte {
		b, err := hex.DecodeString(s)
		errs = append(errs, err)
		return b
	}
	before = bytesOf(t.Before)
	for _, x := range t.Segments {
		list = append(list, store.Segment{First: x.First, Last: x.Last, From: x.From, To: x.To,
			Before: bytesOf(x.Before), Chain: bytesOf(x.Chain), Seal: bytesOf(x.Seal)})
	}
	if errors.Join(errs...) != nil || t.Format != Format || len(list) == 0 {
		return nil, nil, ErrFile
	}
	return list, before, nil
}

// Report is what a file was found to hold.
type Report struct {
	Segments []store.Segment
	Events   uint64
	Kept     int // heads that were compared
	SHA256   [sha256.Size]byte
	// Known: the store has the seals of all segments; Only: all of them are no more in the store,
	// and this is the very file that they were moved into.
	Known, Only bool
}

// First and Last are the numbers of the first and last event.
func (r *Report) First() uint64 { return r.Segments[0].First }

// Last is the number of the last event.
func (r *Report) Last() uint64 { return r.Segments[len(r.Segments)-1].Last }

// Verify checks a file with the keys of its store: the seals, every event, and the heads
// that were kept and fall within it. It is compared with what the store knows of it. What does not
// fit is an *audit.BrokenError, a head of another store an *audit.HeadError, a file that is
// no such file ErrFile, one of another store ErrOther.
func Verify(ctx context.Context, log audit.Log, file io.Reader, kept []audit.SignedHead) (Report, error) {
	key, err := log.AuditKey()
	if err != nil {
		return Report{}, err
	}
	defer clear(key)
	info, err := log.Info(ctx)
	if err != nil {
		return Report{}, err
	}
	var heads []audit.Head
	for i := range kept {
		h, err := kept[i].Open(key, info.StoreID)
		if err != nil {
			return Report{}, err
		}
		heads = append(heads, h)
	}
	r, err := verify(ctx, file, key, info.StoreID, heads)
	if err != nil {
		return r, err
	}
	own, err := log.AuditSegments(ctx)
	if err != nil {
		return r, err
	}
	return r, r.compare(own)
}

// compare looks the segments up among those of the store.
func (r *Report) compare(own []store.Segment) error {
	known, only := 0, 0
	for i := range r.Segments {
		s := &r.Segments[i]
		for j := range own {
			o := &own[j]
			if o.First != s.First {
				continue
			}
			if !bytes.Equal(o.Seal, s.Seal) {
				return &audit.BrokenError{Seq: s.First, Reason: fmt.Sprintf("the store has another seal for the events from here, up to event %d", o.Last)}
			}
			known++
			if o.Out != nil && bytes.Equal(o.Out.SHA256, r.SHA256[:]) {
				only++
			}
		}
	}
	r.Known, r.Only = known == len(r.Segments), only == len(r.Segments)
	return nil
}

func verifyFile(ctx context.Context, path string, key []byte, storeID string) (Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return Report{}, fmt.Errorf("opening the segments: %w", err)
	}
	defer func() { _ = f.Close() }()
	return verify(ctx, f, key, storeID, nil)
}

// pageEvents is how many events are checked at once.
const pageEvents = 4096

// verify reads a file once.
func verify(ctx context.Context, file io.Reader, key []byte, storeID string, heads []audit.Head) (r Report, err error) {
	sum := sha256.New()
	in := bufio.NewScanner(io.TeeReader(file, sum))
	in.Buffer(make([]byte, 0, 64<<10), maxLine)
	var t title
	if !in.Scan() || json.Unmarshal(in.Bytes(), &t) != nil {
		return r, ErrFile
	}
	list, before, err := t.segments()
	if err != nil {
		return r, err
	}
	if t.Store != storeID {
		return r, ErrOther
	}
	r.Segments = list
	from := audit.Head{Seq: list[0].First - 1, Chain: list[0].Before}
	if err := audit.Chained(key, from, before, list); err != nil {
		return r, err
	}
	c := audit.NewSegmentVerifier(key, from, list, heads)
	page := make([]store.Event, 0, pageEvents)
	for in.Scan() {
		e, err := export.ReadEvent(in.Bytes())
		if err != nil {
			return r, &audit.BrokenError{Seq: c.Head().Seq + uint64(len(page)) + 1, Reason: "not as it was written"}
		}
		if page = append(page, e); len(page) == pageEvents {
			if err := errors.Join(ctx.Err(), c.AddPage(page)); err != nil {
				return r, err
			}
			page = page[:0]
		}
	}
	if err := in.Err(); err != nil {
		return r, fmt.Errorf("reading the segments: %w", err)
	}
	if err := errors.Join(ctx.Err(), c.AddPage(page), c.End()); err != nil {
		return r, err
	}
	r.Events, r.Kept = c.Head().Seq-from.Seq, c.Kept()
	sum.Sum(r.SHA256[:0])
	return r, nil
}
