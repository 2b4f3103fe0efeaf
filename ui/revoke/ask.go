package revoke

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// line draws one line of a dialog.
type line = func(*widget.Buf)

// Styles of the dialogs.
var (
	plain  = widget.Fg(themes.Text)
	bold   = widget.Strong(themes.Text)
	muted  = widget.Fg(themes.Muted)
	code   = widget.Fg(themes.Code)
	danger = widget.Strong(themes.Danger)
)

// ask is the dialog with the double border: what stops working, how, and the
// name to be typed.
type ask struct {
	s     *session
	field widget.Field
	lines []line
	needs string // what has to be typed
}

// ranked is a line that gives way on a small screen, the highest rank first.
type ranked struct {
	line
	rank int
}

// The ranks: what dies with it stays longest, beside what always stays.
const (
	always = iota
	hangs  // another connection
	jobs
	how
	then
	gap
)

// as gives lines a rank.
func as(rank int, lines ...line) []ranked {
	var out []ranked
	for _, l := range lines {
		out = append(out, ranked{l, rank})
	}
	return out
}

// fit leaves out what has no room in h lines: lists line by line from their end,
// everything else whole.
func fit(list []ranked, h int) []line {
	for len(list) > h {
		last := -1
		for i := range list {
			if list[i].rank > always && (last < 0 || list[i].rank >= list[last].rank) {
				last = i
			}
		}
		if last < 0 {
			break
		}
		rank := list[last].rank
		if rank == hangs || rank == jobs {
			list = slices.Delete(list, last, last+1)
			continue
		}
		list = slices.DeleteFunc(list, func(r ranked) bool { return r.rank == rank })
	}
	var out []line
	for i := range list {
		out = append(out, list[i].line)
	}
	return out
}

// Most lines of each list: more would push the field off a small screen.
const (
	mostOthers = 3
	mostMany   = 7
)

// newAsk makes the lines for the screen as wide as it is now.
func newAsk(e *page.Env, s *session) *ask {
	a := &ask{s: s, needs: s.items[0].name}
	w := dialogRoom(e)
	list, typed := one(e, s.items[0], w), words.TypeName(s.items[0].name)
	if len(s.items) > 1 {
		a.needs = strconv.Itoa(len(s.items))
		list, typed = many(s.items, w), words.TypeCount(len(s.items))
	}
	list = append(append(list, as(gap, blank)...), as(always, text(plain, typed))...)
	a.lines = fit(list, max(12, e.Screen.Screen)-edges)
	return a
}

// edges is what of the dialog stands around its lines: two edges, the field, and
// the empty line under it.
const edges = 4

// dialogRoom is the cells of a dialog's line.
func dialogRoom(e *page.Env) int {
	_, _, w := widget.Dialog{}.Place(max(e.Screen.W, 40), max(e.Screen.Screen, 12))
	return widget.ContentWidth(w)
}

// blank is an empty line.
func blank(*widget.Buf) {}

// text is one line of text.
func text(st widget.Style, s string) line {
	return func(b *widget.Buf) {
		b.Space(1)
		b.Text(st, widget.Cut(s, b.Room()))
	}
}

// labelled is a text with a label before its first line.
func labelled(label, s string, st widget.Style, w int) []line {
	var out []line
	const labels = 5
	for i, t := range widget.Wrap(s, max(10, w-1-labels)) {
		first := i == 0
		out = append(out, func(b *widget.Buf) {
			b.Space(1)
			if first {
				b.Fit(bold, label, labels)
			} else {
				b.Space(labels)
			}
			b.Text(st, t)
		})
	}
	return out
}

