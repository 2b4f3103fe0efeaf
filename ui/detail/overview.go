package detail

import (
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/themes"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Columns of the table of clocks.
const (
	clockCol = 18
	leftCol  = 15
	atCol    = 16
	labelCol = 10
)

// daysAway is from when on a narrow page says the day alone.
const daysAway = 48 * time.Hour

// levels is the style of a clock that is near its end.
var levels = [...]widget.Style{plain, widget.Strong(themes.Warn), widget.Strong(themes.Bad)}

// drawOverview draws the clocks and what happens when each ends, how it
// authenticates, who uses it and what it shares.
func drawOverview(e *page.Env, b *widget.Buf, row *live.Row, d *data, s page.Size) {
	if s.Roomy() {
		b.Line()
	}
	wide := b.Width() >= 90
	drawClockTitles(b, wide)
	f, from := facts(e, row), b.Row()
	a := e.Live.Assess(row, f.Now)
	rest := a.Clocks()
	if len(rest) > 0 && rest[0].Kind == policy.ClockAccess {
		drawClock(b, f, rest[0], wide)
		rest = rest[1:]
	}
	drawEndless(b, f, wide)
	for _, c := range rest {
		drawClock(b, f, c, wide)
	}
	if b.Row() == from {
		b.Space(1)
		b.Text(plain, words.NoClock)
		b.Line()
	}
	b.Line()
	drawAbout(b, f, d)
}

// leftCells is the cells of the time left.
func leftCells(wide bool) int {
	if wide {
		return leftCol
	}
	return 9
}

// drawClockTitles draws the titles of the table of clocks.
func drawClockTitles(b *widget.Buf, wide bool) {
	b.Space(1)
	b.Fit(muted, words.TitleClock, clockCol)
	b.Fit(muted, words.TitleLeft, leftCells(wide))
	if wide {
		b.Fit(muted, words.TitleAt, atCol)
		b.Text(muted, words.TitleThen)
	} else {
		b.Text(muted, words.TitleAt)
	}
	b.Line()
}

// drawClock draws one clock; on narrow screens what happens stands below it.
func drawClock(b *widget.Buf, f words.Facts, c policy.Clock, wide bool) {
	left := f.Fig.Left(c.At.Sub(f.Now))
	if c.Assumed && c.Kind == policy.ClockAccess {
		left = f.Fig.Assumed(c.At.Sub(f.Now))
	}
	at := f.Fig.Moment(c.At, f.Now)
	if !wide && c.At.Sub(f.Now) > daysAway {
		at = f.Fig.Date(c.At, f.Now)
	}
	drawClockRow(b, words.ClockTitle(c.Kind, f.S.HasKey), left, at, f.Then(c), levels[c.Level], wide)
	if c.Kind != policy.ClockKey || !wide {
		return
	}
	age, of := f.Now.Sub(f.S.KeyMade), f.Policy
	b.Space(1 + clockCol)
	widget.KeyBar(b, age, of)
	b.Space(2)
	b.Text(muted, widget.DaysOf(age, of))
	b.Line()
}

// drawClockRow draws one row of the table of clocks.
func drawClockRow(b *widget.Buf, name, left, at, then string, style widget.Style, wide bool) {
	b.Space(1)
	b.Fit(muted, name, clockCol)
	b.Fit(style, left, leftCells(wide))
	if wide {
		b.Fit(plain, at, atCol)
		drawWrapped(b, muted, then, b.Col())
		return
	}
	b.Text(plain, widget.Cut(at, b.Room()-1))
	b.Line()
	if then != "" {
		b.Space(3)
		drawWrapped(b, muted, then, 3)
	}
}

// drawEndless draws the clocks that have no end: that is worth saying.
func drawEndless(b *widget.Buf, f words.Facts, wide bool) {
	s := f.S
	if s.HasRefresh && s.Refresh.IsZero() && s.Idle.IsZero() {
		drawClockRow(b, words.ClockTitle(policy.ClockRefresh, false), words.NoEndWord, words.None, words.RefreshEndless(f.CRM),
			plain, wide)
	}
	if s.HasAccess && s.Access.IsZero() {
		drawClockRow(b, words.ClockTitle(policy.ClockAccess, false), words.NoEndWord, words.None, "", plain, wide)
	}
}

// drawAbout draws method, owner, jobs and what is shared.
func drawAbout(b *widget.Buf, f words.Facts, d *data) {
	if !d.have {
		return
	}
	c := &d.rec.conn
	drawLabelled(b, words.LabelMethod, []string{words.MethodLine(c, f.Fig, f.Now)})
	drawLabelled(b, words.LabelOwner, nonEmpty(c.Owner))
	drawLabelled(b, words.LabelPurpose, nonEmpty(c.Purpose))
	drawLabelled(b, words.LabelTags, c.Tags)
	var jobs []string
	for _, u := range c.Uses {
		jobs = append(jobs, words.UsedBy(u, f.Now))
	}
	if jobs == nil {
		jobs = []string{words.NobodyAsked}
	}
	drawLabelled(b, words.LabelUsedBy, jobs)
	drawLabelled(b, words.LabelShares, words.Shares(f.S.HasKey, d.rec.shared, d.rec.clientMates))
}

// nonEmpty is a list of s, or of nothing.
func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// drawLabelled draws a label and its lines; nothing for no lines.
func drawLabelled(b *widget.Buf, label string, lines []string) {
	for i, l := range lines {
		b.Space(1)
		if i > 0 {
			label = ""
		}
		b.Fit(muted, label, labelCol)
		drawWrapped(b, plain, l, 1+labelCol)
	}
}

// drawWrapped draws text from here on, and on lines of their own what does not fit.
func drawWrapped(b *widget.Buf, style widget.Style, text string, indent int) {
	for _, line := range widget.Wrap(text, max(1, b.Room()-1)) {
		b.To(indent)
		b.Text(style, line)
		b.Line()
	}
}

// moment is a time of evidence with its age: "2026-11-12 09:14:02  5d ago".
func moment(f words.Facts, t time.Time) string {
	if t.IsZero() {
		return words.None
	}
	return f.Fig.Stamp(t) + "  " + widget.Ago(f.Now.Sub(t))
}
