package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// lockWait bounds how long locking waits for what was sent: longer than a request and the
// wait for its lease may take together. Then the key goes all the same.
const lockWait = 75 * time.Second

// locker locks the store: by a key, when nobody has touched the deck for a while, or
// because the store has a new data key.
type locker struct {
	idle   idle
	slot   page.Slot     // waits for what is under way, then wipes the key
	ran    chan struct{} // closed when the engine that runs has ended; nil: none ran
	said   string        // why the store is locked; "" if nobody locked it here
	notice bool          // said is shown
}

// finisher is an engine that can be waited for: a refresh token is spent by being sent, so
// nothing that was sent may lose the key that its answer is sealed with (RF-11).
type finisher interface {
	Drain(ctx context.Context) error
}

// lock locks the store: no act begins from now on and what holds a secret on the screen
// goes; refreshing ahead ends, what it has sent is waited for, and then the key is wiped.
func (a *App) lock(said string) {
	if a.env.Locked || a.deps.Store == nil {
		return
	}
	a.env.Locked = true
	a.locker.said, a.locker.notice = said, true
	a.locker.idle.stop()
	a.hideSecrets()
	a.engine.Interrupt()
	ran, rest, l := a.locker.ran, a.busy.Rest(), a.deps.Lifecycle
	page.Stream(a.env, &a.locker.slot, true, func(ctx context.Context, _ func(struct{})) (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, lockWait)
		defer cancel()
		for _, end := range []<-chan struct{}{ran, rest} {
			if end == nil {
				continue
			}
			select {
			case <-end:
			case <-ctx.Done():
			}
		}
		if f, ok := l.(finisher); ok {
			return struct{}{}, f.Drain(ctx)
		}
		return struct{}{}, nil
	}, func(*page.Env, struct{}) {}, func(e *page.Env, _ struct{}, _ error) {
		if e.Locked {
			a.deps.Store.Lock()
		}
	})
}

// hideSecrets closes what holds secrets: the dialog, and the pages that act.
func (a *App) hideSecrets() {
	if w, ok := a.dialog.shown().(page.Wiper); ok {
		w.Wipe(a.env)
	}
	a.Hide()
	a.clip.now(a)
	for n := 0; a.holdsSecrets() && n != len(a.pages); {
		n = len(a.pages)
		a.Pop()
	}
}

// holdsSecrets reports that a page is open that may hold one.
func (a *App) holdsSecrets() bool {
	for _, p := range a.pages {
		switch p.Scope() {
		case action.Wizard, action.TestSync, action.Revoke:
			return true
		}
	}
	return false
}

// opened goes on with a store that was just unlocked, and that k opened.
func (a *App) opened(k store.Key) {
	a.locker.slot.Cancel() // an unlock that comes before the wiping takes its place
	a.locker.said, a.locker.notice = "", false
	a.locker.idle.onFile = k.IdentityFile != ""
	a.env.Locked = false
	a.startEngine()
	a.arm()
}

// heedVault locks the deck where the store took its key away: another process gave it a new one.
func (a *App) heedVault() {
	if a.env.Locked || a.deps.Store == nil {
		return
	}
	if _, err := a.deps.Store.Vault(); errors.Is(err, store.ErrLocked) {
		said := words.LockedAway
		if errors.Is(err, store.ErrRekeyed) {
			said = words.LockedRekeyed
		}
		a.lock(said)
	}
}

// lockNotice is what the row above the footer says of locking; nil: nothing.
func (a *App) lockNotice() *page.Toast {
	switch l := &a.locker; {
	case l.idle.left > 0:
		return &page.Toast{Kind: page.ToastInfo, Text: words.LocksSoon(l.idle.left, a.env.Refreshing)}
	case l.notice && a.env.Locked:
		return &page.Toast{Kind: page.ToastInfo, Text: l.said, Key: a.hint(action.Unlock).Key, Does: words.HintUnlock}
	}
	return nil
}

// idle counts how long nobody touched the deck.
type idle struct {
	last   time.Time     // of the last key, paste, click or wheel, by the time of the day
	left   time.Duration // until it locks, while that is announced; else 0
	timer  page.Slot
	armed  bool
	onFile bool // an identity file opened the store: whoever sits here can open it again
}

const (
	lockWarning = time.Minute      // how long before locking it is announced
	lockLook    = 30 * time.Second // a computer that slept wakes with its timers late: look at the time of day this often
	lockRetry   = 5 * time.Second  // while work runs that a person asked for
)

// stop ends counting.
func (i *idle) stop() {
	i.timer.Cancel()
	i.armed, i.left = false, 0
}

// autoLock is after how long without a key the deck locks; 0: never. A demo has nothing to lose.
func (a *App) autoLock() time.Duration {
	if a.env.Locked {
		return 0
	}
	return a.LocksAfter()
}

// LocksAfter implements page.Host.
func (a *App) LocksAfter() time.Duration {
	s := &a.deps.Settings
	if a.deps.Demo != nil || a.env.ReadOnly() || (a.locker.idle.onFile && !s.AutoLockSet) {
		return 0
	}
	return s.AutoLock
}

// wall is the computer's time of day: unlike what timers run by, it goes on while the computer sleeps.
func (a *App) wall() time.Time { return a.deps.Real.Now().Round(0) }

// touched notes that a person is there. A deck whose time had passed, because the computer
// slept, is locked instead, and what was pressed is dropped: it was pressed for an open deck.
func (a *App) touched() (drop bool) {
	limit := a.autoLock()
	if limit == 0 {
		if !a.bodySize().Roomy() {
			a.locker.notice = false
		}
		return false
	}
	i := &a.locker.idle
	now := a.wall()
	if i.armed && now.Sub(i.last) >= limit {
		a.lock(words.LockedIdle(limit))
		return true
	}
	i.last, i.left = now, 0
	a.arm()
	return false
}

// arm sees to the next look at the time; it is one for many keys.
func (a *App) arm() {
	i := &a.locker.idle
	switch {
	case a.autoLock() == 0:
		i.stop()
	case !i.armed:
		i.armed, i.last = true, a.wall()
		a.env.After(&i.timer, a.untilLook(a.autoLock()), func(*page.Env) { a.lookIdle() })
	}
}

// untilLook is when the time is looked at again.
func (a *App) untilLook(left time.Duration) time.Duration {
	if left > lockWarning {
		return min(left-lockWarning, lockLook)
	}
	return min(max(left, 0), time.Second)
}

// lookIdle locks, announces it, or goes on counting.
func (a *App) lookIdle() {
	i := &a.locker.idle
	limit := a.autoLock()
	if limit == 0 {
		i.stop()
		return
	}
	now := a.wall()
	if i.last.After(now) { // the clock was set back: nobody gains more than one period
		i.last = now
	}
	left := limit - now.Sub(i.last)
	next := a.untilLook(left)
	switch {
	case left <= 0 && a.works():
		next, i.left = lockRetry, 0
	case left <= 0:
		a.lock(words.LockedIdle(limit))
		return
	case left <= lockWarning:
		i.left = left
	default:
		i.left = 0
	}
	a.env.After(&i.timer, next, func(*page.Env) { a.lookIdle() })
}

// works reports that something runs that a person asked for: it is not cut by locking.
func (a *App) works() bool {
	for _, p := range a.pages {
		if r, ok := p.(page.Reporter); ok {
			if s := r.Report(); s != nil && s.State == tea.ProgramStateWorking {
				return true
			}
		}
	}
	return false
}
