package widget

import (
	"bytes"

	"github.com/charmbracelet/x/ansi"
)

// Overlay lays what was drawn into top over this buffer, its upper left at
// cell x, line y. Lines are cut by cells with their styles kept; both buffers
// stay as they are elsewhere. A cursor of top replaces that of b.
func (b *Buf) Overlay(top *Buf, x, y int) {
	out := b.spare[:0]
	under, over := b.b, top.Bytes()
	for row := 0; len(under) > 0 || (row >= y && len(over) > 0); row++ {
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
	if cx, cy, ok := top.Cursor(); ok {
		b.cursor = cursorAt{x: x + cx, y: y + cy, set: true}
	}
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
		out = append(out, right...)
		out = append(out, "\x1b[m"...)
	}
	return out
}
