package ui_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/ui"
	"crmdeck/ui/uitest"
)

// phrase opens the stores of these tests.
const phrase = "correct horse battery staple"

// locking is a world whose deck locks after a quarter of an hour.
func locking(t *testing.T) *uitest.World {
	w := uitest.New(t).Deck(t)
	w.Store.Needs(phrase)
	w.Deps.Settings.AutoLock = 15 * time.Minute
	return w
}

// isShut reports that the store has no key.
func isShut(w *uitest.World) bool {
	_, err := w.Store.Vault()
	return errors.Is(err, store.ErrLocked)
}

// pass lets time go by in steps until the screen shows a text.
func pass(x *uitest.Terminal, w *uitest.World, step time.Duration, text string) {
	x.Wait("the screen never shows "+text, func() bool {
		if x.Has(text) {
			return true
		}
		w.Pass(step)
		x.Settle()
		return x.Has(text)
	})
}

// SE-16: a deck that nobody touches for 15 minutes says so a minute before, and locks.
func TestLocksWhenNobodyIsThere(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		w := locking(t)
		x := uitest.Start(t, w.Deps, size[0], size[1])
		x.WantNot("LOCKED")
		w.Pass(13 * time.Minute)
		x.Settle()
		x.WantNot("Locks in")
		pass(x, w, time.Minute, "Locks in")
		pass(x, w, time.Second, "Locks in 40 s, then nothing is refreshed ahead; any key keeps it open.")
		x.Press("j") // any key
		x.UntilNot("Locks in")
		w.Pass(14 * time.Minute)
		pass(x, w, time.Second, "Locked after 15 minutes idle: nothing is refreshed now.")
		x.Wait("the key stays", func() bool { return isShut(w) })
		if size[0] >= 120 {
			x.Want(" LOCKED ", "nobody refreshes")
		}
		if x.App().Env().Refreshing {
			t.Error("the engine runs on")
		}
		x.Press("U")
		x.Want("Unlock the store")
		x.Type(phrase)
		x.Press("enter")
		x.UntilNot("Locked after")
		if isShut(w) || !x.App().Env().Refreshing {
			t.Error("it does not go on")
		}
	}
}

// SE-16: a computer that slept is locked by the time of day, and the key that woke it does nothing.
func TestLocksAfterSleep(t *testing.T) {
	w := locking(t)
	c := &sleeps{now: uitest.Noon} // timers that never ring
	w.Deps.Real = c
	r := newRun(t, w.Deps, 120, 36)
	r.update(ui.KeyNamed("j"))
	c.now = c.now.Add(8 * time.Hour)
	r.update(ui.KeyNamed("r"))
	if calls := w.Engine.Calls(); len(calls) > 0 {
		t.Errorf("calls %q", calls)
	}
	if !r.app.Env().Locked {
		t.Error("it is open")
	}
}

// setBack is a clock whose time of day was changed: timers do not follow it.
type setBack struct {
	*clock.Scaled
	by atomic.Int64
}

func (s *setBack) Now() time.Time { return s.Scaled.Now().Add(-time.Duration(s.by.Load())) }

// SE-16: a clock that is set back does not keep the deck open.
func TestClockSetBackGivesNoTime(t *testing.T) {
	w := locking(t)
	back := &setBack{Scaled: w.Real}
	w.Deps.Real = back
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("j")
	back.by.Store(int64(10 * time.Hour))
	w.Pass(time.Minute)
	x.Settle()
	for range 32 {
		w.Pass(30 * time.Second)
		x.Settle()
	}
	x.Until("Locked after 15 minutes")
}

// An identity file lies on the disk: the deck that it opened locks only where a person wants it.
func TestIdentityFileStaysOpen(t *testing.T) {
	for _, set := range []bool{false, true} {
		w := locking(t)
		w.Deps.Settings.AutoLockSet = set
		w.Store.LockWith("/home/jan/id.txt")
		w.Deps.Key = store.Key{IdentityFile: "/home/jan/id.txt"}
		x := uitest.Start(t, w.Deps, 120, 36)
		w.Pass(time.Second)
		x.UntilNot("LOCKED")
		x.Press("j")
		w.Pass(14*time.Minute + 30*time.Second)
		if set {
			x.Until("Locks in 30 s")
			continue
		}
		w.Pass(time.Hour)
		x.Settle()
		x.WantNot("Lock", "LOCKED")
	}
}

