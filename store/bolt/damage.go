package bolt

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"crmdeck/store"
)

// guarded makes a fault in the mapped file a panic for the goroutine that runs it, where it
// would end the process: bbolt follows what a damaged page says out of the file. It returns
// what ends that.
func guarded() (end func()) {
	was := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(was) }
}

// damaged, deferred after guarded, turns bbolt's ways of saying that a page is broken into
// an error: it panics with a string, or it trips over what the page says. Any other
// panic goes on.
func damaged(err *error, undo func()) {
	r := recover()
	if r == nil {
		return
	}
	said, ok := brokenPage(r)
	if !ok {
		panic(r)
	}
	undo()
	*err = fmt.Errorf("reading store: %w: %s", store.ErrDamaged, said)
}

// brokenPage tells a panic that a damaged file causes from one that is our own mistake.
func brokenPage(r any) (said string, ok bool) {
	switch r := r.(type) {
	case string:
		return r, true
	case runtime.Error:
		var fault interface{ Addr() uintptr }
		if errors.As(r, &fault) {
			return "a page leads out of the file", true
		}
		return "a page makes no sense: " + r.Error(), withinEngine()
	case error:
		return r.Error(), withinEngine()
	}
	return "", false
}

// withinEngine reports that the panic that is being recovered from began in bbolt.
func withinEngine() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	panicked := false
	for {
		f, more := frames.Next()
		ours := strings.HasPrefix(f.Function, "crmdeck/")
		switch {
		case strings.HasPrefix(f.Function, "runtime.gopanic"):
			panicked = true
		case panicked && strings.HasPrefix(f.Function, "go.etcd.io/bbolt"):
			return true
		case panicked && ours, !more:
			return false
		}
	}
}
