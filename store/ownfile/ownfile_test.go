//go:build unix

package ownfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"crmdeck/store"
)

func TestModesWhateverTheUmask(t *testing.T) { // FP-1
	for _, mask := range []int{0, 0o022, 0o077, 0o777} {
		dir := filepath.Join(t.TempDir(), "deck")
		old := syscall.Umask(mask)
		err := MakeDir(dir)
		var f *os.File
		if err == nil {
			f, err = Open(filepath.Join(dir, "f"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		}
		syscall.Umask(old)
		if err != nil {
			t.Errorf("umask %o: %v", mask, err)
			continue
		}
		f.Close()
		for name, want := range map[string]fs.FileMode{dir: 0o700, dir + "/f": 0o600} {
			if fi, err := os.Stat(name); err != nil || fi.Mode().Perm() != want {
				t.Errorf("umask %o: %v has %v, %v", mask, name, fi.Mode(), err)
			}
		}
	}
}

func TestRefused(t *testing.T) { // FP-2, FP-3, FP-4
	dir := t.TempDir()
	file := func(name string, mode fs.FileMode) string {
		p := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(p, []byte("x"), 0o600), os.Chmod(p, mode)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	link := filepath.Join(dir, "link")
	pipe := filepath.Join(dir, "pipe")
	second := filepath.Join(dir, "second")
	if err := errors.Join(os.Symlink(file("target", 0o600), link), syscall.Mkfifo(pipe, 0o600), os.Link(file("first", 0o600), second)); err != nil {
		t.Fatal(err)
	}
	for name, fix := range map[string]string{
		link: "", pipe: "", second: "", dir: "",
		file("group", 0o640):     "chmod 0600 ",
		file("others", 0o604):    "chmod 0600 ",
		file("it's open", 0o666): "chmod 0600 '" + dir + `/it'\''s open'`,
	} {
		f, err := Open(name, os.O_RDONLY, 0)
		var u *store.UnsafeError
		if !errors.As(err, &u) || !strings.HasPrefix(u.Fix, fix) || (fix == "") != (u.Fix == "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			f.Close()
		}
	}
	if f, err := Open(file("fine", 0o400), os.O_RDONLY, 0); err != nil {
		t.Errorf("a private file: %v", err)
	} else {
		f.Close()
	}
}

func TestForeignOwner(t *testing.T) { // FP-2
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		p = "/etc/passwd" // is root's
	} else if err := os.Chown(p, 12345, -1); err != nil {
		t.Fatal(err)
	}
	var u *store.UnsafeError
	if _, err := Open(p, os.O_RDONLY, 0); !errors.As(err, &u) || !strings.HasPrefix(u.Fix, "sudo chown ") {
		t.Errorf("%v", err)
	}
}

func TestDirectories(t *testing.T) { // FP-2, FP-3
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o755), os.Symlink(open, link), os.WriteFile(dir+"/file", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	var u *store.UnsafeError
	if err := CheckDir(open); !errors.As(err, &u) || u.Fix != "chmod 0700 "+open {
		t.Errorf("open: %v", err)
	}
	for _, p := range []string{link, dir + "/file"} {
		if err := CheckDir(p); !errors.As(err, &u) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := CheckDir(dir + "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}