// one is what hangs on one connection.
func one(e *page.Env, i *item, w int) []ranked {
	out := append(as(gap, blank), as(always, text(bold, words.RevokeStops))...)
	now, f := e.Now(), e.Figures()
	others := i.others()
	for n, c := range others {
		if n == mostOthers {
			out = append(out, as(hangs, text(muted, "  "+words.MoreOf(len(others)-n)))...)
			break
		}
		sign := widget.Sign{Glyph: widget.GlyphMid, Style: muted}
		if row, ok := e.Row(c.ID); ok {
			sign = row.Look.Sign
		}
		out = append(out, as(hangs, entry(sign, c.Name, words.DiesToo(&i.plan)))...)
	}
	for n, u := range i.plan.Jobs {
		if n == mostOthers {
			out = append(out, as(jobs, text(muted, "  "+words.MoreOf(len(i.plan.Jobs)-n)))...)
			break
		}
		out = append(out, as(jobs, entry(widget.Sign{Glyph: widget.GlyphMid, Style: muted}, u.Job, words.JobSays(u, now)))...)
	}
	if len(others)+len(i.plan.Jobs) == 0 {
		out = append(out, as(how, labelled("", words.RevokeNobody, muted, w)...)...)
	}
	out = append(out, as(gap, blank)...)
	out = append(out, as(how, labelled(words.RevokeHow, words.RevokeHowSays(&i.plan, i.crm, f, now), plain, w)...)...)
	out = append(out, as(then, labelled(words.RevokeThen, words.RevokeThenSays(&i.plan), plain, w)...)...)
	return append(out, as(always, labelled("", words.RevokeUndone, danger, w)...)...)
}

// entry is one that hangs on it: sign, name, why.
func entry(sign widget.Sign, name, why string) line {
	return func(b *widget.Buf) {
		b.Space(3)
		b.Glyph(sign.Style, sign.Glyph)
		b.Space(1)
		b.Name(plain, name, min(20, b.Room()/2))
		b.Space(1)
		b.Text(muted, widget.Cut(why, b.Room()))
	}
}

// many is a line for each of several.
func many(items []*item, w int) []ranked {
	out := append(as(gap, blank), as(always, text(bold, words.RevokeAll))...)
	for n, i := range items {
		if n == mostMany {
			out = append(out, as(always, text(muted, "  "+words.MoreOf(len(items)-n)))...)
			break
		}
		why := i.crm + words.Between + words.RevokeShort(&i.plan)
		if d := len(i.others()); d > 0 {
			why += words.Between + words.AlsoDies(d)
		}
		out = append(out, as(hangs, entry(i.row.Look.Sign, i.name, why))...)
	}
	out = append(out, as(gap, blank)...)
	return append(out, as(always, labelled("", words.RevokeUndone, danger, w)...)...)
}

// wideHints is from how many cells on the keys have room for whole phrases.
const wideHints = 50

// Frame implements page.Dialog.
func (a *ask) Frame(e *page.Env) widget.Dialog {
	enter := widget.Hint{Key: "enter", Label: words.HintRevoke}
	if n := a.missing(); n > 0 {
		enter.Label, enter.Off = words.HintRevoke+": "+words.Missing(n), true
		if dialogRoom(e) < wideHints {
			enter.Label = words.MissingShort(n)
		}
	}
	return widget.Dialog{
		Title: words.RevokeTitle(a.s.names()), Danger: true, Lines: len(a.lines) + 2,
		Hints: []widget.Hint{enter, {Key: "esc", Label: words.HintKeepIt}},
	}
}

// Line implements page.Dialog.
func (a *ask) Line(_ *page.Env, b *widget.Buf, i int) {
	switch {
	case i < len(a.lines):
		a.lines[i](b)
	case i == len(a.lines):
		widget.FocusBar(b, true)
		a.field.Draw(b, b.Room()-1, true)
		b.Space(b.Room())
	}
}

// Key implements page.Dialog.
func (a *ask) Key(e *page.Env, msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			e.Hide()
			return
		case "enter":
			if a.missing() == 0 {
				begin(e, a.s)
			}
			return
		}
	}
	a.field.Handle(msg)
}

// missing is how many letters are still to be typed; a wrong one counts as one.
func (a *ask) missing() int {
	typed, want := []rune(a.field.Value()), []rune(a.needs)
	same := 0
	for same < len(typed) && same < len(want) && typed[same] == want[same] {
		same++
	}
	return len(want) - same + len(typed) - same
}
