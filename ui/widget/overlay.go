package widget

import (
	"bytes"

	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

// Overlay lays what was drawn into top over this buffer, its upper left at
// cell x, line y. Lines are cut by cells with their styles kept; both buffers
// stay as they are elsewhere. A cursor of top replaces that of b.
func (b *Buf) Overlay(top *Buf, x, y int) {
	out := b.spare[:0]
	under, over := b.b, top.Bytes()
	for row := 0; len(under) > 0 || len(over) > 0; row++ {
		var line, cover []byte
		line, under = firstLine(under)
		if row >= y && len(over) > 0 {
			cover, over = firstLine(over)
			out = splice(out, line, cover, x, top.width)
		} else {
			out = append(out, line...)
		}
		out = append(out, '\n')
	}
	b.b, b.spare = out, b.b
	b.adopt(top, x, y)
}

// firstLine parts what stands before the first newline from what follows it.
func firstLine(s []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(s, []byte{'\n'})
	return line, rest
}

// splice appends line with width cells from x on replaced by cover.
func splice(out, line, cover []byte, x, width int) []byte {
	whole := string(line)
	left := ansi.TruncateWc(whole, x, "")
	out = append(out, left...)
	out = append(out, "\x1b[m"...)
	out = append(out, blanks(x-ansi.StringWidthWc(left))...)
	out = append(out, cover...)
	if right := ansi.TruncateLeftWc(whole, x+width, ""); right != "" {
		if ansi.StringWidthWc(right) > ansi.StringWidthWc(whole)-x-width {
			// Half of a wide character is covered: a blank is left of it.
			out = append(out, ' ')
			right = ansi.TruncateLeftWc(whole, x+width+1, "")
		}
		out = append(out, right...)
		out = append(out, "\x1b[m"...)
	}
	return out
}

// Beside adds the lines of left and right to this buffer, parted by a line. The
// left one has to be padded (Buf.Pad); the shorter one is continued with empty
// lines. A cursor of either is taken over, the right one's first.
func (b *Buf) Beside(left, right *Buf) {
	top := b.row
	l, r := left.Bytes(), right.Bytes()
	for len(l) > 0 || len(r) > 0 {
		var a, c []byte
		a, l = firstLine(l)
		c, r = firstLine(r)
		b.b = append(b.b, a...)
		b.col = left.width
		if len(a) == 0 {
			b.col = 0
			b.Space(left.width)
		}
		b.inked = false
		b.Glyph(Fg(themes.Line), GlyphVLine)
		b.b = append(append(b.b, "\x1b[m"...), c...)
		b.cur, b.inked = Style{}, false
		b.b = append(b.b, '\n')
		b.col = 0
		b.row++
	}
	b.adopt(left, 0, top)
	b.adopt(right, left.width+1, top)
}

// adopt takes over the cursor of what was drawn elsewhere and put at x, y.
func (b *Buf) adopt(from *Buf, x, y int) {
	if cx, cy, ok := from.Cursor(); ok {
		b.cursor = cursorAt{x: x + cx, y: y + cy, set: true}
	}
}
