package first

import (
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// lines is the height of the dialog in all its phases.
const lines = 10

// The lines of the dialog.
const (
	lineHead  = 1
	lineFirst = 3 // of the choice or the fields
	lineNote  = 7
	lineWrong = 8
)

// labelWidth is the cells of a field's label.
const labelWidth = 16

// heads are the questions of each way.
var heads = [...]string{byPhrase: words.FirstAskPhrase, byIdentity: words.FirstAskIdentity, byBoth: words.FirstAskBoth}

// labels are those of the fields.
var labels = [fieldCount]string{words.FirstPhrase, words.FirstAgain, words.FirstPath}

// Frame implements page.Dialog.
func (d *Dialog) Frame(*page.Env) widget.Dialog {
	f := widget.Dialog{Title: words.FirstTitle, Lines: lines}
	if !d.asking {
		f.Hints = []widget.Hint{{Key: "enter", Label: words.HintChoose}, {Key: "esc", Label: words.HintCreateNothing}}
		return f
	}
	list := needs[d.way.Focus()]
	enter := widget.Hint{Key: "enter", Label: words.HintCreate, Off: d.slot.Runs()}
	if d.at < len(list)-1 {
		enter.Label = words.HintNext
	}
	f.Hints = []widget.Hint{enter}
	if len(list) > 1 {
		f.Hints = append(f.Hints, widget.Hint{Key: "tab", Label: words.HintNext, Off: d.slot.Runs()})
	}
	f.Hints = append(f.Hints, widget.Hint{Key: "esc", Label: words.HintBackToChoice, Off: d.slot.Runs()})
	return f
}

// Line implements page.Dialog.
func (d *Dialog) Line(_ *page.Env, b *widget.Buf, i int) {
	if d.asking {
		d.lineAsking(b, i)
		return
	}
	switch {
	case i == lineHead:
		say(b, widget.Strong(themes.Text), words.FirstHow)
	case i >= lineFirst && i < lineFirst+d.way.Lines():
		d.way.Line(b, i-lineFirst, true)
	case i == lineNote:
		say(b, widget.Fg(themes.Muted), words.FirstAbout)
	}
}

// lineAsking draws the phase with fields.
func (d *Dialog) lineAsking(b *widget.Buf, i int) {
	way := d.way.Focus()
	list := needs[way]
	switch {
	case i == lineHead:
		say(b, widget.Strong(themes.Text), heads[way])
	case i >= lineFirst && i-lineFirst < len(list):
		n := i - lineFirst
		widget.FocusBar(b, n == d.at)
		b.Fit(widget.Fg(themes.Muted), labels[list[n]], labelWidth)
		d.field[list[n]].Draw(b, b.Room()-1, n == d.at)
		b.Space(b.Room())
	case i == lineNote:
		rule := words.FirstPhraseRule
		if list[d.at] == fieldPath {
			rule = words.FirstPathRule
		}
		say(b, widget.Fg(themes.Muted), rule)
	case i == lineWrong && d.slot.Runs():
		say(b, widget.Fg(themes.Info), words.FirstCreating)
	case i == lineWrong && d.wrong != "":
		b.Space(1)
		b.Text(widget.Strong(themes.Bad), widget.GlyphCross+" ")
		b.Text(widget.Fg(themes.Text), widget.Cut(d.wrong, b.Room()-1))
	}
}

// say draws one line of text.
func say(b *widget.Buf, st widget.Style, s string) {
	b.Space(1)
	b.Text(st, widget.Cut(s, b.Room()))
}
