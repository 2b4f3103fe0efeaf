package lifecycle

import (
	"context"
	"time"

	"crmdeck/store"
)

// flight is one refresh or revocation of a grant that runs in this process; others wait for it.
type flight struct {
	name    string
	since   time.Time
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	sending bool // no way back: the request is out or about to be
	res     RefreshResult
	err     error
}

// Work is something that runs to its end although nobody waits for it any more.
type Work struct {
	Connection string
	Since      time.Time
}

// share runs fn once for all callers that ask at the same time for the same grant.
// joined tells that another caller's run was waited for. A caller that gives up
// returns at once; when all have, fn is cancelled unless its request is on its way:
// then it runs to its end (RF-11).
func (e *Engine) share(ctx context.Context, grant store.ID, name string, fn func(context.Context, *flight) (RefreshResult, error)) (res RefreshResult, joined bool, err error) {
	e.mu.Lock()
	f := e.flights[grant]
	joined = f != nil
	if !joined {
		run, cancel := context.WithCancel(context.WithoutCancel(ctx))
		f = &flight{name: name, since: e.now(), done: make(chan struct{}), cancel: cancel}
		e.flights[grant] = f
		go e.fly(run, grant, f, fn)
	}
	f.waiters++
	e.mu.Unlock()
	select {
	case <-f.done:
		return f.res, joined, f.err
	case <-ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.waiters--; f.waiters == 0 && !f.sending {
		f.cancel()
	}
	return RefreshResult{}, joined, context.Cause(ctx)
}

func (e *Engine) fly(ctx context.Context, grant store.ID, f *flight, fn func(context.Context, *flight) (RefreshResult, error)) {
	defer func() {
		e.mu.Lock()
		delete(e.flights, grant)
		e.mu.Unlock()
		f.cancel()
		close(f.done)
	}()
	f.res, f.err = fn(ctx, f)
}

// send marks the point of no return; false: everybody has given up already.
func (e *Engine) send(ctx context.Context, f *flight) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	f.sending = true
	return true
}

// Underway lists what this process is in the middle of: a program that is about to
// end says so, calls Drain, and goes.
func (e *Engine) Underway() []Work {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Work
	for _, f := range e.flights {
		if f.sending {
			out = append(out, Work{Connection: f.name, Since: f.since})
		}
	}
	return out
}

// Drain waits until what is under way has ended, or until ctx ends.
func (e *Engine) Drain(ctx context.Context) error {
	for {
		e.mu.Lock()
		var f *flight
		for _, f = range e.flights {
			break
		}
		e.mu.Unlock()
		if f == nil {
			return nil
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
