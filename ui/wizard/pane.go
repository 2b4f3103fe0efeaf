package wizard

import (
	"slices"

	"crmdeck/themes"
	"crmdeck/ui/widget"
)

// line draws one line of a panel, from the cell of its focus bar on. The zero
// line is empty.
type line = func(*widget.Buf)

// content is what a panel shows: head and foot stay, body scrolls so that its
// line focus shows (-1: none of it has the focus).
type content struct {
	head, body, foot []line
	focus            int
	// spare is shown below only if all the rest has room.
	spare []line
	// wrong is what went wrong with the last answer, after an empty line.
	wrong []line
}

// Styles of panels.
var (
	plain = widget.Fg(themes.Text)
	bold  = widget.Strong(themes.Text)
	muted = widget.Fg(themes.Muted)
	faint = widget.Fg(themes.Faint)
	code  = widget.Fg(themes.Code)
	keyed = widget.Strong(themes.Accent)
	info  = widget.Fg(themes.Info)
	good  = widget.Fg(themes.Good)
	warn  = widget.Strong(themes.Warn)
	bad   = widget.Strong(themes.Bad)
)

// span is a piece of a line.
type span struct {
	st   widget.Style
	text string
}

// said is a line of pieces, without focus.
func said(spans ...span) line { return at(0, spans...) }

// at is said, indented.
func at(indent int, spans ...span) line {
	return func(b *widget.Buf) {
		b.Space(1 + indent)
		for _, s := range spans {
			b.Text(s.st, widget.Cut(s.text, b.Room()-1))
		}
	}
}

// focused draws the focus bar, or a blank, and then the rest.
func focused(on bool, rest func(*widget.Buf)) line {
	return func(b *widget.Buf) {
		widget.FocusBar(b, on)
		rest(b)
		if on {
			b.Space(b.Room())
		}
	}
}

// empty is an empty line.
func empty(*widget.Buf) {}

// wrapped breaks a text into lines of w cells.
func wrapped(st widget.Style, text string, indent, w int) []line {
	var out []line
	for _, s := range widget.Wrap(text, max(10, w-indent-2)) {
		out = append(out, at(indent, span{st, s}))
	}
	return out
}

// labelled is a text with a label in front of its first line.
func labelled(label span, st widget.Style, text string, indent, labels, w int) []line {
	var out []line
	for i, s := range widget.Wrap(text, max(10, w-indent-labels-2)) {
		first := i == 0
		out = append(out, func(b *widget.Buf) {
			b.Space(1 + indent)
			from := b.Col()
			if first {
				b.Text(label.st, label.text)
			}
			b.To(from + labels)
			b.Text(st, s)
		})
	}
	return out
}

// hardWrapped breaks what has no blanks, an address, every w cells.
func hardWrapped(st widget.Style, text string, w, most int) []line {
	var out []line
	w = max(10, w-2)
	for len(text) > 0 {
		n := min(w, len(text))
		if len(out) == most-1 && n < len(text) {
			out = append(out, said(span{st, text[:n-1] + widget.GlyphEllipsis}))
			break
		}
		out = append(out, said(span{st, text[:n]}))
		text = text[n:]
	}
	return out
}

// least is how many lines of a body always show, leastWrong how many beside what went wrong.
const (
	least      = 7
	leastWrong = 3
)

// fitted is the lines of a content in h rows: the body scrolls, and what is
// spare goes first; what went wrong goes last.
func (c content) fitted(h int) []line {
	foot, floor := slices.Concat(c.foot, c.wrong), least
	tall := len(c.head) + len(c.body) + len(foot)
	switch {
	case tall+len(c.spare) <= h:
		foot = append(foot, c.spare...)
	case tall > h && len(c.wrong) > 0:
		foot, floor = slices.Concat(c.wrong[1:], c.foot), leastWrong
	}
	foot = foot[:max(0, min(len(foot), h-len(c.head)-min(len(c.body), floor)))]
	room := h - len(c.head) - len(foot)
	body := c.body
	if room < len(body) && room > 0 {
		from := max(0, min(c.focus-room/2, len(body)-room))
		body = append([]line(nil), body[from:from+room]...)
		if from > 0 {
			body[0] = more
		}
		if from+room < len(c.body) {
			body[room-1] = more
		}
	}
	lines := append(append(append([]line(nil), c.head...), body...), foot...)
	return lines[:min(h, len(lines))]
}

// more marks lines that do not show.
func more(b *widget.Buf) {
	b.Space(1)
	b.Text(faint, widget.GlyphEllipsis)
}
