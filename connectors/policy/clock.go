package policy

import (
	"time"

	"crmdeck/store"
)

// ClockKind names what runs out.
type ClockKind string

// The kinds of clocks.
const (
	ClockAccess  ClockKind = "access"  // the access token
	ClockRefresh ClockKind = "refresh" // the refresh token, whatever is done
	ClockIdle    ClockKind = "idle"    // the refresh token, unless it is used
	ClockSecret  ClockKind = "secret"  // the client secret at the provider
	ClockKey     ClockKind = "key"     // the policy for the age of the key or client secret
	ClockEnd     ClockKind = "end"     // the provider ends the method
	ClockRetry   ClockKind = "retry"   // the next try
	ClockWait    ClockKind = "wait"    // the provider asked to wait, or a revoked token dies
)

// Level is how far a clock has run.
type Level uint8

// The levels.
const (
	LevelFine Level = iota
	LevelWarn
	LevelCritical
)

// Clock is one thing that runs out. The zero Clock is none.
type Clock struct {
	Kind    ClockKind
	At      time.Time
	Assumed bool // the provider sends no lifetime
	Level   Level
}

// IsZero reports whether there is no such clock.
func (c Clock) IsZero() bool { return c.Kind == "" }

// Age is how old a key or client secret is, against its policy.
type Age struct {
	Days  int  // whole days, rounded down
	Of    int  // policy; 0: there is no key or secret
	Known bool // false: it was first seen then, so it is at least as old
}

// maxClocks is how many clocks one connection can have.
const maxClocks = 8

// clocks collects the clocks of one summary without allocating.
type clocks struct {
	list   [maxClocks]Clock
	n      int
	now    time.Time
	change time.Time // the next moment at which a level changes
}

// add puts a clock with its warnings before the end.
func (c *clocks) add(k ClockKind, at time.Time, assumed bool, warn, critical time.Duration) {
	if at.IsZero() || c.n == maxClocks {
		return
	}
	level := LevelFine
	switch {
	case c.passed(at.Add(-critical)):
		level = LevelCritical
	case c.passed(at.Add(-warn)):
		level = LevelWarn
	}
	c.passed(at)
	c.list[c.n] = Clock{Kind: k, At: at, Assumed: assumed, Level: level}
	c.n++
}

// passed reports whether a moment is over; one to come may be the next change.
func (c *clocks) passed(at time.Time) bool {
	if !at.After(c.now) {
		return true
	}
	if c.change.IsZero() || at.Before(c.change) {
		c.change = at
	}
	return false
}

// of returns the clock of a kind, or none.
func (c *clocks) of(k ClockKind) Clock {
	for i := range c.n {
		if c.list[i].Kind == k {
			return c.list[i]
		}
	}
	return Clock{}
}

// next is the clock that runs out first, but for the access token.
func (c *clocks) next() Clock {
	var first Clock
	for i := range c.n {
		k := &c.list[i]
		if k.Kind != ClockAccess && (first.IsZero() || k.At.Before(first.At)) {
			first = *k
		}
	}
	return first
}

// credential adds the clocks of tokens, secrets and keys.
func (c *clocks) credential(s *store.Summary, f *ProviderFacts, t *Thresholds) {
	if s.HasAccess {
		c.add(ClockAccess, s.Access, s.AccessAssumed, Margin(accessLife(s, f), f.Margin), t.AccessCritical)
	}
	if s.Class == store.Dead {
		return // what was refused for good has no end to come
	}
	if s.HasRefresh {
		warn, critical := scaled(t, f.RefreshLife)
		c.add(ClockRefresh, s.Refresh, false, warn, critical)
		warn, critical = scaled(t, f.RefreshIdle)
		c.add(ClockIdle, s.Idle, false, warn, critical)
	}
	c.add(ClockSecret, s.SecretEnds, false, t.SecretWarn, t.SecretCritical)
	if days := policyDays(s, f); !s.KeyMade.IsZero() {
		whole := time.Duration(days) * day
		c.add(ClockKey, s.KeyMade.Add(whole), !s.KeyMadeKnown, whole/100*time.Duration(100-t.KeyWarn), 0)
	}
	c.add(ClockEnd, f.End, false, t.EndWarn, t.EndCritical)
}

// waiting adds the clocks of what is tried again.
func (c *clocks) waiting(s *store.Summary) {
	switch {
	case s.Revocation == store.RevocationDying:
		c.add(ClockWait, s.DiesAt, false, 0, 0)
	case s.Class == store.Throttled:
		c.add(ClockWait, s.Next, false, 0, 0)
	case s.Revocation == store.RevocationQueued, s.Class == store.Transient, s.Class == store.Busy:
		c.add(ClockRetry, s.Next, false, 0, 0)
	}
}

// scaled shortens the warnings of a refresh token that does not live long: one of seven
// days would warn from its first minute.
func scaled(t *Thresholds, life time.Duration) (warn, critical time.Duration) {
	if life <= 0 {
		return t.RefreshWarn, t.RefreshCritical
	}
	return min(t.RefreshWarn, life/4), min(t.RefreshCritical, life/8)
}

// accessLife is how long the access token lives in all: known from when it was got, else by the facts.
func accessLife(s *store.Summary, f *ProviderFacts) time.Duration {
	got := s.Refreshed
	if got.IsZero() {
		got = s.Consented
	}
	if life := s.Access.Sub(got); !got.IsZero() && life > 0 {
		return life
	}
	if f.AccessLife > 0 {
		return f.AccessLife
	}
	return time.Hour // the usual one
}

// policyDays is the policy for the age of the key, or of the client secret.
func policyDays(s *store.Summary, f *ProviderFacts) int {
	switch {
	case s.KeyDays > 0:
		return s.KeyDays
	case s.HasKey && f.KeyDays > 0:
		return f.KeyDays
	case s.HasKey:
		return DefaultKeyDays
	case f.SecretDays > 0:
		return f.SecretDays
	}
	return DefaultSecretDays
}
