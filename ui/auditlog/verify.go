package auditlog

import (
	"context"
	"errors"
	"time"

	"crmdeck/store/audit"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// check is what is known of the chain.
type check struct {
	slot      page.Slot
	done, all uint64
	upTo      uint64 // it is whole up to this event
	at        time.Time
	broken    uint64 // the first event that does not fit
}

// reached is how far a check is.
type reached struct{ done, all uint64 }

// verify checks the whole chain; the store is unlocked by now.
func (p *Page) verify(e *page.Env) {
	log, ok := e.Deps.Store.(audit.Log)
	if !ok {
		return
	}
	c := &p.check
	c.done, c.all = 0, p.list.info.Events
	page.Stream(e, &c.slot, true, func(ctx context.Context, news func(reached)) (audit.Report, error) {
		return audit.Check(ctx, log, nil, func(done, all uint64) { news(reached{done, all}) })
	}, func(_ *page.Env, r reached) { c.done, c.all = r.done, r.all }, func(e *page.Env, r audit.Report, err error) {
		var broken *audit.BrokenError
		switch {
		case errors.As(err, &broken):
			c.broken, c.upTo, e.ChainBroken = broken.Seq, 0, broken.Seq
			e.Fail(err, nil)
		case err != nil:
			e.Fail(err, nil)
		default:
			c.broken, c.upTo, c.at, e.ChainBroken = 0, r.Head.Seq, e.Now(), 0
		}
	})
}

// stop ends a check that runs.
func (p *Page) stop(e *page.Env) bool {
	if !p.check.slot.Runs() {
		return false
	}
	p.check.slot.Cancel()
	e.Note(words.AuditStopped)
	return true
}
