package bolt

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// dirIdentity tells a directory from a copy of it: by its inode and when it was made.
func dirIdentity(dir string) string {
	fi, err := os.Lstat(dir)
	if err != nil {
		return ""
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %d.%09d", st.Ino, st.Birthtimespec.Sec, st.Birthtimespec.Nsec)
}

// machineIdentity is the system's id of this computer.
func machineIdentity() string {
	id, err := unix.Sysctl("kern.uuid")
	if err != nil {
		return ""
	}
	return id
}
