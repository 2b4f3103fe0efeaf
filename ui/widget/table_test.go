package widget

import (
	"os"
	"strings"
	"testing"

	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

// painter draws in a built-in theme.
func painter(t testing.TB, name string, ascii bool) *Painter {
	t.Helper()
	set, err := themes.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewPainter(set.Pick(name, true), NewGlyphs(ascii))
}

// lines is what was drawn without escape sequences and trailing blanks.
func lines(b *Buf) []string {
	all := strings.Split(ansi.Strip(b.String()), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return all
}

// golden compares lines with a file of testdata.
func golden(t *testing.T, file string, got []string) {
	t.Helper()
	want, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range strings.Split(strings.TrimSuffix(string(want), "\n"), "\n") {
		g := ""
		if i < len(got) {
			g = got[i]
		}
		if g != w {
			t.Errorf("%s:%d\n got %q\nwant %q", file, i+1, g, w)
		}
	}
}

func TestTableDrawsTheDeckOfTheDesign(t *testing.T) {
	for _, c := range []struct {
		file          string
		width, height int
		focus         int
		titles        bool
	}{
		{"deck120.txt", 120, 18, 0, true},
		{"deck80.txt", 80, 18, 5, true},
		{"deck40.txt", 40, 8, 0, false},
	} {
		tab := NewTable(deckColumns(), c.titles)
		tab.SetSort("state", false)
		tab.Resize(c.width, c.height)
		tab.SetRows(exampleDeck)
		tab.FocusRow(c.focus)
		b := NewBuf(painter(t, "dark", false), c.width)
		tab.Draw(b)
		golden(t, c.file, lines(b))
	}
}
