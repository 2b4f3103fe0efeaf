package widget

// The glyphs that may reach a screen. Each is one cell wide and has no emoji
// form; nothing outside this list is drawn (a test of every screen holds it).
const (
	GlyphCross      = "×" // reconnect; failed; alive
	GlyphBlock      = "■" // blocked
	GlyphQuestion   = "?" // uncertain; unknown
	GlyphOverdue    = "▲" // overdue; end of a bar past its policy
	GlyphRing       = "○" // expired
	GlyphHalfRing   = "◐" // expiring
	GlyphReduced    = "▽" // reduced
	GlyphDue        = "△" // due
	GlyphEllipsis   = "…" // throttled; a cut; work that runs
	GlyphTilde      = "~" // retrying; an assumed figure
	GlyphDiamond    = "◆" // rotating; the step that runs
	GlyphQueued     = "»" // queued
	GlyphDot        = "●" // healthy
	GlyphDash       = "-" // revoked; skipped; none
	GlyphCheck      = "✓" // done; dead
	GlyphPlus       = "+" // a marked row
	GlyphBang       = "!" // high risk
	GlyphMid        = "·" // a step to come; between facts
	GlyphCrumb      = "›" // between the places of the header
	GlyphBar        = "▌" // focus
	GlyphCaret      = "▏" // the end of a field
	GlyphVLine      = "│"
	GlyphHLine      = "─"
	GlyphHeavy      = "━" // the filled part of a bar
	GlyphHeavyHalf  = "╸" // half a cell of it
	GlyphStop       = "┤" // the end of a time line
	GlyphAtLeast    = "≥" // before an age of which only the least is known
	GlyphArrowRight = "→"
	GlyphArrowUp    = "↑"
	GlyphArrowDown  = "↓"
	GlyphArrowLeft  = "←"
)

// glyph is one entry of the closed set with its ASCII twin.
type glyph struct {
	r    rune
	twin byte
}

// closedSet is every glyph that is not ASCII itself. Twins repeat only where
// the two never answer the same question.
var closedSet = [...]glyph{
	{'×', 'x'}, {'■', '#'}, {'▲', '^'}, {'○', 'o'}, {'◐', '('}, {'▽', 'v'}, {'△', '\''}, {'…', '.'}, {'◆', '*'},
	{'»', '>'}, {'●', '@'}, {'✓', '+'}, {'·', '.'}, {'›', '>'}, {'▌', '>'}, {'▏', '_'}, {'│', '|'}, {'─', '-'},
	{'━', '='}, {'╸', '-'}, {'┤', '|'}, {'≥', '>'}, {'→', '>'}, {'↑', '^'}, {'↓', 'v'}, {'←', '<'}, {'┌', '+'}, {'┐', '+'},
	{'└', '+'}, {'┘', '+'}, {'╔', '#'}, {'╗', '#'}, {'╚', '#'}, {'╝', '#'}, {'═', '='}, {'║', '#'},
	{'▁', '_'}, {'▂', '.'}, {'▃', '-'}, {'▄', ':'}, {'▅', '='}, {'▆', '+'}, {'▇', '*'}, {'█', '#'},
}

// Glyphs chooses between the glyphs and their ASCII twins, once, at start. The
// zero value draws the glyphs.
type Glyphs struct{ ascii bool }

// NewGlyphs is the set to draw with; ascii is the flag of that name.
func NewGlyphs(ascii bool) Glyphs { return Glyphs{ascii: ascii} }

// ASCII reports whether twins are drawn.
func (g Glyphs) ASCII() bool { return g.ascii }

// twin is the byte that stands for r under --ascii; ok is false for
// everything that is not of the closed set (names keep their letters).
func twin(r rune) (b byte, ok bool) {
	for i := range closedSet {
		if closedSet[i].r == r {
			return closedSet[i].twin, true
		}
	}
	return 0, false
}

// append adds s, glyphs replaced by their twins where that was chosen.
func (g Glyphs) append(dst []byte, s string) []byte {
	if !g.ascii {
		return append(dst, s...)
	}
	for _, r := range s {
		if b, ok := twin(r); ok {
			dst = append(dst, b)
			continue
		}
		dst = appendRune(dst, r)
	}
	return dst
}

// Text is s with glyphs replaced by their twins where that was chosen. Only
// what does not go through a Buf needs it (window titles, plain output).
func (g Glyphs) Text(s string) string {
	if !g.ascii {
		return s
	}
	return string(g.append(make([]byte, 0, len(s)), s))
}
