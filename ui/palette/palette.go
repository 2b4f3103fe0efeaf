// Package palette is the one line in which anything can be looked for and
// done: every action, theme and connection by its name.
package palette

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Item is one thing that can be run.
type Item struct {
	Text string
	Kind string
	Key  string
	// Off says why it can't work now; it is shown faint.
	Off string
	Run func(*page.Env)
	// Preview shows what Run would do while the item is in focus; Undo takes it back.
	Preview, Undo func(*page.Env)

	fold string
}

// Dialog is the palette.
type Dialog struct {
	field widget.Field
	all   []Item
	found []int // places in all, best first
	at    int
	top   int
	shown int // item whose preview shows, or -1
	rows  int // items in sight
}

// Rows of items: as many as are read at a glance, and fewer on a low screen,
// where edges, field and the rows around the dialog need theirs.
const (
	mostRows   = 10
	rowsAround = 7
)

// New makes a palette of items for a screen of so many rows.
func New(items []Item, screen int) *Dialog {
	d := &Dialog{all: items, shown: -1, rows: max(1, min(mostRows, screen-rowsAround))}
	for i := range d.all {
		d.all[i].fold = strings.ToLower(d.all[i].Text)
	}
	d.search()
	return d
}

// search finds what the words typed are all in, best first: at the beginning
// of the text, at the beginning of a word, anywhere.
func (d *Dialog) search() {
	wanted := strings.Fields(strings.ToLower(d.field.Value()))
	type hit struct{ at, score int }
	var hits []hit
	for i := range d.all {
		if score, ok := fit(d.all[i].fold, wanted); ok {
			hits = append(hits, hit{i, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.score - b.score })
	d.found = d.found[:0]
	for _, h := range hits {
		d.found = append(d.found, h.at)
	}
	d.at, d.top = 0, 0
}

// fit scores a text: the smaller, the better; ok is false if a word is missing.
func fit(fold string, wanted []string) (score int, ok bool) {
	for _, w := range wanted {
		i := strings.Index(fold, w)
		switch {
		case i < 0:
			return 0, false
		case i == 0:
		case strings.Contains(fold, " "+w):
			score++
		default:
			score += 2
		}
	}
	return score, true
}

// Frame implements page.Dialog.
func (d *Dialog) Frame(*page.Env) widget.Dialog {
	return widget.Dialog{Title: words.PaletteTitle, Lines: d.rows + 2, Hints: []widget.Hint{
		{Key: "enter", Label: words.HintRun, Off: len(d.found) == 0}, {Key: "tab", Label: words.HintComplete},
		{Key: "esc", Label: words.HintClose}}}
}

// Line implements page.Dialog.
func (d *Dialog) Line(_ *page.Env, b *widget.Buf, i int) {
	switch {
	case i == 0:
		count := words.Matches(len(d.found))
		b.Text(widget.Strong(themes.Accent), ":")
		d.field.Draw(b, b.Room()-len(count)-2, true)
		b.AtRight(widget.Fg(themes.Muted), count, 1)
	case i == 2 && len(d.found) == 0:
		b.Space(1)
		b.Text(widget.Fg(themes.Muted), words.NothingFits)
	case i >= 2 && d.top+i-2 < len(d.found) && i-2 < d.rows:
		d.drawItem(b, d.top+i-2)
	}
}

// Columns of an item: kind and key stand at the right.
const (
	kindWidth = 12
	keyWidth  = 8
	narrow    = 60 // under it the kind goes
)

// drawItem draws one item; letters that match the search are marked.
func (d *Dialog) drawItem(b *widget.Buf, i int) {
	item := &d.all[d.found[i]]
	if i == d.at {
		b.Ground(themes.Focus, 0)
		b.Glyph(widget.Fg(themes.Accent), widget.GlyphBar)
	} else {
		b.Space(1)
	}
	style := widget.Fg(themes.Text)
	if item.Off != "" {
		style = widget.Fg(themes.Faint)
	}
	kind := kindWidth
	if b.Width() < narrow {
		kind = 0
	}
	w := b.Room() - kind - keyWidth
	at := b.Col()
	d.drawMatched(b, style, widget.Cut(item.Text, w-2))
	if room := at + w - b.Col() - 4; item.Off != "" && room > 12 {
		b.Space(2)
		b.Text(widget.Fg(themes.Faint), widget.Cut(item.Off, room))
	}
	b.To(at + w)
	if kind > 0 {
		b.Fit(widget.Fg(themes.Muted), item.Kind, kind)
	}
	b.Fit(widget.Strong(themes.Accent), item.Key, keyWidth)
	b.Space(b.Room())
}

// drawMatched draws text with the first place of the search in it marked.
func (d *Dialog) drawMatched(b *widget.Buf, style widget.Style, text string) {
	wanted := strings.ToLower(d.field.Value())
	i := strings.Index(strings.ToLower(text), wanted)
	if wanted == "" || i < 0 || i+len(wanted) > len(text) {
		b.Text(style, text)
		return
	}
	b.Text(style, text[:i])
	b.Text(widget.Style{Fg: themes.Match, Attr: widget.Underline}, text[i:i+len(wanted)])
	b.Text(style, text[i+len(wanted):])
}

// Key implements page.Dialog.
func (d *Dialog) Key(e *page.Env, msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			d.preview(e, -1)
			e.Hide()
			return
		case "enter":
			d.run(e)
			return
		case "down", "ctrl+n":
			d.move(e, 1)
			return
		case "up", "ctrl+p":
			d.move(e, -1)
			return
		case "tab":
			d.complete(e)
			return
		}
	}
	if d.field.Handle(msg) {
		d.search()
		d.preview(e, d.focused())
	}
}

// focused is the item in focus, or -1.
func (d *Dialog) focused() int {
	if d.at < len(d.found) {
		return d.found[d.at]
	}
	return -1
}

// move moves the focus and shows the preview of what it comes to.
func (d *Dialog) move(e *page.Env, by int) {
	d.at = max(0, min(d.at+by, len(d.found)-1))
	d.top = max(d.at-d.rows+1, min(d.top, d.at))
	d.preview(e, d.focused())
}

// preview takes back the preview that shows and shows that of item i.
func (d *Dialog) preview(e *page.Env, i int) {
	if d.shown == i {
		return
	}
	if d.shown >= 0 && d.all[d.shown].Undo != nil {
		d.all[d.shown].Undo(e)
	}
	d.shown = i
	if i >= 0 && d.all[i].Preview != nil {
		d.all[i].Preview(e)
	}
}

// complete takes over the text of the item in focus.
func (d *Dialog) complete(e *page.Env) {
	if i := d.focused(); i >= 0 {
		d.field.Set(d.all[i].Text)
		d.search()
		d.preview(e, d.focused())
	}
}

// run closes the palette and runs the item in focus.
func (d *Dialog) run(e *page.Env) {
	i := d.focused()
	if i < 0 {
		return
	}
	e.Hide()
	d.all[i].Run(e)
}

// Click implements page.Pointer.
func (d *Dialog) Click(e *page.Env, _, y int) {
	if i := d.top + y - 2; y >= 2 && i < len(d.found) {
		d.at = i
		d.run(e)
	}
}

// Wheel implements page.Pointer.
func (d *Dialog) Wheel(e *page.Env, lines int) { d.move(e, lines) }
