package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"crmdeck/store"
)

// Report is what a check found good.
type Report struct {
	Head        Head
	First, Last time.Time // of the oldest and the newest event that is there
	Kept        int       // heads that were compared
	Segments    int       // sealed segments, those that were moved out too
	Out         uint64    // events up to this one were moved out; 0: none was
	Apart       int       // heads within what was moved out: only its file can be compared with them
}

// Log is a store with a log that can be checked.
type Log interface {
	store.AuditReader
	Info(ctx context.Context) (store.Info, error)
}

// Check verifies the whole log, the seals of its segments, the end that the store notes, and the
// heads that were kept elsewhere. Of segments that were moved out only the seals are there; the
// rest is verified from them on. What does not fit is a *BrokenError, a head of another store a
// *HeadError; a locked store is store.ErrLocked. progress, which may be nil, is told
// after each page how many events were checked, of how many there were at the start.
// Memory does not grow with the log.
func Check(ctx context.Context, log Log, kept []SignedHead, progress func(done, all uint64)) (Report, error) {
	key, err := log.AuditKey()
	if err != nil {
		return Report{}, err
	}
	defer clear(key)
	info, err := log.Info(ctx)
	if err != nil {
		return Report{}, err
	}
	var heads []keptHead
	for i := range kept {
		h, err := kept[i].Open(key, info.StoreID)
		if err != nil {
			return Report{}, err
		}
		heads = append(heads, keptHead{h, kept[i].At})
	}
	for tries := 1; ; tries++ {
		c := &checker{log: log, kept: heads, all: info.Events, progress: progress}
		err := c.run(ctx, key)
		if err == nil || tries == mostTries || !c.movedMeanwhile(ctx) {
			return c.report, err
		}
	}
}

// mostTries is how often a check starts again because segments were moved out under it.
const mostTries = 3

// run is one pass.
func (c *checker) run(ctx context.Context, key []byte) error {
	if err := c.begin(ctx, key); err != nil {
		return err
	}
	if err := c.read(ctx); err != nil {
		return err
	}
	if left := c.sealed.list; len(left) > 0 {
		return &BrokenError{Seq: c.verifier.Head().Seq + 1, Reason: fmt.Sprintf("missing, its segment up to event %d was sealed", left[0].Last)}
	}
	return c.compare()
}

// begin checks the seals, and starts after what was moved out.
func (c *checker) begin(ctx context.Context, key []byte) error {
	list, err := c.log.AuditSegments(ctx)
	if err != nil {
		return err
	}
	c.sealed.list, c.report.Segments = list, len(list)
	if err := Chained(key, Head{}, nil, list); err != nil {
		return err
	}
	var from Head
	for len(c.sealed.list) > 0 && c.sealed.list[0].Out != nil {
		s := &c.sealed.list[0]
		from = Head{Seq: s.Last, Chain: s.Chain}
		for _, k := range c.kept {
			switch {
			case k.Seq == s.Last && !bytes.Equal(k.Chain, s.Chain):
				return k.other()
			case k.Seq == s.Last:
				c.report.Kept++
			case k.Seq >= s.First && k.Seq < s.Last:
				c.report.Apart++
			}
		}
		c.sealed.list = c.sealed.list[1:]
	}
	c.report.Out, c.verifier = from.Seq, NewVerifier(key, from)
	return nil
}

// movedMeanwhile reports that segments were moved out while the log was read.
func (c *checker) movedMeanwhile(ctx context.Context) bool {
	list, err := c.log.AuditSegments(ctx)
	if err != nil {
		return false
	}
	out := uint64(0)
	for _, s := range list {
		if s.Out != nil {
			out = s.Last
		}
	}
	return out > c.report.Out
}

// SignNow checks the whole log and signs its end: a head of a log that is broken would
// make it look whole.
func SignNow(ctx context.Context, log Log, at time.Time) (SignedHead, error) {
	r, err := Check(ctx, log, nil, nil)
	if err != nil {
		return SignedHead{}, err
	}
	key, err := log.AuditKey()
	if err != nil {
		return SignedHead{}, err
	}
	defer clear(key)
	info, err := log.Info(ctx)
	if err != nil {
		return SignedHead{}, err
	}
	return Sign(key, info.StoreID, r.Head, at), nil
}

// keptHead is a head that was kept, and when it was signed.
type keptHead struct {
	Head
	at time.Time
}

// other says that the log is not the one that the head is of.
func (k keptHead) other() error {
	return &BrokenError{Seq: k.Seq, Reason: "the log has another history than the head that was signed " + k.at.UTC().Format(time.RFC3339) +
		"; it was written anew, up to here or further"}
}

// checker is one check.
type checker struct {
	sealed   segments // those whose events are there and were not reached yet
	log      Log
	verifier *Verifier
	kept     []keptHead
	report   Report
	all      uint64
	progress func(done, all uint64)
}

// read checks the chain up to the end that the store notes. The end is read after the
// events, so it is never behind them unless somebody turned it back.
func (c *checker) read(ctx context.Context) error {
	for {
		from := c.verifier.Head()
		if err := c.log.EachEvent(ctx, from.Seq, c.page); err != nil {
			return c.broken(err)
		}
		end, err := c.log.AuditHead(ctx)
		if err != nil {
			return err
		}
		at := c.verifier.Head()
		c.report.Head = at
		switch {
		case end.Seq < at.Seq:
			return &BrokenError{Seq: end.Seq + 1, Reason: fmt.Sprintf("stands after event %d, which the store notes as the last", end.Seq)}
		case end.Seq > at.Seq && at.Seq > from.Seq:
			continue // more was appended meanwhile
		}
		return c.verifier.End(Head{Seq: end.Seq, Chain: end.Chain})
	}
}

// page checks events and the heads that fall among them.
func (c *checker) page(page []store.Event) error {
	if err := c.verifier.AddPage(page); err != nil {
		return err
	}
	if err := c.sealed.check(page); err != nil {
		return err
	}
	if c.report.First.IsZero() {
		c.report.First = page[0].At
	}
	c.report.Last = page[len(page)-1].At
	first := page[0].Seq
	for _, k := range c.kept {
		if k.Seq < first || k.Seq >= first+uint64(len(page)) {
			continue
		}
		if !bytes.Equal(k.Chain, page[k.Seq-first].Chain) {
			return k.other()
		}
		c.report.Kept++
	}
	if c.progress != nil {
		c.progress(c.verifier.Head().Seq, max(c.all, c.verifier.Head().Seq))
	}
	return nil
}

// broken tells an entry that can't be read as what it is: the first that does not fit.
func (c *checker) broken(err error) error {
	var u *store.UnreadableEventError
	if !errors.As(err, &u) {
		return err
	}
	if want := c.verifier.Head().Seq + 1; u.Seq > want {
		return &BrokenError{Seq: want, Reason: fmt.Sprintf("missing, event %d comes next", u.Seq)}
	}
	return &BrokenError{Seq: u.Seq, Reason: "not as it was written: " + u.Err.Error()}
}

// compare looks for heads that are ahead of the log.
func (c *checker) compare() error {
	at := c.verifier.Head()
	for _, k := range c.kept {
		if k.Seq > at.Seq {
			return &BrokenError{Seq: at.Seq + 1, Reason: fmt.Sprintf(
				"missing: there were %d events when the head was signed %s; the end was cut off, or an older copy of the store was put back",
				k.Seq, k.at.UTC().Format(time.RFC3339))}
		}
		if k.Seq == 0 {
			c.report.Kept++ // a log without events: everything follows from it
		}
	}
	return nil
}
