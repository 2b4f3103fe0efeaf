package auditlog

import (
	"strings"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// top is the page's line on which the table begins.
func (p *Page) top() int {
	switch {
	case p.size.Tight():
		return 0
	case p.size.Roomy():
		return 2
	}
	return 1
}

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	p.size, p.rows.fig = s, e.Figures()
	from := b.Row()
	if !s.Tight() {
		p.drawChain(e, b)
		p.drawFilter(b)
		b.Line()
		if s.Roomy() {
			b.Line()
		}
	}
	if p.list.read && len(p.list.events) == 0 {
		p.drawEmpty(b)
		for b.Row() < from+s.H {
			b.Line()
		}
		return
	}
	p.table.SetTitles(!s.Tight())
	p.table.Resize(s.W, s.H-p.top())
	p.table.Draw(b)
}

// Summary implements page.Summarizer: the header's middle on tight screens.
func (p *Page) Summary(e *page.Env, b *widget.Buf) {
	b.Space(1)
	if p.typing || !p.list.filter.empty() {
		p.drawFilter(b)
		return
	}
	p.drawChain(e, b)
}

// drawChain draws what is known of the chain.
func (p *Page) drawChain(e *page.Env, b *widget.Buf) {
	c, l, fig := &p.check, &p.list, e.Figures()
	b.Space(1)
	text := func(st widget.Style, s string) { b.Text(st, widget.Cut(s, max(0, b.Room()-1))) }
	switch {
	case c.slot.Runs():
		text(widget.Fg(themes.Info), words.AuditChecking)
		b.Space(2)
		if b.Room() > 60 {
			widget.Progress(b, 20, int64(c.done), int64(c.all))
			b.Space(2)
		}
		text(plain, fig.Of(int64(c.done), int64(c.all)))
		return
	case c.broken > 0:
		b.Glyph(widget.Strong(themes.Bad), widget.GlyphCross)
		b.Space(1)
		text(widget.Strong(themes.Bad), words.AuditBroken+fig.Number(int64(c.broken)))
		b.Space(2)
		text(plain, words.AuditDo)
		return
	case c.upTo > 0:
		b.Glyph(widget.Fg(themes.Good), widget.GlyphCheck)
		b.Space(1)
		whole := words.AuditWhole
		if c.upTo < l.info.Events {
			whole += " " + words.AuditUpTo + fig.Number(int64(c.upTo))
		}
		text(widget.Fg(themes.Good), whole)
		b.Space(2)
		text(muted, p.figures(fig)+words.Between+words.AuditCheckedAt+fig.Clock(c.at))
		return
	}
	b.Glyph(muted, widget.GlyphDash)
	b.Space(1)
	text(muted, words.AuditUnchecked)
	b.Space(2)
	text(muted, p.figures(fig))
}

// figures is how many events there are, how they are called, and what is left out.
func (p *Page) figures(fig widget.Figures) string {
	l := &p.list
	if !l.read {
		return words.Reading
	}
	s := words.Counted(int(l.info.Events), "event", "events")
	if l.info.Head != "" {
		s += words.Between + words.AuditHead + headShown(l.info.Head)
	}
	if len(l.events) >= maxRows {
		s += words.Between + words.AuditUpper
	}
	return s
}

// headShown is the newest chain value as people compare it: 8F2E-61C1.
func headShown(head string) string {
	if len(head) < 8 {
		return head
	}
	return strings.ToUpper(head[:4] + "-" + head[4:8])
}

// drawFilter draws the filter at the right, while there is one.
func (p *Page) drawFilter(b *widget.Buf) {
	if !p.typing && p.field.Len() == 0 {
		return
	}
	const least, most = 12, 40
	w := min(most, max(least, b.Room()-5))
	if at := b.Width() - 1 - w - 2; at > b.Col() {
		b.To(at)
	} else {
		b.Space(2)
	}
	b.Text(widget.Strong(themes.Accent), "/ ")
	p.field.Draw(b, max(1, min(w, b.Room()-1)), p.typing)
}

// drawEmpty says why there is no row.
func (p *Page) drawEmpty(b *widget.Buf) {
	b.Line()
	b.Space(1)
	if p.list.filter.empty() {
		b.Text(plain, words.AuditEmpty)
		b.Line()
		return
	}
	b.Text(plain, words.AuditNothing)
	b.Space(2)
	b.Text(widget.Strong(themes.Accent), "esc")
	b.Space(1)
	b.Text(muted, words.AuditShowsAll)
	b.Line()
}
