package process

import "golang.org/x/sys/unix"

// harden lowers the soft limit only: a hard limit would bind our children too, and could
// not be raised again. Not being dumpable also makes /proc/PID another owner's, and
// refuses ptrace by the same person (prctl(2), PR_SET_DUMPABLE).
func harden() State {
	var s State
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		s.CoreOff = unix.Setrlimit(unix.RLIMIT_CORE, &limit) == nil
	}
	s.Unreadable = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) == nil
	s.CoreOff = s.CoreOff || s.Unreadable
	return s
}
