package wizard

import (
	"time"

	"crmdeck/connectors/setup"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Draw implements page.Page: the rail at the left, the step at its right.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	h := s.H
	if s.Roomy() {
		b.Line()
		h--
	}
	withRail := s.W >= railFrom
	w := s.W
	if withRail {
		w -= paneAt
	}
	c := content{focus: -1}
	if p.panel != nil {
		c = p.panel.content(e, w)
	}
	if !withRail {
		c.head = append([]line{said(span{faint, words.StepOf(p.rail.place()+1, len(stations), words.Station(p.rail.at))})}, c.head...)
	}
	c.wrong = p.trouble(w)
	if took := e.Deps.Real.Now().Sub(p.asked); p.answering() && took >= time.Second {
		c.foot = append(c.foot, empty, said(span{info, widget.GlyphEllipsis + " " + words.WizardBusy},
			span{muted, "  " + widget.Figures{}.Left(took)}))
	}
	lines := c.fitted(h)
	bar := !p.hasFocus()
	over := p.step.Kind == setup.Done
	for i := range max(len(lines), min(h, len(stations))) {
		if withRail {
			p.rail.draw(b, i, bar, over)
		}
		if i < len(lines) {
			lines[i](b)
		}
		b.Line()
	}
}

// hasFocus reports that something in the panel has the focus bar.
func (p *Page) hasFocus() bool {
	f, ok := p.panel.(interface{ bar() bool })
	return ok && f.bar()
}

// trouble is the three lines of what went wrong, under the panel.
func (p *Page) trouble(w int) []line {
	if p.told == nil {
		return nil
	}
	out := []line{empty}
	for i, s := range widget.Wrap(p.told.Headline, max(10, w-5)) {
		sign := widget.GlyphCross
		if i > 0 {
			sign = " "
		}
		out = append(out, said(span{bad, sign + " "}, span{bold, s}))
	}
	if p.told.Why != "" {
		out = append(out, wrapped(plain, p.told.Why, 2, w)...)
	}
	if p.told.Next != "" {
		out = append(out, wrapped(muted, words.Ended(p.told.Next), 2, w)...)
	}
	return out
}

// notes are the provider's facts that are worth knowing at a step.
func notes(list []string, w int) []line {
	var out []line
	for i, n := range list {
		if i == 0 {
			out = append(out, empty, said(span{faint, words.GoodToKnow}))
		}
		out = append(out, labelled(span{faint, widget.GlyphMid}, muted, n, 0, 2, w)...)
	}
	return out
}

// fault is the line under a field whose content does not fit.
func fault(e *setup.InputError, indent, w int) []line {
	if e == nil {
		return nil
	}
	var out []line
	for i, s := range widget.Wrap(words.InputHere(e), max(10, w-indent-5)) {
		sign := widget.GlyphCross + " "
		if i > 0 {
			sign = "  "
		}
		out = append(out, at(indent, span{bad, sign}, span{plain, s}))
	}
	return out
}

// answering reports that the machine works on an answer, which can take a call.
func (p *Page) answering() bool {
	return p.slot.Runs() && !p.waiting() && p.step.Kind != setup.Test && p.m != nil
}

// Lasts implements page.Ticker: waits count seconds.
func (p *Page) Lasts(e *page.Env) (live.Wait, bool) {
	if !p.waiting() && !p.answering() {
		return 0, false
	}
	return live.Wait(time.Duration(float64(time.Second) * max(1, speed(e)))), true
}

// speed is how fast the program's clock runs.
func speed(e *page.Env) float64 {
	if e.Deps.Demo == nil {
		return 1
	}
	return e.Deps.Demo.Speed()
}
