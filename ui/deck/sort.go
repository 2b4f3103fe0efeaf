package deck

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// sortDialog asks for the column to sort by.
type sortDialog struct {
	choice widget.Choice
	then   func(*page.Env, live.Column)
}

// newSortDialog offers every order, the one in force in focus.
func newSortDialog(now live.Sort, then func(*page.Env, live.Column)) *sortDialog {
	d := &sortDialog{then: then}
	for i, c := range live.Columns() {
		item := widget.Item{Label: words.SortBy(string(c)), Note: words.SortNote(string(c))}
		if c == now.By {
			item.Note = words.SortTurn
		}
		d.choice.Items = append(d.choice.Items, item)
		if c == now.By {
			defer d.choice.SetFocus(i)
		}
	}
	return d
}

// Frame implements page.Dialog.
func (d *sortDialog) Frame(*page.Env) widget.Dialog {
	return widget.Dialog{Title: words.SortTitle, Lines: d.choice.Lines() + 1, Hints: []widget.Hint{
		{Key: "enter", Label: words.HintSort}, {Key: "esc", Label: words.HintClose}}}
}

// Line implements page.Dialog.
func (d *sortDialog) Line(_ *page.Env, b *widget.Buf, i int) {
	if i > 0 {
		d.choice.Line(b, i-1, true)
	}
}

// Key implements page.Dialog.
func (d *sortDialog) Key(e *page.Env, msg tea.Msg) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return
	}
	switch k.String() {
	case "j", "down":
		d.choice.Move(1)
	case "k", "up":
		d.choice.Move(-1)
	case "enter":
		e.Hide()
		d.then(e, live.Columns()[d.choice.Focus()])
	case "esc", "s", "q":
		e.Hide()
	}
}

// Click implements page.Pointer.
func (d *sortDialog) Click(e *page.Env, _, y int) {
	if i, ok := d.choice.ItemAt(y - 1); ok {
		e.Hide()
		d.then(e, live.Columns()[i])
	}
}

// Wheel implements page.Pointer.
func (d *sortDialog) Wheel(_ *page.Env, lines int) { d.choice.Move(lines) }
