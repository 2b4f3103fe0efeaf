package widget

import (
	"image/color"
	"strings"
	"testing"

	"crmdeck/themes"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// onScreen writes a frame to a terminal as Bubble Tea's lines reach one.
func onScreen(b *Buf, w, h int) *vt.Emulator {
	em := vt.NewEmulator(w, h)
	_, _ = em.WriteString(strings.ReplaceAll(b.String(), "\n", "\r\n"))
	return em
}

// same reports whether a cell's colour is that of a role.
func same(p *Painter, got color.Color, r themes.Role) bool {
	want, ok := p.Theme().Color(r)
	if got == nil || !ok {
		return got == nil && !ok
	}
	r1, g1, b1, _ := got.RGBA()
	r2, g2, b2, _ := want.RGBA()
	return r1 == r2 && g1 == g2 && b1 == b2
}

// What the sequences do in a terminal: the deck with a dialog over it.
func TestDeckAndDialogInATerminal(t *testing.T) {
	p := painter(t, "dark", false)
	page := NewBuf(p, 120)
	page.Text(BadgeStyle(), " LOCKED ")
	page.Line()
	tab := NewTable(deckColumns(), true)
	tab.Resize(120, 30)
	tab.SetRows(exampleDeck)
	tab.Draw(page)
	d := Dialog{Title: "Revoke", Danger: true, Lines: 3, Hints: []Hint{{Key: "esc", Label: "keep"}}}
	top := NewBuf(p, 76)
	d.Draw(top, texts("", "This cannot be undone.", ""))
	page.Overlay(top, 22, 7)
	em := onScreen(page, 120, 36)

	cell := func(x, y int) *uv.Cell { return em.CellAt(x, y) }
	badge := cell(1, 0)
	if badge.Content != "L" || badge.Style.Attrs&uv.AttrReverse == 0 || !same(p, badge.Style.Fg, themes.Badge) || !same(p, badge.Style.Bg, themes.OnBadge) {
		t.Errorf("badge is %+v", badge)
	}
	for x := range 120 {
		if !same(p, cell(x, 2).Style.Bg, themes.Focus) {
			t.Fatalf("cell %d of the focused row has the ground %v", x, cell(x, 2).Style.Bg)
		}
		if cell(x, 3).Style.Bg != nil {
			t.Fatalf("cell %d of another row is painted", x)
		}
	}
	if c := cell(0, 2); c.Content != GlyphBar || !same(p, c.Style.Fg, themes.Accent) {
		t.Errorf("focus bar is %+v", c)
	}
	if c := cell(22, 7); c.Content != "╔" || !same(p, c.Style.Fg, themes.Danger) {
		t.Errorf("corner is %+v", c)
	}
	for y := 7; y < 12; y++ {
		for x := 22; x < 98; x++ {
			if !same(p, cell(x, y).Style.Bg, themes.Raised) {
				t.Fatalf("cell %d, %d of the dialog is not raised", x, y)
			}
		}
		if cell(21, y).Style.Bg != nil || cell(98, y).Style.Bg != nil {
			t.Errorf("line %d is raised beside the dialog", y)
		}
	}
	// Right of the dialog the row goes on as it was, style included.
	if c := cell(107, 9); c.Content != "✓" || !same(p, c.Style.Fg, themes.Muted) {
		t.Errorf("right of the dialog: %+v", c)
	}
	if got := strings.Split(em.String(), "\n")[9]; !strings.HasPrefix(got, "  △ due        close-n║") {
		t.Errorf("left of the dialog: %q", got)
	}
}

// The glow belongs to one cell, and on the focused row it is in front.
func TestGlowStaysInItsCell(t *testing.T) {
	p := painter(t, "dark", false)
	tab := NewTable([]Column{{Width: 6}, {ID: 1, Width: 6}, {ID: 2, Width: 6, Align: AlignRight}}, false)
	tab.Resize(30, 1)
	tab.SetRows(glowing{})
	b := NewBuf(p, 30)
	tab.Draw(b)
	em := onScreen(b, 30, 1)
	for x := range 30 {
		want := themes.Focus
		if (x >= 10 && x < 16) || (x >= 18 && x < 24) {
			want = themes.Glow
		}
		if got := em.CellAt(x, 0).Style.Bg; !same(p, got, want) {
			t.Errorf("cell %d has the ground %v, want %s", x, got, want)
		}
	}
}

// glowing is one row with two cells that just changed.
type glowing struct{}

func (glowing) Len() int       { return 1 }
func (glowing) Key(int) string { return "a" }
func (glowing) Cell(_, col int, c *Cell) {
	if col > 0 {
		c.Ground = themes.Glow
	}
	c.Text(Fg(themes.Good), "ok")
}
