package text

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TM-1, TM-2, TM-5 to TM-8: what must not come through, and what is made of it.
func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Example GmbH", "Example GmbH"},
		{"letters", "Žluťoučký 東京 עברית हिन्दी", "Žluťoučký 東京 עברית हिन्दी"},
		{"title", "a\x1b]0;owned\x07b", "a ]0;owned b"},
		{"hyperlink", "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\", " ]8;;https://evil.example \\x ]8;; \\"},
		{"clipboard", "\x1b]52;c;aGk=\x07", " ]52;c;aGk= "},
		{"notify", "\x1b]777;notify;a;b\x1b\\", " ]777;notify;a;b \\"},
		{"file", "\x1b]1337;File=x:y\x07", " ]1337;File=x:y "},
		{"reports", "\x1b[5n\x1b[6n\x1b[c\x1b[21t", " [5n [6n [c [21t"},
		{"settings", "\x1bP$qm\x1b\\", " P$qm \\"},
		{"apc pm sos", "\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\", " _a \\ ^b \\ Xc \\"},
		{"reset", "\x1bcx", " cx"},
		{"paste end", "\x1b[201~rm", " [201~rm"},
		{"c1 as UTF-8", "a\u009b31mb\u009dc\u0085d", "a 31mb c d"},
		{"c1 raw", "a\x9b31mb", "a\ufffd31mb"},
		{"nul bs del bel", "a\x00b\x08c\x7fd\x07", "a b c d "},
		{"rows", "name\r\nforged row\tcell", "name forged row cell"},
		{"separators", "a\u2028b\u2029c", "a b c"},
		{"bidi", "a\u202eb\u2066c\u2069\u200e\u200f\u061cd\u202a\u202d", "abcd"},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg", "abcdefg"},
		{"tags", "a\U000e0041\U000e007fb", "ab"},
		{"variation", "a\ufe0fb\U000e0100c\u180bd", "abcd"},
		{"fillers", "a\u3164b\u115fc\uffa0d\u034fe", "abcde"},
		{"private", "a\ue000b\U000f0000c", "abc"},
		{"marks", "e" + strings.Repeat("\u0301", 1000) + "x", "e\u0301\u0301\u0301\u0301x"},
		{"marks in hiding", "e" + strings.Repeat("\u0301\u200d", 50), "e\u0301\u0301\u0301\u0301"},
		{"mark first", "\u0301a", "a"},
		{"mark behind a break", "a\n\u0301b", "a \u0301b"},
		{"emoji family", "👩\u200d👩\u200d👧", "👩👩👧"},
		{"overlong", "a\xc0\xafb", "a\ufffd\ufffdb"},
		{"surrogate", "a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb"},
		{"cut short", "a\xe2\x82", "a\ufffd\ufffd"},
		{"no character", "a\uffffb\ufdd0c", "a\ufffdb\ufffdc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Clean(c.in)
			if got != c.want {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
			}
			holds(t, c.in)
		})
	}
}

// TM-1: each control and format character, alone and in front of, behind and between letters.
func TestCleanEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 0x20000 || r == 0xe1000 { // ideographs and what is not assigned; private use
			r = map[rune]rune{0x20000: 0xe0000, 0xe1000: 0x10fff0}[r]
		}
		if out := Clean("a" + string(r) + "b"); strings.ContainsFunc(out, acts) || !utf8.ValidString(out) {
			t.Fatalf("U+%04X comes through: %q", r, out)
		}
	}
}

// acts reports a character that must not reach a terminal.
func acts(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp) || !unicode.IsGraphic(r)
}

// holds checks what is true of every cleaned text.
func holds(t *testing.T, in string) {
	t.Helper()
	out := Clean(in)
	if !utf8.ValidString(out) {
		t.Errorf("%q: not UTF-8: %q", in, out)
	}
	if Clean(out) != out {
		t.Errorf("%q: cleaning twice gives %q, once %q", in, Clean(out), out)
	}
	if strings.ContainsFunc(out, acts) {
		t.Errorf("%q: %q acts on a terminal", in, out)
	}
	marks := maxMarks
	for _, r := range out {
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > maxMarks {
			t.Errorf("%q: more than %d marks in %q", in, maxMarks, out)
		}
	}
}

// FZ-6
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[31m", "\u202e\u0301", "\xff\xc0", "e\u0301\u0301\u0301\u0301\u0301", "\n\r\t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		holds(t, s)
		for _, n := range []int{1, 2, 7} {
			if c := Cut(Clean(s), n); utf8.RuneCountInString(c) > n || !utf8.ValidString(c) {
				t.Errorf("Cut to %d gives %q", n, c)
			}
		}
	})
}

// TM-2
func TestUntrustedPrintsClean(t *testing.T) {
	u := From("a\x1b[31m\nb")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "u", u, "in", struct{ U Untrusted }{u})
	for _, s := range []string{fmt.Sprint(u), fmt.Sprintf("%v %+v %s %q", u, u, u, u), log.String(), fmt.Sprint(struct{ U Untrusted }{u})} {
		if strings.ContainsRune(strings.TrimSuffix(s, "\n"), '\n') || strings.Contains(s, "\x1b") {
			t.Errorf("raw text in %q", s)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{{"abc", 0, "abc"}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöüß", 2, "ä…"}, {"ab", 1, "…"}} {
		if got := Cut(c.in, c.max); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}
