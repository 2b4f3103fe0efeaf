package deck

import (
	"strconv"

	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// From sideFrom cells the deck keeps listWidth and shows the detail of the row
// in focus at its right, sideGap cells away from the line between them.
const (
	sideFrom  = 160
	listWidth = 120
	sideGap   = 1
)

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	p.size = s
	p.src.now, p.src.fig = e.Now(), e.Figures()
	if !s.Tight() {
		p.drawSummary(e, b)
		if s.Roomy() {
			b.Line()
		}
	}
	if e.Live.Loaded() && e.Live.All() == 0 {
		p.drawEmpty(e, b)
		return
	}
	if s.W >= sideFrom {
		p.drawBeside(e, b)
		return
	}
	p.drawList(e, b)
}

// drawList draws titles, rows, the rule and the lower edge.
func (p *Page) drawList(e *page.Env, b *widget.Buf) {
	height := p.size.H - p.listTop() - 1 - p.edgeRows()
	p.table.SetTitles(p.titles())
	p.table.Resize(p.listWidth(), height)
	from := b.Row()
	p.table.Draw(b)
	if e.Live.Loaded() && e.Live.Len() == 0 {
		p.drawNothing(e, b, from)
	}
	b.Rule()
	p.drawEdge(e, b)
}

// listTop is the page's line on which the table begins.
func (p *Page) listTop() int {
	switch {
	case p.size.Tight():
		return 0
	case p.size.Roomy():
		return 2
	}
	return 1
}

// titles reports whether there is room for the line of titles.
func (p *Page) titles() bool { return !p.size.Tight() }

// listWidth is the cells of the list.
func (p *Page) listWidth() int {
	if p.size.W >= sideFrom {
		return listWidth
	}
	return p.size.W
}

// edgeRows is the height of the lower edge.
func (p *Page) edgeRows() int {
	switch {
	case p.size.Tight():
		return 1
	case p.size.Roomy():
		return 3
	}
	return 2
}

// drawSummary draws the counts of the groups and who is first in line, or what
// is marked, filtered or wrong.
func (p *Page) drawSummary(e *page.Env, b *widget.Buf) {
	switch {
	case !e.Live.Loaded():
		if p.slow {
			b.Space(1)
			b.Text(muted, words.Reading)
		}
	case e.Live.All() == 0:
	default:
		p.drawCounts(e, b)
		switch {
		case p.typing || !e.Live.Filter().Empty():
			p.drawFilter(e, b)
		default:
			p.drawFirst(e, b)
		}
	}
	b.Line()
}

// Summary implements page.Summarizer: the header's middle on tight screens.
func (p *Page) Summary(e *page.Env, b *widget.Buf) {
	if p.typing || !e.Live.Filter().Empty() {
		p.drawFilter(e, b)
		return
	}
	counts := e.Live.Counts()
	for g, n := range counts {
		if n > 0 {
			b.AtRight(widget.Group(g).Style(), strconv.Itoa(n)+" "+words.Groups()[g], 2)
			return
		}
	}
}

// drawCounts draws "4 need you   5 soon"; zero is left out.
func (p *Page) drawCounts(e *page.Env, b *widget.Buf) {
	b.Space(1)
	if n := p.table.MarkCount(); n > 0 {
		b.Text(widget.Strong(themes.Mark), strconv.Itoa(n)+words.SummaryMarked)
		b.Space(3)
	}
	names, gap := words.Groups(), 0
	for g, n := range e.Live.Counts() {
		if n == 0 {
			continue
		}
		b.Space(gap)
		b.Text(widget.Group(g).Style(), strconv.Itoa(n)+" "+names[g])
		gap = 3
	}
}

// drawFilter draws the filter where the first in line stood: how many match,
// and what takes it away.
func (p *Page) drawFilter(e *page.Env, b *widget.Buf) {
	tail := "   " + e.Figures().Of(int64(e.Live.Len()), int64(e.Live.All())) + "   "
	const off = "esc"
	last := widget.Width(tail) + len(off) + 1 + len(words.SummaryAll) + 1
	text := e.Live.Filter().String()
	w := min(max(widget.Width(text), 12)+1, b.Width()-last-b.Col()-6)
	if w < 4 {
		return
	}
	b.To(b.Width() - last - w - 2)
	b.Text(widget.Strong(themes.Accent), "/ ")
	if p.typing {
		p.filter.Draw(b, w, true)
	} else {
		b.Fit(widget.Fg(themes.Text), text, w)
	}
	b.Text(muted, tail)
	b.Text(widget.Strong(themes.Accent), off)
	b.Text(muted, " "+words.SummaryAll)
}

// drawFirst draws who is first in line and the key for it, as much as fits.
func (p *Page) drawFirst(e *page.Env, b *widget.Buf) {
	first := e.Live.First()
	if first == nil || first.Look.Group == widget.Done {
		return
	}
	if e.Locked && !e.ReadOnly() {
		p.drawLocked(e, b)
		return
	}
	key := ""
	if x, ok := e.Keys.Get(mends(first)); ok && !(x.Changes && e.ReadOnly()) {
		key = x.Key()
	}
	if first.Look.Group == widget.Fine {
		p.drawNext(e, b)
		return
	}
	name, why := first.S.Name, words.FirstReason(first.Look.State, first.S.HasKey)
	if o, ok := e.Live.Outage(); ok {
		name, why = words.Outage(o.Rows, o.CRM, o.Class, o.Reason)
	}
	full := len(words.SummaryFirst) + 2 + widget.Width(name) + 2 + widget.Width(why) + 2 + len(key)
	short := len(words.SummaryFirst) + 2 + widget.Width(name) + 2 + len(key)
	room := b.Width() - 1 - b.Col() - 2
	switch {
	case full <= room:
		b.To(b.Width() - 1 - full)
	case short <= room:
		b.To(b.Width() - 1 - short)
		why = ""
	default:
		return
	}
	b.Text(muted, words.SummaryFirst)
	b.Space(2)
	b.Text(widget.Fg(themes.Text), name)
	if why != "" {
		b.Space(2)
		b.Text(muted, why)
	}
	b.Space(2)
	b.Text(widget.Strong(themes.Accent), key)
}

// drawLocked says what a locked deck lacks, and the key that opens it.
func (p *Page) drawLocked(e *page.Env, b *widget.Buf) {
	x, ok := e.Keys.Get(action.Unlock)
	if !ok {
		return
	}
	w := widget.Width(words.LockedHead) + 2 + len(x.Key()) + 1 + len(x.Label) + 1
	if b.Col()+2+w > b.Width() {
		return
	}
	b.To(b.Width() - w)
	b.Text(muted, words.LockedHead)
	b.Space(2)
	b.Text(widget.Strong(themes.Accent), x.Key())
	b.Space(1)
	b.Text(muted, x.Label)
}

// drawNext draws, when all is fine, what ends next.
func (p *Page) drawNext(e *page.Env, b *widget.Buf) {
	row := e.Live.Soonest()
	if row == nil {
		return
	}
	k := row.Look.Access
	if k.IsZero() || (!row.Look.Next.IsZero() && row.Look.Next.At.Before(k.At)) {
		k = row.Look.Next
	}
	b.AtRight(muted, words.SummaryNext+" "+row.S.Name+" "+words.ClockKind(k.Kind, row.S.HasKey)+" "+e.Figures().Left(k.At.Sub(e.Now())), 1)
}
