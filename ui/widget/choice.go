package widget

import "crmdeck/themes"

// Item is one line of a list of choices.
type Item struct {
	Label string
	// Note says what the choice means; it stands in a column of its own.
	Note string
	// On is the check of a check list.
	On bool
	// Locked items can't be changed: their check always stays as it is.
	Locked bool
}

// Choice is a short list of which one item has the focus: a radio list, where
// the focus is the choice, or with Checks a list of which several are on. It
// shows Height items (0: all) and scrolls to the focus.
type Choice struct {
	Items  []Item
	Checks bool
	Height int

	focus int
	top   int
}

// noteGap is the least number of blanks between a label and its note.
const noteGap = 4

// Focus is the item in focus.
func (c *Choice) Focus() int { return c.focus }

// SetFocus puts the focus on an item, or the nearest there is.
func (c *Choice) SetFocus(i int) {
	c.focus = max(0, min(i, len(c.Items)-1))
	h := c.Lines()
	c.top = max(c.focus-h+1, min(c.top, c.focus))
	c.top = max(0, min(c.top, len(c.Items)-h))
}

// Move moves the focus and stops at the ends.
func (c *Choice) Move(by int) { c.SetFocus(c.focus + by) }

// Lines is how many lines the list takes.
func (c *Choice) Lines() int {
	if c.Height > 0 {
		return min(c.Height, len(c.Items))
	}
	return len(c.Items)
}

// Toggle switches the check of the item in focus; ok is false if it is locked
// or the list has no checks.
func (c *Choice) Toggle() (ok bool) {
	if !c.Checks || len(c.Items) == 0 || c.Items[c.focus].Locked {
		return false
	}
	c.Items[c.focus].On = !c.Items[c.focus].On
	return true
}

// On is the items that are checked.
func (c *Choice) On() []int {
	var on []int
	for i := range c.Items {
		if c.Items[i].On {
			on = append(on, i)
		}
	}
	return on
}

// ItemAt is the item on a line of the list.
func (c *Choice) ItemAt(line int) (i int, ok bool) {
	i = c.top + line
	return i, line >= 0 && line < c.Lines() && i < len(c.Items)
}

// Line draws one line of the list, from 0, and does not end it: the focus bar
// in its first cell, then the check, label and note. Without focused the list
// keeps its place but not the bar.
func (c *Choice) Line(b *Buf, line int, focused bool) {
	i, ok := c.ItemAt(line)
	if !ok {
		return
	}
	item := &c.Items[i]
	FocusBar(b, focused && i == c.focus)
	if c.Checks {
		b.Space(1)
		drawCheck(b, item)
		b.Space(1)
	}
	label := Fg(themes.Text)
	if !c.Checks && i == c.focus {
		label = Strong(themes.Text)
	}
	at := b.Col()
	b.Text(label, item.Label)
	if item.Note != "" {
		b.To(max(b.Col()+1, at+c.labels()+noteGap))
		b.Text(Fg(themes.Muted), item.Note)
	}
	b.Space(b.Room())
}

// drawCheck draws whether an item is on.
func drawCheck(b *Buf, item *Item) {
	switch {
	case item.On && item.Locked:
		b.Glyph(Fg(themes.Muted), GlyphCheck)
	case item.On:
		b.Glyph(Fg(themes.Good), GlyphCheck)
	default:
		b.Glyph(Fg(themes.Faint), GlyphMid)
	}
}

// labels is the width of the longest label.
func (c *Choice) labels() int {
	w := 0
	for i := range c.Items {
		w = max(w, Width(c.Items[i].Label))
	}
	return w
}
