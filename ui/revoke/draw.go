package revoke

import (
	"strconv"

	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// The height of the dialog: as much evidence as is usual, less on small screens.
const (
	runMost  = 12
	runLeast = 7
)

// runLines is the height of the dialog on this screen.
func runLines(e *page.Env) int { return max(runLeast, min(runMost, e.Screen.Screen-8)) }

// Frame implements page.Dialog.
func (r *run) Frame(e *page.Env) widget.Dialog {
	d := widget.Dialog{Lines: r.height, Title: words.RevokeTitle(r.s.names())}
	i := r.now()
	switch {
	case r.inGrace():
		d.Hints = []widget.Hint{{Key: "u", Label: words.HintUndo}}
	case !r.done() && i.news.waiting:
		d.Hints = []widget.Hint{{Key: "o", Label: words.HintConsole}, {Key: "esc", Label: words.HintLeaveQueue},
			{Key: "y", Label: words.HintCopyURL}}
		if e.Deps.Demo != nil {
			d.Hints = append([]widget.Hint{{Key: "i", Label: words.HintRetire}}, d.Hints...)
		}
	case !r.done():
		d.Hints = []widget.Hint{{Key: "esc", Label: words.HintLeaveGoes}}
	default:
		if len(r.s.items) == 1 && i.told == nil {
			d.Title = words.VerdictTitle(i.name, &i.rev)
		}
		d.Hints = []widget.Hint{{Key: "enter", Label: words.HintToDeck}}
		if r.mayProbe() {
			d.Hints = append(d.Hints, widget.Hint{Key: "r", Label: words.HintProbe})
			if !i.byAPI() && i.plan.ConsoleURL != "" {
				d.Hints = append(d.Hints, widget.Hint{Key: "o", Label: words.HintConsole})
			}
		}
		if r.mayReconnect() {
			d.Hints = append(d.Hints, widget.Hint{Key: "c", Label: words.HintOwnKey})
		}
	}
	return d
}

// Line implements page.Dialog.
func (r *run) Line(e *page.Env, b *widget.Buf, n int) {
	lines := r.lines(e)
	if n > 0 && n-1 < len(lines) {
		lines[n-1](b)
	}
}

// lines is everything between the edges.
func (r *run) lines(e *page.Env) []line {
	w := dialogRoom(e)
	switch {
	case r.inGrace():
		left := r.until.Sub(e.Deps.Real.Now())
		out := []line{head(func(b *widget.Buf) {
			b.Text(widget.Strong(themes.Info), words.GraceHead+widget.Figures{}.Left(max(0, left)))
		}), blank}
		for _, s := range widget.Wrap(words.GraceSays, w-2) {
			out = append(out, text(muted, s))
		}
		return out
	case len(r.s.items) > 1:
		return r.several(e)
	}
	return r.single(e, w)
}

// head is the first line of the dialog, which has the focus: nothing else can.
func head(rest line) line {
	return func(b *widget.Buf) {
		b.MarkCursor()
		b.Glyph(widget.Fg(themes.Accent), widget.GlyphBar)
		rest(b)
	}
}

// single is one revocation: its verdict or what is waited for, then the evidence.
func (r *run) single(e *page.Env, w int) []line {
	i := r.now()
	var out []line
	switch {
	case i.told != nil:
		out = explained(i.told, w)
	case i.over:
		out = verdict(e, i, w)
	case i.news.waiting:
		out = waiting(e, i, w)
	default:
		out = []line{head(func(b *widget.Buf) {
			b.Glyph(widget.StepRuns.Sign().Style, widget.StepRuns.Sign().Glyph)
			b.Text(plain, " "+words.RevokeRun)
		})}
	}
	out = append(out, blank)
	var tail []line
	if i.dead() {
		for _, c := range i.others() {
			tail = append(tail, entry(widget.Sign{Glyph: widget.GlyphCross, Style: widget.Strong(themes.Bad)}, c.Name, words.HadTheSame(&i.plan)))
		}
		tail = tail[:min(2, len(tail))]
	}
	room := r.height - 2 - len(out) - len(tail)
	if len(tail) > 0 {
		room--
	}
	steps := i.news.steps[max(0, len(i.news.steps)-max(1, room)):]
	for n := range steps {
		out = append(out, evidence(e, &steps[n]))
	}
	if len(tail) > 0 {
		out = append(append(out, blank), tail...)
	}
	return out
}

// signOf is the sign of an outcome.
func signOf(r *store.Revocation) widget.Sign {
	outcome := words.Outcome(r)
	if sign, ok := widget.VerdictSign(outcome); ok {
		return sign
	}
	sign, _, _ := widget.StateSign(outcome)
	return sign
}

// verdict is what it came to.
func verdict(e *page.Env, i *item, w int) []line {
	sign := signOf(&i.rev)
	word := sign.Word
	if i.rev.Verdict == store.VerdictDiesAt {
		word += " " + e.Figures().Clock(i.rev.DiesAt)
	}
	const verdictWidth = 18 // "… dies at 17:16"
	var out []line
	for n, s := range widget.Wrap(words.VerdictSays(&i.plan, &i.rev, i.crm, e.Figures(), e.Now()), max(10, w-verdictWidth-2)) {
		rest := func(b *widget.Buf) {
			b.To(verdictWidth)
			b.Text(plain, s)
		}
		if n == 0 {
			rest = head(func(b *widget.Buf) {
				b.Glyph(sign.Style, sign.Glyph)
				b.Text(sign.Style, " "+word)
				b.To(verdictWidth)
				b.Text(plain, s)
			})
		}
		out = append(out, rest)
	}
	return out
}

// waiting is a console that is waited for.
func waiting(e *page.Env, i *item, w int) []line {
	next := i.news.next.Sub(e.Deps.Real.Now())
	out := []line{head(func(b *widget.Buf) {
		b.Glyph(widget.Fg(themes.Info), widget.GlyphEllipsis)
		b.Text(plain, " "+words.StillWorks(i.news.asked, max(0, next)))
	})}
	if i.plan.ConsoleURL == "" {
		return out
	}
	for _, s := range widget.Wrap(words.OpenIt(), max(10, w-2)) {
		out = append(out, text(muted, s))
	}
	for url := i.plan.ConsoleURL; url != ""; {
		n := min(len(url), max(10, w-2))
		out = append(out, text(code, url[:n]))
		url = url[n:]
	}
	return out
}

// explained is what went wrong.
func explained(x *words.Explanation, w int) []line {
	out := []line{head(func(b *widget.Buf) {
		b.Glyph(widget.Strong(themes.Bad), widget.GlyphCross)
		b.Text(bold, " "+widget.Cut(x.Headline, b.Room()-2))
	})}
	for _, s := range widget.Wrap(x.Why, max(10, w-2)) {
		out = append(out, text(plain, s))
	}
	return out
}

// evidence is one line of it: when, what, the status, what it means.
func evidence(e *page.Env, s *store.Step) line {
	return func(b *widget.Buf) {
		b.Space(3)
		b.Text(muted, e.Figures().Evidence(s.At))
		b.Space(3)
		b.Text(plain, widget.Cut(s.What, b.Room()-12))
		if s.HTTP > 0 {
			b.Space(2)
			b.Text(code, strconv.Itoa(s.HTTP))
		}
		if s.Note != "" {
			b.Space(2)
			b.Text(muted, widget.Cut(s.Note, b.Room()))
		}
	}
}

// several is a line for each, with its verdict as it comes.
func (r *run) several(e *page.Env) []line {
	dead := 0
	for _, i := range r.s.items {
		if i.dead() {
			dead++
		}
	}
	out := []line{head(func(b *widget.Buf) { b.Text(bold, words.RevokedMany(dead, len(r.s.items))) }), blank}
	room := r.height - 4
	from := max(0, min(r.at-room/2, len(r.s.items)-room))
	for n := from; n < min(len(r.s.items), from+room); n++ {
		out = append(out, r.row(e, r.s.items[n]))
	}
	return out
}

// row is one of several.
func (r *run) row(e *page.Env, i *item) line {
	sign, says := widget.StepToCome.Sign(), i.crm+words.Between+words.RevokeShort(&i.plan)
	switch {
	case i.told != nil:
		sign, says = widget.StepFailed.Sign(), i.told.Headline
	case i.over:
		sign = signOf(&i.rev)
		says = sign.Word + words.Between + words.VerdictSays(&i.plan, &i.rev, i.crm, e.Figures(), e.Now())
	case i.began:
		sign = widget.StepRuns.Sign()
	}
	return entry(sign, i.name, says)
}
