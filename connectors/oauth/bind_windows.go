package oauth

import (
	"syscall"
	"time"
)

// bindPatience is how long a busy port is tried again: on Windows not at all.
const bindPatience time.Duration = 0

// soExclusiveAddrUse is SO_EXCLUSIVEADDRUSE of winsock2.h, the complement of SO_REUSEADDR.
const soExclusiveAddrUse = -5

// exclusive keeps other processes from binding the same address, which Windows
// otherwise lets them do with SO_REUSEADDR.
func exclusive(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, soExclusiveAddrUse, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
