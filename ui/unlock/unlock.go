// Package unlock asks for what opens the store, in place, so that what was pressed can go
// on afterwards. It offers what the store has a slot for: a passphrase, an identity file,
// the system's keyring; what a key wants to know besides (the passphrase of an SSH key, the
// PIN of a security key) is asked in the same dialog. What was typed is wiped when the
// dialog closes, whichever way.
package unlock

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// way is one kind of key.
type way uint8

// The ways, in the order in which tab goes through them.
const (
	byPhrase way = iota
	byIdentity
	byKeyring
	wayCount
)

// Ask is what a Dialog is made for.
type Ask struct {
	// Open tries a key.
	Open func(context.Context, store.Key) error
	// Then runs once a key fits, with the key as it was given and without its passphrase.
	Then func(*page.Env, store.Key)
	// Kinds are those of the store's slots; none: they are not known.
	Kinds []string
	// Title and About say what it is asked for; "" is unlocking.
	Title, About string
}

// Dialog is the unlock dialog. It opens the store off the screen's goroutine: a passphrase
// costs a tenth of a second and more, and waits where others were wrong before it.
type Dialog struct {
	ask   Ask
	ways  []way
	at    int // of ways
	field [wayCount]widget.Field
	slot  page.Slot
	try   *attempt // the one under way; nil: none
	until time.Time
	asked *question
	reply widget.Field
	wrong string
}

// New makes the dialog.
func New(a Ask) *Dialog {
	if a.Title == "" {
		a.Title, a.About = words.UnlockTitle, words.UnlockAsk
	}
	d := &Dialog{ask: a, ways: waysOf(a.Kinds)}
	d.field[byPhrase].Secret = true
	return d
}

// waysOf are the ways that fit slots of some kinds.
func waysOf(kinds []string) []way {
	if len(kinds) == 0 {
		return []way{byPhrase, byIdentity}
	}
	var ways []way
	if slices.Contains(kinds, store.SlotPassphrase) {
		ways = append(ways, byPhrase)
	}
	if slices.Contains(kinds, store.SlotIdentity) || slices.Contains(kinds, store.SlotRecipient) {
		ways = append(ways, byIdentity)
	}
	if slices.Contains(kinds, store.SlotKeyring) {
		ways = append(ways, byKeyring)
	}
	return ways
}

// way is the one that shows.
func (d *Dialog) way() way { return d.ways[d.at] }

// Wipe implements page.Wiper.
func (d *Dialog) Wipe(*page.Env) {
	d.stop()
	for i := range d.field {
		d.field[i].Clear()
	}
}

// stop ends the attempt that is under way.
func (d *Dialog) stop() {
	d.slot.Cancel()
	if d.try != nil {
		d.try.cancel()
	}
	d.try, d.asked, d.until = nil, nil, time.Time{}
	d.reply.Clear()
}

// Key implements page.Dialog.
func (d *Dialog) Key(e *page.Env, msg tea.Msg) {
	k, pressed := msg.(tea.KeyPressMsg)
	switch {
	case pressed && k.String() == "esc" && d.try != nil:
		d.stop() // back to the field: what was asked for is still wanted
	case pressed && k.String() == "esc":
		d.Wipe(e)
		e.Hide()
	case d.asked != nil:
		d.answerKey(e, msg)
	case d.try != nil:
	case pressed && (k.String() == "tab" || k.String() == "shift+tab"):
		d.at, d.wrong = (d.at+1)%len(d.ways), ""
	case pressed && k.String() == "enter":
		d.begin(e)
	case d.way() != byKeyring && d.field[d.way()].Handle(msg):
		d.wrong = ""
	}
}

// key is what was typed; false: nothing was.
func (d *Dialog) key() (store.Key, bool) {
	switch f := &d.field[d.way()]; d.way() {
	case byPhrase:
		if f.Len() > 0 {
			return store.Key{Passphrase: f.Take()}, true
		}
	case byIdentity:
		if f.Len() > 0 {
			return store.Key{IdentityFile: f.Value()}, true
		}
	case byKeyring:
		return store.Key{Keyring: true}, true
	}
	return store.Key{}, false
}

// begin opens the store with what was typed.
func (d *Dialog) begin(e *page.Env) {
	k, ok := d.key()
	if !ok {
		return
	}
	d.wrong = ""
	d.try = start(e.Context(), k, d.ask.Open)
	d.next(e, false)
}

// next waits for what the attempt tells. A wait that is somebody's, not the computer's, is no work.
func (d *Dialog) next(e *page.Env, waits bool) {
	t := d.try
	page.Stream(e, &d.slot, waits, func(ctx context.Context, _ func(struct{})) (news, error) { return t.news(ctx) },
		func(*page.Env, struct{}) {}, func(e *page.Env, n news, err error) {
			switch {
			case err != nil: // the dialog was closed
			case n.ended:
				d.ended(e, t, n.err)
			case n.ask != nil:
				d.question(e, n.ask)
			default:
				d.until = e.Deps.Real.Now().Add(n.wait)
				d.next(e, true)
			}
		})
}

// ended tells what became of the attempt.
func (d *Dialog) ended(e *page.Env, t *attempt, err error) {
	d.stop()
	switch {
	case err == nil:
		d.Wipe(e)
		e.Hide()
		d.ask.Then(e, t.key)
	case errors.Is(err, store.ErrWrongKey):
		d.wrong = words.UnlockWrong
	case errors.Is(err, fs.ErrNotExist) && t.key.IdentityFile != "":
		d.wrong = words.UnlockNoFile
	default:
		d.wrong = e.Explain(err, nil).Message()
	}
}
