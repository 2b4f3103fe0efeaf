package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// key takes one key press to whoever it is for: the program's own three, the
// dialog, the text field, and only then the registry.
func (a *App) key(k tea.KeyPressMsg) {
	a.follow.typed(a)
	a.toast.typed()
	switch k.String() {
	case "ctrl+c":
		a.interrupt()
		return
	case "ctrl+z":
		a.env.Tea(tea.Suspend)
		return
	case "ctrl+l":
		a.env.Tea(tea.ClearScreen)
		return
	}
	if a.dialog.open() {
		a.dialog.key(a.env, k)
		return
	}
	if a.top() == nil || a.typed(k) {
		return
	}
	a.chorded(spelling(k))
}

// paste takes a paste to the dialog or the field; elsewhere it is dropped, so
// that pasted text can't act.
func (a *App) paste(p tea.PasteMsg) {
	if a.dialog.open() {
		a.dialog.key(a.env, p)
		return
	}
	a.typed(p)
}

// typed gives a key or paste to the page's text field.
func (a *App) typed(msg tea.Msg) (used bool) {
	t, ok := a.top().(page.Typist)
	return ok && t.Typing() && t.Type(a.env, msg)
}

// spelling is the key as the registry spells it. On another layout the key is
// taken by its place on the keyboard, where the terminal tells that.
func spelling(k tea.KeyPressMsg) string {
	if k.Text != "" && k.BaseCode != 0 && k.BaseCode < 0x80 && k.Code >= 0x80 {
		return k.Keystroke()
	}
	return k.String()
}

// chorded looks a key up, alone or after the keys before it.
func (a *App) chorded(key string) {
	keys := key
	if a.chord != "" {
		keys = a.chord + " " + key
	}
	a.chord = ""
	x, more := a.env.Keys.Lookup(a.env.Scope, keys)
	switch {
	case x != nil:
		a.Do(x.ID)
	case more:
		a.chord = keys
	case strings.Contains(keys, " "):
		a.chorded(key) // the chord led nowhere: the key counts for itself
	}
}

// interrupt is ctrl+c: it cancels what runs, and quits where nothing does.
func (a *App) interrupt() {
	if a.dialog.open() {
		a.dialog.key(a.env, tea.KeyPressMsg{Code: tea.KeyEscape})
		return
	}
	if c, ok := a.top().(page.Canceller); ok && c.Cancel(a.env) {
		return
	}
	a.quit()
}

// global does the actions that belong to the program, not to a page.
func (a *App) global(id action.ID) bool {
	switch id {
	case action.Quit:
		if len(a.pages) > 1 {
			a.Pop()
		} else {
			a.quit()
		}
	case action.GoDeck:
		for n := 0; len(a.pages) > 1 && n != len(a.pages); {
			n = len(a.pages)
			a.Pop()
		}
	case action.Unlock:
		a.Unlocked(func(*page.Env) {})
	case action.Lock:
		a.lock(words.LockedNow)
	case action.CopyToken:
		a.copyToken()
	case action.Faster:
		a.turn(1)
	case action.Slower:
		a.turn(-1)
	case action.Palette:
		a.showPalette()
	case action.Back:
		return a.back()
	default:
		return false
	}
	return true
}

// back is esc: out of the page, never out of the program. The page may use it first.
func (a *App) back() bool {
	a.top().Act(a.env, action.Back)
	return true
}

// speeds are the steps of the demo's clock.
var speeds = [...]float64{1, 10, 60, 600}

// turn makes the demo's clock one step faster or slower.
func (a *App) turn(by int) {
	now, at := a.deps.Demo.Speed(), 0
	for i, s := range speeds {
		if s <= now {
			at = i
		}
	}
	a.deps.Demo.SetSpeed(speeds[max(0, min(at+by, len(speeds)-1))])
}
