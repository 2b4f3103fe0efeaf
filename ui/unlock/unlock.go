// Package unlock asks for what opens the store: a passphrase or an identity
// file, in place, so that what was pressed can go on afterwards.
package unlock

import (
	"context"
	"errors"
	"io/fs"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Dialog is the unlock dialog. It opens the store off the screen's goroutine:
// a passphrase costs a tenth of a second and more.
type Dialog struct {
	open  func(context.Context, store.Key) error
	then  func(*page.Env)
	field [2]widget.Field
	at    int // which of the two fields
	slot  page.Slot
	wrong string
}

// New makes the dialog: open tries a key, then runs once it fits.
func New(open func(context.Context, store.Key) error, then func(*page.Env)) *Dialog {
	d := &Dialog{open: open, then: then}
	d.field[0].Secret = true
	return d
}

// lines is the height of the dialog.
const lines = 6

// labels of the two fields.
var labels = [2]string{words.UnlockPassphrase, words.UnlockIdentity}

// Frame implements page.Dialog.
func (d *Dialog) Frame(*page.Env) widget.Dialog {
	other := [2]string{words.HintOther, words.HintOtherBack}[d.at]
	return widget.Dialog{Title: words.UnlockTitle, Lines: lines, Hints: []widget.Hint{
		{Key: "enter", Label: words.HintUnlock, Off: d.field[d.at].Len() == 0 || d.slot.Runs()},
		{Key: "tab", Label: other}, {Key: "esc", Label: words.HintCancel}}}
}

// labelWidth is the cells of the label.
const labelWidth = 15

// Line implements page.Dialog.
func (d *Dialog) Line(_ *page.Env, b *widget.Buf, i int) {
	muted := widget.Fg(themes.Muted)
	switch i {
	case 1:
		widget.FocusBar(b, true)
		b.Fit(muted, labels[d.at], labelWidth)
		d.field[d.at].Draw(b, b.Room()-1, true)
	case 3:
		b.Space(1)
		switch {
		case d.slot.Runs():
			b.Text(widget.Fg(themes.Info), words.UnlockChecking)
		case d.wrong != "":
			b.Text(widget.Strong(themes.Bad), widget.GlyphCross+" ")
			b.Text(widget.Fg(themes.Text), widget.Cut(d.wrong, b.Room()-1))
		}
	case 4:
		b.Space(1)
		b.Text(muted, widget.Cut(words.UnlockAsk, b.Room()))
	}
}

// Key implements page.Dialog.
func (d *Dialog) Key(e *page.Env, msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			d.slot.Cancel()
			d.field[0].Clear()
			e.Hide()
			return
		case "tab", "shift+tab":
			d.at, d.wrong = 1-d.at, ""
			return
		case "enter":
			d.try(e)
			return
		}
	}
	if d.field[d.at].Handle(msg) {
		d.wrong = ""
	}
}

// try opens the store with what was typed.
func (d *Dialog) try(e *page.Env) {
	if d.slot.Runs() || d.field[d.at].Len() == 0 {
		return
	}
	k := store.Key{IdentityFile: d.field[1].Value()}
	if d.at == 0 {
		k = store.Key{Passphrase: d.field[0].Take()}
	}
	open := d.open
	page.Go(e, &d.slot, func(ctx context.Context) (struct{}, error) {
		defer k.Passphrase.Wipe()
		return struct{}{}, open(ctx, k)
	}, func(e *page.Env, _ struct{}, err error) {
		switch {
		case err == nil:
			e.Hide()
			d.then(e)
		case errors.Is(err, store.ErrWrongKey):
			d.wrong = words.UnlockWrong
		case errors.Is(err, fs.ErrNotExist) && k.IdentityFile != "":
			d.wrong = words.UnlockNoFile
		default:
			d.wrong = e.Explain(err, nil).Message()
		}
	})
}
