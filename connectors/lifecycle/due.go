package lifecycle

import (
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// Moments that no provider sets.
const (
	intentLostAfter = leaseWait + requestWait // whoever began a refresh that long ago is gone
	consoleLook     = 5 * time.Minute         // how often a key that waits for a console is looked at
)

// task is what the scheduler does to a connection.
type task uint8

const (
	idle    task = iota
	renew        // refresh ahead, or keep an idle refresh token alive
	workOff      // go on with a revocation
)

// due decides from a summary alone what is to be done to a connection by itself, and
// when. override is the provider's own margin, 0 for the usual one. It sends nothing and
// asks nobody, so that ten thousand connections cost milliseconds.
func due(s *store.Summary, override time.Duration, now time.Time) (task, time.Time) {
	switch s.Revocation {
	case store.RevocationQueued:
		return workOff, s.Next
	case store.RevocationDying:
		return workOff, s.DiesAt.Add(settleAfter)
	case store.RevocationConsole:
		return workOff, time.Time{} // its own record says when; the runner looks now and then
	case store.RevocationDone:
		return idle, time.Time{}
	}
	if s.Paused || s.HasKey || !s.HasRefresh || s.Class == store.Dead || s.Class == store.Config {
		return idle, time.Time{}
	}
	at := renewAt(s, override, now)
	if at.IsZero() {
		return idle, at
	}
	// Somebody wanted a refresh that failed: it is tried again when the back-off ends, however
	// long the old access token still lives. A time of day that was wrong when it was written
	// must not hold for years. An answer that was lost waits as step 7 says.
	if !s.Intent && !s.Next.IsZero() && s.Next.Sub(now) <= 2*longestWait {
		at = s.Next
	}
	return renew, at
}

// renewAt is when the access token is refreshed ahead or the refresh token is kept
// alive, whichever comes first; with an answer outstanding, when it may be tried again.
func renewAt(s *store.Summary, override time.Duration, now time.Time) time.Time {
	issued := s.Refreshed
	if issued.IsZero() {
		issued = s.Consented
	}
	switch {
	case s.Intent && !s.IntentLost && s.IntentBegun.Sub(now) > suspectAfter: // under another time of day
		return now
	case s.Intent && !s.IntentLost:
		return s.IntentBegun.Add(intentLostAfter)
	case s.Intent && s.HasAccess && issued.Sub(now) > suspectAfter:
		return now
	case s.Intent:
		return s.Access // step 7: when the access token has ended
	case !s.HasAccess || issued.Sub(now) > suspectAfter:
		return now
	}
	at := policy.RefreshAt(s.Grant, s.Generation, issued, s.Access, override)
	if alive := policy.KeepAliveAt(s.Grant, s.Generation, issued, s.Idle); !alive.IsZero() && (at.IsZero() || alive.Before(at)) {
		at = alive
	}
	return at
}
