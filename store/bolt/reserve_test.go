package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
)

// RF-9: room is made without changing the store, by either way, and nothing is left behind.
func TestReserve(t *testing.T) {
	a, b := pair2(t)
	putRefresh(t, a, "g1", "hush")
	before, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Reserve(t.Context(), 256<<10), a.probe(256<<10)); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(a.path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the store is another one: %d bytes, %d before, %v", len(after), len(before), err)
	}
	if left, _ := filepath.Glob(a.path + ".room-*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if val, err := openRefresh(t, b, "g1"); err != nil || val != "hush" {
		t.Errorf("%q %v", val, err)
	}
	putRefresh(t, b, "g1", "more")
	a.broken.Store(true)
	if err := a.Reserve(t.Context(), 1); !errors.Is(err, store.ErrUnwritable) {
		t.Errorf("after a failed sync: %v", err)
	}
}
