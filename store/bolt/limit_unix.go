//go:build unix

package bolt

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// withinLimit tells whether this process may make a file of that size: beyond its limit
// the system would not only refuse, but send a signal that ends the process.
func withinLimit(size int64) error {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &l); err == nil && uint64(size) > uint64(l.Cur) {
		return fmt.Errorf("the limit on the size of files is %d bytes: %w", l.Cur, unix.EFBIG)
	}
	return nil
}
