package widget

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

func TestStylesBecomeSequences(t *testing.T) {
	for _, c := range []struct {
		theme string
		style Style
		want  string
	}{
		{"dark", Style{}, "\x1b[0m"},
		{"dark", Fg(themes.Text), "\x1b[0;38;2;214;221;232m"},
		{"dark", Strong(themes.Bad).On(themes.Focus), "\x1b[0;1;38;2;242;120;106;48;2;36;48;68m"},
		// Reverse with both colours swapped: the badge outlives NO_COLOR.
		{"dark", BadgeStyle(), "\x1b[0;1;7;38;2;201;162;255;48;2;23;11;38m"},
		{"mono", Fg(themes.Text), "\x1b[0m"},
		{"mono", Strong(themes.Bad), "\x1b[0;1m"},
		{"mono", Fg(themes.Text).On(themes.Focus), "\x1b[0;1m"},
		{"mono", Fg(themes.Faint), "\x1b[0;2m"},
		{"mono", BadgeStyle(), "\x1b[0;1;7m"},
	} {
		if got := painter(t, c.theme, false).sequence(c.style); got != c.want {
			t.Errorf("%s %+v is %q, want %q", c.theme, c.style, got, c.want)
		}
	}
}

// Without colours no sequence names one, and what is in focus or needs a
// person still differs.
func TestMonoNamesNoColour(t *testing.T) {
	tab := NewTable(deckColumns(), true)
	tab.Resize(120, 10)
	tab.SetRows(exampleDeck)
	b := NewBuf(painter(t, "mono", false), 120)
	tab.Draw(b)
	out := b.String()
	for _, colour := range []string{"38;", "48;", "[3", "[4", ";3", ";4"} {
		if strings.Contains(out, colour) {
			t.Errorf("mono has %q", colour)
		}
	}
	if !strings.Contains(out, "\x1b[0;1m") {
		t.Error("nothing is bold")
	}
}

func TestPaintedGroundReachesEveryCell(t *testing.T) {
	src, err := os.ReadFile("../../themes/builtin/dark.toml")
	if err != nil {
		t.Fatal(err)
	}
	painted := strings.Replace(strings.Replace(string(src), `"dark"`, `"own"`, 1), "paint_bg = false", "paint_bg = true", 1)
	set, err := themes.Load(fstest.MapFS{"own.toml": {Data: []byte(painted)}})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBuf(NewPainter(set.Pick("own", true), Glyphs{}), 30)
	b.Space(2)
	b.Text(Style{}, "plain")
	b.Lines(2)
	for _, l := range strings.Split(b.String(), "\n") {
		if ansi.StringWidthWc(l) != 30 || !strings.HasPrefix(l, "\x1b[0;38;2;214;221;232;48;2;17;21;28m") {
			t.Errorf("line %q", l)
		}
	}
}

// TM-1: what a provider sends can't restyle, move or reorder anything.
func TestForeignTextIsOnlyText(t *testing.T) {
	const evil = "a\x1b[31mb\x1b]0;t\x07c\rd\u202ee\u009b1mf\u200bg\nh"
	draw := map[string]func(*Buf){
		"Text":  func(b *Buf) { b.Text(Style{}, evil) },
		"Fit":   func(b *Buf) { b.Fit(Style{}, evil, 40) },
		"Name":  func(b *Buf) { b.Name(Style{}, evil, 12) },
		"Right": func(b *Buf) { b.Right(Style{}, evil, 40) },
		"Cell": func(b *Buf) {
			c := &Cell{}
			c.reset(20)
			c.Text(Style{}, evil)
			c.draw(b, &Column{Middle: true}, 20, 0)
		},
		"Choice": func(b *Buf) { (&Choice{Items: []Item{{Label: evil, Note: evil}}}).Line(b, 0, false) },
		"Hints":  func(b *Buf) { Hints(b, []Hint{{Key: evil, Label: evil}}, 99) },
	}
	own := map[string]bool{"\x1b[0m": true, "\x1b[m": true}
	for name, d := range draw {
		b := NewBuf(painter(t, "mono", false), 100)
		d(b)
		b.Line()
		out := strings.TrimSuffix(string(b.Bytes()), "\n")
		for seq := range own {
			out = strings.ReplaceAll(out, seq, "")
		}
		out = strings.ReplaceAll(out, "\x1b[0;1m", "")
		if strings.ContainsAny(out, "\x1b\r\n\a\u202e\u009b\u200b") {
			t.Errorf("%s: %q", name, out)
		}
	}
}

