package ownfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"crmdeck/store"
)

// tempMark stands between the name of a file and what makes its temporary file unique.
const tempMark = ".new-"

// replaceBuffer is how much is written at once; write may well write single lines.
const replaceBuffer = 64 << 10

// Replace puts what write writes in the place of path, with exactly mode perm: a temporary
// file in the same directory is filled, synced and renamed, and the directory is synced.
// Whatever fails or dies when, path holds either what it held before or the whole of the
// new; what a process left that died is removed by the next Replace of the same path.
//
// What is there already may be any regular file of ours; a symbolic link, a second name, a
// pipe or another user's file is refused with a *store.UnsafeError and left alone. Two
// processes may replace the same path at once: the last one to finish stays.
//
// An error after the rename says that the new is there and that a power failure could still
// bring back the old.
func Replace(path string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	if err := replaceable(path); err != nil {
		return err
	}
	dir, prefix := filepath.Dir(path), tempPrefix(path)
	removeDead(dir, prefix)
	f, err := newTemp(dir, prefix)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	renamed := false
	defer func() { // also if write panics
		_ = f.Close()
		if !renamed {
			_ = os.Remove(f.Name())
		}
	}()
	if err := fillFile(f, perm, write); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if !renameOpen {
		if err := f.Close(); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
		}
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("naming %s: %w", filepath.Base(path), err)
	}
	renamed = true
	return SyncDir(dir)
}

// replaceable refuses what a rename would take from somebody else or hide from them.
func replaceable(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	fi, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at the old file: %w", err)
	case fi.Mode()&fs.ModeSymlink != 0:
		return &store.UnsafeError{Path: path, Problem: "is a symbolic link"}
	case !fi.Mode().IsRegular():
		return &store.UnsafeError{Path: path, Problem: "is not a regular file"}
	case !mine(fi):
		return &store.UnsafeError{Path: path, Problem: "belongs to another user"}
	}
	return checkLinks(path, fi)
}

// tempPrefix starts the names of the temporary files of path. The name is cut, since a
// name has at most 255 bytes.
func tempPrefix(path string) string {
	base := filepath.Base(path)
	return "." + base[:min(len(base), 200)] + tempMark
}

// newTemp makes an empty file, mode 0600, and marks it as in use for removeDead. One that
// was taken for dead before it was marked is left to be removed, and another is made.
func newTemp(dir, prefix string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(dir, prefix+"*") // O_EXCL
		if err != nil {
			return nil, err
		}
		alive, err := markAlive(f)
		if err != nil {
			return f, nil // where nothing can be marked, nobody takes it for dead either
		}
		if _, err := os.Lstat(f.Name()); alive && err == nil {
			return f, nil
		}
		_ = f.Close()
	}
}

// removeDead removes temporary files whose process has died.
func removeDead(dir, prefix string) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), prefix) || !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(dir, e.Name())
		f, err := os.OpenFile(name, os.O_RDWR|safeFlags, 0)
		if err != nil {
			continue
		}
		if dead, err := markAlive(f); dead && err == nil {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}

// fillFile fills and syncs f.
func fillFile(f *os.File, perm fs.FileMode, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, replaceBuffer)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(perm); err != nil { // whatever the umask is
		return err
	}
	return f.Sync()
}
