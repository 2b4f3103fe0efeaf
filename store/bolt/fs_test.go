//go:build linux

package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
)

// FP-10: no store is made or opened on a file system whose locks lie, and nothing is left there.
func TestUnfitFileSystems(t *testing.T) {
	s, _ := pair2(t)
	for kind := range unfitKinds {
		on := New(Options{FileSystem: func(string) string { return kind }})
		base := t.TempDir()
		dir, id := filepath.Join(base, "deck"), filepath.Join(base, "id")
		var unfit *store.UnfitError
		if _, err := on.Create(t.Context(), dir, store.Key{IdentityFile: id}); !errors.As(err, &unfit) {
			t.Errorf("made on %s: %v", kind, err)
		}
		if _, err := on.Stage(t.Context(), dir); !errors.As(err, &unfit) {
			t.Errorf("restored on %s: %v", kind, err)
		}
		if _, err := on.Open(t.Context(), s.dir); !errors.As(err, &unfit) || unfit.Path != s.dir || unfit.Kind == "" {
			t.Errorf("opened on %s: %v", kind, err)
		}
		if n, _ := os.ReadDir(base); len(n) != 0 {
			t.Errorf("left on %s: %v", kind, n)
		}
	}
	for _, kind := range []string{"", "ext4", "overlay", "tmpfs"} {
		on := New(Options{FileSystem: func(string) string { return kind }})
		if o, err := on.Open(t.Context(), s.dir); err != nil {
			t.Errorf("%q: %v", kind, err)
		} else {
			_ = o.Close()
		}
	}
}

// The names that the system gives are in the table, and this directory's is not.
func TestKindsOfFileSystems(t *testing.T) { // FP-10
	for number, name := range kinds {
		if unfitKinds[name] == "" {
			t.Errorf("%x is %q, which is not refused", number, name)
		}
	}
	if kind := kindOf(t.TempDir()); unfitKinds[kind] != "" {
		t.Errorf("the directory for tests lies on %s", kind)
	}
	if kind := kindOf("/nowhere/at/all"); kind != "" {
		t.Errorf("nothing lies on %q", kind)
	}
}
