// Package process makes this process one that keeps what it holds.
//
// It promises that no core file is left when the process dies, that another process of
// the same person can't look into its memory (Linux), and that no variable of a library
// makes that library write keys, frames or requests into a file. What it does is undone
// for the programs that we start: they get the limit of core files that we were given.
// Start with Harden, first thing in main.
package process

import (
	"os"
)

// AllowCore is the variable that leaves core files and debuggers as the system has them,
// for whoever hunts a fault in crmdeck itself. It is told each time.
const AllowCore = "CRMDECK_ALLOW_CORE"

// quiet are variables by which libraries write what passes through them into files, or
// are made to behave as in their own tests.
var quiet = []string{
	"TEA_TRACE", "TEA_DEBUG", // Bubble Tea: every key and message
	"UV_DEBUG",             // its renderer: every byte that is drawn
	"BASH_COMP_DEBUG_FILE", // cobra: what is completed
	"SSLKEYLOGFILE",        // keys of TLS; Go's library does not read it
	"TEST_FREELIST_TYPE", "__FANG_TEST_WIDTH",
}

// State is what holds for this process.
type State struct {
	CoreOff     bool // no core file will be written
	Unreadable  bool // other processes of the same person can't read its memory
	Allowed     bool // AllowCore is set: the two above were left alone
	Unsupported bool // this system has no such protection
}

// Harden switches off core files and reading by others, and takes debugging variables
// away. What the system refuses is left as it is and shows in the State.
func Harden() State {
	for _, name := range quiet {
		_ = os.Unsetenv(name)
	}
	if os.Getenv(AllowCore) != "" {
		return State{Allowed: true}
	}
	return harden()
}
