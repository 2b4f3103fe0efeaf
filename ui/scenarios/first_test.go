package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/uitest"
)

const phrase = "four plain words make it"

// reopen opens the store as another start of the program would.
func (w *world) reopen() store.Store {
	w.t.Helper()
	st, err := w.deps.Backend.Open(w.t.Context(), w.home)
	must(w.t, err)
	w.t.Cleanup(func() { _ = st.Close() })
	return st
}

func TestFirstStartWithAPassphrase(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := uitest.Start(t, w.deps, s.w, s.h)
		x.Want("A new store", "How shall it open?", "Passphrase", "Identity file", "Both", "esc create nothing")
		x.WantNot("╔")
		x.Press("enter")
		x.Type("too short")
		x.Press("enter")
		x.Want("At least 15 characters: 6 missing.")
		x.Press("ctrl+u")
		x.Paste(phrase)
		x.WantNot(phrase)
		x.Press("enter")
		x.Type(phrase + "!")
		x.Press("enter")
		x.Want("The two are not the same")
		x.Press("ctrl+u")
		x.Type(phrase)
		x.Press("enter")
		x.Until("No connections yet.")
		x.WantNot("A new store")
		st := w.reopen()
		if err := st.Unlock(t.Context(), store.Key{Passphrase: secret.FromString(phrase)}); err != nil {
			t.Errorf("the passphrase does not open it: %v", err)
		}
		// The deck goes on with the store that was made.
		x.Press("n")
		x.Want("Which CRM?")
	}
}

func TestFirstStartWithBoth(t *testing.T) {
	w := newWorld(t)
	x := uitest.Start(t, w.deps, 120, 36)
	path := filepath.Join(w.home, "own.key")
	x.Press("down", "down", "enter")
	x.Paste(phrase)
	x.Press("tab")
	x.Paste(phrase)
	x.Press("tab", "ctrl+u")
	x.Type(path)
	wantOneBarIn(t, x, "Identity file")
	x.Press("enter")
	x.Until("No connections yet.")
	fi, err := os.Stat(path)
	must(t, err)
	if fi.Mode().Perm() != 0o400 {
		t.Errorf("mode %v", fi.Mode())
	}
	for _, k := range []store.Key{{IdentityFile: path}, {Passphrase: secret.FromString(phrase)}} {
		if err := w.reopen().Unlock(t.Context(), k); err != nil {
			t.Errorf("%v does not open it: %v", k, err)
		}
	}
}

// wantOneBarIn fails unless the dialog's focus bar stands before a text.
func wantOneBarIn(t *testing.T, x *uitest.Terminal, text string) {
	t.Helper()
	x.Want("▌" + text)
}

func TestFirstStartCreatesNothingOnEsc(t *testing.T) {
	w := newWorld(t)
	x := uitest.Start(t, w.deps, 80, 24)
	x.Press("down", "enter", "esc", "esc")
	x.WantNot("A new store")
	x.Want("No connections yet.")
	if _, err := w.deps.Backend.Open(t.Context(), w.home); !errors.Is(err, store.ErrNoStore) {
		t.Fatalf("there is a store: %v", err)
	}
	// Setting one up needs a store: it is asked for then, and goes on.
	x.Press("n")
	x.Want("A new store")
	x.Press("down", "enter", "enter")
	x.Until("Which CRM?")
	w.reopen()
}

func TestReadOnlyCreatesNothing(t *testing.T) {
	w := newWorld(t)
	w.deps.Settings.ReadOnly = true
	x := uitest.Start(t, w.deps, 80, 24)
	x.WantNot("A new store", "n new")
	x.Want("READ-ONLY")
}

// The store opens by itself where main was given the key, after the first frame.
func TestOpensByKey(t *testing.T) {
	w := newWorld(t)
	key := store.Key{IdentityFile: filepath.Join(w.home, "identity.txt")}
	st, err := w.deps.Backend.Create(t.Context(), w.home, key)
	must(t, err)
	must(t, st.Close())
	w.deps.Store, w.deps.Key = w.reopen(), key
	w.deps.Lifecycle, w.deps.Setups = w.deps.Attach(w.deps.Store)
	x := uitest.Start(t, w.deps, 120, 36)
	x.Until("this deck refreshes")
	x.WantNot("LOCKED")
	if _, err := w.deps.Store.Vault(); err != nil {
		t.Error(err)
	}
}
