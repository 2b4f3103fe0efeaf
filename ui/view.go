package ui

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// The smallest screen that is drawn; under it one line asks for more room.
const (
	minWidth  = 40
	minHeight = 12
)

// windowTitle is a fixed text: what stands in a title reaches the terminal raw.
const windowTitle = "crmdeck"

// View implements tea.Model. It draws the screen from the model into the one buffer.
func (a *App) View() tea.View {
	a.buf.Reset(a.env.Paint, a.size.W)
	switch {
	case a.size.W == 0 || a.top() == nil:
	case a.size.W < minWidth || a.size.Screen < minHeight:
		a.buf.Text(widget.Fg(themes.Text), words.TooSmall)
	default:
		a.drawScreen()
	}
	v := tea.NewView(a.buf.String())
	v.AltScreen, v.ReportFocus, v.WindowTitle = true, true, a.title()
	if !a.deps.Settings.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.KeyboardEnhancements.ReportAlternateKeys = true
	if x, y, ok := a.buf.Cursor(); ok {
		v.Cursor = tea.NewCursor(x, y)
		v.Cursor.Blink = false
	}
	v.ProgramStatus = a.status()
	return v
}

// title is what the page calls the window, or the program's name.
func (a *App) title() string {
	if t, ok := a.top().(page.Titler); ok {
		if s := t.Title(); s != "" {
			return s
		}
	}
	return windowTitle
}

// status is what the page reports, or idle.
func (a *App) status() *tea.ProgramStatus {
	if r, ok := a.top().(page.Reporter); ok {
		if s := r.Report(); s != nil {
			return s
		}
	}
	return &tea.ProgramStatus{State: tea.ProgramStateIdle, App: windowTitle}
}

// drawScreen draws header, page, toast and footer, and the dialog over them.
func (a *App) drawScreen() {
	b := a.buf
	a.drawHeader(b)
	body := a.bodySize()
	if a.dialog.open() {
		b.Under()
	}
	a.top().Draw(a.env, b, body)
	a.fill(b, 1+body.H)
	t := a.said()
	switch {
	case t != nil && body.Roomy():
		a.drawToast(b, t)
	case body.Roomy():
		b.Line()
	}
	a.drawFooter(b)
	if t != nil && !body.Roomy() {
		a.over.Reset(a.env.Paint, a.size.W)
		a.over.Pad()
		a.drawToast(a.over, t)
		b.Overlay(a.over, 0, body.H) // over the page's last line
	}
	if a.dialog.open() {
		a.drawDialog()
	}
}

// bodySize is the page's room: without header, footer and, on roomy screens,
// the empty row between.
func (a *App) bodySize() page.Size {
	s := a.size
	s.H = s.Screen - 2
	if s.Roomy() {
		s.H--
	}
	return s
}

// fill ends lines until row, should a page have drawn too few.
func (a *App) fill(b *widget.Buf, row int) {
	for b.Row() < row {
		b.Line()
	}
}

// drawFooter draws the keys for what is in focus.
func (a *App) drawFooter(b *widget.Buf) {
	hints, always := a.footer()
	widget.Footer(b, hints, always)
	b.Line()
}
