package lifecycle

import "time"

// A breaker keeps the scheduler from asking a token endpoint that is down: after some
// failures in a row it lets one request through now and then (RL-9).
type breaker struct {
	failures int
	until    time.Time
}

const (
	breakerLimit = 4
	breakerFirst = time.Minute
)

// failed counts a failure of the endpoint, not of one grant.
func (b *breaker) failed(now time.Time) {
	if b.failures++; b.failures >= breakerLimit {
		b.until = now.Add(min(breakerFirst<<min(b.failures-breakerLimit, 5), longestWait))
	}
}

func (b *breaker) worked() { *b = breaker{} }

// open reports that nothing may be sent now; single, that only one request at a time may.
func (b *breaker) open(now time.Time) bool {
	return b.until.After(now) && b.until.Sub(now) <= longestWait
}

func (b *breaker) single() bool { return b.failures >= breakerLimit }
