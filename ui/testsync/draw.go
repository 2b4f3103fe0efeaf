package testsync

import (
	"crmdeck/connectors/lifecycle"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Draw implements page.Page.
func (p *Page) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	var lines []Line
	if s.Roomy() {
		lines = append(lines, nothing)
	}
	lines = append(lines, p.earlier(e)...)
	j, f := p.now(), e.Figures()
	switch j.phase {
	case phaseCost:
		lines = append(lines, headline(widget.Sign{Glyph: widget.GlyphEllipsis, Style: info}, words.TestCounting, j.name, ""))
	case phaseAsk:
		lines = append(lines, p.asks(j, s.W, f)...)
	case phaseRuns:
		lines = append(lines, p.runs(e, j, s, f)...)
	case phaseDone:
		lines = append(lines, p.done(e, j, s, f)...)
	}
	for i := range min(len(lines), s.H) {
		lines[i](b)
		b.Line()
	}
}

// earlier is one line for each connection that was tested before this one.
func (p *Page) earlier(e *page.Env) []Line {
	if len(p.jobs) == 1 {
		return nil
	}
	out := []Line{func(b *widget.Buf) {
		b.Space(1)
		b.Text(bold, words.TestNth(p.at+1, len(p.jobs)))
	}}
	for i := range p.jobs[:p.at] {
		j := &p.jobs[i]
		out = append(out, headline(verdictSign(j.run.Outcome), words.TestVerdict(&j.run), j.name, words.TestFigures(&j.run, e.Figures())))
	}
	return append(out, nothing)
}

// headline is the first line: sign, what it comes to, whose it is, the figures.
func headline(sign widget.Sign, what, name, figures string) Line {
	return func(b *widget.Buf) {
		b.Space(1)
		b.Glyph(sign.Style, sign.Glyph)
		b.Space(1)
		b.Text(widget.Style{Fg: sign.Style.Fg, Attr: widget.Bold}, what)
		b.Space(2)
		b.Text(bold, widget.CutMiddle(name, 32))
		b.Space(2)
		b.Text(muted, widget.Cut(figures, b.Room()-1))
	}
}

// asks is what reading everything costs.
func (p *Page) asks(j *job, w int, f widget.Figures) []Line {
	out := []Line{headline(widget.StepToCome.Sign(), words.TestAllTitle, j.name, ""), nothing}
	for _, text := range words.TestCost(j.cost, f) {
		for _, s := range widget.Wrap(text, max(20, w-2)) {
			out = append(out, func(b *widget.Buf) {
				b.Space(1)
				b.Text(plain, s)
			})
		}
	}
	return append(out, nothing, func(b *widget.Buf) {
		b.MarkCursor()
		b.Glyph(keyed, widget.GlyphBar)
		b.Text(keyed, "enter")
		b.Text(muted, " "+words.TestGoOn+"   ")
		b.Text(keyed, "esc")
		b.Text(muted, " "+words.TestLeave)
	})
}

// runs is the test while it runs.
func (p *Page) runs(e *page.Env, j *job, s page.Size, f widget.Figures) []Line {
	so := e.Deps.Real.Now().Sub(j.began)
	sofar := words.TestSoFar(so, j.live.ETA, f)
	out := []Line{func(b *widget.Buf) {
		b.MarkCursor()
		b.Glyph(keyed, widget.GlyphBar)
		b.Glyph(info, widget.GlyphEllipsis)
		b.Space(1)
		b.Text(info, words.TestReading)
		b.Space(2)
		b.Text(bold, widget.CutMiddle(j.name, 32))
		b.Space(2)
		if b.Room() > widget.Width(words.TestReadOnly)+widget.Width(sofar)+4 {
			b.Text(muted, words.TestReadOnly)
		}
		b.AtRight(muted, sofar, 1)
	}, nothing}
	out = append(out, Objects(&j.live, s.W, f)...)
	out = append(out, nothing)
	return append(out, Figures(&j.live, crm(j), f)...)
}

// done is the verdict, the counts, and the next step.
func (p *Page) done(e *page.Env, j *job, s page.Size, f widget.Figures) []Line {
	at := ""
	if !j.run.At.IsZero() {
		at = f.Moment(j.run.At, e.Now()) + words.Between + words.TestFigures(&j.run, f)
	}
	out := []Line{p.verdict(j, at), nothing}
	if len(j.run.Objects) > 0 {
		out = append(out, Results(&j.run, s.W, f)...)
		out = append(out, nothing)
	}
	for i, text := range p.says(j) {
		st := plain
		if i > 0 {
			st = muted
		}
		for _, line := range widget.Wrap(text, max(20, s.W-2)) {
			out = append(out, func(b *widget.Buf) {
				b.Space(1)
				b.Text(st, line)
			})
		}
	}
	return out
}

// verdict is the line that says enough to whoever reads only that.
func (p *Page) verdict(j *job, figures string) Line {
	rest := headline(verdictSign(j.run.Outcome), words.TestVerdict(&j.run), j.name, figures)
	return func(b *widget.Buf) {
		b.MarkCursor()
		rest(b)
	}
}

// verdictSign is the sign of a whole test.
func verdictSign(outcome string) widget.Sign {
	switch outcome {
	case lifecycle.OutcomeOK:
		return widget.StepDone.Sign()
	case lifecycle.OutcomeCancelled:
		return widget.StepSkipped.Sign()
	}
	return widget.StepFailed.Sign()
}

// says is what happened and what helps, in sentences.
func (p *Page) says(j *job) []string {
	var out []string
	if j.told != nil {
		out = append(out, j.told.Headline)
		if j.told.Why != "" {
			out = append(out, j.told.Why)
		}
		if j.told.Next != "" {
			out = append(out, words.Ended(j.told.Next))
		}
		return out
	}
	if j.run.Message != "" || j.run.Reason != "" {
		out = append(out, words.TestSaid(&j.run))
	}
	if j.run.Outcome == lifecycle.OutcomeCancelled {
		out = append(out, words.TestStopped)
	}
	return append(out, words.TestNext(&j.run)...)
}

// crm is the name of the job's provider.
func crm(j *job) string {
	if j.row == nil {
		return ""
	}
	return j.row.CRM
}
