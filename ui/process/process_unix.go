//go:build unix && !linux

package process

import "golang.org/x/sys/unix"

// harden lowers the soft limit of core files. These systems have no way to refuse a
// debugger of the same person that would not also hinder the person.
func harden() State {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return State{}
	}
	limit.Cur = 0
	return State{CoreOff: unix.Setrlimit(unix.RLIMIT_CORE, &limit) == nil}
}
