//go:build unix

package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// closedOut reports a standard output that was closed (PR-7). Go's runtime opens the null
// device for reading and writing in its place, so that writing to it succeeds; a shell's
// redirection to the null device opens it for writing only.
func closedOut(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || f.Fd() != 1 {
		return false
	}
	mine, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(mine, null) {
		return false
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}
