package widget

import (
	"strings"
	"unicode/utf8"

	"crmdeck/store/text"

	"github.com/charmbracelet/x/ansi"
)

// appendRune is utf8.AppendRune under the name of what it does here.
func appendRune(dst []byte, r rune) []byte { return utf8.AppendRune(dst, r) }

// plain reports printable ASCII: one byte a cell, nothing to clean.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// safe is s as it may be drawn, and its width in cells.
func safe(s string) (string, int) {
	if plain(s) {
		return s, len(s)
	}
	s = text.Clean(s)
	return s, ansi.StringWidthWc(s)
}

// Width is how many cells s takes when drawn, as terminals count (wcwidth).
func Width(s string) int {
	_, w := safe(s)
	return w
}

// Cut shortens s to w cells; what is lost at the end becomes "…".
func Cut(s string, w int) string {
	s, have := safe(s)
	if have <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return ansi.TruncateWc(s, w, GlyphEllipsis)
}

// Sentences is as many whole sentences of s as fit into w cells; one that is
// longer than that is cut.
func Sentences(s string, w int) string {
	s, have := safe(s)
	for have > w {
		i := strings.LastIndex(s, ". ")
		if i < 0 {
			return Cut(s, w)
		}
		s = s[:i+1]
		have = Width(s)
	}
	return s
}

// CutMiddle shortens a name to w cells: the middle becomes "…", since the ends
// tell names apart. A fifth of what is left, at least three cells, is the end.
func CutMiddle(s string, w int) string {
	s, have := safe(s)
	if have <= w {
		return s
	}
	tail := max(3, (w-1)/5)
	if w < 2*tail {
		return Cut(s, w)
	}
	head := w - 1 - tail
	return ansi.TruncateWc(s, head, "") + GlyphEllipsis + lastCells(s, tail)
}

// lastCells is the end of s, at most w cells of it.
func lastCells(s string, w int) string {
	have, i := 0, len(s)
	for i > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		cells := ansi.StringWidthWc(string(r))
		if have+cells > w {
			break
		}
		have += cells
		i -= size
	}
	return s[i:]
}

// PadRight is s in w cells, cut or filled with blanks at its right.
func PadRight(s string, w int) string {
	s = Cut(s, w)
	return s + blanks(w-Width(s))
}

// PadLeft is s in w cells, cut or filled with blanks at its left.
func PadLeft(s string, w int) string {
	s = Cut(s, w)
	return blanks(w-Width(s)) + s
}

// Wrap breaks s into lines of at most w cells (a character wider than that
// stands alone), between words where it can. Of
// foreign text it keeps nothing but one line's words: line breaks in it are
// blanks.
func Wrap(s string, w int) []string {
	s, have := safe(s)
	if w <= 0 || have <= w {
		return []string{s}
	}
	var out []string
	line, cells := "", 0
	for word := range strings.FieldsSeq(s) {
		n := ansi.StringWidthWc(word)
		if cells > 0 && cells+1+n <= w {
			line, cells = line+" "+word, cells+1+n
			continue
		}
		if cells > 0 {
			out = append(out, line)
		}
		for n > w { // longer than a line: a URL, a fingerprint
			head := ansi.TruncateWc(word, w, "")
			if head == "" { // one character that is wider
				_, size := utf8.DecodeRuneInString(word)
				head = word[:size]
			}
			out = append(out, head)
			word = word[len(head):]
			n = ansi.StringWidthWc(word)
		}
		line, cells = word, n
	}
	if cells == 0 && len(out) > 0 {
		return out
	}
	return append(out, line)
}

// blankRun is sliced for padding; 256 cells are wider than most terminals.
const blankRun = "                                                                " +
	"                                                                " +
	"                                                                " +
	"                                                                "

// blanks is n blanks, "" for n < 1.
func blanks(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blankRun) {
		return blankRun[:n]
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = ' '
	}
	return string(b)
}
