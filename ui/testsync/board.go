package testsync

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Line draws one line from the cell of the focus bar on, and does not end it.
type Line = func(*widget.Buf)

// Styles of the page.
var (
	plain = widget.Fg(themes.Text)
	bold  = widget.Strong(themes.Text)
	muted = widget.Fg(themes.Muted)
	faint = widget.Fg(themes.Faint)
	keyed = widget.Strong(themes.Accent)
	info  = widget.Fg(themes.Info)
)

// column is one figure of an object; it is there from so many cells on.
type column struct {
	title string
	width int
	from  int
	text  func(*lifecycle.ObjectProgress, widget.Figures) string
}

// columns are the figures of an object, from left to right.
var columns = [...]column{
	{words.TestRecords, 9, 0, func(o *lifecycle.ObjectProgress, f widget.Figures) string { return f.Number(int64(o.Records)) }},
	{words.TestOf, 10, 0, total},
	{words.TestPages, 7, 52, func(o *lifecycle.ObjectProgress, f widget.Figures) string { return f.Number(int64(o.Pages)) }},
	{words.TestRate, 11, 92, rate},
	{words.TestP50, 13, 106, func(o *lifecycle.ObjectProgress, f widget.Figures) string { return latency(o.P50, f) }},
	{words.TestP95, 9, 106, func(o *lifecycle.ObjectProgress, f widget.Figures) string { return latency(o.P95, f) }},
}

// total is how many records there are, where that is known.
func total(o *lifecycle.ObjectProgress, f widget.Figures) string {
	if o.Total < 0 {
		return widget.GlyphQuestion
	}
	return f.Number(int64(o.Total))
}

// rate is how many records come a second.
func rate(o *lifecycle.ObjectProgress, f widget.Figures) string {
	if o.Rate <= 0 {
		return words.None
	}
	return f.Rate(int64(o.Rate))
}

// latency is how long a request takes.
func latency(d time.Duration, f widget.Figures) string {
	if d <= 0 {
		return words.None
	}
	return f.Millis(d)
}

// nameWidth is the cells of an object's name.
const nameWidth = 12

// barWidth is the cells of a progress bar in w cells of room.
func barWidth(w int) int {
	n := w - nameWidth - 6
	for _, c := range columns {
		if w >= c.from {
			n -= c.width
		}
	}
	return max(0, min(n, 24))
}

// Objects are the objects of a running test: titles, then a line each.
func Objects(p *lifecycle.TestProgress, w int, f widget.Figures) []Line {
	bar := barWidth(w)
	out := []Line{func(b *widget.Buf) {
		b.Space(1)
		b.Fit(muted, words.TestObject, nameWidth)
		b.Fit(muted, words.TestProgress, bar+4)
		for _, c := range columns {
			if w >= c.from {
				b.Right(muted, c.title, c.width)
			}
		}
	}}
	for i := range p.Objects {
		o := &p.Objects[i]
		out = append(out, func(b *widget.Buf) { object(b, o, w, bar, f) })
	}
	return out
}

// object draws one object: its bar if the total is known, its sign, its figures.
func object(b *widget.Buf, o *lifecycle.ObjectProgress, w, bar int, f widget.Figures) {
	b.Space(1)
	b.Fit(plain, o.Name, nameWidth)
	from := b.Col()
	if o.Total > 0 {
		widget.Progress(b, bar, int64(o.Records), int64(o.Total))
	} else if o.Total == 0 && o.Outcome != "" {
		widget.Progress(b, bar, 1, 1)
	}
	b.To(from + bar + 2)
	sign := signOf(o)
	b.Glyph(sign.Style, sign.Glyph)
	b.To(from + bar + 4)
	for _, c := range columns {
		if w >= c.from {
			b.Right(muted, c.text(o, f), c.width)
		}
	}
}

// signOf is how far an object is.
func signOf(o *lifecycle.ObjectProgress) widget.Sign {
	if o.Running {
		return widget.Sign{Glyph: widget.GlyphEllipsis, Style: info}
	}
	return Sign(o.Outcome)
}

