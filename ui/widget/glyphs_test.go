package widget

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-runewidth"
)

// allowed is the list of the design, section 4, range of heights spelt out, and
// the sign before an age of which only the least is known.
const allowed = "×■?▲○◐▽△…~◆»●-✓+!·›▌▏│─━╸┤→↑↓←┌┐└┘╔╗╚╝═║▁▂▃▄▅▆▇█" + GlyphAtLeast

func TestGlyphsAreOneCellAndAllowed(t *testing.T) {
	narrow := &runewidth.Condition{}
	for _, g := range closedSet {
		if ansi.StringWidthWc(string(g.r)) != 1 || ansi.StringWidth(string(g.r)) != 1 || narrow.RuneWidth(g.r) != 1 {
			t.Errorf("%q is not one cell wide", g.r)
		}
		if !strings.ContainsRune(allowed, g.r) {
			t.Errorf("%q is not on the list", g.r)
		}
		if g.twin < 0x21 || g.twin > 0x7e {
			t.Errorf("%q has the twin %q", g.r, g.twin)
		}
	}
	for _, r := range allowed {
		if _, ok := twin(r); !ok && r > 0x7e {
			t.Errorf("%q has no twin", r)
		}
	}
}

func TestTwinsOfTheDesign(t *testing.T) {
	const with, without = "× ■ ? ▲ ○ ◐ ▽ △ … ~ ◆ » ● - ▌ ━ ─", "x # ? ^ o ( v ' . ~ * > @ - > = -"
	if got := NewGlyphs(true).Text(with); got != without {
		t.Errorf("twins are %q, want %q", got, without)
	}
	if got := NewGlyphs(false).Text(with); got != with {
		t.Errorf("glyphs are %q", got)
	}
	if got := NewGlyphs(true).Text("José … 東京"); got != "José . 東京" {
		t.Errorf("names become %q", got)
	}
}

// Within one kind of sign every glyph and every twin is another one: without
// colour and without Unicode the states can still be told apart.
func TestSignsDifferWithoutColourAndUnicode(t *testing.T) {
	kinds := map[string][]string{}
	for _, s := range stateSigns {
		kinds["state"] = append(kinds["state"], s.glyph)
		if n := len(s.word); n > 9 {
			t.Errorf("%s has %d letters", s.word, n)
		}
		sign, group, ok := StateSign(s.word)
		if !ok || group != s.group || sign.Style != s.group.Style() {
			t.Errorf("%s is %+v in %v", s.word, sign, group)
		}
	}
	for _, s := range stepSigns {
		kinds["step"] = append(kinds["step"], s.Glyph)
	}
	for _, s := range verdictSigns {
		kinds["verdict"] = append(kinds["verdict"], s.Glyph)
	}
	for kind, glyphs := range kinds {
		for _, ascii := range []bool{false, true} {
			seen := map[string]bool{}
			for _, g := range glyphs {
				g = NewGlyphs(ascii).Text(g)
				if seen[g] {
					t.Errorf("%s: %q stands for two", kind, g)
				}
				seen[g] = true
			}
		}
	}
	if len(stateSigns) != 14 {
		t.Errorf("%d states", len(stateSigns))
	}
	if _, _, ok := StateSign("splendid"); ok {
		t.Error("an unknown word is a state")
	}
}

// drawn is what draw leaves on one line of 80 cells.
func drawn(t *testing.T, ascii bool, draw func(*Buf)) string {
	t.Helper()
	b := NewBuf(painter(t, "dark", ascii), 80)
	draw(b)
	return strings.TrimRight(ansi.Strip(b.String()), " ")
}

func TestBars(t *testing.T) {
	key := func(age, policy int) func(*Buf) {
		return func(b *Buf) { KeyBar(b, time.Duration(age)*day, time.Duration(policy)*day) }
	}
	progress := func(cells int, done, all int64) func(*Buf) {
		return func(b *Buf) { Progress(b, cells, done, all) }
	}
	spark := func(cells int, v ...int64) func(*Buf) {
		return func(b *Buf) { Spark(b, Style{}, v, cells) }
	}
	for _, c := range []struct {
		draw        func(*Buf)
		want, ascii string
	}{
		{key(112, 180), "━━━──", "===--"}, {key(161, 180), "━━━━─", "====-"}, {key(64, 180), "━╸───", "=----"},
		{key(143, 90), "━━━━▲", "====^"}, {key(139, 180), "━━━╸─", "===--"}, {key(30, 180), "╸────", "-----"},
		{key(0, 90), "─────", "-----"}, {key(78, 90), "━━━━─", "====-"}, {key(90, 90), "━━━━━", "====="},
		{key(5, 0), "─────", "-----"}, {key(-1, 90), "─────", "-----"},
		{progress(24, 18204, 18204), strings.Repeat("━", 24), strings.Repeat("=", 24)},
		{progress(24, 1800, 2911), "━━━━━━━━━━━━━━──────────", "==============----------"},
		{progress(20, 62, 110), "━━━━━━━━━━━─────────", "===========---------"},
		{progress(4, 9, 3), "━━━━", "===="}, {progress(4, -1, 3), "────", "----"}, {progress(4, 1, 0), "", ""},
		{progress(80, 1, 1), strings.Repeat("━", 80), strings.Repeat("=", 80)},
		{spark(9, 0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█", "_.-:=+*#"}, {spark(2, 9, 0, 5), "▁█", "_#"}, {spark(3, 0, 0), "▁▁", "__"},
		{spark(0, 1), "", ""},
	} {
		if got := drawn(t, false, c.draw); got != c.want {
			t.Errorf("drew %q, want %q", got, c.want)
		}
		if got := drawn(t, true, c.draw); got != c.ascii {
			t.Errorf("drew %q in ASCII, want %q", got, c.ascii)
		}
	}
}

func TestSignsAreDrawnWithTheirWord(t *testing.T) {
	for want, draw := range map[string]func(*Buf){
		"× reconnect": func(b *Buf) { s, _, _ := StateSign("reconnect"); s.Draw(b) },
		"✓ dead":      func(b *Buf) { s, _ := VerdictSign("dead"); s.Draw(b) },
		"high !":      func(b *Buf) { s, _ := RiskSign("high"); DrawRisk(b, s) },
		"critical!":   func(b *Buf) { s, _ := RiskSign("critical"); DrawRisk(b, s) },
		"medium":      func(b *Buf) { s, _ := RiskSign("medium"); DrawRisk(b, s) },
		"◆":           func(b *Buf) { b.Glyph(StepRuns.Sign().Style, StepRuns.Sign().Glyph) },
	} {
		if got := drawn(t, false, draw); got != want {
			t.Errorf("drew %q, want %q", got, want)
		}
	}
}
