package revoke

import (
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

// Most lines of each list: more would push the field off a small screen.
const (
	mostOthers = 3
	mostMany   = 7
)

// newAsk makes the lines for the screen as wide as it is now.
func newAsk(e *page.Env, s *session) *ask {
	a := &ask{s: s, needs: s.items[0].name}
	w := dialogRoom(e)
	if len(s.items) == 1 {
		a.lines = one(e, s.items[0], w)
	} else {
		a.needs = strconv.Itoa(len(s.items))
		a.lines = many(s.items, w)
	}
	typed := words.TypeName(s.items[0].name)
	if len(s.items) > 1 {
		typed = words.TypeCount(len(s.items))
	}
	a.lines = append(a.lines, blank, text(plain, typed))
	return a
}

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
func one(e *page.Env, i *item, w int) []line {
	out := []line{blank, text(bold, words.RevokeStops)}
	now, f := e.Now(), e.Figures()
	others := i.others()
	for n, c := range others {
		if n == mostOthers {
			out = append(out, text(muted, "  "+words.MoreOf(len(others)-n)))
			break
		}
		sign := widget.Sign{Glyph: widget.GlyphMid, Style: muted}
		if row, ok := e.Row(c.ID); ok {
			sign = row.Look.Sign
		}
		out = append(out, entry(sign, c.Name, words.DiesToo(&i.plan)))
	}
	for n, u := range i.plan.Jobs {
		if n == mostOthers {
			out = append(out, text(muted, "  "+words.MoreOf(len(i.plan.Jobs)-n)))
			break
		}
		out = append(out, entry(widget.Sign{Glyph: widget.GlyphMid, Style: muted}, u.Job, words.JobSays(u, now)))
	}
	if len(others)+len(i.plan.Jobs) == 0 {
		out = append(out, labelled("", words.RevokeNobody, muted, w)...)
	}
	out = append(out, blank)
	out = append(out, labelled(words.RevokeHow, words.RevokeHowSays(&i.plan, i.crm, f, now), plain, w)...)
	out = append(out, labelled(words.RevokeThen, words.RevokeThenSays(&i.plan), plain, w)...)
	return append(out, labelled("", words.RevokeUndone, danger, w)...)
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
func many(items []*item, w int) []line {
	out := []line{blank, text(bold, words.RevokeAll)}
	for n, i := range items {
		if n == mostMany {
			out = append(out, text(muted, "  "+words.MoreOf(len(items)-n)))
			break
		}
		why := i.crm + words.Between + words.RevokeShort(&i.plan)
		if d := len(i.others()); d > 0 {
			why += words.Between + words.AlsoDies(d)
		}
		out = append(out, entry(i.row.Look.Sign, i.name, why))
	}
	out = append(out, blank)
	return append(out, labelled("", words.RevokeUndone, danger, w)...)
}

// Frame implements page.Dialog.
func (a *ask) Frame(*page.Env) widget.Dialog {
	enter := widget.Hint{Key: "enter", Label: words.HintRevoke}
	if n := a.missing(); n > 0 {
		enter.Label, enter.Off = words.HintRevoke+": "+words.Missing(n), true
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
