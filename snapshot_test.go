package main

import (
	"path/filepath"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/snapshot"
	"crmdeck/ui/cli"
)

// TestDeckOnSnapshot: `crmdeck --view FILE` shows the file where there is no store, and
// makes none.
func TestDeckOnSnapshot(t *testing.T) {
	dir := t.TempDir()
	r := root{clock: clock.System{}}
	st, err := r.backend(false, "test").Create(t.Context(), filepath.Join(dir, "acme"), store.Key{IdentityFile: filepath.Join(dir, "id.txt")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	taken := time.Now().Add(-time.Hour).UTC()
	d, err := snapshot.Take(t.Context(), st, snapshot.Options{Taken: taken})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "deck.json")
	if _, err := snapshot.WriteFile(file, 0o600, d); err != nil {
		t.Fatal(err)
	}
	v, err := snapshot.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "none")
	deps, done, err := r.deck(t.Context(), cli.TUIOptions{Home: home, View: v, ReadOnly: true, NoAuto: true})
	if err != nil {
		t.Fatal(err)
	}
	done()
	if deps.Store != store.Store(v) || deps.Snapshot == nil || deps.Label != "acme" || !deps.Snapshot.Taken().Equal(taken) || !deps.Settings.ReadOnly {
		t.Errorf("the deck shows %v (%v), label %q", deps.Store, deps.Snapshot, deps.Label)
	}
	if left, err := filepath.Glob(home + "*"); err != nil || len(left) > 0 {
		t.Errorf("made %v (%v)", left, err)
	}
}
