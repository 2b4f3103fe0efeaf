// Package ownfile opens files that are ours alone.
//
// A file that holds secrets must be a regular file with one name, belong to the
// user who runs the program, and be closed to everybody else. Open refuses
// anything else with a *store.UnsafeError that names the command which mends it,
// follows no symbolic link in the last part of the path, and never hangs on a
// pipe. On Windows, where a profile directory is private by its access list, only
// the kind of file is checked.
package ownfile

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"crmdeck/store"
)

// Open opens path with os.O_* flags, without following a symbolic link, and checks
// what it got. A file that it creates has exactly mode perm, whatever the umask is.
func Open(path string, flag int, perm fs.FileMode) (*os.File, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flag|safeFlags, perm)
	if err != nil {
		return nil, linkError(path, err)
	}
	if flag&os.O_EXCL != 0 {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = Check(f)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Check tells whether an open file is ours alone.
func Check(f *os.File) error {
	fi, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking at %s: %w", f.Name(), err)
	}
	if !fi.Mode().IsRegular() {
		return &store.UnsafeError{Path: f.Name(), Problem: "is not a regular file"}
	}
	if err := checkLinks(f.Name(), fi); err != nil {
		return err
	}
	return checkPrivate(f.Name(), fi, "0600")
}

// CheckDir tells whether a directory is ours alone. A symbolic link is refused.
func CheckDir(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	fi, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("looking at directory: %w", err)
	}
	if !fi.IsDir() {
		return &store.UnsafeError{Path: path, Problem: "is not a directory"}
	}
	if err := checkRoot(path, fi); err != nil {
		return err
	}
	return checkPrivate(path, fi, "0700")
}

// MakeDir makes path and its missing parents, each with mode 0700 whatever the umask
// is, and checks path. Root makes none in a directory of another user, as with sudo and that
// user's HOME: what root makes there that user could not open (*store.RootError).
func MakeDir(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	above := Existing(path)
	fi, err := os.Stat(above)
	if err == nil {
		err = checkRoot(above, fi)
	}
	if err != nil {
		return fmt.Errorf("making directory: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("making directory: %w", err)
	}
	if fi, err := os.Lstat(path); err == nil && fi.IsDir() && fi.Mode().Perm()&0o700 != 0o700 && mine(fi) {
		if err := os.Chmod(path, 0o700); err != nil { // a umask that takes our own rights
			return fmt.Errorf("making directory: %w", err)
		}
	}
	return CheckDir(path)
}

// SyncDir makes the names in dir durable. Windows has no such call and needs none.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing directory: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !unsyncable {
		return fmt.Errorf("syncing directory: %w", err)
	}
	return nil
}

// Quote makes a path safe to paste into a POSIX shell.
func Quote(path string) string {
	if path != "" && strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
