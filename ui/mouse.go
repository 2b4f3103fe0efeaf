package ui

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// clicked takes a click to the footer's hint, the dialog's edge or the page.
func (a *App) clicked(m tea.MouseClickMsg) {
	if m.Button != tea.MouseLeft || a.top() == nil {
		return
	}
	a.toast.typed()
	if a.dialog.open() {
		a.clickDialog(m.X, m.Y)
		return
	}
	body := a.bodySize()
	switch {
	case m.Y == a.size.Screen-1:
		hints, always := a.footer()
		if h, ok := widget.FooterAt(a.size.W, hints, always, m.X); ok {
			if x, ok := a.hinted(h); ok {
				a.Do(x.ID)
			}
		}
	case m.Y >= 1 && m.Y < 1+body.H:
		if p, ok := a.top().(page.Pointer); ok {
			p.Click(a.env, m.X, m.Y-1)
		}
	}
}

// clickDialog presses the key of a hint in the dialog's lower edge.
func (a *App) clickDialog(x, y int) {
	f := a.dialog.now.Frame(a.env)
	dx, dy, w := f.Place(a.size.W, a.size.Screen)
	if y == dy+f.Lines+1 {
		if h, ok := f.HintAt(w, x-dx); ok {
			a.dialog.key(a.env, KeyNamed(h.Key))
		}
		return
	}
	if p, ok := a.dialog.now.(page.Pointer); ok && x > dx && x < dx+w-1 && y > dy && y < dy+f.Lines+1 {
		p.Click(a.env, x-dx-2, y-dy-1)
	}
}

// wheel scrolls what is on top, three lines a notch.
func (a *App) wheel(m tea.MouseWheelMsg) {
	const notch = 3
	p, ok := a.dialog.shown().(page.Pointer)
	if !ok {
		if p, ok = a.top().(page.Pointer); !ok || a.dialog.open() {
			return
		}
	}
	switch m.Button {
	case tea.MouseWheelUp:
		p.Wheel(a.env, -notch)
	case tea.MouseWheelDown:
		p.Wheel(a.env, notch)
	}
}

// named are the keys with a name; every other key is its own letter.
var named = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"space": {Code: tea.KeySpace, Text: " "}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
	"backspace": {Code: tea.KeyBackspace}, "f1": {Code: tea.KeyF1}, "delete": {Code: tea.KeyDelete},
}

// KeyNamed is the key press that is spelt so.
func KeyNamed(key string) tea.KeyPressMsg {
	if k, ok := named[key]; ok {
		return k
	}
	if len(key) == len("ctrl+x") && key[:5] == "ctrl+" {
		return tea.KeyPressMsg{Code: rune(key[5]), Mod: tea.ModCtrl}
	}
	var first rune
	for _, r := range key {
		first = r
		break
	}
	return tea.KeyPressMsg{Code: first, Text: string(first)}
}
