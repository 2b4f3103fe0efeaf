package ui

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/page"
	"crmdeck/ui/unlock"
	"crmdeck/ui/words"
)

// startEngine refreshes ahead from now on, unless nothing may be changed or
// refreshing ahead was switched off.
func (a *App) startEngine() {
	l := a.deps.Lifecycle
	if l == nil || a.env.ReadOnly() || a.deps.Settings.NoAuto || a.env.Refreshing {
		return
	}
	a.env.Refreshing = true
	ran := make(chan struct{})
	a.locker.ran = ran
	page.Stream(a.env, &a.engine, true, func(ctx context.Context, _ func(struct{})) (struct{}, error) {
		defer close(ran)
		return struct{}{}, l.Run(ctx)
	}, func(*page.Env, struct{}) {}, func(e *page.Env, _ struct{}, err error) {
		e.Refreshing = false
		if err != nil && !errors.Is(err, context.Canceled) {
			e.Fail(err, nil)
			return
		}
		if !e.Locked && e.Context().Err() == nil { // unlocked again before it had ended
			a.startEngine()
		}
	})
}

// Unlocked implements page.Host.
func (a *App) Unlocked(then func(*page.Env)) {
	if !a.env.Locked {
		then(a.env)
		return
	}
	s := a.deps.Store
	if s == nil {
		a.newStore(then)
		return
	}
	a.Show(unlock.New(unlock.Ask{Open: s.Unlock, Kinds: a.kinds, Then: func(e *page.Env, k store.Key) {
		a.opened(k)
		if e.Refreshing {
			e.Good(words.Unlocked)
		} else {
			e.Good(words.UnlockedNoAuto)
		}
		then(e)
	}}), false)
}

// readKinds reads which kinds of slots the store has, so that nothing is offered that opens nothing.
func (a *App) readKinds() {
	s := a.deps.Store
	a.Run(func() tea.Msg {
		info, err := s.Info(a.ctx)
		if err != nil {
			return nil // the dialog offers all there is, then
		}
		kinds := make([]string, 0, len(info.Slots))
		for _, slot := range info.Slots {
			kinds = append(kinds, slot.Kind)
		}
		return page.Then(func(*page.Env) {
			a.kinds = kinds
			a.env.NoPassphrase = len(kinds) > 0 && !slices.Contains(kinds, store.SlotPassphrase)
			if !a.env.Locked && a.env.NoPassphrase { // e.g. a store that was made here
				a.locker.idle.onFile = true
			}
			a.arm()
		})
	}, true)
}
