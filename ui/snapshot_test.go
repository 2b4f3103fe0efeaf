package ui_test

import (
	"path/filepath"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/snapshot"
	"crmdeck/ui/uitest"
)

// TestSnapshot: a snapshot is marked with whose it is and how old, its clocks run on and
// say what was true when it was taken, it changes nothing, and a file that is replaced shows.
func TestSnapshot(t *testing.T) {
	w := uitest.New(t).Deck(t)
	path := filepath.Join(t.TempDir(), "deck.json")
	write := func() {
		d, err := snapshot.Take(t.Context(), w.Store, snapshot.Options{Taken: w.Clock.Now(), Events: 3,
			Judge: func(store.Summary) snapshot.Finding { return snapshot.Finding{State: "healthy"} }})
		if err == nil {
			_, err = snapshot.WriteFile(path, 0o600, d)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write()
	v, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	w.Deps.Store, w.Deps.Snapshot, w.Deps.Settings.ReadOnly = v, v, true
	w.Pass(3 * time.Hour)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want("SNAPSHOT", "memory · 3h old", "salesforce-emea", "healthy when the snapshot was taken")
	x.Press("r")
	x.Want("this is a snapshot: it shows everything and changes nothing")
	x.Press("enter")
	x.Want("salesforce-emea", "SNAPSHOT")
	x.Press("esc")
	if n := w.Store.Writes(); n != 1 {
		t.Errorf("the store behind it was written %d times", n)
	}
	w.Put(t, func(tx store.Writer) error {
		c, err := tx.Connection(uitest.IDOf("close-nightly"))
		c.Name = "close-renamed"
		if err != nil {
			return err
		}
		return tx.PutConnection(&c)
	})
	write()
	x.Until("close-renamed")
	x.Want("just taken")
	x.WantNot("close-nightly")
}
