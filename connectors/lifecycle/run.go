package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"crmdeck/connectors"
	"crmdeck/store"
)

const (
	workers   = 4                // refreshes at once
	lookAgain = 30 * time.Second // in real time: suspend, and clocks that were set
	holdOff   = 30 * time.Second // after a failure that is not in the record
)

// Run implements Lifecycle. It sleeps until the next moment at which something is due,
// or until the store changes. While the store is locked it does nothing.
func (e *Engine) Run(ctx context.Context) error {
	changed, err := e.cfg.Store.Watch(ctx)
	if err != nil {
		return fmt.Errorf("watching the store: %w", err)
	}
	r := &runner{e: e, items: map[store.ID]*item{}, breakers: map[string]*breaker{}, ended: make(chan struct{}, 1)}
	defer r.work.Wait()
	looked := time.Time{}
	for {
		err := r.update(ctx)
		if time.Since(looked) >= e.cfg.LookAgain {
			r.replan()
			looked = time.Now()
		}
		var next time.Time
		if err == nil {
			next = r.launch(ctx)
		}
		if !r.sleep(ctx, next, changed) {
			return nil
		}
	}
}

// runner is the state of one Run.
type runner struct {
	e        *Engine
	since    store.Revision
	work     sync.WaitGroup
	ended    chan struct{} // something has ended: plan again
	mu       sync.Mutex
	items    map[store.ID]*item
	breakers map[string]*breaker
	active   int
	queue    bool // the queue is being worked off
}

// item is one connection with what is due next.
type item struct {
	sum    store.Summary
	margin time.Duration
	task   task
	at     time.Time
	hold   time.Time // not before, after a failure that left no trace in the record
	runs   bool
}

// update takes in what changed in the store.
func (r *runner) update(ctx context.Context) error {
	d, err := r.e.cfg.Store.Changes(ctx, r.since)
	if err != nil {
		return err
	}
	now := r.e.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since = d.Revision
	if d.Full {
		for id := range r.items {
			if !r.items[id].runs {
				delete(r.items, id)
			}
		}
	}
	for _, id := range d.Removed {
		delete(r.items, id)
	}
	for _, s := range d.Changed {
		it := r.items[s.ID]
		if it == nil {
			it = &item{margin: r.margin(s.Provider)}
			r.items[s.ID] = it
		}
		it.sum = s
		it.task, it.at = due(&it.sum, it.margin, now)
	}
	return nil
}

// margin is the provider's own margin; without a definition nothing can be refreshed anyway.
func (r *runner) margin(provider string) time.Duration {
	p, err := r.e.cfg.Catalog.Provider(provider)
	if err != nil {
		return 0
	}
	return marginOf(p)
}

func marginOf(p *connectors.Provider) time.Duration {
	return time.Duration(p.Tokens.MarginS) * time.Second
}

// replan works everything out again: the time of day may have jumped (CK-1, CK-3).
func (r *runner) replan() {
	now := r.e.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, it := range r.items {
		it.task, it.at = due(&it.sum, it.margin, now)
		if it.hold.Sub(now) > consoleLook {
			it.hold = time.Time{}
		}
	}
}

// launch starts what is due and returns the next moment at which something will be.
func (r *runner) launch(ctx context.Context) time.Time {
	now := r.e.now()
	if _, err := r.e.cfg.Store.Vault(); err != nil {
		return time.Time{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var next time.Time
	for id, it := range r.items {
		at := it.at
		if it.hold.After(at) {
			at = it.hold
		}
		b := r.breaker(it.sum.Provider)
		if it.task == renew && b.open(now) && b.until.After(at) {
			at = b.until
		}
		switch {
		case it.task == idle || it.runs:
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case it.task == workOff:
			r.startQueue(ctx)
		case r.active < workers && !(b.single() && r.busy(it.sum.Provider)):
			r.start(ctx, id, it)
		}
	}
	return next
}

func (r *runner) breaker(provider string) *breaker {
	b := r.breakers[provider]
	if b == nil {
		b = &breaker{}
		r.breakers[provider] = b
	}
	return b
}

// busy reports that a refresh at the provider runs.
func (r *runner) busy(provider string) bool {
	for _, it := range r.items {
		if it.runs && it.sum.Provider == provider {
			return true
		}
	}
	return false
}

// start refreshes one connection. Called with mu held.
func (r *runner) start(ctx context.Context, id store.ID, it *item) {
	it.runs = true
	r.active++
	gen := it.sum.Generation
	r.work.Go(func() {
		rec, err := r.e.load(ctx, id)
		if err == nil {
			_, err = r.e.refresh(ctx, rec, want{gen: gen, newer: true})
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		it.runs = false
		r.active--
		r.judge(it, err)
		r.wake()
	})
}

// judge notes what an attempt says about the provider, and holds the connection off
// where the record does not.
func (r *runner) judge(it *item, err error) {
	now := r.e.now()
	b := r.breaker(it.sum.Provider)
	var f *Failure
	switch {
	case err == nil:
		b.worked()
	case errors.As(err, &f) && f.Kind == FailUnavailable && f.Class == store.Transient:
		b.failed(now)
	case errors.As(err, &f) && f.Kind == FailUnavailable:
	default:
		b.worked()
	}
	if err != nil && (f == nil || f.Next.IsZero()) {
		it.hold = now.Add(holdOff)
	}
}

// startQueue works off what is pending, once at a time. Called with mu held.
func (r *runner) startQueue(ctx context.Context) {
	if r.queue {
		return
	}
	r.queue = true
	r.work.Go(func() {
		_, _, err := r.e.workOff(ctx, true, nil)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.queue = false
		now := r.e.now()
		for _, it := range r.items {
			if it.task != workOff {
				continue
			}
			switch {
			case it.sum.Revocation == store.RevocationConsole:
				it.hold = now.Add(consoleLook)
			case err != nil || !it.at.After(now):
				it.hold = now.Add(holdOff)
			}
		}
		r.wake()
	})
}

func (r *runner) wake() {
	select {
	case r.ended <- struct{}{}:
	default:
	}
}

// sleep waits for the next moment, for a change, or for the time to look again; false: ctx ended.
func (r *runner) sleep(ctx context.Context, next time.Time, changed <-chan struct{}) bool {
	asleep, cancel := context.WithCancel(ctx)
	defer cancel()
	due := make(chan struct{})
	if !next.IsZero() {
		d := max(next.Sub(r.e.now()), 0)
		r.work.Go(func() {
			if r.e.cfg.Clock.Sleep(asleep, d) == nil {
				close(due)
			}
		})
	}
	t := time.NewTimer(r.e.cfg.LookAgain)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case _, ok := <-changed:
		if !ok {
			<-ctx.Done()
			return false
		}
	case <-due:
	case <-r.ended:
	case <-t.C:
	}
	return true
}
