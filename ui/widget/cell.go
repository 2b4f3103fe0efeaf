package widget

import (
	"unicode/utf8"

	"crmdeck/themes"
)

// maxSegments is how many differently styled pieces one cell can have; the
// most that a column of the deck needs is four.
const maxSegments = 8

// segment is one piece of a cell: a range of the cell's bytes and its width.
type segment struct {
	style    Style
	from, to int
	cells    int
}

// Cell collects what one cell of a table shows; the table then aligns it. It
// is reused for every cell, so nothing in it may be kept.
type Cell struct {
	b     []byte
	segs  [maxSegments]segment
	n     int
	cells int
	// Ground is behind the whole cell; Plain leaves that of the row. A cell
	// that just changed by itself sets themes.Glow.
	Ground themes.Role
	// Room is the column's width, for content that adapts to it.
	Room int
}

var _ Inker = (*Cell)(nil)

// reset empties the cell for the next one.
func (c *Cell) reset(room int) {
	c.b, c.n, c.cells, c.Ground, c.Room = c.b[:0], 0, 0, themes.Plain, room
}

// Text adds a piece of text; foreign text is cleaned.
func (c *Cell) Text(st Style, s string) {
	s, w := safe(s)
	c.add(st, s, w)
}

// Glyph adds a string of glyphs and ASCII, one cell each.
func (c *Cell) Glyph(st Style, s string) { c.add(st, s, utf8.RuneCountInString(s)) }

// Bytes adds ASCII that was formatted into a caller's buffer, as the Append
// functions do; it allocates nothing.
func (c *Cell) Bytes(st Style, b []byte) {
	if c.n == maxSegments {
		return
	}
	from := len(c.b)
	c.b = append(c.b, b...)
	c.close(st, from, utf8.RuneCount(b))
}

// Pad adds n blanks.
func (c *Cell) Pad(n int) {
	if n > 0 {
		c.add(Style{}, blanks(n), n)
	}
}

// Right adds s at the right of w cells.
func (c *Cell) Right(st Style, s string, w int) {
	s, have := safe(s)
	c.Pad(w - have)
	c.add(st, s, have)
}

// Width is how many cells were added so far.
func (c *Cell) Width() int { return c.cells }

// add appends one piece; pieces beyond maxSegments are dropped.
func (c *Cell) add(st Style, s string, w int) {
	if c.n == maxSegments || s == "" {
		return
	}
	from := len(c.b)
	c.b = append(c.b, s...)
	c.close(st, from, w)
}

// close makes a segment of what was appended since from.
func (c *Cell) close(st Style, from, w int) {
	c.segs[c.n] = segment{style: st, from: from, to: len(c.b), cells: w}
	c.n++
	c.cells += w
}

// draw writes the cell in w cells of b; what is left of them is blank unless
// the cell has a ground of its own. A right-aligned cell may take spill
// cells of the gap at its left: "over 38m" is one wider than its column.
func (c *Cell) draw(b *Buf, col *Column, w, spill int) {
	over := max(0, min(c.cells-w, spill))
	if col.Align == AlignRight {
		b.blank(c.Ground, w-c.cells)
		w += over
	}
	from := b.col
	for i := range c.n {
		c.drawSegment(b, col, &c.segs[i], from+w-b.col)
	}
	if col.Align != AlignRight && c.Ground != themes.Plain {
		b.blank(c.Ground, from+w-b.col)
	}
}

// drawSegment writes one piece in at most room cells.
func (c *Cell) drawSegment(b *Buf, col *Column, s *segment, room int) {
	st := s.style
	if st.Bg == themes.Plain {
		st.Bg = c.Ground
	}
	if s.cells <= room && s.cells <= b.Room() {
		b.ink(st)
		b.putBytes(c.b[s.from:s.to], s.cells)
		return
	}
	cut := Cut
	if col.Middle {
		cut = CutMiddle
	}
	b.Text(st, cut(string(c.b[s.from:s.to]), room))
}
