package ui

import (
	"context"
	"errors"

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
	page.Stream(a.env, &a.engine, true, func(ctx context.Context, _ func(struct{})) (struct{}, error) {
		return struct{}{}, l.Run(ctx)
	}, func(*page.Env, struct{}) {}, func(e *page.Env, _ struct{}, err error) {
		e.Refreshing = false
		if err != nil && !errors.Is(err, context.Canceled) {
			e.Fail(err, nil)
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
	a.Show(unlock.New(func(ctx context.Context, k store.Key) error { return s.Unlock(ctx, k) }, func(e *page.Env) {
		e.Locked = false
		a.startEngine()
		if e.Refreshing {
			e.Good(words.Unlocked)
		} else {
			e.Good(words.UnlockedNoAuto)
		}
		then(e)
	}), false)
}
