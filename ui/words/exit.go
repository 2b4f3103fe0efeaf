package words

// The exit codes. They are the same with and without --json, and never change
// their meaning: scripts rely on them.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitNotFound    = 3
	ExitLocked      = 4   // locked, or wrong key
	ExitPerson      = 5   // needs a person: reconnect
	ExitConflict    = 6   // conflict, or the outcome is uncertain
	ExitUnavailable = 7   // provider unavailable or throttling
	ExitConfig      = 8   // configuration or provider definition wrong
	ExitUnwritable  = 9   // store cannot be written
	ExitPending     = 10  // queued, waits for a person or a console
	ExitCancelled   = 130 // as a shell reports an interrupt
)
