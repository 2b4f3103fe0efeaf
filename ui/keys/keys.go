// Package keys is the page of keys: what can be pressed where one came from,
// by group, searchable, and run with enter.
package keys

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Page lists the actions of one scope.
type Page struct {
	of     action.Scope
	all    []*action.Action
	field  widget.Field
	typing bool
	at     int
	flow   []cell // what stands where, made for one width, height and search
	items  []*action.Action
	w, h   int
}

// cell is one line of one column: a heading, or an action.
type cell struct {
	heading string
	item    int // place in items, -1 for a heading or nothing
}

// Make is the page.Maker of the page of keys.
func Make(e *page.Env, a page.Args) page.Page {
	p := &Page{of: a.Of}
	for _, x := range e.Keys.In(a.Of) {
		if !x.Changes || !e.ReadOnly() {
			p.all = append(p.all, x)
		}
	}
	p.search()
	return p
}

// groups is the order of the headings.
var groups = [...]action.Group{action.Move, action.This, action.Many, action.Whole, action.Here, action.Any}

// search keeps the actions whose words or keys have what was typed in them.
func (p *Page) search() {
	wanted := strings.ToLower(p.field.Value())
	p.items, p.w = p.items[:0], 0
	for _, g := range groups {
		for _, x := range p.all {
			text := strings.ToLower(x.Title + " " + strings.Join(x.Keys, " "))
			if x.Group == g && strings.Contains(text, wanted) {
				p.items = append(p.items, x)
			}
		}
	}
	p.at = max(0, min(p.at, len(p.items)-1))
}

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Keys }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string { return []string{words.CrumbKeys} }

// Start implements page.Page.
func (p *Page) Start(*page.Env) {}

// Why implements page.Page.
func (p *Page) Why(*page.Env, action.ID) string { return "" }

// Hints implements page.Page.
func (p *Page) Hints(*page.Env) []action.ID {
	return []action.ID{action.Enter, action.Search, action.Back}
}

// Label implements page.Labeller.
func (p *Page) Label(_ *page.Env, id action.ID) string {
	if id == action.Enter {
		return words.HintRun
	}
	return ""
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	switch id {
	case action.Down:
		p.move(1)
	case action.Up:
		p.move(-1)
	case action.Top:
		p.at = 0
	case action.Bottom:
		p.at = max(0, len(p.items)-1)
	case action.HalfDown, action.PageDown:
		p.move(max(1, p.h/2))
	case action.HalfUp, action.PageUp:
		p.move(-max(1, p.h/2))
	case action.Search:
		p.typing = true
	case action.Enter:
		p.run(e)
	case action.Back:
		if p.field.Len() > 0 {
			p.field.Clear()
			p.search()
			return
		}
		e.Pop()
	}
}

// move moves the focus and stops at the ends.
func (p *Page) move(by int) { p.at = max(0, min(p.at+by, len(p.items)-1)) }

// run goes back to where the keys are alive and does the action in focus.
func (p *Page) run(e *page.Env) {
	if p.at >= len(p.items) {
		return
	}
	id := p.items[p.at].ID
	e.Pop()
	e.Do(id)
}

// Typing implements page.Typist.
func (p *Page) Typing() bool { return p.typing }

// Type implements page.Typist.
func (p *Page) Type(e *page.Env, msg tea.Msg) bool {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			p.typing = false
			p.run(e)
			return true
		case "esc":
			p.typing = false
			p.field.Clear()
			p.search()
			return true
		case "down":
			p.move(1)
			return true
		case "up":
			p.move(-1)
			return true
		}
	}
	used := p.field.Handle(msg)
	if used {
		p.search()
	}
	return used
}

// colWidth is the cells of one column, keyWidth those of the keys in it.
const (
	colWidth = 39
	keyWidth = 13
)

// layout flows headings and actions into columns.
func (p *Page) layout(w, h int) {
	if p.w == w && p.h == h {
		return
	}
	p.w, p.h = w, h
	p.flow = p.flow[:0]
	last := action.Group("")
	for i, x := range p.items {
		if x.Group != last {
			if len(p.flow)%h != 0 {
				p.flow = append(p.flow, cell{item: -1})
			}
			for h-len(p.flow)%h < 3 && h > 3 { // a heading needs company
				p.flow = append(p.flow, cell{item: -1})
			}
			p.flow = append(p.flow, cell{heading: string(x.Group), item: -1})
			last = x.Group
		}
		p.flow = append(p.flow, cell{item: i})
	}
}

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	p.drawSummary(b)
	head := 1
	if s.Roomy() {
		b.Line()
		head = 2
	}
	h := s.H - head
	p.layout(s.W, h)
	columns := max(1, (s.W-1)/colWidth)
	first := 0
	for i, c := range p.flow {
		if c.item == p.at && c.heading == "" {
			first = max(0, i/h-columns+1)
		}
	}
	for line := range h {
		for col := range columns {
			b.To(1 + col*colWidth - 1)
			if i := (first+col)*h + line; i < len(p.flow) {
				p.drawCell(e, b, p.flow[i])
			}
		}
		b.Line()
	}
}

// drawSummary draws how many keys there are, or the search.
func (p *Page) drawSummary(b *widget.Buf) {
	b.Space(1)
	b.Text(widget.Fg(themes.Muted), words.KeysFor(string(p.of), len(p.items)))
	if p.typing || p.field.Len() > 0 {
		b.Space(2)
		b.Text(widget.Strong(themes.Accent), "/ ")
		p.field.Draw(b, min(30, b.Room()-1), p.typing)
	}
	b.Line()
}

// drawCell draws a heading, or keys and what they do.
func (p *Page) drawCell(e *page.Env, b *widget.Buf, c cell) {
	if c.heading != "" {
		b.Space(1)
		b.Text(widget.Strong(themes.Text), c.heading)
		return
	}
	if c.item < 0 {
		return
	}
	x := p.items[c.item]
	ground := widget.Style{}
	if c.item == p.at {
		if !p.typing {
			b.MarkCursor()
		}
		ground = ground.On(themes.Focus)
		b.Glyph(widget.Fg(themes.Accent).On(themes.Focus), widget.GlyphBar)
	} else {
		b.Space(1)
	}
	b.Text(widget.Strong(themes.Accent).On(ground.Bg), widget.PadRight(Shown(x.Keys), keyWidth))
	b.Text(widget.Fg(themes.Muted).On(ground.Bg), widget.PadRight(x.Title, colWidth-keyWidth-2))
}

// arrows is how keys without a letter are written.
var arrows = map[string]string{
	"down": widget.GlyphArrowDown, "up": widget.GlyphArrowUp, "left": widget.GlyphArrowLeft, "right": widget.GlyphArrowRight,
}

// Shown is keys as they are written for people.
func Shown(keys []string) string {
	out := ""
	for i, k := range keys {
		if i > 0 {
			out += " "
			if strings.Contains(keys[i-1], " ") {
				out += " "
			}
		}
		if a, ok := arrows[k]; ok {
			k = a
		}
		out += k
	}
	return out
}
