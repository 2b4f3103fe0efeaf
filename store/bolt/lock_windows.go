package bolt

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// The locked byte lies far behind the content, since Windows keeps others from
// reading a locked range and they want to read who holds it.
const lockedByte = 1 << 30

// tryLock takes the kernel's lock on f if it is free now.
func tryLock(f *os.File, exclusive bool) (bool, error) {
	err := lockFile(f, exclusive, windows.LOCKFILE_FAIL_IMMEDIATELY)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

// waitLock takes the kernel's lock on f, however long that takes. Closing f frees it.
func waitLock(f *os.File, exclusive bool) error { return lockFile(f, exclusive, 0) }

func lockFile(f *os.File, exclusive bool, flags uint32) error {
	if exclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: lockedByte})
}

// drop closes f, which frees bbolt's lock on it.
func drop(f *os.File) { _ = f.Close() }
