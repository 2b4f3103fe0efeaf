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

// keys is a source of rows that are nothing but their keys.
type keys []string

func (k keys) Len() int               { return len(k) }
func (k keys) Key(i int) string       { return k[i] }
func (k keys) Cell(i, _ int, c *Cell) { c.Text(Fg(themes.Text), k[i]) }

// table makes a table of keys, height rows of it in sight.
func table(height int, k ...string) *Table {
	t := NewTable([]Column{{Width: 8}}, false)
	t.Resize(20, height)
	t.SetRows(keys(k))
	return t
}

// view is what shows, a row a word.
func view(t *testing.T, tab *Table) string {
	t.Helper()
	b := NewBuf(painter(t, "dark", false), 20)
	tab.Draw(b)
	return strings.Join(lines(b), "/")
}

func TestFocusMovesAndScrolls(t *testing.T) {
	tab := table(3, "a", "b", "c", "d", "e", "f", "g")
	for _, c := range []struct {
		what string
		act  func()
		want string
	}{
		{"start", func() {}, "▌ a/  b/  c"},
		{"down", func() { tab.Move(1) }, "  a/▌ b/  c"},
		{"below the window", func() { tab.Move(2) }, "  b/  c/▌ d"},
		{"page", func() { tab.Page(1) }, "  e/  f/▌ g"},
		{"past the end", func() { tab.Page(1) }, "  e/  f/▌ g"},
		{"page back", func() { tab.Page(-1) }, "  b/  c/▌ d"},
		{"half a page", func() { tab.HalfPage(-1) }, "  a/  b/▌ c"},
		{"home", func() { tab.Home() }, "▌ a/  b/  c"},
		{"above the start", func() { tab.Move(-5) }, "▌ a/  b/  c"},
		{"end", func() { tab.End() }, "  e/  f/▌ g"},
		{"wheel", func() { tab.Wheel(-2) }, "  c/  d/▌ e"},
		{"wheel to the top", func() { tab.Wheel(-9) }, "  a/  b/▌ c"},
		{"by key", func() { tab.FocusKey("e") }, "  c/  d/▌ e"},
		{"unknown key", func() { tab.FocusKey("zz") }, "  c/  d/▌ e"},
		{"smaller window", func() { tab.Resize(20, 1) }, "▌ e"},
		{"no window", func() { tab.Resize(20, 0) }, ""},
		{"larger window", func() { tab.Resize(20, 9) }, "  a/  b/  c/  d/▌ e/  f/  g//"},
	} {
		c.act()
		if got := view(t, tab); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// The row in focus stays in focus, and on its line, when the order changes
// around it.
func TestFocusStaysOnItsRow(t *testing.T) {
	tab := table(3, "a", "b", "c", "d", "e", "f")
	tab.FocusKey("d")
	for _, c := range []struct {
		rows keys
		want string
	}{
		{keys{"f", "e", "d", "c", "b", "a"}, "  f/  e/▌ d"},
		{keys{"x", "y", "f", "e", "d", "c"}, "  f/  e/▌ d"},
		{keys{"d", "a"}, "▌ d/  a/"},
		{keys{"a", "b", "c"}, "▌ a/  b/  c"}, // gone: the focus keeps its place
		{keys{}, "//"},
		{keys{"b"}, "▌ b//"},
	} {
		tab.SetRows(c.rows)
		if got := view(t, tab); got != c.want {
			t.Errorf("%v: %q, want %q", c.rows, got, c.want)
		}
	}
	tab.SetRows(keys{})
	if _, _, ok := tab.Focus(); ok {
		t.Error("an empty table has a focus")
	}
	tab.Move(1)
	tab.ToggleMark()
	if tab.MarkCount() != 0 {
		t.Error("an empty table has a mark")
	}
}

// found is keys that know their places.
type found struct {
	keys
	asked int
}

func (f *found) Find(key string) int {
	f.asked++
	for i, k := range f.keys {
		if k == key {
			return i
		}
	}
	return -1
}

func TestRowsMayFindKeysThemselves(t *testing.T) {
	tab := table(3, "a", "b")
	tab.Move(1)
	f := &found{keys: keys{"c", "d", "b"}}
	tab.SetRows(f)
	if row, key, _ := tab.Focus(); row != 2 || key != "b" || f.asked != 1 {
		t.Errorf("focus %d %q, asked %d times", row, key, f.asked)
	}
}

func TestMarksBelongToKeys(t *testing.T) {
	tab := table(4, "a", "b", "c", "d")
	tab.ToggleMark()
	tab.Move(1)
	tab.ToggleMark()
	if got := view(t, tab); got != " +a/▌+b/  c/  d" {
		t.Errorf("marked: %q", got)
	}
	tab.SetRows(keys{"d", "c", "b", "a"})
	if got := view(t, tab); got != "  d/  c/▌+b/ +a" {
		t.Errorf("after sorting: %q", got)
	}
	tab.SetRows(keys{"d", "b"})
	if got := tab.Marked(); len(got) != 1 || got[0] != "b" || tab.MarkCount() != 2 {
		t.Errorf("marked %v of %d", got, tab.MarkCount())
	}
	tab.ToggleMark()
	tab.MarkRange("d")
	if got := strings.Join(tab.Marked(), ""); got != "db" {
		t.Errorf("range: %q", got)
	}
	tab.ClearMarks()
	tab.MarkRange("gone")
	if tab.MarkCount() != 0 {
		t.Error("marks are left")
	}
	tab.MarkAll()
	if got := strings.Join(tab.Marked(), ""); got != "db" {
		t.Errorf("all: %q", got)
	}
}

func TestClicksFindRowsAndTitles(t *testing.T) {
	tab := NewTable(deckColumns(), true)
	tab.Resize(120, 6)
	tab.SetRows(exampleDeck)
	tab.FocusRow(7)
	for line, want := range map[int]int{1: 3, 5: 7} {
		if row, ok := tab.RowAt(line); !ok || row != want {
			t.Errorf("line %d is row %d, %v", line, row, ok)
		}
	}
	for _, line := range []int{-1, 0, 6} {
		if row, ok := tab.RowAt(line); ok {
			t.Errorf("line %d is row %d", line, row)
		}
	}
	for x, want := range map[int]string{2: "state", 15: "name", 34: "name", 71: "access", 70: "access", 99: "key", 60: "", 119: ""} {
		if got, ok := tab.SortAt(x); got != want || ok != (want != "") {
			t.Errorf("cell %d sorts by %q, want %q", x, got, want)
		}
	}
}

// A figure is never cut where it could be mistaken for another one, as long as
// there is a blank to spare beside it.
func TestWideFiguresTakeFromTheGap(t *testing.T) {
	tab := NewTable([]Column{{Width: 4}, {Width: 7, Align: AlignRight}}, false)
	tab.Resize(40, 3)
	tab.SetRows(keys{"over 2h", "over 38m", "over 143d"})
	b := NewBuf(painter(t, "dark", false), 40)
	tab.Draw(b)
	for i, want := range []string{"▌ ove…  over 2h", "  ove… over 38m", "  ove… over 14…"} {
		if got := lines(b)[i]; got != want {
			t.Errorf("drew %q, want %q", got, want)
		}
	}
}

// Every width draws whole lines: nothing wraps, and a focused row is painted
// to the last cell.
func TestTableFitsEveryWidth(t *testing.T) {
	for width := range 200 {
		tab := NewTable(deckColumns(), true)
		tab.Resize(width, 6)
		tab.SetRows(exampleDeck)
		b := NewBuf(painter(t, "dark", false), width)
		tab.Draw(b)
		all := strings.Split(b.String(), "\n")
		if len(all) != 6 {
			t.Fatalf("width %d: %d lines", width, len(all))
		}
		for i, l := range all {
			if w := ansi.StringWidthWc(l); w > width || (i == 1 && w != width) {
				t.Errorf("width %d: line %d is %d wide", width, i, w)
			}
		}
	}
}

// A name grows to 32 cells and no further; what is free beyond that stays free.
func TestNamesGrowWithTheWindow(t *testing.T) {
	for width, want := range map[int]int{120: 20, 123: 20, 124: 21, 135: 32, 200: 32, 80: 20} {
		got := 0
		for _, p := range layOut(nil, deckColumns(), width) {
			if p.col.ID == colName {
				got = p.w
			}
		}
		if got != want {
			t.Errorf("at %d the name has %d cells, want %d", width, got, want)
		}
	}
}

func TestTableDrawsInASCII(t *testing.T) {
	tab := NewTable(deckColumns(), true)
	tab.SetSort("state", true)
	tab.Resize(120, 18)
	tab.SetRows(exampleDeck)
	b := NewBuf(painter(t, "dark", true), 120)
	tab.Draw(b)
	for i, l := range lines(b) {
		if !plain(l) {
			t.Errorf("line %d is not ASCII: %q", i, l)
		}
	}
	if got := lines(b)[1]; !strings.HasPrefix(got, "> x reconnect") || !strings.Contains(got, "===-- 112d  x 2h") {
		t.Errorf("drew %q", got)
	}
	if !strings.HasPrefix(lines(b)[0], "  state ^") {
		t.Errorf("titles %q", lines(b)[0])
	}
}

// A frame is one allocation, its string; drawing into a warm buffer is none.
func TestDrawingAllocatesNothing(t *testing.T) {
	for _, n := range []int{10, 100_000} {
		tab := NewTable(deckColumns(), true)
		tab.Resize(140, 45)
		tab.SetRows(newManyRows(n))
		p := painter(t, "dark", false)
		b := NewBuf(p, 140)
		got := testing.AllocsPerRun(20, func() {
			tab.Page(1)
			b.Reset(p, 140)
			tab.Draw(b)
		})
		if got > 1 {
			t.Errorf("%d rows: %v allocations", n, got)
		}
	}
}

func TestSortedTitlesKeepTheirArrow(t *testing.T) {
	cols := []Column{{Title: "name", Width: 8, Sort: "a"}, {Title: "access", Width: 7, Align: AlignRight, Sort: "b"},
		{Title: "scopes", Width: 7, Gap: 1, Sort: "c"}, {Title: "method", Width: 6, Sort: "d"}}
	for sort, want := range map[string]string{
		"a": "  name ↓     access  scopes  method", "b": "  name     access ↓  scopes  method",
		"c": "  name       access  scopes↓ method", "d": "  name       access  scopes  metho↓",
	} {
		tab := NewTable(cols, true)
		tab.Resize(50, 1)
		tab.SetSort(sort, false)
		b := NewBuf(painter(t, "dark", false), 50)
		tab.Draw(b)
		if got := lines(b)[0]; got != want {
			t.Errorf("by %s: %q, want %q", sort, got, want)
		}
	}
}
