package page

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Host is the program behind an Env; package ui has the only one, and tests of
// a page may have their own.
type Host interface {
	// Open puts the named page on top.
	Open(name string, a Args)
	// Pop closes the page on top; the last one stays.
	Pop()
	// Show opens a dialog; byItself asks for the grace in which it takes no keys.
	Show(d Dialog, byItself bool)
	Hide()
	Toast(Toast)
	// Run starts a command; counted ones are waited for by tests.
	Run(cmd tea.Cmd, counted bool)
	// Unlocked runs then at once, or after the store was unlocked in place.
	Unlocked(then func(*Env))
	// Do does an action as if its key had been pressed.
	Do(action.ID)
	SetTheme(name string)
	Theme() string
	Has(page string) bool
	// LocksAfter is after how long without a key the store locks; 0: not by itself.
	LocksAfter() time.Duration
	// Adopt makes a new store the one that is shown.
	Adopt(st store.Store)
}

// Env is what a page may ask of the program. It is the same for every call.
type Env struct {
	Deps *Deps
	// Live is the rows as the deck knows them.
	Live *live.Rows
	// Keys is the registry of actions.
	Keys *action.Map
	// Paint draws in the theme of the moment.
	Paint *widget.Painter
	// Locked: the store's secrets can't be read now.
	Locked bool
	// NoPassphrase: none of the store's slots is a passphrase.
	NoPassphrase bool
	// ChainBroken is the first event that did not fit when the audit log was verified
	// last; 0: none is known.
	ChainBroken uint64
	// Refreshing: this program refreshes ahead.
	Refreshing bool
	// Scope is that of the page on top.
	Scope action.Scope
	// Screen is the whole terminal: dialogs break their lines for it.
	Screen Size

	host    Host
	ctx     context.Context
	keeping Slot
}

// NewEnv makes an Env; ctx ends with the program.
func NewEnv(ctx context.Context, d *Deps, h Host) *Env {
	return &Env{Deps: d, host: h, ctx: ctx}
}

// Context ends with the program: for work that outlives one question.
func (e *Env) Context() context.Context { return e.ctx }

// Now is the time of the program's clock.
func (e *Env) Now() time.Time { return e.Deps.Clock.Now() }

// Fast reports a demo clock at which seconds would blur.
func (e *Env) Fast() bool { return e.Deps.speed() > 1 }

// Figures is how figures are written now.
func (e *Env) Figures() widget.Figures {
	return widget.Figures{Fast: e.Fast(), Zone: e.Deps.Zone}
}

// ReadOnly reports that nothing may be changed.
func (e *Env) ReadOnly() bool { return e.Deps.Settings.ReadOnly }

// Open puts a page on top, by the name in ui/pages.go.
func (e *Env) Open(name string, a Args) { e.host.Open(name, a) }

// Has reports whether this program has the page.
func (e *Env) Has(name string) bool { return e.host.Has(name) }

// Pop closes the page on top.
func (e *Env) Pop() { e.host.Pop() }

// Show opens a dialog that a key asked for.
func (e *Env) Show(d Dialog) { e.host.Show(d, false) }

// ShowByItself opens a dialog that nobody asked for just now: for 425 ms it
// takes no keys, so that what was typed for the page can't answer it.
func (e *Env) ShowByItself(d Dialog) { e.host.Show(d, true) }

// Hide closes the dialog.
func (e *Env) Hide() { e.host.Hide() }

// LocksAfter is after how long without a key the store locks; 0: not by itself.
func (e *Env) LocksAfter() time.Duration { return e.host.LocksAfter() }

// Adopt makes a store that was just created, and is unlocked, the one that is shown.
func (e *Env) Adopt(st store.Store) { e.host.Adopt(st) }

// Do does an action as if its key had been pressed.
func (e *Env) Do(id action.ID) { e.host.Do(id) }

// Unlocked runs then with the store unlocked; a locked one is asked for in
// place first, and esc there forgets then.
func (e *Env) Unlocked(then func(*Env)) { e.host.Unlocked(then) }

// SetTheme draws in another theme from now on.
func (e *Env) SetTheme(name string) { e.host.SetTheme(name) }

// Theme is the name of the theme in force, or themes.Auto.
func (e *Env) Theme() string { return e.host.Theme() }

// Tea runs a command of Bubble Tea's own (clipboard, redraw).
func (e *Env) Tea(cmd tea.Cmd) { e.host.Run(cmd, false) }

// After calls then when d has passed on the computer's clock, unless the slot
// was asked something else meanwhile.
func (e *Env) After(s *Slot, d time.Duration, then func(*Env)) { e.sleep(s, e.Deps.Real, d, then) }

// sleep waits on a clock without being counted as work.
func (e *Env) sleep(s *Slot, c clock.Clock, d time.Duration, then func(*Env)) {
	ctx, gen := s.next(e.ctx)
	end := c.Now().Add(d) // from now, not from when the command gets its turn
	e.host.Run(func() tea.Msg {
		if c.Sleep(ctx, end.Sub(c.Now())) != nil {
			return nil
		}
		return Answer{apply: func(e *Env) {
			if s.is(gen) {
				then(e)
			}
		}}
	}, false)
}

// Tick is After on the program's clock, at most ten times a real second.
func (e *Env) Tick(s *Slot, w live.Wait, then func(*Env)) {
	least := time.Duration(float64(100*time.Millisecond) * max(1, e.Deps.speed()))
	d := time.Duration(w)
	if e.Deps.speed() > 1 {
		d = max(d, least)
	}
	e.sleep(s, e.Deps.Clock, d, then)
}

// Open a connection's row in memory.
func (e *Env) Row(id store.ID) (*live.Row, bool) { return e.Live.Get(id) }

// KeepTheme draws in a theme from now on and keeps it, where themes are kept.
func (e *Env) KeepTheme(name string) {
	e.SetTheme(name)
	keep := e.Deps.SaveTheme
	if keep == nil {
		e.Note(words.SettingsHere + name)
		return
	}
	Go(e, &e.keeping, func(context.Context) (struct{}, error) { return struct{}{}, keep(name) },
		func(e *Env, _ struct{}, err error) {
			if err != nil {
				e.Fail(err, nil)
				return
			}
			e.Good(name + " " + words.SettingsKept)
		})
}
