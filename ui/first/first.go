// Package first is the first start: it asks how a new store shall open, creates
// it, and hands it to the program. Until then nothing is on disk; esc leaves it
// so. What was typed is wiped when the dialog closes, whichever way.
package first

import (
	"context"
	"errors"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// minPassphrase is how many characters a new passphrase has at least (NIST SP
// 800-63B-4, 3.1.1.2); the store holds to it as well.
const minPassphrase = 15

// The ways to open a store, in the order in which they are offered.
const (
	byPhrase = iota
	byIdentity
	byBoth
)

// The fields.
const (
	fieldPhrase = iota
	fieldAgain
	fieldPath
	fieldCount
)

// needs are the fields of each way.
var needs = [...][]int{
	byPhrase: {fieldPhrase, fieldAgain}, byIdentity: {fieldPath}, byBoth: {fieldPhrase, fieldAgain, fieldPath},
}

// Dialog asks and creates.
type Dialog struct {
	home   string
	then   func(*page.Env)
	way    widget.Choice
	asking bool // the fields are shown, not the choice
	field  [fieldCount]widget.Field
	at     int // index into needs
	slot   page.Slot
	wrong  string
}

// New makes the dialog for a store in home; then runs once it is there and open.
func New(home string, then func(*page.Env)) *Dialog {
	d := &Dialog{home: home, then: then}
	d.way.Items = []widget.Item{
		{Label: words.FirstPhrase, Note: words.FirstPhraseIs}, {Label: words.FirstIdentity, Note: words.FirstIdentityIs},
		{Label: words.FirstBoth, Note: words.FirstBothIs},
	}
	d.field[fieldPhrase].Secret, d.field[fieldAgain].Secret = true, true
	d.field[fieldPath].Set(filepath.Join(home, "identity.txt"))
	return d
}

// Key implements page.Dialog.
func (d *Dialog) Key(e *page.Env, msg tea.Msg) {
	if d.slot.Runs() {
		return // it takes a moment, and a store that is being made is not left half
	}
	k, pressed := msg.(tea.KeyPressMsg)
	if !d.asking {
		if pressed {
			d.choose(e, k.String())
		}
		return
	}
	if pressed {
		switch k.String() {
		case "esc":
			d.asking, d.wrong = false, ""
			d.clear()
			return
		case "tab", "down":
			d.at = (d.at + 1) % len(needs[d.way.Focus()])
			return
		case "shift+tab", "up":
			n := len(needs[d.way.Focus()])
			d.at = (d.at + n - 1) % n
			return
		case "enter":
			d.enter(e)
			return
		}
	}
	if d.current().Handle(msg) {
		d.wrong = ""
	}
}

// choose takes a key of the first question.
func (d *Dialog) choose(e *page.Env, key string) {
	switch key {
	case "up", "k":
		d.way.Move(-1)
	case "down", "j", "tab":
		d.way.Move(1)
	case "enter":
		d.asking, d.at = true, 0
	case "esc":
		d.clear()
		e.Hide()
	}
}

// current is the field in focus.
func (d *Dialog) current() *widget.Field { return &d.field[needs[d.way.Focus()][d.at]] }

// clear wipes what is secret.
func (d *Dialog) clear() {
	d.field[fieldPhrase].Clear()
	d.field[fieldAgain].Clear()
}

// enter goes to the next field, and from the last creates.
func (d *Dialog) enter(e *page.Env) {
	list := needs[d.way.Focus()]
	if d.wrong = d.check(list[d.at]); d.wrong != "" {
		return
	}
	if d.at < len(list)-1 {
		d.at++
		return
	}
	for i, f := range list { // tab may have passed one by
		if d.wrong = d.check(f); d.wrong != "" {
			d.at = i
			return
		}
	}
	d.create(e)
}

// check says what is wrong in a field.
func (d *Dialog) check(f int) string {
	switch n := d.field[f].Len(); {
	case f == fieldPhrase && n < minPassphrase:
		return words.FirstShort(minPassphrase - n)
	case f == fieldPath && n == 0:
		return words.FirstNoPath
	}
	return ""
}

// keys takes what was typed. It is false if the two passphrases differ.
func (d *Dialog) keys() ([]store.Key, bool) {
	var keys []store.Key
	if way := d.way.Focus(); way != byIdentity {
		one, two := d.field[fieldPhrase].Take(), d.field[fieldAgain].Take()
		defer two.Wipe()
		if !one.Equal(two) {
			// The first stays, so that a slip in the second costs one line only.
			d.put(one)
			return nil, false
		}
		keys = append(keys, store.Key{Passphrase: one})
	}
	if d.way.Focus() != byPhrase {
		keys = append(keys, store.Key{IdentityFile: d.field[fieldPath].Value()})
	}
	return keys, true
}

// put gives the first passphrase back to its field.
func (d *Dialog) put(v secret.Value) {
	d.field[fieldPhrase].Insert(v.Reveal())
	v.Wipe()
}

// create makes the store off the screen's goroutine: deriving a key from a
// passphrase takes a tenth of a second and 64 MiB.
func (d *Dialog) create(e *page.Env) {
	keys, same := d.keys()
	if !same {
		d.at, d.wrong = 1, words.FirstDiffer
		return
	}
	backend, home := e.Deps.Backend, d.home
	page.Go(e, &d.slot, func(ctx context.Context) (store.Store, error) {
		defer func() {
			for _, k := range keys {
				k.Passphrase.Wipe()
			}
		}()
		return backend.Create(ctx, home, keys...)
	}, d.created)
}

// created hands the store over.
func (d *Dialog) created(e *page.Env, st store.Store, err error) {
	if err != nil {
		x := e.Explain(err, nil)
		d.wrong = x.Message()
		if errors.Is(err, store.ErrShortPassphrase) {
			d.wrong = words.FirstPhraseRule
		}
		d.at = 0
		return
	}
	e.Hide()
	e.Adopt(st)
	if d.way.Focus() == byIdentity {
		e.Good(words.FirstDoneWith(d.field[fieldPath].Value()))
	} else {
		e.Good(words.FirstDone)
	}
	d.then(e)
}
