package widget

import (
	"strings"
	"testing"

	"crmdeck/themes"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// texts draws one string a line.
func texts(all ...string) func(*Buf, int) {
	return func(b *Buf, i int) { b.Text(Fg(themes.Text), all[i]) }
}

// dialogOn draws a dialog in the place it has on a 120x36 screen.
func dialogOn(t *testing.T, d Dialog, line func(*Buf, int)) *Buf {
	t.Helper()
	_, _, w := d.Place(120, 36)
	b := NewBuf(painter(t, "dark", false), w)
	d.Draw(b, line)
	return b
}

func TestRevokeDialogOfTheDesign(t *testing.T) {
	f := &Field{}
	f.Set("close-nig")
	d := Dialog{Title: "Revoke close-nightly", Danger: true, Lines: 14, Hints: []Hint{
		{Key: "enter", Label: "revoke: 4 letters missing", Off: true}, {Key: "ctrl+r", Label: "rotate instead"}, {Key: "esc", Label: "keep"}}}
	above := texts("", "What stops working",
		"  △ close-reports     has the same key, R4TN-02WX-8B: it dies too",
		"  nightly-close       job, took a token 14m ago, 31 times today",
		"  board-report        job of close-reports, every Monday; next in 5d 17h", "",
		"How  Close has no API for it. The console page opens; you delete the key",
		"     that ends in 9f2c; crmdeck calls with it until Close refuses.",
		"Then the sealed key is wiped; the audit log and a tombstone stay.",
		"     This cannot be undone.", "",
		"Type close-nightly to go on", "", "")
	b := dialogOn(t, d, func(b *Buf, i int) {
		if i != 12 {
			above(b, i)
			return
		}
		FocusBar(b, true)
		f.Draw(b, 30, true)
	})
	golden(t, "revoke.txt", lines(b))
	if x, y, ok := b.Cursor(); !ok || x != 12 || y != 13 {
		t.Errorf("cursor at %d, %d, %v", x, y, ok)
	}
}

func TestResultDialogOfTheDesign(t *testing.T) {
	d := Dialog{Title: "close-nightly is dead", Lines: 11, Hints: []Hint{
		{Key: "E", Label: "save the receipt"}, {Key: "enter", Label: "to the deck"}}}
	b := dialogOn(t, d, texts("", "✓ dead       Close refuses the key since 14:29:20.", "",
		"  14:27:02   console page opened",
		"  14:27:07   GET /api/v1/me/   200   still works, 6 more tries",
		"  14:29:20   GET /api/v1/me/   401   refused",
		"  14:29:22   GET /api/v1/me/   401   refused again",
		"  14:29:22   sealed key wiped; audit event 1,207", "",
		"△ close-reports had the same key: reconnect.  c give it its own", ""))
	golden(t, "dead.txt", lines(b))
	if strings.ContainsAny(b.String(), "╔═║") {
		t.Error("a double border where nothing is lost")
	}
}

func TestFirstStartDialogOfTheDesign(t *testing.T) {
	c := &Choice{Items: []Item{
		{Label: "Passphrase", Note: "you type it once a day; nothing on disk opens it"},
		{Label: "Identity file", Note: "for jobs that run without a person; guard the file"},
		{Label: "Both", Note: "two locks, each opens it alone"}}}
	d := Dialog{Title: "A new store", Lines: 9, Hints: []Hint{{Key: "enter", Label: "choose"}, {Key: "esc", Label: "create nothing"}}}
	text := texts("", "How shall it open?", "", "", "", "", "", "Names, clocks and health can be read without it. Secrets cannot.", "")
	b := dialogOn(t, d, func(b *Buf, i int) {
		if i >= 3 && i < 6 {
			c.Line(b, i-3, true)
			return
		}
		text(b, i)
	})
	golden(t, "store.txt", lines(b))
	if x, y, ok := b.Cursor(); !ok || x != 2 || y != 4 {
		t.Errorf("cursor at %d, %d, %v", x, y, ok)
	}
}

func TestDialogPlace(t *testing.T) {
	for _, c := range []struct{ w, h, lines, x, y, width int }{
		{120, 36, 14, 22, 7, 76}, {80, 24, 14, 2, 4, 76}, {60, 20, 10, 2, 4, 56}, {40, 12, 8, 2, 2, 36}, {40, 12, 14, 2, 0, 36}, {3, 2, 1, 1, 0, 0},
	} {
		if x, y, w := (Dialog{Lines: c.lines}).Place(c.w, c.h); x != c.x || y != c.y || w != c.width {
			t.Errorf("%dx%d: at %d, %d, %d wide, want %+v", c.w, c.h, x, y, w, c)
		}
	}
}

// Every line of a dialog is exactly as wide as the dialog, whatever it holds.
func TestDialogIsFilledAndClipped(t *testing.T) {
	for _, width := range []int{0, 1, 2, 5, 20, 36, 76} {
		b := NewBuf(painter(t, "dark", false), width)
		d := Dialog{Title: "A title that is rather long for this", Lines: 2, Hints: []Hint{{Key: "enter", Label: "go on with it"}, {Key: "esc"}}}
		d.Draw(b, texts(strings.Repeat("東京 ", 30), ""))
		for i, l := range strings.Split(b.String(), "\n") {
			if got := ansi.StringWidthWc(l); got != width {
				t.Errorf("width %d: line %d is %d wide: %q", width, i, got, ansi.Strip(l))
			}
		}
	}
}

func TestHintsCanBeClicked(t *testing.T) {
	hints := []Hint{{Key: "enter", Label: "open"}, {Key: "t", Label: "test"}, {Key: "x", Label: "revoke"}}
	always := []Hint{{Key: ":", Label: "palette"}, {Key: "?", Label: "keys"}}
	for _, width := range []int{120, 40, 34, 24, 10} {
		b := NewBuf(painter(t, "dark", false), width)
		Footer(b, hints, always)
		line := ansi.Strip(b.String())
		for x, r := range []rune(line) {
			h, ok := FooterAt(width, hints, always, x)
			if r != ' ' && !ok {
				t.Errorf("width %d: nothing at %d of %q", width, x, line)
			}
			if ok && !strings.Contains(line, strings.TrimSpace(h.Key+" "+h.Label)) {
				t.Errorf("width %d: %+v at %d is not in %q", width, h, x, line)
			}
		}
	}
	d := Dialog{Hints: hints}
	b := NewBuf(painter(t, "dark", false), 40)
	d.Draw(b, nil)
	for x, r := range []rune(lines(b)[1]) {
		if _, ok := d.HintAt(40, x); !ok && r < 0x80 && r != ' ' {
			t.Errorf("nothing at %d of %q", x, lines(b)[1])
		}
	}
	if h, _ := d.HintAt(40, 3); h.Key != "enter" {
		t.Errorf("%+v at the first key", h)
	}
}

func TestFooterOfTheDesign(t *testing.T) {
	hints := []Hint{{Key: "enter", Label: "open"}, {Key: "t", Label: "test"}, {Key: "r", Label: "refresh"}, {Key: "c", Label: "reconnect"},
		{Key: "x", Label: "revoke"}, {Key: "n", Label: "new"}, {Key: "/", Label: "filter"}, {Key: "space", Label: "mark"}, {Key: "z", Label: "ninth"}}
	always := []Hint{{Key: ":", Label: "palette"}, {Key: "?", Label: "keys"}}
	b := NewBuf(painter(t, "dark", false), 120)
	Footer(b, hints, always)
	const want = " enter open  t test  r refresh  c reconnect  x revoke  n new  / filter  space mark                    : palette  ? keys"
	if got := lines(b)[0]; got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestOverlayKeepsWhatIsBesideIt(t *testing.T) {
	p := painter(t, "dark", false)
	for _, c := range []struct{ under, want string }{
		{"0123456789", "01[xx]6789"}, {"", "  [xx]"}, {"0", "0 [xx]"}, {"0123", "01[xx]"}, {"01234567", "01[xx]67"},
		{"0東京東京9", "0 [xx] 京9"},
	} {
		page, top := NewBuf(p, 20), NewBuf(p, 4)
		page.Text(Strong(themes.Bad), c.under)
		page.Line()
		page.Text(Fg(themes.Text), "next")
		page.Line()
		top.Text(Fg(themes.Good), "[xx]")
		top.Line()
		page.Overlay(top, 2, 0)
		got := lines(page)
		if strings.TrimRight(got[0], " ") != c.want || got[1] != "next" {
			t.Errorf("%q becomes %q", c.under, got)
		}
		if len(c.under) == 10 {
			bad := p.sequence(Strong(themes.Bad))
			if !strings.Contains(page.String(), bad+"6789") {
				t.Errorf("the right part lost its style: %q", page.String())
			}
		}
	}
}

func TestOverlayBelowThePageAddsLines(t *testing.T) {
	p := painter(t, "dark", false)
	page, top := NewBuf(p, 20), NewBuf(p, 4)
	page.Text(Fg(themes.Text), "page")
	page.Line()
	for range 2 {
		top.MarkCursor()
		top.Text(Fg(themes.Text), "xxxx")
		top.Line()
	}
	page.Overlay(top, 1, 2)
	if got := strings.Join(lines(page), "|"); got != "page|| xxxx| xxxx" {
		t.Errorf("drew %q", got)
	}
	if x, y, _ := page.Cursor(); x != 1 || y != 3 {
		t.Errorf("cursor at %d, %d", x, y)
	}
}

func TestBuffersStandSideBySide(t *testing.T) {
	p := painter(t, "dark", false)
	left, right, page := NewBuf(p, 5), NewBuf(p, 10), NewBuf(p, 16)
	left.Pad()
	left.Text(Fg(themes.Text), "one")
	left.Line()
	for _, s := range []string{" a", " b"} {
		right.Text(Fg(themes.Text), s)
		right.MarkCursor()
		right.Line()
	}
	page.Line()
	page.Beside(left, right)
	if got := strings.Join(lines(page), "/"); got != "/one  │ a/     │ b" {
		t.Errorf("drew %q", got)
	}
	if x, y, _ := page.Cursor(); x != 8 || y != 2 {
		t.Errorf("cursor at %d, %d", x, y)
	}
}

func TestCheckListTogglesWhatIsNotLocked(t *testing.T) {
	c := &Choice{Checks: true, Height: 2, Items: []Item{
		{Label: "oauth", On: true, Locked: true}, {Label: "contacts.read", On: true, Note: "read"}, {Label: "export"}}}
	if c.Toggle() {
		t.Error("a locked item was switched")
	}
	c.Move(2)
	if !c.Toggle() || len(c.On()) != 3 {
		t.Errorf("on: %v", c.On())
	}
	b := NewBuf(painter(t, "dark", false), 30)
	for i := range c.Lines() {
		c.Line(b, i, true)
		b.Line()
	}
	if got := strings.Join(lines(b), "|"); got != "  ✓ contacts.read    read|▌ ✓ export" {
		t.Errorf("drew %q", got)
	}
	if i, ok := c.ItemAt(0); !ok || i != 1 {
		t.Errorf("item %d at line 0", i)
	}
	if _, ok := c.ItemAt(2); ok {
		t.Error("an item below the list")
	}
	empty := &Choice{Checks: true}
	empty.Move(1)
	if empty.Toggle() || empty.Focus() != 0 {
		t.Error("an empty list has a choice")
	}
}

// press is a key press with text, or a named key.
func press(s string) tea.KeyPressMsg {
	codes := map[string]tea.Key{
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape},
		"tab": {Code: tea.KeyTab}, "space": {Code: tea.KeySpace, Text: " "}, "alt+x": {Code: 'x', Mod: tea.ModAlt},
	}
	if k, ok := codes[s]; ok {
		return tea.KeyPressMsg(k)
	}
	if rest, ok := strings.CutPrefix(s, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
}
