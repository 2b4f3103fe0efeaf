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
	First, Last time.Time // of the oldest and the newest event
	Kept        int       // heads that were compared
}

// Log is a store with a log that can be checked.
type Log interface {
	store.AuditReader
	Info(ctx context.Context) (store.Info, error)
}

// Check verifies the whole log, the end that the store notes, and the heads that were
// kept elsewhere. What does not fit is a *BrokenError, a head of another store a
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
	c := &checker{log: log, verifier: NewVerifier(key, Head{}), all: info.Events, progress: progress}
	for i := range kept {
		h, err := kept[i].Open(key, info.StoreID)
		if err != nil {
			return Report{}, err
		}
		c.kept = append(c.kept, keptHead{h, kept[i].At})
	}
	if err := c.read(ctx); err != nil {
		return c.report, err
	}
	return c.report, c.compare()
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

// checker is one check.
type checker struct {
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
			return &BrokenError{Seq: k.Seq, Reason: "the log has another history than the head that was signed " + k.at.UTC().Format(time.RFC3339) +
				"; it was written anew, up to here or further"}
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
