//go:build unix

package ownfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
)

// FP-7: as under sudo with the HOME of the user who called it.
func TestRootMakesNothingInAUsersDirectory(t *testing.T) {
	home := t.TempDir()
	fi, err := os.Stat(home)
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(home, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		var root *store.RootError
		if err := MakeDir(filepath.Join(home, ".local/share/crmdeck")); !errors.As(err, &root) || root.UID != 12345 || root.Path != home {
			t.Errorf("under a foreign home: %v", err)
		}
		if n, _ := os.ReadDir(home); len(n) != 0 {
			t.Errorf("made: %v", n)
		}
		if err := CheckDir(home); !errors.As(err, &root) {
			t.Errorf("a user's directory: %v", err)
		}
		if fi, err = os.Stat(home); err != nil {
			t.Fatal(err)
		}
	}
	// The rule by itself, whoever runs this: only root is refused, and not in its own.
	if err := foreign(home, fi, 1000); err != nil {
		t.Errorf("as a user: %v", err)
	}
	own, err := os.Stat("/")
	if err != nil || foreign("/", own, 0) != nil {
		t.Errorf("root in its own: %v, %v", err, foreign("/", own, 0))
	}
}
