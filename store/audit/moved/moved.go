// Package moved moves sealed segments of an audit log out of its store into a file, and
// verifies such a file.
//
// It promises that events leave the store only when they are in a file that was written,
// synced, read back and verified; that the store keeps their seals, so that the rest verifies
// from there; and that whatever breaks off in between leaves them in the store, in the file, or
// in both. Start with Choose and Move; Verify checks a file.
//
// The file is JSON Lines. The first line is an object with format ("crmdeck-audit-segments/1"),
// store, made_at, before_seal (hex, empty for the first segment) and segments: a list of objects with
// first, last, from, to, before, chain and seal (as package audit says, bytes in hex). The
// other lines are the events, in the form of an export in JSON Lines.
package moved

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/export"
	"crmdeck/store/ownfile"
)

// LeastMonths is the shortest time that events stay in the store.
const LeastMonths = 12

// ErrCannot: the engine of this store can't move parts of its log out.
var ErrCannot = errors.New("segments of this store's log can't be moved out")

// YoungError is an event that is dated later than what may go: a clock was wrong once.
type YoungError struct {
	Seq uint64
	At  time.Time
}

func (e *YoungError) Error() string {
	return fmt.Sprintf("audit event %d is dated %s, which is too young to be moved out", e.Seq, e.At.UTC().Format(time.RFC3339))
}

// Log is a store whose log can be read, checked and moved out.
type Log interface {
	audit.Log
	store.SegmentMover
}

// Choice is what can go.
type Choice struct {
	Segments []store.Segment // oldest first
	Before   time.Time       // all events are from before it
	seal     []byte          // of the segment before them
}

// Events is how many there are.
func (c *Choice) Events() (n uint64) {
	for i := range c.Segments {
		n += c.Segments[i].Count()
	}
	return n
}

// Oldest is the last moment from which events must stay, when they are kept for so many
// months; fewer than LeastMonths count as that.
func Oldest(now time.Time, months int) time.Time {
	return now.UTC().AddDate(0, -max(months, LeastMonths), 0)
}

// Choose finds the segments whose events are all from before a moment; none is no error.
func Choose(ctx context.Context, log Log, before time.Time) (Choice, error) {
	c := Choice{Before: before}
	all, err := log.AuditSegments(ctx)
	if err != nil {
		return c, err
	}
	for _, s := range all {
		switch {
		case s.Out != nil:
			c.seal = s.Seal
		case !s.To.Before(before):
			return c, nil
		default:
			c.Segments = append(c.Segments, s)
		}
	}
	return c, nil
}

// Result is what was moved.
type Result struct {
	Events   uint64
	Segments int // of which the events are no more in the store
	SHA256   [sha256.Size]byte
}

// Move writes the segments to path, which must not exist (fs.ErrExist), verifies what is
// there, and then removes them from the store, the oldest first, each with an event of the
// operation op. An error after the file was written leaves segments that are in both; Result
// tells how many are only in the file.
func Move(ctx context.Context, log Log, path string, c Choice, now time.Time, op store.ID) (r Result, err error) {
	if len(c.Segments) == 0 {
		return r, nil
	}
	key, err := log.AuditKey()
	if err != nil {
		return r, err
	}
	defer clear(key)
	info, err := log.Info(ctx)
	if err != nil {
		return r, err
	}
	if err := writeFile(path, string(op), func(w io.Writer) error { return write(ctx, log, w, c, info.StoreID, now) }); err != nil {
		return r, err
	}
	got, err := verifyFile(ctx, path, key, info.StoreID)
	if err != nil {
		return r, fmt.Errorf("reading %s back: %w", filepath.Base(path), err)
	}
	r.SHA256 = got.SHA256
	for i := range c.Segments {
		s := &c.Segments[i]
		if i >= len(got.Segments) || string(got.Segments[i].Seal) != string(s.Seal) {
			return r, fmt.Errorf("reading %s back: %w", filepath.Base(path), ErrFile)
		}
		out := store.SegmentOut{File: filepath.Base(path), SHA256: got.SHA256[:]}
		err := log.MoveOut(ctx, *s, out, store.Event{Act: store.ActAuditMove, Outcome: "done", Op: op, Evidence: fmt.Sprintf(
			"events %d to %d, up to %s, into %s, sha256 %x", s.First, s.Last, s.To.UTC().Format(time.RFC3339), filepath.Base(path), got.SHA256)})
		if err != nil {
			return r, err
		}
		r.Events, r.Segments = r.Events+s.Count(), r.Segments+1
	}
	return r, nil
}

// writeFile lets fn write a file that did not exist before. It has its name only when it is
// whole and synced.
func writeFile(path, op string, fn func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("making %s: %w", path, fs.ErrExist)
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+op+".partial")
	if err := export.ToFile(temp, fn); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("naming the file: %w", err)
	}
	return ownfile.SyncDir(filepath.Dir(path))
}

// errEnough ends reading where the segments do.
var errEnough = errors.New("enough")

// write writes the first line and the events, and looks at the date of each.
func write(ctx context.Context, log Log, w io.Writer, c Choice, storeID string, now time.Time) error {
	out := bufio.NewWriterSize(w, 64<<10)
	lines := export.NewLines(out)
	if err := lines.Value(titleOf(c, storeID, now)); err != nil {
		return err
	}
	first, last := c.Segments[0].First, c.Segments[len(c.Segments)-1].Last
	err := log.EachEvent(ctx, first-1, func(page []store.Event) error {
		for i := range page {
			e := &page[i]
			switch {
			case e.Seq > last:
				return errEnough
			case !e.At.Before(c.Before):
				return &YoungError{Seq: e.Seq, At: e.At}
			}
			if err := lines.Event(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the segments: %w", err)
	}
	return nil
}
