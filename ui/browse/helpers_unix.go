//go:build unix && !darwin

package browse

import (
	"os/exec"
	"syscall"
)

// headless: without a display there is nothing to show a page on.
const headless = true

// helpers are tried in this order.
var helpers = [][]string{{"xdg-open"}, {"x-www-browser"}, {"www-browser"}, {"wslview"}}

// apart gives the helper a process group of its own, so that an interrupt at our terminal
// does not close the person's browser. Its standard files are the null device; Go opens
// all others to be closed on exec (PR-4).
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
