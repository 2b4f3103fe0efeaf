package oauth

import (
	"syscall"
	"time"
)

// bindPatience is how long a busy port is tried again: without SO_REUSEADDR connections
// in TIME_WAIT hold it, for at most 30 s on macOS by default.
const bindPatience = time.Minute

// exclusive takes SO_REUSEADDR back: on macOS it would let another process listen on
// a more or less specific address of the same port.
func exclusive(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	})
	if err != nil {
		return err
	}
	return failed
}
