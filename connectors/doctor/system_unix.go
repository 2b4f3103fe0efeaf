//go:build unix

package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// checkOwner tells whether a file is ours and has one name.
func checkOwner(path string, fi fs.FileInfo) *store.UnsafeError {
	st, ok := fi.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return nil
	case int(st.Uid) != os.Geteuid():
		return &store.UnsafeError{Path: path, Problem: "belongs to another user", Fix: fmt.Sprintf("sudo chown %d %s", os.Geteuid(), ownfile.Quote(path))}
	case st.Nlink > 1:
		return &store.UnsafeError{Path: path, Problem: "has a second name (hard link)"}
	}
	return nil
}

// diskSpace is the room for us and the size of a file system, in bytes.
func diskSpace(path string) (free, total int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), true
}
