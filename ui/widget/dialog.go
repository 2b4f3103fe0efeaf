package widget

import "crmdeck/themes"

// Dialog is the frame of a dialog: title in the upper edge, keys in the lower.
// It has no buttons. Danger gives it the double border, which nothing else in
// the program has: only what cannot be undone may set it.
type Dialog struct {
	Title  string
	Hints  []Hint
	Danger bool
	// Lines is how many lines stand between the edges; it does not change while
	// the dialog is open.
	Lines int
}

// dialogWidth is the width of a dialog where the screen has it; dialogMargin
// what it leaves of a narrower one.
const (
	dialogWidth  = 76
	dialogMargin = 4
)

// dialogPad is the cells of a line beside its content: edge and blank, twice.
const dialogPad = 4

// border is the glyphs of a frame.
type border struct{ topLeft, topRight, bottomLeft, bottomRight, across, down string }

// The two frames: one line, and two for what cannot be undone.
var (
	single = border{"┌", "┐", "└", "┘", "─", "│"}
	double = border{"╔", "╗", "╚", "╝", "═", "║"}
)

// Place is where the dialog stands on a screen: in the middle, its upper edge
// at a fifth of the height, further up only if it would not fit.
func (d Dialog) Place(screenWidth, screenHeight int) (x, y, width int) {
	width = max(0, min(dialogWidth, screenWidth-dialogMargin))
	y = min(screenHeight/5, screenHeight-d.Lines-2)
	return (screenWidth - width) / 2, max(0, y), width
}

// ContentWidth is the cells of a line between blanks and edges.
func ContentWidth(width int) int { return max(0, width-dialogPad) }

// border is the dialog's frame and how it is drawn.
func (d Dialog) border() (border, Style) {
	if d.Danger {
		return double, Style{Fg: themes.Danger, Bg: themes.Raised, Attr: Bold}
	}
	return single, Style{Fg: themes.Line, Bg: themes.Raised}
}

// Draw draws the dialog in the width of b. It calls line for each content line
// i, from 0, which draws on b as if that were ContentWidth cells wide, and does
// not end the line. Cell 0 is for text, or for the focus bar of what stands a
// cell further in.
func (d Dialog) Draw(b *Buf, line func(b *Buf, i int)) {
	f, st := d.border()
	d.edge(b, f.topLeft, f.topRight, func(room int) {
		title := Cut(d.Title, room)
		titleStyle := Style{Fg: themes.Text, Attr: Bold}
		if d.Danger {
			titleStyle = st
		}
		b.Text(titleStyle, title)
	})
	width := b.width
	for i := range d.Lines {
		b.Ground(themes.Raised, 0)
		b.Glyph(st, f.down)
		b.Space(1)
		b.inset(2, width-2)
		line(b, i)
		b.Space(b.Room())
		b.inset(0, width)
		b.Ground(themes.Raised, 0)
		b.Space(1)
		b.Glyph(st, f.down)
		b.Line()
	}
	d.edge(b, f.bottomLeft, f.bottomRight, func(room int) { drawHints(b, d.Hints, dialogGap, room) })
}

// edge draws one edge: corner, line, blank, what stands in it, blank, line.
func (d Dialog) edge(b *Buf, left, right string, in func(room int)) {
	f, st := d.border()
	b.Ground(themes.Raised, 0)
	b.Glyph(st, left)
	b.Glyph(st, f.across)
	b.Space(1)
	at := b.Col()
	in(b.width - at - 3)
	if b.Col() > at {
		b.Space(1)
	}
	b.repeat(st, f.across, b.width-1-b.Col())
	b.Glyph(st, right)
	b.Line()
}

// HintAt is the hint under cell x of the lower edge, for clicks.
func (d Dialog) HintAt(width, x int) (Hint, bool) {
	return hintAt(d.Hints, dialogGap, width-6, x-3)
}
