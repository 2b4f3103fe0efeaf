package widget

import (
	"bytes"
	"unicode/utf8"

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
	left := cut(line, x)
	out = append(out, line[:left.at]...)
	out = append(out, reset...)
	out = append(out, blanks(x-left.cells)...)
	out = append(out, cover...)
	right := cut(line, x+width)
	if right.at == len(line) {
		return out
	}
	if right.cells < x+width {
		// Half of the next, wide character is covered: a blank for the other.
		_, size := utf8.DecodeRune(line[right.at:])
		right.at += size
		out = append(out, ' ')
	}
	out = append(out, right.style...)
	return append(out, line[right.at:]...)
}

// reset ends all styles.
const reset = "\x1b[m"

// place in a drawn line: the byte where a cell begins, or where the wide
// character begins whose second half it is; the cells before that byte; and the
// sequence that is in force there.
type place struct {
	at, cells int
	style     []byte
}

// cut finds a cell in a line that a Buf drew. Such a line holds text and the
// sequences of a Painter, each of which sets a whole style, so that the last
// one before a place is all that holds there.
func cut(line []byte, cell int) place {
	var p place
	for p.at < len(line) {
		if line[p.at] == '\x1b' {
			n := bytes.IndexByte(line[p.at:], 'm') + 1
			p.style = line[p.at : p.at+n]
			p.at += n
			continue
		}
		size, w := 1, 1
		if line[p.at] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRune(line[p.at:])
			if _, ok := twin(r); !ok {
				w = ansi.StringWidthWc(string(r))
			}
		}
		if p.cells+w > cell {
			return p
		}
		p.at += size
		p.cells += w
	}
	return p
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
		b.b = append(append(b.b, reset...), c...)
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