func TestFitting(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{CutMiddle("salesforce-emea-customers-sbx", 17), "salesforce-em…sbx"},
		{CutMiddle("salesforce-prod", 20), "salesforce-prod"},
		{CutMiddle("salesforce-prod", 5), "sale…"},
		{CutMiddle("salesforce-prod", 7), "sal…rod"},
		{CutMiddle("東京東京東京東京", 9), "東京…京"},
		{CutMiddle("abc", 0), ""}, {CutMiddle("abc", -1), ""},
		{Cut("hubspot", 7), "hubspot"}, {Cut("hubspot", 4), "hub…"}, {Cut("hubspot", 1), "…"}, {Cut("hubspot", 0), ""},
		{Cut("東京", 3), "東…"}, {PadRight("é", 3), "é  "}, {PadLeft("éa", 4), "  éa"}, {PadRight("hubspot", 3), "hu…"},
		{strings.Join(Wrap("a word or two", 6), "|"), "a word|or two"},
		{strings.Join(Wrap("see https://app.test/very/long now", 10), "|"), "see|https://ap|p.test/ver|y/long now"},
		{strings.Join(Wrap("東京東京 a", 5), "|"), "東京|東京|a"},
		{strings.Join(Wrap("東京", 1), "|"), "東|京"},
		{strings.Join(Wrap("", 5), "|"), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestBufClipsAndAligns(t *testing.T) {
	p := painter(t, "dark", false)
	for _, c := range []struct {
		draw func(*Buf)
		want string
	}{
		{func(b *Buf) { b.Text(Style{}, "0123456789abc") }, "0123456789"},
		{func(b *Buf) { b.Text(Style{}, "東京東京東京東京") }, "東京東京東"},
		{func(b *Buf) { b.Glyph(Style{}, "━━━━━━━━━━━━") }, "━━━━━━━━━━"},
		{func(b *Buf) { b.Fit(Style{}, "ab", 4); b.Text(Style{}, "|") }, "ab  |"},
		{func(b *Buf) { b.Right(Style{}, "ab", 4); b.Text(Style{}, "|") }, "  ab|"},
		{func(b *Buf) { b.Text(Style{}, "ab"); b.AtRight(Style{}, "yz", 1) }, "ab     yz"},
		{func(b *Buf) { b.Text(Style{}, "abcdefg"); b.AtRight(Style{}, "xyz", 1) }, "abcdefg"},
		{func(b *Buf) { b.Text(Style{}, "abc"); b.To(1); b.To(5); b.Text(Style{}, "|") }, "abc  |"},
		{func(b *Buf) { b.Rule() }, " ────────"},
		{func(b *Buf) { b.Space(99); b.Text(Style{}, "x") }, ""},
	} {
		b := NewBuf(p, 10)
		c.draw(b)
		if got := lines(b)[0]; got != c.want {
			t.Errorf("drew %q, want %q", got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b[31mred", "東京 \u202e", "e\u0301\u0301", "\xff\xfe", "👩\u200d💻", "🏳\ufe0f"} {
		f.Add(seed, 5)
	}
	p := painter(f, "mono", false)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = max(0, min(w, 300))
		b := NewBuf(p, w)
		b.Text(Style{}, s)
		out := string(b.Bytes())
		if got := ansi.StringWidthWc(out); got > w || got != b.Col() {
			t.Fatalf("%q in %d cells: drew %d, counted %d", s, w, got, b.Col())
		}
		for _, cut := range []string{Cut(s, w), CutMiddle(s, w)} {
			if ansi.StringWidthWc(cut) > w {
				t.Fatalf("%q cut to %d: %q", s, w, cut)
			}
		}
		if strings.ContainsAny(out, "\n\r\a\u202e\u009b") || strings.Contains(strings.ReplaceAll(out, "\x1b[0m", ""), "\x1b") {
			t.Fatalf("%q drew %q", s, out)
		}
		for _, line := range Wrap(s, w) {
			if ansi.StringWidthWc(line) > max(2, w) && w > 0 {
				t.Fatalf("%q wrapped at %d: %q", s, w, line)
			}
		}
	})
}
