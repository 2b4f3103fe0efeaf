package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// calm is how long no key must have come before rows may change their places.
const calm = 2 * time.Second

// follower reads what other acts and processes change.
type follower struct {
	reading page.Slot
	again   bool // something changed while it was read
	quiet   page.Slot
	calming bool // a key came less than calm ago
	signal  <-chan struct{}
}

// begin reads the store and watches it.
func (a *App) begin() {
	a.read()
	a.readKinds()
	ctx, s := a.ctx, a.deps.Store
	a.Run(func() tea.Msg {
		signal, err := s.Watch(ctx)
		if err != nil {
			return nil
		}
		return page.Then(func(*page.Env) {
			a.follow.signal = signal
			a.await()
			a.read() // what changed before the watch was on
		})
	}, true)
	if !a.env.Locked {
		a.startEngine()
	}
}

// await waits for the next sign of a change.
func (a *App) await() {
	signal, ctx := a.follow.signal, a.ctx
	a.Run(func() tea.Msg {
		select {
		case _, ok := <-signal:
			if !ok {
				return nil
			}
			return page.Then(func(*page.Env) {
				a.await()
				a.read()
			})
		case <-ctx.Done():
			return nil
		}
	}, false)
}

// read asks for what changed since the rows were read last; one question at a time.
func (a *App) read() {
	f := &a.follow
	if f.reading.Runs() {
		f.again = true
		return
	}
	s, since := a.deps.Store, a.env.Live.Revision()
	page.Go(a.env, &f.reading, func(ctx context.Context) (store.Delta, error) {
		return s.Changes(ctx, since)
	}, func(e *page.Env, d store.Delta, err error) {
		a.heedVault()
		if err != nil {
			e.Bad(words.StoreUnreadable(err))
		} else if c := e.Live.Apply(d, e.Now()); c.Any {
			a.changed(c)
		}
		if f.again {
			f.again = false
			a.read()
		}
	})
}

// changed tells the pages, and moves rows to their places if nobody types.
func (a *App) changed(c live.Change) {
	if !a.follow.calming {
		a.env.Live.Settle()
	}
	for _, p := range a.pages {
		if f, ok := p.(page.Follower); ok {
			f.Changed(a.env, c)
		}
	}
}

// typed puts off moving rows until no key came for a while.
func (f *follower) typed(a *App) {
	f.calming = true
	a.env.After(&f.quiet, calm, func(e *page.Env) {
		f.calming = false
		if e.Live.Stale() {
			a.changed(live.Change{Any: true})
		}
	})
}
