package ui

import (
	"context"
	"time"

	"crmdeck/store"
	"crmdeck/ui/first"
	"crmdeck/ui/page"
)

// firstStart asks how a store shall open where there is none yet.
func (a *App) firstStart() {
	if a.deps.Store != nil || a.deps.Backend == nil {
		return
	}
	a.env.Live.Apply(store.Delta{Full: true}, a.env.Now()) // nothing is there, and that is known
	if !a.env.ReadOnly() {
		a.newStore(func(*page.Env) {})
	}
}

// newStore opens the dialog that creates the store; then runs with it open.
func (a *App) newStore(then func(*page.Env)) {
	if a.deps.Backend == nil || a.env.ReadOnly() {
		return
	}
	a.Show(first.New(a.deps.Home, then), false)
}

// Adopt implements page.Host.
func (a *App) Adopt(st store.Store) {
	a.deps.Store, a.adopted = st, st
	a.env.Locked = isLocked(st)
	if a.deps.Attach != nil {
		a.deps.Lifecycle, a.deps.Setups = a.deps.Attach(st)
	}
	a.begin()
}

// firstFrame is how long the first frame takes at most; opening the store waits
// for it, since deriving its key would take all of the computer.
const firstFrame = 40 * time.Millisecond

// openByKey opens the store with the key that main was given.
func (a *App) openByKey() {
	k, s := a.deps.Key, a.deps.Store
	if s == nil || !a.env.Locked || a.env.ReadOnly() || k.IsZero() {
		return
	}
	a.env.After(&a.opening, firstFrame, func(e *page.Env) {
		page.Go(e, &a.opening, func(ctx context.Context) (struct{}, error) {
			defer k.Passphrase.Wipe()
			return struct{}{}, s.Unlock(ctx, k)
		}, func(e *page.Env, _ struct{}, err error) {
			if err != nil {
				e.Fail(err, nil)
				return
			}
			a.opened(k)
		})
	})
}

// closeAdopted closes the store that was created here; one that main opened is main's.
func (a *App) closeAdopted() {
	if a.adopted != nil {
		_ = a.adopted.Close()
	}
}
