package wizard

import (
	"strconv"

	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// askLabels is the cells of the labels, at most.
const askLabels = 26

func (a *ask) content(_ *page.Env, w int) content {
	c := content{head: a.head(w)}
	rows := a.rows()
	labels := a.labels(w)
	for i, r := range rows {
		in := &a.inputs[r.in]
		if i == a.at {
			c.focus = len(c.body)
		}
		c.body = append(c.body, a.row(r, i == a.at, labels))
		if wrong := a.p.wrong; wrong != nil && wrong.Field == in.ID && (i == len(rows)-1 || rows[i+1].in != r.in) {
			c.body = append(c.body, fault(wrong, labels, w)...)
		} else if i == a.at {
			c.body = append(c.body, a.help(in, r.other, labels, w)...)
		}
	}
	if a.p.wrong != nil && a.p.wrong.Field == "" {
		c.foot = append(c.foot, fault(a.p.wrong, 0, w)...)
	}
	c.foot = append(c.foot, a.foot(w)...)
	c.spare = notes(a.p.step.Notes, w)
	return c
}

// labels is the cells of the labels here.
func (a *ask) labels(w int) int {
	n := 0
	for i := range a.inputs {
		n = max(n, widget.Width(words.FieldLabel(a.p.step.ID, a.inputs[i].ID, a.inputs[i].Label)))
	}
	return min(n+2, askLabels, w/2)
}

// head is the question, and what has to be done at the provider before.
func (a *ask) head(w int) []line {
	s := &a.p.step
	out := []line{said(span{bold, words.AskTitle(s.ID, a.crm)})}
	if s.ID == stepApp && len(s.Where) > 0 {
		out = append(out, said(span{muted, s.Where[0]}))
	}
	if s.RedirectURI != "" {
		out = append(out, empty, said(span{plain, "1  " + words.RegisterURI}),
			at(3, span{code, a.redirect()}, span{plain, "   "}, span{keyed, "ctrl+y"}, span{muted, " " + words.HintCopy}),
			said(span{plain, "2  " + words.CopyTwo}))
	}
	return append(out, empty)
}

// row draws one question with what is entered.
func (a *ask) row(r row, on bool, labels int) line {
	in := &a.inputs[r.in]
	return focused(on, func(b *widget.Buf) {
		label := words.FieldLabel(a.p.step.ID, in.ID, in.Label)
		if r.other {
			label = ""
		}
		st := muted
		if on {
			st = plain
		}
		b.Fit(st, label, labels)
		b.Space(1)
		switch {
		case r.other || !in.Bool && len(in.Choices) == 0:
			in.text.Draw(b, max(4, b.Room()-1), on)
		case in.Bool:
			either(b, []string{words.Yes, words.No}, map[bool]int{true: 0, false: 1}[in.yes])
		default:
			either(b, in.choiceLabels(), in.choice)
		}
	})
}

// choiceLabels are the ready answers, and that it can be typed.
func (in *input) choiceLabels() []string {
	var out []string
	for _, c := range in.Choices {
		out = append(out, words.ShortChoice(c.Label))
	}
	if in.Pattern != "" {
		out = append(out, words.AnotherValue)
	}
	return out
}

// either draws all choices in a row, the taken one marked.
func either(b *widget.Buf, labels []string, taken int) {
	for i, s := range labels {
		if i > 0 {
			b.Space(3)
		}
		if i == taken {
			b.Glyph(good, widget.GlyphCheck)
			b.Space(1)
			b.Text(bold, widget.Cut(s, b.Room()-1))
		} else {
			b.Space(2)
			b.Text(faint, widget.Cut(s, b.Room()-1))
		}
	}
}

// help is what the question in focus means.
func (a *ask) help(in *input, other bool, labels, w int) []line {
	text := words.FieldHelp(a.p.step.ID, in.ID, in.Help)
	if c, ok := in.chosen(); ok && len(in.Choices) > 0 && !other {
		text = words.ChoiceHelp(c.Value, c.Label, text)
	}
	if in.Secret && in.text.Note() != widget.NoteNone {
		return wrapped(warn, words.FieldNote(in.text.Note()), labels+1, w)
	}
	if in.Secret && text == "" {
		text = words.SecretHelp
	}
	if text == "" {
		return nil
	}
	return wrapped(faint, text, labels+1, w)
}

// foot is the way through the provider's console, and what is good to know.
func (a *ask) foot(w int) []line {
	s := &a.p.step
	var out []line
	switch s.ID {
	case stepApp:
		if len(s.Where) > 1 {
			out = append(out, empty, said(span{muted, words.WayThere(a.crm)}))
			for i, step := range s.Where[1:] {
				out = append(out, labelled(span{faint, strconv.Itoa(i + 1)}, muted, step, 0, 3, w)...)
			}
		}
	case stepKey:
		out = append(out, a.keyFoot(w)...)
	}
	return out
}

// keyFoot tells where the kind of key in question is made, and that it is tried first.
func (a *ask) keyFoot(w int) []line {
	out := append([]line{empty}, wrapped(muted, words.KeyTried(a.crm), 0, w)...)
	n := 0
	for i := range a.inputs {
		if len(a.inputs[i].Choices) > 0 {
			n = a.inputs[i].choice
		}
	}
	if n < len(a.p.step.Where) {
		out = append(out, empty)
		out = append(out, wrapped(plain, words.MadeAt+a.p.step.Where[n], 0, w)...)
	}
	return out
}
