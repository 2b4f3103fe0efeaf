package widget

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// typed sends keys to a field.
func typed(t *testing.T, f *Field, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if !f.Handle(press(k)) {
			t.Fatalf("%s was not taken", k)
		}
	}
}

func TestFieldEdits(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"a", "é", "東"}, "aé東"},
		{[]string{"a", "b", "left", "x"}, "axb"},
		{[]string{"a", "é", "left", "backspace"}, "é"},
		{[]string{"a", "é", "left", "delete", "delete"}, "a"},
		{[]string{"a", "b", "home", "x", "end", "y"}, "xaby"},
		{[]string{"a", "b", "ctrl+a", "x", "ctrl+e", "y"}, "xaby"},
		{[]string{"a", "b", "left", "ctrl+u"}, "b"},
		{[]string{"a", "b", "left", "ctrl+k"}, "a"},
		{[]string{"a", "-", "b", "c", "ctrl+w"}, "a-"},
		{[]string{"a", "space", "b", "space", "ctrl+w"}, "a "},
		{[]string{"left", "backspace", "delete", "right", "ctrl+w", "a"}, "a"},
	} {
		f := &Field{}
		typed(t, f, c.keys...)
		if f.Value() != c.want {
			t.Errorf("%v gives %q, want %q", c.keys, f.Value(), c.want)
		}
	}
	f := &Field{}
	for _, k := range []string{"enter", "esc", "tab", "alt+x", "ctrl+o"} {
		if f.Handle(press(k)) {
			t.Errorf("%s was taken for text", k)
		}
	}
}

// TM-13: what is pasted is data, whatever its size and whatever is in it.
func TestPasteIsData(t *testing.T) {
	for _, c := range []struct {
		paste, want string
		note        FieldNote
	}{
		{"acme.test", "acme.test", NoteNone},
		{"two\r\nlines\n", "two lines", NoteCleaned},
		{"\x1b[31mred\x1b]52;c;AAAA\x07", "[31mred ]52;c;AAAA", NoteCleaned},
		{"a\u202eb\u200bc", "abc", NoteCleaned},
		{"\x9b31m", "\uFFFD31m", NoteCleaned},
		{strings.Repeat("x", 1<<20), "", NoteTooLong},
	} {
		f := &Field{}
		f.Handle(tea.PasteMsg{Content: c.paste})
		if f.Value() != c.want || f.Note() != c.note {
			t.Errorf("%.20q gives %q, note %d", c.paste, f.Value(), f.Note())
		}
	}
}

func TestSecretIsTakenWholeOrNotAtAll(t *testing.T) {
	const pem = "-----BEGIN KEY-----\nAAAA\n-----END KEY-----"
	for _, c := range []struct {
		paste  string
		breaks bool
		want   string
		note   FieldNote
	}{
		{"s3cret-value", false, "s3cret-value", NoteNone},
		{"  s3cret-value\r\n", false, "s3cret-value", NoteNone},
		{"with blank inside", false, "with blank inside", NoteNone},
		{"two\nlines", false, "", NoteControl},
		{"esc\x1b[0m", false, "", NoteControl},
		{"bidi\u202e", false, "", NoteControl},
		{strings.ReplaceAll(pem, "\n", "\r") + "\r", true, pem, NoteNone},
		{"nul\x00", true, "", NoteControl},
		{strings.Repeat("x", 1<<20), true, "", NoteTooLong},
	} {
		f := &Field{Secret: true, LineBreaks: c.breaks}
		f.Handle(tea.PasteMsg{Content: c.paste})
		note := f.Note()
		if got := f.Take().Reveal(); got != c.want || note != c.note {
			t.Errorf("%.20q gives %q, note %d", c.paste, got, note)
		}
	}
}

