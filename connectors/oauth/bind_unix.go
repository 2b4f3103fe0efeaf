//go:build !darwin && !windows

package oauth

import (
	"syscall"
	"time"
)

// bindPatience is how long a busy port is tried again. With Go's SO_REUSEADDR a port is
// free here as soon as its listener has gone, so a busy one is held by somebody.
const bindPatience time.Duration = 0

// exclusive changes nothing: on Linux and the BSDs SO_REUSEADDR lets no second listener
// in, and without it the next flow would fail while old connections are in TIME_WAIT.
func exclusive(_, _ string, _ syscall.RawConn) error { return nil }
