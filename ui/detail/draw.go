package detail

import (
	"strconv"

	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

var (
	muted = widget.Fg(themes.Muted)
	plain = widget.Fg(themes.Text)
	bold  = widget.Strong(themes.Text)
	code  = widget.Fg(themes.Code)
)

// facts is what the sentences about a row are made of.
func facts(e *page.Env, row *live.Row) words.Facts {
	return words.Facts{S: &row.S, CRM: row.CRM, State: row.Look.State, Reason: row.Look.Reason, Now: e.Now(),
		Fig: e.Figures(), Refreshes: e.Refreshing, Policy: row.Look.Policy}
}

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	p.size = s
	end := b.Row() + s.H
	row, ok := e.Row(p.id)
	if !ok {
		b.Space(1)
		b.Text(plain, words.Removed(p.name))
		b.Line()
		return
	}
	p.drawHead(e, b, row, s)
	p.drawTabs(b, row)
	b.Rule()
	s.H = end - b.Row()
	p.drawTab(e, b, row, s)
	for b.Row() < end {
		b.Line()
	}
}

// drawHead draws the two lines that stay on every tab.
func (p *Page) drawHead(e *page.Env, b *widget.Buf, row *live.Row, s page.Size) {
	top := b.Row()
	f := facts(e, row)
	if s.Roomy() {
		b.Line()
	}
	b.Space(1)
	row.Look.Sign.Draw(b)
	b.Space(2)
	b.Text(bold, row.S.Name)
	b.Space(2)
	b.Text(muted, widget.Cut(f.Who(), b.Room()-1))
	b.Line()
	b.Space(1)
	p.drawWhat(e, b, row, f)
	if s.Roomy() {
		b.Line()
	}
	p.tabRow = b.Row() - top
}

// drawWhat draws the sentence and the key that helps; the sentence comes first,
// so what the key does is said in full only where there is room for both.
func (p *Page) drawWhat(e *page.Env, b *widget.Buf, row *live.Row, f words.Facts) {
	x, ok := e.Keys.Get(action.ID(row.Look.Mends))
	if !ok || (x.Changes && e.ReadOnly()) {
		b.Text(plain, widget.Cut(f.WhatIn(b.Room()-1), b.Room()-1))
		b.Line()
		return
	}
	mend := f.Mend(row.Look.Mends)
	around := 2 + len(x.Key()) + 1 + 1
	if widget.Width(f.What())+around+widget.Width(mend) > b.Room() {
		mend = x.Label
	}
	room := b.Room() - around - widget.Width(mend)
	b.Text(plain, widget.Cut(f.WhatIn(room), room))
	b.Space(2)
	b.Text(widget.Strong(themes.Accent), x.Key())
	b.Space(1)
	b.Text(muted, widget.Cut(mend, b.Room()-1))
	b.Line()
}

// narrowTabs is under which width only the tab that shows has its name.
const narrowTabs = 60

// drawTabs draws the strip of tabs.
func (p *Page) drawTabs(b *widget.Buf, row *live.Row) {
	gap := 4
	if b.Width() < narrowTabs {
		gap = 3
	}
	for i, name := range p.tabNames(row) {
		if i != p.tab && b.Width() < narrowTabs {
			name = strconv.Itoa(i + 1)
		}
		b.Space(map[bool]int{true: 1, false: gap - 1}[i == 0])
		p.tabsAt[i] = [2]int{b.Col(), b.Col() + 1 + widget.Width(name)}
		if i == p.tab {
			b.Glyph(widget.Fg(themes.Accent).On(themes.Focus), widget.GlyphBar)
			b.Text(widget.Strong(themes.Text).On(themes.Focus), name)
			continue
		}
		b.Space(1)
		b.Text(muted, name)
	}
	b.Line()
}

// drawTab draws what the tab holds.
func (p *Page) drawTab(e *page.Env, b *widget.Buf, row *live.Row, s page.Size) {
	p.fill(e, row)
	if t := p.tables[p.tab]; t != nil {
		p.drawTable(e, b, t, row, s)
		return
	}
	lines := widget.NewBuf(e.Paint, s.W)
	if p.tab == tabOverview {
		drawOverview(e, lines, row, &p.data, s)
	} else {
		drawCredential(e, lines, row, &p.data)
	}
	p.over = max(0, lines.Row()-s.H)
	p.scroll = min(p.scroll, p.over)
	b.Window(lines, p.scroll, s.H)
}

// drawTable draws a tab that is a list, or what it says while it is empty.
func (p *Page) drawTable(e *page.Env, b *widget.Buf, t *widget.Table, row *live.Row, s page.Size) {
	if p.tab == tabTests {
		s.H -= p.drawSpark(e, b)
	}
	if t.Len() > 0 {
		told := s.H >= noteFrom
		if told {
			s.H -= noteLines
		}
		t.Resize(s.W, s.H)
		t.Draw(b)
		if told {
			p.drawNote(b, row.S.Method, s)
		}
		return
	}
	if !p.data.have {
		return
	}
	b.Line()
	b.Space(1)
	switch p.tab {
	case tabTests:
		b.Text(plain, words.NeverTested)
		if x, ok := e.Keys.Get(action.Test); ok && !e.ReadOnly() {
			b.Space(2)
			b.Text(widget.Strong(themes.Accent), x.Key())
			b.Text(muted, " "+words.TestNow)
		}
	case tabAudit:
		b.Text(plain, words.NoEvents)
	}
	b.Line()
}
