package sim

import (
	"sync"
	"time"
)

// limit is a quota that a call counts against.
type limit struct {
	key    string        // who shares it
	policy string        // the provider's name of it
	max    int           // calls in the period, before the factor
	period time.Duration // rolling, unless until is set
	until  time.Time     // end of a fixed period, such as midnight of the account
}

// meter counts calls on the injected clock.
type meter struct {
	mu   sync.Mutex
	used map[string]*usage
}

type usage struct {
	slots []slot // of a rolling period, oldest first; at most 101
	count int    // of all slots, or of a fixed period
	until time.Time
}

// slot is a hundredth of a rolling period, so that a day of calls costs little.
type slot struct {
	at time.Time
	n  int
}

// spend counts one call against all limits, or against none when one is used
// up; policy then names it.
func (m *meter) spend(s *Sim, limits []limit) (policy string, over bool) {
	if s.factor == 0 || len(limits) == 0 {
		return "", false
	}
	now := s.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range limits {
		if m.left(s, l, now) <= 0 {
			return l.policy, true
		}
	}
	for _, l := range limits {
		u := m.used[l.key]
		u.count++
		if l.until.IsZero() {
			u.enter(now.Truncate(l.period / 100))
		}
	}
	return "", false
}

func (u *usage) enter(at time.Time) {
	if n := len(u.slots); n > 0 && u.slots[n-1].at.Equal(at) {
		u.slots[n-1].n++
		return
	}
	u.slots = append(u.slots, slot{at: at, n: 1})
}

// scaled is the limit with the configured factor; it never falls to zero.
func (l limit) scaled(s *Sim) int {
	if s.factor == 0 {
		return l.max
	}
	return max(1, int(float64(l.max)*s.factor))
}

// left is what remains of a limit. Called with mu held.
func (m *meter) left(s *Sim, l limit, now time.Time) int {
	if m.used == nil {
		m.used = map[string]*usage{}
	}
	u := m.used[l.key]
	if u == nil {
		u = &usage{}
		m.used[l.key] = u
	}
	if !l.until.IsZero() {
		if !now.Before(u.until) {
			u.count, u.until = 0, l.until
		}
		return l.scaled(s) - u.count
	}
	gone := 0
	for gone < len(u.slots) && !u.slots[gone].at.After(now.Add(-l.period)) {
		u.count -= u.slots[gone].n
		gone++
	}
	u.slots = append(u.slots[:0], u.slots[gone:]...)
	return l.scaled(s) - u.count
}

// remaining reports what is left of a limit and when the oldest call leaves it.
func (m *meter) remaining(s *Sim, l limit) (left int, reset time.Duration) {
	if s.factor == 0 {
		return l.max, 0
	}
	now := s.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	left = max(0, m.left(s, l, now))
	u := m.used[l.key]
	switch {
	case !l.until.IsZero():
		reset = u.until.Sub(now)
	case len(u.slots) > 0:
		reset = u.slots[0].at.Add(l.period).Sub(now)
	}
	return left, max(0, reset)
}
