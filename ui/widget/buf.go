package widget

import (
	"unicode/utf8"

	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

// Inker is what text can be drawn on: a Buf, or one Cell of a table.
type Inker interface {
	// Text draws one line of text; foreign text is cleaned.
	Text(Style, string)
	// Glyph draws a string made of this package's glyphs and ASCII only.
	Glyph(Style, string)
}

// Buf is a frame in the making: lines of styled text, appended to one reused
// buffer. It knows the cell it stands on, clips at its width, and pads lines
// where the ground is painted. Not for concurrent use.
type Buf struct {
	p      *Painter
	b      []byte
	width  int
	left   int   // cell that counts as 0 for what draws now (see inset)
	col    int   // cells written on this line
	row    int   // lines finished
	cur    Style // what the terminal would draw with now
	inked  bool  // a sequence was sent on this line
	ground themes.Role
	weight Attr
	cursor cursorAt
	full   bool   // pad every line
	under  bool   // a dialog has the focus: no bar is drawn
	spare  []byte // the other half of Overlay
}

// cursorAt is where the real cursor shall stand.
type cursorAt struct {
	x, y int
	set  bool
}

var _ Inker = (*Buf)(nil)

// NewBuf makes an empty buffer that draws with p, width cells wide.
func NewBuf(p *Painter, width int) *Buf {
	b := &Buf{b: make([]byte, 0, 16<<10)}
	b.Reset(p, width)
	return b
}

// Reset empties the buffer for the next frame and keeps its memory.
func (b *Buf) Reset(p *Painter, width int) {
	*b = Buf{p: p, b: b.b[:0], width: max(0, width), spare: b.spare}
}

// Painter is what the buffer draws with.
func (b *Buf) Painter() *Painter { return b.p }

// Width is the buffer's width in cells; within a dialog, that of its content.
func (b *Buf) Width() int { return b.width - b.left }

// Col is the cell, from 0, that is drawn next on this line.
func (b *Buf) Col() int { return b.col - b.left }

// Row is the line, from 0, that is drawn on.
func (b *Buf) Row() int { return b.row }

// Room is how many cells are left on this line.
func (b *Buf) Room() int { return max(0, b.width-b.col) }

// Ground sets what lies behind text without a ground of its own, and an
// attribute that is added to all text, until the line ends. The focused row is
// Ground(themes.Focus, 0).
func (b *Buf) Ground(ground themes.Role, weight Attr) { b.ground, b.weight = ground, weight }

// Text draws s, cleaned, clipped at the width.
func (b *Buf) Text(st Style, s string) {
	if !plain(s) {
		b.foreign(st, s)
		return
	}
	if len(s) > b.Room() {
		s = s[:b.Room()]
	}
	b.put(st, s, len(s))
}

// foreign is Text for what is not printable ASCII.
func (b *Buf) foreign(st Style, s string) {
	s, w := safe(s)
	if w > b.Room() {
		s = ansi.TruncateWc(s, b.Room(), "")
		w = ansi.StringWidthWc(s)
	}
	b.put(st, s, w)
}

// Glyph draws a string of glyphs and ASCII, one cell each.
func (b *Buf) Glyph(st Style, s string) {
	if b.under && s == GlyphBar {
		s = " "
	}
	w := utf8.RuneCountInString(s)
	for w > b.Room() {
		_, size := utf8.DecodeLastRuneInString(s)
		s, w = s[:len(s)-size], w-1
	}
	b.put(st, s, w)
}

// put appends what is known to fit.
func (b *Buf) put(st Style, s string, w int) {
	if s == "" {
		return
	}
	b.ink(st)
	b.b = b.p.glyphs.append(b.b, s)
	b.col += w
}

// putBytes is put for bytes of a Cell, which is known to fit and inked.
func (b *Buf) putBytes(s []byte, w int) {
	if b.p.glyphs.ascii {
		b.b = b.p.glyphs.append(b.b, string(s))
	} else {
		b.b = append(b.b, s...)
	}
	b.col += w
}

// ink switches to a style, if it is another one.
func (b *Buf) ink(st Style) {
	if st.Bg == themes.Plain {
		st.Bg = b.ground
	}
	st.Attr |= b.weight
	if st == b.cur && (b.inked || !b.p.theme.PaintBg) {
		return
	}
	b.b = append(b.b, b.p.sequence(st)...)
	b.cur, b.inked = st, true
}

// Space draws n blanks on the ground of the line.
func (b *Buf) Space(n int) { b.blank(themes.Plain, n) }

// blank draws n blanks on a ground, clipped at the width. A blank has no
// letter, so the style that is on stays on if its ground is the same.
func (b *Buf) blank(ground themes.Role, n int) {
	n = min(n, b.Room())
	if n <= 0 {
		return
	}
	if ground == themes.Plain {
		ground = b.ground
	}
	if ground != b.cur.Bg || reversed(ground) || b.cur.Attr&Underline != 0 || !b.inked {
		b.ink(Style{Bg: ground})
	}
	b.b = append(b.b, blanks(n)...)
	b.col += n
}

// To moves to cell col of this line with blanks; it never moves back.
func (b *Buf) To(col int) { b.Space(col - b.Col()) }

// Fit draws s in exactly w cells: cut at its end, or padded.
func (b *Buf) Fit(st Style, s string, w int) {
	s = Cut(s, min(w, b.Room()))
	from := b.col
	b.Text(st, s)
	b.Space(from + w - b.col)
}

// Name draws a name in exactly w cells: cut in its middle, or padded.
func (b *Buf) Name(st Style, s string, w int) { b.Fit(st, CutMiddle(s, w), w) }

// Right draws s at the right of w cells: cut at its end, or padded.
func (b *Buf) Right(st Style, s string, w int) {
	s = Cut(s, w)
	b.Space(w - Width(s))
	b.Text(st, s)
}

// AtRight draws s so that it ends at the last cell but margin, if there is
// room after what was drawn already; ok tells.
func (b *Buf) AtRight(st Style, s string, margin int) (ok bool) {
	col := b.Width() - margin - Width(s)
	if col <= b.Col() && b.Col() > 0 {
		return false
	}
	b.To(col)
	b.Text(st, s)
	return true
}

// Line ends the line: the rest is padded where its ground is painted.
func (b *Buf) Line() {
	if b.full || b.ground != themes.Plain || b.p.theme.PaintBg {
		b.Space(b.Room())
	}
	if b.inked {
		b.b = append(b.b, reset...)
		b.cur, b.inked = Style{}, false
	}
	b.b = append(b.b, '\n')
	b.ground, b.weight = themes.Plain, 0
	b.col = 0
	b.row++
}

// Lines ends n lines, empty ones after the first.
func (b *Buf) Lines(n int) {
	for range n {
		b.Line()
	}
}

// Pad makes every line as wide as the buffer until the next Reset, as the left
// one of two that stand side by side has to be.
func (b *Buf) Pad() { b.full = true }

// Under says until the next Reset that a dialog will be laid over what is drawn
// and has the focus: focus bars are left out, since there is exactly one.
func (b *Buf) Under() { b.under = true }

// IsUnder reports that Under was called: parts that are drawn on buffers of their
// own and joined are under the dialog too.
func (b *Buf) IsUnder() bool { return b.under }

// inset makes cells [left, right) the whole width for what is drawn next;
// inset(0, width) takes that back.
func (b *Buf) inset(left, right int) { b.left, b.width = left, right }

// Rule draws the page's one rule, a blank at either end, and ends the line.
func (b *Buf) Rule() {
	b.Space(1)
	b.repeat(Fg(themes.Line), GlyphHLine, b.width-2)
	b.Line()
}

// repeat draws one glyph n times.
func (b *Buf) repeat(st Style, glyph string, n int) {
	for range n {
		b.Glyph(st, glyph)
	}
}

// FocusBar draws the cell left of what can have the focus: the bar, with the
// ground of the focus behind the rest of the line, or a blank. It puts the real
// cursor there; a field moves it on.
func FocusBar(b *Buf, focused bool) {
	if !focused {
		b.Space(1)
		return
	}
	b.MarkCursor()
	b.Ground(themes.Focus, 0)
	b.Glyph(Fg(themes.Accent), GlyphBar)
}

// MarkCursor makes the real cursor stand on the cell that is drawn next.
func (b *Buf) MarkCursor() { b.cursor = cursorAt{x: b.col, y: b.row, set: true} }

// Cursor is where the real cursor shall stand, from 0; ok is false if nothing
// that was drawn has the focus.
func (b *Buf) Cursor() (x, y int, ok bool) { return b.cursor.x, b.cursor.y, b.cursor.set }

// Bytes is what was drawn; valid until the next call on b.
func (b *Buf) Bytes() []byte { return b.b }

// String is what was drawn: lines, each ended but the last by a newline. This
// is a frame's one allocation.
func (b *Buf) String() string {
	out := b.b
	if n := len(out); n > 0 && out[n-1] == '\n' {
		out = out[:n-1]
	}
	return string(out)
}