// Sign is the sign of an object's outcome.
func Sign(outcome string) widget.Sign {
	switch outcome {
	case lifecycle.OutcomeOK, lifecycle.OutcomeSampled, lifecycle.OutcomeCeiling:
		return widget.StepDone.Sign()
	case lifecycle.OutcomeFailed:
		return widget.StepFailed.Sign()
	case lifecycle.OutcomeSkipped, lifecycle.OutcomeCancelled:
		return widget.StepSkipped.Sign()
	}
	return widget.StepToCome.Sign()
}

// sparkWidth and quotaWidth are the cells of the two figures under the objects.
const (
	sparkWidth = 20
	quotaWidth = 20
)

// Figures are rate, quota and retries of a running test at a CRM.
func Figures(p *lifecycle.TestProgress, crm string, f widget.Figures) []Line {
	out := []Line{func(b *widget.Buf) {
		label(b, words.TestRate)
		rates := make([]int64, 0, len(p.Rates))
		for _, r := range p.Rates {
			rates = append(rates, int64(r))
		}
		widget.Spark(b, widget.Fg(themes.Fill), rates, sparkWidth)
		b.Space(2)
		b.Text(plain, words.TestRateNow(int64(p.Rate), int64(p.Best), f))
	}}
	if q := p.Quota; q.Max > 0 || q.DayMax > 0 {
		out = append(out, func(b *widget.Buf) {
			label(b, words.TestQuota)
			used, all := q.Used, q.Max
			if all <= 0 {
				used, all = q.DayUsed, q.DayMax
			}
			widget.Progress(b, quotaWidth, int64(used), int64(all))
			b.Space(2)
			b.Text(plain, widget.Cut(words.TestQuotaNow(q, f), b.Room()-1))
		})
	}
	if p.Retries > 0 || p.Waiting > 0 {
		out = append(out, func(b *widget.Buf) {
			label(b, words.TestRetries)
			b.Fit(plain, strconv.Itoa(p.Retries), 3)
			b.Text(muted, widget.Cut(words.TestWaits(p.Waiting, crm, p.WaitReason), b.Room()-1))
		})
	}
	return out
}

// label draws the label of a line of figures.
func label(b *widget.Buf, s string) {
	b.Space(1)
	b.Fit(muted, s, nameWidth)
}

// Results are the objects of a finished test: sign, records, what it proves or
// why it failed, and the masked rows.
func Results(run *store.TestRun, w int, f widget.Figures) []Line {
	var out []Line
	for i := range run.Objects {
		o := &run.Objects[i]
		out = append(out, func(b *widget.Buf) { result(b, o, w, f) })
	}
	for i := range run.Objects {
		for n, s := range run.Objects[i].Sample {
			if n == 0 {
				out = append(out, nothing)
			}
			name := ""
			if n == 0 {
				name = run.Objects[i].Name
			}
			out = append(out, func(b *widget.Buf) {
				b.Space(1)
				b.Fit(faint, name, nameWidth)
				b.Text(muted, widget.Cut(s, b.Room()-1))
			})
		}
	}
	return out
}

// roomForWords is from where on a scope has its verb.
const roomForWords = 72

// nothing is an empty line.
func nothing(*widget.Buf) {}

// result draws one object of a finished test.
func result(b *widget.Buf, o *store.TestObject, w int, f widget.Figures) {
	b.Space(1)
	b.Fit(plain, o.Name, nameWidth)
	sign := Sign(o.Outcome)
	b.Glyph(sign.Style, sign.Glyph)
	b.Space(1)
	n := words.None
	if o.Outcome != lifecycle.OutcomeFailed && o.Outcome != lifecycle.OutcomeSkipped {
		n = f.Number(int64(o.Records))
	}
	b.Right(plain, n, 8)
	of := ""
	if o.Total >= 0 && o.Outcome != lifecycle.OutcomeFailed {
		of = words.ReadOf + f.Number(int64(o.Total))
	}
	says := words.TestProves(o)
	if w < roomForWords {
		b.Fit(muted, of, 12)
		says = strings.TrimPrefix(says, words.ProvesWord)
	} else {
		b.Fit(muted, of, 15)
	}
	b.Text(muted, widget.Cut(says, b.Room()-1))
}
