package bolt

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"
)

// DB-5, DB-6: only where there was no room for a page is the old state known to be whole. No
// room at a sync, as a thin disk says it, leaves unknown what is there.
func TestUndone(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&fs.PathError{Op: "write", Path: "store.db", Err: syscall.ENOSPC}, true},
		{&fs.PathError{Op: "write", Path: "store.db", Err: syscall.EFBIG}, true},
		{errors.New("file resize error: truncate store.db: no space left on device"), true},
		{&fs.PathError{Op: "write", Path: "store.db", Err: syscall.EIO}, false},
		{&fs.PathError{Op: "sync", Path: "store.db", Err: syscall.ENOSPC}, false},
		{syscall.ENOSPC, false}, // fdatasync
		{syscall.EIO, false},
		{errors.New("file sync error: sync store.db: no space left on device"), false},
	} {
		if got := undone(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}
