// Package storetest makes stores for tests, and holds the tests that every engine
// must pass.
package storetest

import (
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
)

// New returns an unlocked store in a directory of the test. It has one slot, the
// identity file Identity names.
func New(t testing.TB) store.Store {
	t.Helper()
	return NewAt(t, clock.System{})
}

// NewAt is New with a clock.
func NewAt(t testing.TB, c clock.Clock) store.Store {
	t.Helper()
	s, _ := NewIn(t, bolt.Options{Clock: c})
	return s
}

// NewIn is New with options, and tells the directory, so that it can be opened again.
func NewIn(t testing.TB, o bolt.Options) (s store.Store, dir string) {
	t.Helper()
	if o.Actor == "" {
		o.Actor = "tester"
	}
	if o.Host == "" {
		o.Host = "test-host"
	}
	o.Strict = true
	dir = filepath.Join(t.TempDir(), "deck")
	s, err := bolt.New(o).Create(t.Context(), dir, store.Key{IdentityFile: Identity(dir)})
	if err != nil {
		t.Fatalf("creating a store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

// Open opens and unlocks a store that New made, as another process would.
func Open(t testing.TB, dir string, o bolt.Options) store.Store {
	t.Helper()
	s, err := bolt.New(o).Open(t.Context(), dir)
	if err != nil {
		t.Fatalf("opening a store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Unlock(t.Context(), store.Key{IdentityFile: Identity(dir)}); err != nil {
		t.Fatalf("unlocking a store: %v", err)
	}
	return s
}

// Identity is the identity file of a store that New made. It lies beside the store.
func Identity(dir string) string { return filepath.Join(filepath.Dir(dir), "identity.txt") }
