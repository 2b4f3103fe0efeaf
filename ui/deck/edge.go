package deck

import (
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// mends is the action that helps a row.
func mends(row *live.Row) action.ID { return action.ID(row.Look.Mends) }

// facts is what the sentences about a row are made of.
func facts(e *page.Env, row *live.Row) words.Facts {
	return words.Facts{S: &row.S, CRM: row.CRM, State: row.Look.State, Reason: row.Look.Reason, Now: e.Now(),
		Fig: e.Figures(), Refreshes: e.Refreshing, Policy: row.Look.Policy}
}

// drawEdge says of the row in focus what happened, why, and which key helps.
func (p *Page) drawEdge(e *page.Env, b *widget.Buf) {
	row := p.focused(e)
	if p.typing {
		p.drawTerms(b)
		return
	}
	if row == nil {
		b.Lines(p.edgeRows())
		return
	}
	f := facts(e, row)
	switch p.edgeRows() {
	case 1:
		b.Space(1)
		row.Look.Sign.Draw(b)
		b.Space(2)
		p.drawMend(e, b, row, f, true)
		b.Line()
	case 2:
		p.drawWho(e, b, row, f)
		b.Space(1)
		b.Text(widget.Fg(themes.Text), widget.Cut(f.WhatIn(b.Room()-1), b.Room()-1))
		if b.Room() > widget.Width(f.Mend(row.Look.Mends))+4 { // the footer has the key anyway
			b.Space(1)
			p.drawMend(e, b, row, f, false)
		}
		b.Line()
	default:
		p.drawWho(e, b, row, f)
		b.Space(1)
		b.Fit(widget.Fg(themes.Text), f.WhatIn(b.Room()-1), b.Room()-1)
		b.Line()
		b.Space(1)
		p.drawMend(e, b, row, f, false)
		p.drawJobs(b, row)
		b.Line()
	}
}

// drawTerms says, while a filter is typed, what it understands.
func (p *Page) drawTerms(b *widget.Buf) {
	said := [...]string{words.FilterFields, words.FilterClocks, words.FilterTurn}
	for i := range p.edgeRows() {
		b.Space(1)
		b.Text(muted, widget.Cut(said[i], b.Room()-1))
		b.Line()
	}
}

// drawWho draws sign, name and account; on a narrow screen what its columns no
// longer say.
func (p *Page) drawWho(e *page.Env, b *widget.Buf, row *live.Row, f words.Facts) {
	b.Space(1)
	row.Look.Sign.Draw(b)
	b.Space(2)
	b.Text(widget.Strong(themes.Text), row.S.Name)
	b.Space(2)
	said := f.Who()
	if p.listWidth() < listWidth {
		said = p.hidden(e, row)
	}
	if then := past(e, row); then != "" {
		said = then + words.Between + said
	}
	b.Text(muted, widget.Cut(said, b.Room()-1))
	b.Line()
}

// past is what a row of a snapshot was when that was taken, if it is another by now.
func past(e *page.Env, row *live.Row) string {
	if e.Deps.Snapshot == nil {
		return ""
	}
	f, ok := e.Deps.Snapshot.Finding(row.S.Name)
	if !ok || f.State == string(row.Look.State) {
		return ""
	}
	return words.SnapshotThen(f.State)
}

// hidden is what the columns that went would say.
func (p *Page) hidden(e *page.Env, row *live.Row) string {
	s := &row.S
	out := ""
	add := func(part string) {
		switch {
		case part == "":
		case out == "":
			out = part
		default:
			out += words.Between + part
		}
	}
	if p.size.W < 78 {
		add(row.CRM)
	}
	add(s.Environment)
	add(live.MethodWord(s.Method))
	add(words.ScopesShort(s.Granted, s.Asked, s.Missing, s.Risky))
	add(words.TestShort(s.TestAt, s.TestOutcome, e.Now()))
	add(s.Owner)
	return out
}

// drawMend draws the key that helps and what it does here.
func (p *Page) drawMend(e *page.Env, b *widget.Buf, row *live.Row, f words.Facts, short bool) {
	x, ok := e.Keys.Get(mends(row))
	if !ok || (x.Changes && e.ReadOnly()) {
		return
	}
	b.Text(widget.Strong(themes.Accent), x.Key())
	b.Space(1)
	if short {
		b.Text(widget.Fg(themes.Text), x.Label)
		p.drawJobs(b, row)
		return
	}
	b.Text(muted, widget.Cut(f.Mend(row.Look.Mends), b.Room()-1))
}

// drawJobs draws who depends on the row.
func (p *Page) drawJobs(b *widget.Buf, row *live.Row) {
	if row.Look.Group == widget.Done {
		return
	}
	waits := row.Look.Group == widget.NeedYou || row.Look.Group == widget.Soon
	if s := words.WaitJobs(row.S.Jobs, waits); s != "" && b.Room() > len(s)+4 {
		if b.Col() > 1 {
			b.Space(3)
		}
		b.Text(muted, s)
	}
}

// drawNothing says in the middle of the empty list that nothing matches.
func (p *Page) drawNothing(e *page.Env, b *widget.Buf, _ int) {
	top := widget.NewBuf(e.Paint, b.Width())
	text := words.NothingMatches(e.Live.Filter().String())
	const off = "esc"
	top.Space(max(0, (b.Width()-widget.Width(text)-len(off)-6)/2))
	top.Text(widget.Fg(themes.Text), widget.Cut(text, b.Width()-12))
	top.Space(2)
	top.Text(widget.Strong(themes.Accent), off)
	top.Text(muted, " "+words.SummaryAll)
	top.Line()
	b.Overlay(top, 0, b.Row()-p.size.H/2)
}

// drawEmpty is the deck before the first connection.
func (p *Page) drawEmpty(e *page.Env, b *widget.Buf) {
	at := max(0, p.size.H/4-1)
	b.Lines(at)
	indent := max(1, (b.Width()-60)/2)
	b.Space(indent)
	b.Text(widget.Strong(themes.Text), words.NoConnections)
	b.Lines(2)
	lines := []struct {
		id   action.ID
		text string
	}{{action.New, words.EmptyNew}, {action.Quit, words.EmptyLeave}}
	for _, l := range lines {
		x, ok := e.Keys.Get(l.id)
		if !ok || (x.Changes && e.ReadOnly()) {
			continue
		}
		b.Space(indent)
		b.Text(widget.Strong(themes.Accent), x.Key())
		b.Space(3)
		b.Text(muted, widget.Cut(l.text, b.Room()-1))
		b.Line()
	}
	b.Line()
	b.Space(indent)
	b.Text(muted, widget.Cut(words.EmptySealed(e.Deps.Home, e.NoPassphrase), b.Room()-1))
	b.Line()
}
