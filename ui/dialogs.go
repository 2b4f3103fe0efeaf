package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// grace is how long a dialog that opened by itself takes no keys: as long as a
// fast typist needs to notice it.
const grace = 425 * time.Millisecond

// dialogs is the dialog that is open, and the one that waits for it to close:
// never two deep.
type dialogs struct {
	now   page.Dialog
	deaf  bool
	timer page.Slot
}

func (d *dialogs) open() bool { return d.now != nil }

// shown is the open dialog, or nil.
func (d *dialogs) shown() page.Dialog { return d.now }

// key gives a key to the dialog, unless it opened by itself just now.
func (d *dialogs) key(e *page.Env, msg tea.Msg) {
	if !d.deaf {
		d.now.Key(e, msg)
	}
}

// Show implements page.Host. A dialog that is open gives way to the new one.
func (a *App) Show(d page.Dialog, byItself bool) {
	a.dialog.now, a.dialog.deaf = d, byItself
	if byItself {
		a.env.After(&a.dialog.timer, grace, func(*page.Env) { a.dialog.deaf = false })
	}
}

// Hide implements page.Host.
func (a *App) Hide() { a.dialog.now, a.dialog.deaf = nil, false }

// drawDialog lays the dialog over the screen.
func (a *App) drawDialog() {
	d := a.dialog.now
	f := d.Frame(a.env)
	x, y, w := f.Place(a.size.W, a.size.Screen)
	a.over.Reset(a.env.Paint, w)
	f.Draw(a.over, func(b *widget.Buf, i int) { d.Line(a.env, b, i) })
	a.buf.Overlay(a.over, x, y)
}
