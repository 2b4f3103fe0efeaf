// Package text cleans what comes from outside.
//
// A provider's names, errors and headers may hold escape sequences, bidi
// overrides or line breaks that rewrite a terminal or forge a row. Clean turns
// any input into one line of valid UTF-8 that holds no control, format or
// line-breaking character; it is idempotent. It is called where a foreign
// string enters (the decode edge) and again where one is drawn.
package text

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Untrusted is a string as a provider sent it. Printing it prints the cleaned text.
type Untrusted struct{ raw string }

// From marks s as coming from outside.
func From(s string) Untrusted { return Untrusted{raw: s} }

// Clean returns the text, cleaned, cut to at most max runes (0: no limit).
func (u Untrusted) Clean(max int) string { return Cut(Clean(u.raw), max) }

// Format implements fmt.Formatter: whatever prints it prints the cleaned text.
func (u Untrusted) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Clean(u.raw)) }

// LogValue implements slog.LogValuer with the cleaned text.
func (u Untrusted) LogValue() slog.Value { return slog.StringValue(Clean(u.raw)) }

// maxMarks is how many combining marks one base character may carry.
const maxMarks = 4

// Clean returns s without anything that could act on a terminal. A run of control
// characters and line breaks becomes one blank; bidi, zero-width and private
// characters, and marks that have nothing to stand on, are dropped; invalid UTF-8 and
// what is no character becomes U+FFFD.
func Clean(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	// A mark at the start would stand on whatever is drawn before the text.
	marks, blank := maxMarks, false
	for _, r := range s {
		switch {
		case breaks(r):
			if !blank {
				b.WriteByte(' ')
			}
			marks, blank = 0, true
			continue
		case drops(r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		case !unicode.IsGraphic(r): // unassigned, or never to be
			r = utf8.RuneError
			fallthrough
		default:
			marks = 0
		}
		blank = false
		b.WriteRune(r)
	}
	return b.String()
}

// clean is the fast path: printable ASCII needs no work.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// breaks reports controls (C0, DEL, C1) and the line and paragraph separators.
func breaks(r rune) bool { return unicode.Is(unicode.Cc, r) || r == 0x2028 || r == 0x2029 }

// drops reports characters that have no width of their own and could reorder
// or restyle what stands beside them.
func drops(r rune) bool {
	switch {
	case unicode.In(r, unicode.Cf, unicode.Co):
		return true
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0: // joiner, Hangul fillers
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef: // variation selectors
		return true
	}
	return false
}

// Cut shortens s to at most max runes (0: no limit), with an ellipsis.
func Cut(s string, max int) string {
	if max <= 0 || utf8.RuneCountInString(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n == max-1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
