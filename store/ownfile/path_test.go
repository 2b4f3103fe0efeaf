//go:build unix

package ownfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/store"
	"crmdeck/store/text"
)

func TestOddPaths(t *testing.T) { // FP-8
	dir := t.TempDir()
	for name, odd := range map[string]string{
		"NUL": "a\x00b", "newline": "a\nb", "escape": "a\x1b[2Jb", "no UTF-8": "a\xffb", "C1": "a\u009bb",
		"direction": "a\u202eb", "long": strings.Repeat("d/", 2048) + "f", "long name": strings.Repeat("n", 300),
	} {
		path := filepath.Join(dir, odd)
		_, opening := Open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		for what, err := range map[string]error{
			"open": opening, "make": MakeDir(path), "check": CheckDir(path), "replace": Replace(path, 0o600, write("x")),
		} {
			var u *store.UnsafeError
			switch {
			case err == nil:
				t.Errorf("%s: %s", what, name)
			case name == "long name": // the system says so
			case !errors.As(err, &u) || len(err.Error()) > 200 || text.Clean(err.Error()) != err.Error():
				t.Errorf("%s: %s: %v", what, name, err)
			}
		}
	}
	if n, _ := os.ReadDir(dir); len(n) != 0 {
		t.Errorf("left: %v", n)
	}
	// What is odd only to some is a path like any other.
	for _, name := range []string{"ü", "日本語", "with blank", "it's", "-rf", "👩‍💻"} {
		path := filepath.Join(dir, name, "..", name, "deck")
		if err := errors.Join(MakeDir(path), CheckDir(path)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExisting(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{dir: dir, dir + "/a/b": dir, "/": "/", "/nowhere/at/all": "/"} {
		if got := Existing(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}
