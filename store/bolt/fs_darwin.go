package bolt

import "golang.org/x/sys/unix"

// kindOf tells the name of the file system that dir lies on.
func kindOf(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}
