package acts

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// form is a dialog of fields. check says what is wrong, or "" and then then
// runs with the dialog closed.
type form struct {
	title  string
	hint   string // what enter does
	fields []formField
	at     int
	about  []string
	wrong  string
	danger bool
	// needs is a name that has to be typed before enter does anything.
	needs string
	check func(*form) string
	then  func(*page.Env, *form)
}

// formField is one labelled field.
type formField struct {
	label string
	field widget.Field
}

// labelWidth is the cells of the labels.
const labelWidth = 18

// value is what a field holds.
func (f *form) value(i int) string { return f.fields[i].field.Value() }

// Frame implements page.Dialog.
func (f *form) Frame(e *page.Env) widget.Dialog {
	hints := []widget.Hint{{Key: "enter", Label: f.hint, Off: f.missing() > 0}}
	if f.missing() > 0 {
		hints[0].Label = f.hint + ": " + missingWords(f.missing())
	}
	if len(f.fields) > 1 {
		hints = append(hints, widget.Hint{Key: "tab", Label: nextField})
	}
	return widget.Dialog{Title: f.title, Danger: f.danger, Lines: f.head() + len(f.fields) + 2,
		Hints: append(hints, widget.Hint{Key: "esc", Label: keepIt})}
}

// head is the lines above the fields: an empty one, and what the form is about.
func (f *form) head() int {
	if len(f.about) == 0 {
		return 1
	}
	return len(f.about) + 2
}

// Line implements page.Dialog.
func (f *form) Line(_ *page.Env, b *widget.Buf, i int) {
	field := i - f.head()
	switch {
	case field >= 0 && field < len(f.fields):
		f.drawField(b, field)
	case i >= 1 && i <= len(f.about):
		b.Space(1)
		b.Text(widget.Fg(themes.Text), widget.Cut(f.about[i-1], b.Room()-1))
	case field == len(f.fields) && f.wrong != "":
		b.Space(1)
		b.Text(widget.Strong(themes.Bad), widget.GlyphCross)
		b.Space(1)
		b.Text(widget.Fg(themes.Text), widget.Cut(f.wrong, b.Room()-1))
	}
}

// drawField draws one label and its field.
func (f *form) drawField(b *widget.Buf, i int) {
	x := &f.fields[i]
	widget.FocusBar(b, i == f.at)
	if x.label != "" {
		b.Fit(widget.Fg(themes.Muted), x.label, labelWidth)
	}
	x.field.Draw(b, b.Room()-1, i == f.at)
	b.Space(b.Room())
}

// Key implements page.Dialog.
func (f *form) Key(e *page.Env, msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			e.Hide()
			return
		case "tab", "down":
			f.at = (f.at + 1) % len(f.fields)
			return
		case "shift+tab", "up":
			f.at = (f.at + len(f.fields) - 1) % len(f.fields)
			return
		case "enter":
			f.enter(e)
			return
		}
	}
	if f.fields[f.at].field.Handle(msg) {
		f.wrong = ""
	}
}

// enter saves, unless something is wrong or missing.
func (f *form) enter(e *page.Env) {
	if f.missing() > 0 {
		return
	}
	if f.check != nil {
		if f.wrong = f.check(f); f.wrong != "" {
			return
		}
	}
	e.Hide()
	f.then(e, f)
}

// missing is how many letters of the needed name are still to be typed; any
// wrong letter counts as one.
func (f *form) missing() int {
	if f.needs == "" {
		return 0
	}
	typed, want := []rune(f.value(0)), []rune(f.needs)
	same := 0
	for same < len(typed) && same < len(want) && typed[same] == want[same] {
		same++
	}
	return len(want) - same + (len(typed) - same)
}