// The settings say when the deck locks by itself.
func TestSettingsTellOfLocking(t *testing.T) {
	w := locking(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("g s")
	x.Want("this deck  locks after 15 minutes without a key  auto_lock in config.toml")
	w.Deps.Settings.AutoLock = 0
	x = uitest.Start(t, w.Deps, 120, 36)
	x.Press("g s")
	x.Want("this deck  never locks by itself")
}

// L locks at once; what holds secrets closes, what does not stays.
func TestLockByKey(t *testing.T) {
	w := locking(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("enter")
	x.Want("credential")
	x.Press("L")
	x.Until("Locked: nothing is refreshed now. Secrets stay sealed.")
	x.Want("credential", " LOCKED ")
	x.Wait("the key stays", func() bool { return isShut(w) })
	x.Press("L")
	x.Want("the store is locked already")
	x.Press("r") // asks for the key first
	x.Want("Unlock the store")
	x.Type("half a passphrase")
	x.Press("esc", "U")
	x.WantNot("17 characters") // what was typed is gone
}

// draining is an engine with a refresh in flight that ends when the test says so.
type draining struct {
	*uitest.Engine
	sent chan struct{}
}

func (d *draining) Drain(ctx context.Context) error {
	select {
	case <-d.sent:
	case <-ctx.Done():
	}
	return ctx.Err()
}

var _ lifecycle.Lifecycle = (*draining)(nil)

// RF-11: what was sent keeps the key until its answer is stored.
func TestLockWaitsForWhatWasSent(t *testing.T) {
	w := locking(t)
	d := &draining{w.Engine, make(chan struct{})}
	w.Deps.Lifecycle = d
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("L")
	x.Until("Locked: nothing")
	x.Press("j", "k")
	if isShut(w) {
		t.Fatal("the key went while a refresh was in flight")
	}
	close(d.sent)
	x.Wait("the key stays", func() bool { return isShut(w) })
}

// An unlock that comes while locking still waits takes its place.
func TestUnlockOvertakesLocking(t *testing.T) {
	w := locking(t)
	d := &draining{w.Engine, make(chan struct{})}
	w.Deps.Lifecycle = d
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("L")
	x.Until("Locked: nothing")
	x.Press("U")
	x.Type(phrase)
	x.Press("enter")
	x.UntilNot("LOCKED")
	close(d.sent)
	x.Press("j", "k")
	x.Until("this deck refreshes")
	if isShut(w) {
		t.Error("it was locked all the same")
	}
}

// Another process gave the store a new data key: the deck locks and says why.
func TestLocksWhereTheKeyIsNew(t *testing.T) {
	w := locking(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	w.Store.Rekeyed()
	w.Put(t, func(tx store.Writer) error { tx.Bookkeeping(); return nil })
	x.Until("Locked, since the store has a new data key")
	x.Press("U")
	x.Type(phrase)
	x.Press("enter")
	x.UntilNot("Locked,")
}

// The dialog offers what the store has slots for, and nothing else.
func TestUnlockOffersWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		kinds     []string
		want, not []string
	}{
		{[]string{store.SlotPassphrase}, []string{"Passphrase"}, []string{"identity file", "keyring"}},
		{[]string{store.SlotIdentity, store.SlotRecipient}, []string{"Identity file"}, []string{"Passphrase", "tab"}},
		{[]string{store.SlotKeyring}, []string{"the entry in this computer's keyring"}, []string{"Passphrase", "Identity"}},
		{[]string{store.SlotPassphrase, store.SlotKeyring}, []string{"Passphrase", "tab keyring"}, []string{"dentity file"}},
	} {
		w := locking(t)
		w.Store.Kinds = c.kinds
		w.Store.LockWith(phrase)
		x := uitest.Start(t, w.Deps, 80, 24)
		x.Press("U")
		x.Want(c.want...)
		x.WantNot(c.not...)
		if c.kinds[0] == store.SlotKeyring {
			w.Store.LockWith("keyring")
			x.Press("enter")
			x.UntilNot("Unlock the store")
		}
	}
}

// What a key asks is asked in the dialog, and a wait after wrong tries is told and can be stopped.
func TestUnlockAsksAndWaits(t *testing.T) {
	w := locking(t)
	w.Store.LockWith("/k")
	asked := make(chan string, 4)
	w.Store.OnUnlock = func(ctx context.Context, k store.Key) error {
		for _, q := range []store.Question{{Kind: store.AskPassphrase, From: "/k"}, {Kind: store.AskConfirm, From: "yubi", Text: "Touch\x1b[31m it", Yes: "done", No: "skip"},
			{Kind: store.AskValue, From: "yubi", Text: "Which slot?"}} {
			v, err := k.Ask(ctx, q)
			if err != nil {
				return err
			}
			asked <- v.Reveal()
		}
		k.Wait(8 * time.Second)
		return w.Real.Sleep(ctx, 8*time.Second)
	}
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("U", "tab")
	x.Type("/k")
	x.Press("enter")
	x.Until("The key /k has a passphrase of its own.")
	x.Type("hidden one")
	x.WantNot("hidden one")
	x.Press("enter")
	x.Until("yubi: Touch")
	x.Want("enter done", "n skip")
	x.Press("n")
	x.Until("yubi: Which slot?")
	x.Type("9a")
	x.Want("9a")
	x.Press("enter")
	x.Until("Earlier tries were wrong, so this one waits 8 seconds.")
	x.Press("esc")
	x.Want("Unlock the store", "enter unlock") // the dialog stays, the try is over
	close(asked)
	var got []string
	for s := range asked {
		got = append(got, s)
	}
	if fmt.Sprint(got) != "[hidden one skip 9a]" {
		t.Errorf("answers %q", got)
	}
}

// token is the token of these tests.
const token = "eyJ-very-secret-token"

// LK-10, SE-16, TM-11: a token is copied after the passphrase was given anew, and taken out again.
func TestCopyTokenAndTakeItBack(t *testing.T) {
	w := locking(t)
	w.Engine.Hand = func() secret.Value { return secret.FromString(token) }
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("enter", "Y")
	x.Want("Copy the token of", "what watches the clipboard")
	x.Type(phrase)
	x.Press("enter")
	x.Until("copied the token of")
	x.WantNot(token) // LK-14
	if got := x.Clipboard(); got != token {
		t.Fatalf("clipboard %q", got)
	}
	w.Pass(30*time.Second - time.Millisecond)
	x.Settle()
	if got := x.Clipboard(); got != token {
		t.Fatalf("clipboard %q", got)
	}
	x.Wait("the token stays in the clipboard", func() bool { w.Real.Advance(100 * time.Millisecond); return x.Clipboard() == "" })
	x.Want("the token is out of the clipboard")
	if calls := w.Engine.Calls(); len(calls) != 1 {
		t.Errorf("calls %q", calls)
	}
}

// LK-10: over SSH and in read-only mode no token is copied; locking takes it out at once.
func TestCopyTokenIsRefused(t *testing.T) {
	w := locking(t)
	w.Deps.Settings.Remote = true
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("enter", "Y")
	x.Until("over SSH the clipboard is another computer's")
	w = locking(t)
	w.Deps.Settings.ReadOnly = true
	x = uitest.Start(t, w.Deps, 120, 36)
	x.Press("enter", "Y")
	x.Until("this deck is read-only")
	w = locking(t)
	w.Store.Kinds = []string{store.SlotIdentity}
	w.Engine.Hand = func() secret.Value { return secret.FromString(token) }
	x = uitest.Start(t, w.Deps, 120, 36)
	x.Press("enter", "Y")
	x.Until("copied the token of")
	if got := x.Clipboard(); got != token {
		t.Fatalf("clipboard %q", got)
	}
	x.Press("L")
	x.Wait("the token stays in the clipboard", func() bool { return x.Clipboard() == "" })
}
