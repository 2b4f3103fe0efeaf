package detail

import (
	"strconv"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// fill gives the tables what was read.
func (p *Page) fill(e *page.Env, row *live.Row) {
	if !p.data.have {
		return
	}
	r := &p.data.rec
	fig := e.Figures()
	provider, _ := e.Deps.Catalog.Provider(row.S.Provider)
	if p.filled != p.data.reads {
		p.filled = p.data.reads
		if provider != nil {
			p.scopes.list = policy.Scopes(provider, r.conn.Asked, r.grant.Granted, r.grant.GrantedKnown, r.conn.Proven)
		}
		p.scopes.key = r.conn.Method == store.APIKey
		p.tests.list, p.events.list = r.conn.Tests, r.events
		p.tables[tabScopes].SetRows(&p.scopes)
		p.tables[tabTests].SetRows(&p.tests)
		p.tables[tabAudit].SetRows(&p.events)
	}
	p.tests.fig, p.events.fig = fig, fig
}

// Columns of the three lists.
const (
	colAsked = iota
	colGranted
	colProven
	colScope
	colRisk
	colMeans
	colWord
	colTime
	colVerdict
	colRead
	colRecords
	colTook
	colFailed
	colNumber
	colActor
	colHost
	colAct
	colOutcome
	colProof
)

// scopeColumns lays asked, granted and proven side by side.
func scopeColumns() []widget.Column {
	return []widget.Column{
		{ID: colAsked, Title: words.TitleAsked, Width: 5, From: 70},
		{ID: colGranted, Title: words.TitleGranted, Width: 7, From: 70},
		{ID: colGranted, Width: 2, Gap: 1, Below: 70},
		{ID: colProven, Title: words.TitleProven, Width: 6, From: 50},
		{ID: colScope, Title: words.TitleScope, Width: 30, Middle: true},
		{ID: colRisk, Title: words.TitleRisk, Width: 9, From: 60},
		{ID: colMeans, Title: words.TitleMeans, Width: 50, Max: 110, From: 100},
		{ID: colWord, Width: 17, From: 80, Below: 100},
	}
}

// scopeRows are the scopes of the connection.
type scopeRows struct {
	list []policy.ScopeRow
	key  bool // of an API key, which is not asked for scopes
}

func (s *scopeRows) Len() int         { return len(s.list) }
func (s *scopeRows) Key(i int) string { return s.list[i].Name }

// Cell implements widget.Rows.
func (s *scopeRows) Cell(i, column int, c *widget.Cell) {
	r := &s.list[i]
	switch column {
	case colAsked:
		tick(c, r.Asked, false)
	case colGranted:
		if r.Granted == policy.GrantedUnknown {
			c.Glyph(muted, " "+widget.GlyphQuestion)
			return
		}
		tick(c, r.Granted == policy.GrantedYes, r.Asked)
	case colProven:
		tick(c, r.Proven, false)
	case colScope:
		style := plain
		if !r.Asked && r.Granted == policy.GrantedNo {
			style = widget.Fg(themes.Faint)
		}
		c.Text(style, r.Name)
	case colRisk:
		if sign, ok := widget.RiskSign(string(r.Risk)); ok {
			widget.DrawRisk(c, sign)
		}
	case colMeans:
		s.means(r, c)
	case colWord:
		style, word := s.word(r)
		c.Text(style, word)
	}
}

// means writes what a scope allows, and at the right what is said of it: only a
// scope of which something is said gives room away for it.
func (s *scopeRows) means(r *policy.ScopeRow, c *widget.Cell) {
	style, word := s.word(r)
	if word == "" {
		c.Text(muted, r.Meaning)
		return
	}
	c.Text(muted, widget.Cut(r.Meaning, c.Room-widget.Width(word)-2))
	c.Right(style, word, c.Room-c.Width())
}

// word is what is said of one scope, "" for one that is proven.
func (s *scopeRows) word(r *policy.ScopeRow) (widget.Style, string) {
	switch {
	case s.key:
		return muted, ""
	case r.Word == policy.WordNotGranted || r.Word == policy.WordNotAsked:
		return widget.Strong(themes.Warn), words.ScopeWord(r.Word)
	case r.Word == policy.WordNeverAsked:
		return widget.Fg(themes.Faint), words.ScopeWord(r.Word)
	}
	return muted, words.ScopeWord(r.Word)
}

// tick draws a check, a dash, or the cross of what was wanted and is not there.
func tick(c *widget.Cell, on, wanted bool) {
	c.Pad(1)
	switch {
	case on:
		c.Glyph(widget.Fg(themes.Good), widget.GlyphCheck)
	case wanted:
		c.Glyph(widget.Strong(themes.Bad), widget.GlyphCross)
	default:
		c.Glyph(widget.Fg(themes.Faint), words.None)
	}
}

// testColumns is one line a run.
func testColumns() []widget.Column {
	return []widget.Column{
		{ID: colVerdict, Width: 1, Gap: 1},
		{ID: colTime, Title: words.TitleTime, Width: 19},
		{ID: colRead, Title: words.TitleRead, Width: 6, From: 45},
		{ID: colRecords, Title: words.TitleRecords, Width: 9, Align: widget.AlignRight},
		{ID: colTook, Title: words.TitleTook, Width: 8, Align: widget.AlignRight, From: 56},
		{ID: colFailed, Title: words.TitleFailed, Width: 20, Max: 90, From: 80},
	}
}

// testRows are the test syncs, newest first.
type testRows struct {
	list []store.TestRun
	fig  widget.Figures
}

func (s *testRows) Len() int               { return len(s.list) }
func (s *testRows) at(i int) store.TestRun { return s.list[len(s.list)-1-i] }
func (s *testRows) Key(i int) string       { return s.at(i).At.String() }

// Cell implements widget.Rows.
func (s *testRows) Cell(i, column int, c *widget.Cell) {
	t := s.at(i)
	ok, all, records := words.ObjectsRead(t)
	switch column {
	case colVerdict:
		sign := widget.TestSign(t.Outcome)
		c.Glyph(sign.Style, sign.Glyph)
	case colTime:
		c.Text(plain, s.fig.Stamp(t.At))
	case colRead:
		c.Text(muted, s.fig.Of(int64(ok), int64(all)))
	case colRecords:
		c.Text(plain, s.fig.Number(int64(records)))
	case colTook:
		c.Text(muted, s.fig.Took(t.Took))
	case colFailed:
		c.Text(muted, words.TestFailed(t))
	}
}

// drawSpark draws the records of the last runs above their list.
func (p *Page) drawSpark(e *page.Env, b *widget.Buf) (lines int) {
	if len(p.tests.list) == 0 || p.size.Tight() {
		return 0
	}
	values := make([]int64, 0, len(p.tests.list))
	for _, t := range p.tests.list {
		_, _, n := words.ObjectsRead(t)
		values = append(values, int64(n))
	}
	b.Line()
	b.Space(1)
	b.Text(muted, words.LastRuns)
	b.Space(2)
	widget.Spark(b, widget.Fg(themes.Fill), values, 30)
	last := p.tests.list[len(p.tests.list)-1]
	b.Space(2)
	b.Text(muted, words.LastTest+" "+widget.Ago(e.Now().Sub(last.At)))
	b.Lines(2)
	return 3
}

// eventColumns is the audit events of the connection.
func eventColumns() []widget.Column {
	return []widget.Column{
		{ID: colNumber, Title: words.TitleNumber, Width: 6, Align: widget.AlignRight, From: 60},
		{ID: colTime, Title: words.TitleTime, Width: 19},
		{ID: colActor, Title: words.TitleActor, Width: 12, From: 80},
		{ID: colHost, Title: words.TitleHost, Width: 10, From: 110},
		{ID: colAct, Title: words.TitleAct, Width: 10},
		{ID: colOutcome, Title: words.TitleOutcome, Width: 9, From: 48},
		{ID: colProof, Title: words.TitleProof, Width: 20, Max: 90, From: 90},
	}
}

// eventRows are audit events, newest first.
type eventRows struct {
	list []store.Event
	fig  widget.Figures
}

func (s *eventRows) Len() int         { return len(s.list) }
func (s *eventRows) Key(i int) string { return strconv.FormatUint(s.list[i].Seq, 10) }

// Cell implements widget.Rows.
func (s *eventRows) Cell(i, column int, c *widget.Cell) {
	ev := &s.list[i]
	switch column {
	case colNumber:
		c.Text(muted, s.fig.Number(int64(ev.Seq)))
	case colTime:
		c.Text(plain, s.fig.Stamp(ev.At))
	case colActor:
		c.Text(muted, ev.Actor)
	case colHost:
		c.Text(muted, ev.Host)
	case colAct:
		c.Text(plain, string(ev.Act))
	case colOutcome:
		c.Text(outcomes[ev.Outcome], ev.Outcome)
	case colProof:
		c.Text(muted, ev.Evidence)
	}
}

// outcomes colour what an act came to; rows are never coloured.
var outcomes = map[string]widget.Style{
	"done": widget.Fg(themes.Good), "ok": widget.Fg(themes.Good), "dead": widget.Fg(themes.Good),
	"failed": widget.Strong(themes.Bad), "alive": widget.Strong(themes.Bad), "partial": widget.Strong(themes.Warn),
	"queued": widget.Fg(themes.Info), "begun": widget.Fg(themes.Info),
}
