//go:build unix

package ownfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"crmdeck/store"
)

// safeFlags: no last symbolic link, and opening a pipe without a writer returns at once.
const safeFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK

func linkError(path string, err error) error {
	if errors.Is(err, unix.ELOOP) {
		return &store.UnsafeError{Path: path, Problem: "is a symbolic link"}
	}
	if errors.Is(err, unix.ENXIO) {
		return &store.UnsafeError{Path: path, Problem: "is not a regular file"}
	}
	return err
}

func mine(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

func checkLinks(path string, fi fs.FileInfo) error {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 {
		return &store.UnsafeError{Path: path, Problem: "has a second name (hard link)"}
	}
	return nil
}

func checkPrivate(path string, fi fs.FileInfo, mode string) error {
	if !mine(fi) {
		return &store.UnsafeError{Path: path, Problem: "belongs to another user",
			Fix: fmt.Sprintf("sudo chown %d %s", os.Geteuid(), Quote(path))}
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return &store.UnsafeError{Path: path, Problem: fmt.Sprintf("is open to others (mode %04o)", fi.Mode().Perm()),
			Fix: "chmod " + mode + " " + Quote(path)}
	}
	return nil
}
