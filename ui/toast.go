package ui

import (
	"strconv"
	"time"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// goodStays is how long good news stays; bad news stays until a key.
const goodStays = 3 * time.Second

// maxToasts bounds what waits to be told.
const maxToasts = 50

// toaster tells facts one at a time, each once.
type toaster struct {
	now   *page.Toast
	queue []page.Toast
	timer page.Slot
}

// Toast implements page.Host.
func (a *App) Toast(t page.Toast) {
	if a.toast.now != nil && len(a.toast.queue) < maxToasts && a.toast.now.Kind == page.ToastBad {
		a.toast.queue = append(a.toast.queue, t)
		return
	}
	a.tell(t)
}

// tell shows a toast and sees to its end.
func (a *App) tell(t page.Toast) {
	a.toast.now = &t
	a.toast.timer.Cancel()
	if t.Kind != page.ToastBad {
		a.env.After(&a.toast.timer, goodStays, func(*page.Env) { a.nextToast() })
	}
}

// nextToast shows what waits, or nothing.
func (a *App) nextToast() {
	a.toast.now = nil
	if len(a.toast.queue) > 0 {
		t := a.toast.queue[0]
		a.toast.queue = a.toast.queue[1:]
		a.tell(t)
	}
}

// typed takes bad news away: it was there to be read.
func (t *toaster) typed() {
	if t.now != nil && t.now.Kind == page.ToastBad {
		t.now = nil
		if len(t.queue) > 0 {
			t.now, t.queue = &t.queue[0], t.queue[1:]
		}
	}
}

// toastStyles is the colour of each kind.
var toastStyles = [...]widget.Style{widget.Fg(themes.Good), widget.Fg(themes.Muted), widget.Strong(themes.Bad)}

// said is what the row above the footer says: that the deck is about to lock goes before
// all else, and that it is locked stands where nothing newer does.
func (a *App) said() *page.Toast {
	n := a.lockNotice()
	if n != nil && a.locker.idle.left > 0 || a.toast.now == nil {
		return n
	}
	return a.toast.now
}

// drawToast draws the row above the footer.
func (a *App) drawToast(b *widget.Buf, t *page.Toast) {
	b.Space(1)
	b.Glyph(toastStyles[t.Kind], t.Kind.Glyph())
	b.Space(1)
	room := b.Room() - 1
	more := ""
	if n := len(a.toast.queue); n > 0 {
		more = "+" + strconv.Itoa(n) + words.ToastMore
		room -= widget.Width(more) + 2
	}
	does := t.Does
	if does == "" {
		does = words.HelpsHere
	}
	if t.Key != "" {
		room -= 2 + widget.Width(t.Key) + 1 + widget.Width(does)
	}
	b.Text(widget.Fg(themes.Text), widget.Sentences(t.Text, room))
	if t.Key != "" && room > 0 {
		b.Space(2)
		b.Text(widget.Strong(themes.Accent), t.Key)
		b.Space(1)
		b.Text(widget.Fg(themes.Muted), does)
	}
	if more != "" {
		b.AtRight(widget.Fg(themes.Muted), more, 1)
	}
	b.Line()
}
