package browse

import (
	"os/exec"
	"syscall"
)

const headless = false

// helpers are tried in this order.
var helpers = [][]string{{"/usr/bin/open"}}

// apart gives the helper a process group of its own.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
