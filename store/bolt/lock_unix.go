//go:build unix

package bolt

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes the kernel's lock on f if it is free now.
func tryLock(f *os.File, exclusive bool) (bool, error) {
	err := flock(f, exclusive, unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// waitLock takes the kernel's lock on f, however long that takes. Closing f frees it.
func waitLock(f *os.File, exclusive bool) error { return flock(f, exclusive, 0) }

func flock(f *os.File, exclusive bool, flags int) error {
	how := unix.LOCK_SH | flags
	if exclusive {
		how = unix.LOCK_EX | flags
	}
	for {
		if err := unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// drop frees bbolt's lock on f and closes it. Closing alone is not enough while f is
// mapped: the mapping keeps the lock.
func drop(f *os.File) {
	_ = unix.Flock(int(f.Fd()), unix.LOCK_UN)
	_ = f.Close()
}
