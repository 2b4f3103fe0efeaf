// Package settings is the page on which a theme is picked: moving shows each at
// once, enter keeps it, esc takes it back.
package settings

import (
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Page is the settings.
type Page struct {
	choice widget.Choice
	names  []string
	was    string
	top    int
}

// Make is the page.Maker of the settings.
func Make(e *page.Env, _ page.Args) page.Page {
	p := &Page{was: e.Theme()}
	p.names = append([]string{themes.Auto}, e.Deps.Themes.Names()...)
	for i, name := range p.names {
		p.choice.Items = append(p.choice.Items, widget.Item{Label: name, Note: note(e, name)})
		if name == p.was || (p.was == "" && i == 0) {
			p.choice.SetFocus(i)
		}
	}
	return p
}

// note says what a theme is for.
func note(e *page.Env, name string) string {
	if name == themes.Auto {
		return words.SettingsAuto
	}
	t, _ := e.Deps.Themes.Lookup(name)
	out := words.SettingsLight
	switch {
	case t.Mono:
		out = words.SettingsMono
	case t.Dark:
		out = words.SettingsDark
	}
	if !t.Builtin {
		return words.SettingsOwn + words.Between + out
	}
	return words.ThemeNote(name, out)
}

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Settings }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string { return []string{words.CrumbSettings} }

// Start implements page.Page.
func (p *Page) Start(*page.Env) {}

// Why implements page.Page.
func (p *Page) Why(*page.Env, action.ID) string { return "" }

// Hints implements page.Page.
func (p *Page) Hints(*page.Env) []action.ID { return []action.ID{action.Enter, action.Back} }

// Label implements page.Labeller.
func (p *Page) Label(_ *page.Env, id action.ID) string {
	if id == action.Enter {
		return words.HintKeep
	}
	return ""
}

// moves are how far actions move the focus.
var moves = map[action.ID]int{
	action.Down: 1, action.Up: -1, action.HalfDown: 3, action.HalfUp: -3, action.PageDown: 6, action.PageUp: -6,
	action.Top: -1 << 16, action.Bottom: 1 << 16,
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	if by, ok := moves[id]; ok {
		p.choice.SetFocus(p.choice.Focus() + by)
		e.SetTheme(p.names[p.choice.Focus()])
		return
	}
	switch id {
	case action.Enter:
		p.was = p.names[p.choice.Focus()]
		e.KeepTheme(p.was)
		e.Pop()
	case action.Back:
		e.Pop()
	}
}

// Close implements page.Closer: what was only looked at is taken back.
func (p *Page) Close(e *page.Env) bool {
	e.SetTheme(p.was)
	return true
}

// samples are the roles that the sample shows, with the states they stand for.
var samples = [...]string{"reconnect", "expiring", "retrying", "healthy", "revoked"}

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	b.Space(1)
	b.Text(widget.Strong(themes.Text), words.SettingsTheme)
	b.Space(2)
	b.Text(widget.Fg(themes.Muted), words.SettingsAbout)
	b.Lines(2)
	p.top = 2
	for i := range p.choice.Lines() {
		p.choice.Line(b, i, true)
		b.Line()
	}
	b.Line()
	b.Rule()
	b.Space(1)
	for _, word := range samples {
		sign, _, _ := widget.StateSign(word)
		sign.Draw(b)
		b.Space(3)
	}
	b.Line()
	if b.Row() < s.H {
		p.drawDeck(e, b)
	}
	for b.Row() < 1+s.H {
		b.Line()
	}
}

// drawDeck tells what the deck does by itself.
func (p *Page) drawDeck(e *page.Env, b *widget.Buf) {
	b.Line()
	b.Space(1)
	b.Text(widget.Strong(themes.Text), words.SettingsDeck)
	b.Space(2)
	said := words.SettingsLock(e.LocksAfter(), e.Deps.Settings.AutoLock > 0 && e.Deps.Demo == nil)
	b.Text(widget.Fg(themes.Text), widget.Cut(said, b.Room()-1))
	b.Text(widget.Fg(themes.Muted), widget.Cut(words.SettingsLockHow, max(0, b.Room()-1)))
	b.Line()
}

// Click implements page.Pointer.
func (p *Page) Click(e *page.Env, _, y int) {
	if i, ok := p.choice.ItemAt(y - p.top); ok {
		p.choice.SetFocus(i)
		e.SetTheme(p.names[i])
	}
}

// Wheel implements page.Pointer.
func (p *Page) Wheel(e *page.Env, lines int) {
	p.choice.Move(lines)
	e.SetTheme(p.names[p.choice.Focus()])
}
