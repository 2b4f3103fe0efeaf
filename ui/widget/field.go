package widget

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmdeck/store/secret"
	"crmdeck/store/text"
	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

// FieldNote is what a field has to say about what was last entered; the page
// has the words.
type FieldNote uint8

// The notes; the zero FieldNote is nothing to say.
const (
	NoteNone    FieldNote = iota
	NoteTooLong           // refused: longer than the field takes
	NoteControl           // refused: a secret with control characters in it
	NoteCleaned           // taken, but for control characters and line breaks
)

// Longest contents, in bytes: a name or a URL, and a key or a private key.
const (
	defaultMax       = 2 << 10
	defaultMaxSecret = 32 << 10
)

// Field is a line that a person types or pastes into. What is pasted is data:
// it never acts, neither here nor when it is drawn. A secret field keeps bytes
// that it wipes, shows how many there are and nothing else, and prints as
// nothing. The zero Field is an empty one for plain text.
type Field struct {
	// Secret hides the content and refuses to change it: a secret with control
	// characters is no secret that was copied whole.
	Secret bool
	// LineBreaks lets a secret have them: private keys do.
	LineBreaks bool
	// Placeholder stands in an empty field.
	Placeholder string
	// Max bytes; 0 is 2 KiB, for secrets 32 KiB.
	Max int

	b    []byte
	at   int // cursor, a byte offset on a rune's edge
	from int // first byte that shows
	note FieldNote
}

// Format implements fmt.Formatter, so that no verb prints what was typed.
func (*Field) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[field]") }

// Value is the text of a plain field; of a secret one "", use Take.
func (f *Field) Value() string {
	if f.Secret {
		return ""
	}
	return string(f.b)
}

// Set replaces the content and puts the cursor behind it.
func (f *Field) Set(s string) {
	f.Clear()
	f.Insert(s)
}

// Len is the number of characters.
func (f *Field) Len() int { return utf8.RuneCount(f.b) }

// Note is what there is to say about what was last entered.
func (f *Field) Note() FieldNote { return f.note }

// Take hands the secret over and wipes the field.
func (f *Field) Take() secret.Value {
	v := secret.New(f.b)
	f.Clear()
	return v
}

// Clear empties the field and wipes what it held.
func (f *Field) Clear() {
	clear(f.b[:cap(f.b)])
	f.b, f.at, f.from, f.note = f.b[:0], 0, 0, NoteNone
}

// Insert adds text at the cursor, as typing and pasting do. Blanks and line
// breaks at both ends of a secret are dropped: copying from a web page adds
// them.
func (f *Field) Insert(s string) {
	f.note = NoteNone
	if len(s)+len(f.b) > f.max() {
		f.note = NoteTooLong
		return
	}
	if f.Secret {
		s = f.secretText(s)
	} else if cleaned := text.Clean(s); cleaned != s {
		s, f.note = strings.TrimSpace(cleaned), NoteCleaned
	}
	f.splice(f.at, f.at, s)
}

// max is the longest content in bytes.
func (f *Field) max() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Secret:
		return defaultMaxSecret
	}
	return defaultMax
}

// secretText is s as a secret may be, or "" with a note. Terminals paste a
// line break as a carriage return, so all kinds become one.
func (f *Field) secretText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if utf8.RuneCountInString(s) > 1 {
		s = strings.TrimSpace(s)
	}
	for line := range strings.SplitSeq(s, "\n") {
		if text.Clean(line) != line {
			f.note = NoteControl
			return ""
		}
	}
	if strings.Contains(s, "\n") && !f.LineBreaks {
		f.note = NoteControl
		return ""
	}
	return s
}

// splice replaces bytes [from, to) by s and puts the cursor behind it. Memory
// that is outgrown is wiped.
func (f *Field) splice(from, to int, s string) {
	need := len(f.b) - (to - from) + len(s)
	if need > cap(f.b) {
		grown := make([]byte, len(f.b), max(64, 2*need))
		copy(grown, f.b)
		clear(f.b)
		f.b = grown
	}
	tail := len(f.b) - to
	old := len(f.b)
	f.b = f.b[:max(old, need)]
	copy(f.b[from+len(s):], f.b[to:to+tail])
	copy(f.b[from:], s)
	if need < old {
		clear(f.b[need:old])
	}
	f.b = f.b[:need]
	f.at = from + len(s)
}

// hidden draws a secret field: a dot a character while there is room for the
// count beside them.
func (f *Field) hidden(b *Buf, w int, focused bool) {
	n := f.Len()
	words := ""
	if n > 0 {
		words = strconv.Itoa(n) + wordHidden
		if n == 1 {
			words = strconv.Itoa(n) + wordHiddenOne
		}
	}
	at := b.Col()
	end := at + w
	dots := max(0, min(n, w-len(words)-defaultGap-1))
	b.repeat(Fg(themes.Text), GlyphMid, dots)
	if focused {
		f.caret(b, 0)
	}
	if words != "" {
		b.To(min(end, at+dots+defaultGap))
		b.Text(Fg(themes.Muted), Cut(words, end-b.Col()))
	} else if !focused {
		b.Text(Fg(themes.Faint), Cut(f.Placeholder, end-b.Col()))
	}
	b.To(end)
}

// caret marks where the real cursor stands and, behind the last character,
// draws the end of the field.
func (f *Field) caret(b *Buf, rest int) {
	b.MarkCursor()
	if rest == 0 {
		b.Glyph(Fg(themes.Accent), GlyphCaret)
	}
}

// Draw draws the field in exactly w cells. In focus it puts the real cursor
// where typing goes on, and scrolls so that this shows.
func (f *Field) Draw(b *Buf, w int, focused bool) {
	if f.Secret {
		f.hidden(b, w, focused)
		return
	}
	end := b.Col() + w
	if len(f.b) == 0 && !focused {
		b.Fit(Fg(themes.Faint), f.Placeholder, w)
		return
	}
	f.scroll(w)
	head, tail := string(f.b[f.from:f.at]), string(f.b[f.at:])
	b.Text(Fg(themes.Text), head)
	if focused {
		f.caret(b, len(tail))
	}
	b.Text(Fg(themes.Text), ansi.TruncateWc(tail, end-b.Col(), ""))
	b.To(end)
}

// scroll moves the part that shows until the cursor is in it, with a cell left
// for the caret.
func (f *Field) scroll(w int) {
	f.from = min(f.from, f.at)
	for f.from < f.at && ansi.StringWidthWc(string(f.b[f.from:f.at])) > w-1 {
		_, size := utf8.DecodeRune(f.b[f.from:])
		f.from += size
	}
}
