package bolt

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockOwner asks the kernel which process holds a lock on path; 0 if it can't tell.
func lockOwner(path string) int {
	fi, err := os.Stat(path)
	if err != nil {
		return 0
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer f.Close()
	suffix := fmt.Sprintf(":%d", st.Ino)
	for s := bufio.NewScanner(f); s.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF; a waiter's line has "->" second.
		w := strings.Fields(s.Text())
		if len(w) >= 6 && w[1] == "FLOCK" && strings.HasSuffix(w[5], suffix) {
			pid, _ := strconv.Atoi(w[4])
			return max(pid, 0)
		}
	}
	return 0
}