// A secret is neither drawn nor printed, and its bytes are gone once it was
// handed over, those of outgrown buffers included.
func TestSecretLeavesNoTrace(t *testing.T) {
	const marker = "MARKER-4f0c2b9e-77d1"
	f := &Field{Secret: true}
	var buffers [][]byte
	for _, r := range strings.Repeat(marker, 10) {
		typed(t, f, string(r))
		buffers = append(buffers, f.b[:cap(f.b)])
	}
	b := NewBuf(painter(t, "dark", false), 76)
	f.Draw(b, 70, true)
	for _, out := range []string{b.String(), f.Value(), fmt.Sprint(f), fmt.Sprintf("%+v %#v %s", f, f, f)} {
		if strings.Contains(out, "MARKER") {
			t.Errorf("the secret shows in %q", out)
		}
	}
	if got := f.Take().Reveal(); got != strings.Repeat(marker, 10) {
		t.Errorf("took %q", got)
	}
	for _, b := range buffers {
		if strings.Trim(string(b), "\x00") != "" {
			t.Fatalf("left behind: %q", b)
		}
	}
	if f.Len() != 0 {
		t.Error("the field is not empty")
	}
}

func TestSecretIsEditedAtItsEndOnly(t *testing.T) {
	f := &Field{Secret: true}
	typed(t, f, "a", "b", "left", "home", "ctrl+a", "delete", "ctrl+k", "c", "é", "backspace")
	if got := f.Take().Reveal(); got != "abc" {
		t.Errorf("took %q", got)
	}
	typed(t, f, "a", "space", "b", "ctrl+w", "c")
	if got := f.Take().Reveal(); got != "c" {
		t.Errorf("took %q", got)
	}
}

func TestSecretIsShownAsACount(t *testing.T) {
	for _, c := range []struct {
		n, width int
		want     string
	}{
		{36, 60, "····································  36 characters, hidden"},
		{100, 40, "················  100 characters, hidden"},
		{1, 40, "·  1 character, hidden"}, {0, 40, ""},
	} {
		f := &Field{Secret: true}
		f.Insert(strings.Repeat("x", c.n))
		b := NewBuf(painter(t, "dark", false), 80)
		f.Draw(b, c.width, false)
		got := strings.TrimRight(ansi.Strip(b.String()), " ")
		if want := strings.TrimSpace(c.want); len([]rune(got)) > c.width || !strings.HasSuffix(got, strings.TrimLeft(want, "·")) {
			t.Errorf("%d in %d cells: %q, want %q", c.n, c.width, got, c.want)
		}
	}
	f := &Field{Secret: true}
	f.Insert(strings.Repeat("x", 36))
	if got := drawn(t, false, func(b *Buf) { f.Draw(b, 70, false) }); got != strings.Repeat("·", 36)+"  36 characters, hidden" {
		t.Errorf("drew %q", got)
	}
}

func TestFieldScrollsToItsCursor(t *testing.T) {
	f := &Field{Placeholder: "name"}
	p := painter(t, "dark", false)
	view := func() (string, int) {
		b := NewBuf(p, 20)
		f.Draw(b, 6, true)
		x, _, ok := b.Cursor()
		if !ok || b.Col() != 6 {
			t.Fatalf("cursor %v, drew %d cells", ok, b.Col())
		}
		return strings.TrimRight(ansi.Strip(b.String()), " "), x
	}
	if got, x := view(); got != "▏" || x != 0 {
		t.Errorf("empty: %q, cursor %d", got, x)
	}
	typed(t, f, "a", "b", "c", "d", "e", "f", "g")
	if got, x := view(); got != "cdefg▏" || x != 5 {
		t.Errorf("long: %q, cursor %d", got, x)
	}
	typed(t, f, "home")
	if got, x := view(); got != "abcdef" || x != 0 {
		t.Errorf("home: %q, cursor %d", got, x)
	}
	f.Set("東京東京")
	if got, x := view(); got != "東京▏" && got != "京東京▏" || x != 4 {
		t.Errorf("wide: %q, cursor %d", got, x)
	}
	f.Clear()
	if got := drawn(t, false, func(b *Buf) { f.Draw(b, 10, false) }); got != "name" {
		t.Errorf("placeholder: %q", got)
	}
}
