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

// renameOpen: an open file can be renamed, and its lock goes with it.
const renameOpen = true

// markAlive takes the kernel's lock on f until it is closed. It reports false if another
// process has it.
func markAlive(f *os.File) (bool, error) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		}
		return err == nil, err
	}
}

func mine(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// overflowUID is whom the kernel shows as the owner of what belongs to nobody of a user
// namespace: it can be anybody, root included.
const overflowUID = 65534

// checkRoot refuses a directory of somebody else where we are root.
func checkRoot(path string, fi fs.FileInfo) error { return foreign(path, fi, os.Geteuid()) }

func foreign(path string, fi fs.FileInfo, us int) error {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || us != 0 || st.Uid == 0 || st.Uid == overflowUID {
		return nil
	}
	return &store.RootError{Path: path, UID: int(st.Uid)}
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
