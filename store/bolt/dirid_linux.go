package bolt

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// dirIdentity tells a directory from every other one and from a copy of it: by its inode
// and the moment when it was made. Both stay when it is moved within its file system. The
// device's number is left out where there is a moment: it can change with a restart.
func dirIdentity(dir string) string {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_INO|unix.STATX_BTIME, &st); err != nil {
		return ""
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		return fmt.Sprintf("%d %d.%09d", st.Ino, st.Btime.Sec, st.Btime.Nsec)
	}
	return fmt.Sprintf("%d on %d:%d", st.Ino, st.Dev_major, st.Dev_minor)
}

// machineIdentity is machine-id(5); empty where there is none, as in most containers.
func machineIdentity() string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		b, err := os.ReadFile(path)
		if id := bytes.TrimSpace(b); err == nil && len(id) == 32 {
			return string(id)
		}
	}
	return ""
}
