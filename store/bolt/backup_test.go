package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// One process at a time copies or restores in a directory; the next is told who, and what
// one that died left behind is gone.
func TestStagesTakeTurns(t *testing.T) {
	t.Parallel() // it waits for its turn as long as anybody does
	st, dir := storetest.NewIn(t, bolt.Options{})
	left := filepath.Join(dir, "store.stage")
	if err := errors.Join(os.Mkdir(left, 0o700), os.WriteFile(filepath.Join(left, "store.db"), []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	one, err := st.(store.Copier).Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var busy *store.BusyError
	if _, err := bolt.New(bolt.Options{}).Stage(t.Context(), dir); !errors.As(err, &busy) || busy.Holder.What != "backing up" {
		t.Errorf("%v", err)
	}
	if err := errors.Join(one.Close(), one.Close()); err != nil {
		t.Error(err)
	}
	two, err := bolt.New(bolt.Options{}).Stage(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Place(t.Context()); !errors.Is(err, store.ErrExists) {
		t.Errorf("over a store: %v", err)
	}
	if err := two.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// FP-3: a link in the place of the private directory is taken away, and what it points to is not touched.
func TestStageFollowsNoLink(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "store.db"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, "store.stage")); err != nil {
		t.Fatal(err)
	}
	c, err := st.(store.Copier).Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if b, err := os.ReadFile(filepath.Join(other, "store.db")); string(b) != "mine" {
		t.Errorf("%q %v", b, err)
	}
}

// A copy of an unlocked store opens with its keys, and closing it takes them from nobody.
func TestCopyBorrowsKeys(t *testing.T) {
	st, _ := storetest.NewIn(t, bolt.Options{})
	c, err := st.(store.Copier).Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	twin, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Vault(); err != nil {
		t.Error(err)
	}
	err = twin.Write(t.Context(), func(w store.Writer) error { return nil })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("writing into a copy: %v", err)
	}
	if err := errors.Join(twin.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	if _, err := st.(store.AuditReader).AuditKey(); err != nil {
		t.Errorf("the original: %v", err)
	}
	st.Lock()
	if c, err = st.(store.Copier).Copy(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if twin, err = c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Vault(); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a copy of a locked store: %v", err)
	}
}
