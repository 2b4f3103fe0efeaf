package lifecycle_test

import (
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// refused makes a connection whose refresh fails as fault says, and tells the trouble that is stored.
func (w *world) refused(provider, fault string, kind lifecycle.FailureKind) (store.Connection, *store.Trouble) {
	w.Helper()
	w.cat[provider].Tokens.AccessLifetime = 48 * 3600 // where the answer does not say
	c := w.oauth(provider, "c"+string(w.id()[:8]), false)
	w.clock.Advance(10 * time.Hour)
	w.fault(provider + ".token." + fault)
	_, err := w.Refresh(w.Context(), c.ID, false)
	failure(w.TB, err, kind)
	t := w.grant(c).Trouble
	if t == nil {
		w.Fatalf("%s left no trouble", fault)
	}
	return c, t
}

// backsOff follows the waits of a class: each is within half of and the whole of a doubling
// wait, none is longer than the longest, and nothing is sent before its end.
func (w *world) backsOff(provider, fault string, class store.Class, first, longest time.Duration) {
	w.Helper()
	c, t := w.refused(provider, fault, lifecycle.FailUnavailable)
	whole := first
	for range 12 {
		wait := t.Next.Sub(w.clock.Now())
		if t.Class != class || wait < whole/2 || wait > whole {
			w.Fatalf("try %d: class %s waits %s, want %s to %s", t.Attempts, t.Class, wait, whole/2, whole)
		}
		sent := w.count(provider, "token.refresh")
		w.clock.Advance(wait - time.Second)
		_, err := w.Token(w.Context(), lifecycle.TokenRequest{Name: c.Name, MinTTL: 40 * time.Hour})
		failure(w.TB, err, lifecycle.FailUnavailable)
		if n := w.count(provider, "token.refresh"); n != sent {
			w.Fatalf("asked %d times before the wait was over", n-sent)
		}
		w.clock.Advance(2 * time.Second)
		_, err = w.Token(w.Context(), lifecycle.TokenRequest{Name: c.Name, MinTTL: 40 * time.Hour})
		failure(w.TB, err, lifecycle.FailUnavailable)
		if n := w.count(provider, "token.refresh"); n != sent+1 {
			w.Fatalf("asked %d times after the wait", n-sent)
		}
		t = w.grant(c).Trouble
		whole = min(2*whole, longest)
	}
	w.sim.ClearFaults()
	w.clock.Advance(longest + time.Second)
	if _, err := w.Refresh(w.Context(), c.ID, false); err != nil || w.grant(c).Trouble != nil {
		w.Errorf("the trouble outlived what worked: %v", err)
	}
}

// RF-6, RL-9: class busy: short waits that double; it works again by itself.
func TestClassBusy(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 48 * time.Hour})
	w.backsOff(sim.Salesforce, "busy", store.Busy, 2*time.Second, 15*time.Minute)
}

// TE-4, RL-9: class transient. HubSpot never replaces a refresh token, so a 500 leaves nothing uncertain.
func TestClassTransient(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 48 * time.Hour})
	w.backsOff(sim.HubSpot, "503", store.Transient, 10*time.Second, 15*time.Minute)
}

// Class throttled: Retry-After goes before our own wait, and not even a person's wish.
func TestClassThrottled(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 48 * time.Hour})
	c, tr := w.refused(sim.HubSpot, "429(600)", lifecycle.FailUnavailable)
	if wait := tr.Next.Sub(w.clock.Now()); tr.Class != store.Throttled || wait < 600*time.Second || wait > 601*time.Second {
		t.Fatalf("class %s waits %s, want what Retry-After said", tr.Class, wait)
	}
	sent := w.count(sim.HubSpot, "token.refresh")
	w.clock.Advance(9 * time.Minute)
	_, err := w.Refresh(t.Context(), c.ID, false)
	failure(t, err, lifecycle.FailUnavailable)
	if n := w.count(sim.HubSpot, "token.refresh"); n != sent {
		t.Error("a person made it ask although the provider said when")
	}
	w.sim.ClearFaults()
	w.clock.Advance(2 * time.Minute)
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
		t.Error(err)
	}
	w.backsOff(sim.HubSpot, "429(1)", store.Throttled, 30*time.Second, 15*time.Minute)
}

// Class config latches: nothing by itself, and again only when a person asks.
func TestClassConfig(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, tr := w.refused(sim.HubSpot, "invalid_client", lifecycle.FailConfig)
	sent := w.count(sim.HubSpot, "token.refresh")
	w.clock.Advance(1000 * time.Hour)
	_, err := w.Token(t.Context(), lifecycle.TokenRequest{Name: c.Name})
	failure(t, err, lifecycle.FailConfig)
	if n := w.count(sim.HubSpot, "token.refresh"); n != sent || !tr.Next.IsZero() || tr.Class != store.Config {
		t.Errorf("asked %d times more; trouble %+v", n-sent, tr)
	}
	w.sim.ClearFaults()
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
		t.Error(err)
	}
}

// TE-3: class dead latches for good: invalid_grant is believed once and never asked about again.
func TestClassDead(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, tr := w.refused(sim.HubSpot, "invalid_grant", lifecycle.FailReconnect)
	sent := w.count(sim.HubSpot, "token.refresh")
	w.sim.ClearFaults()
	w.clock.Advance(1000 * time.Hour)
	for _, attempt := range []bool{false, true} {
		_, err := w.Refresh(t.Context(), c.ID, attempt)
		failure(t, err, lifecycle.FailReconnect)
	}
	g := w.grant(c)
	if n := w.count(sim.HubSpot, "token.refresh"); n != sent || !tr.Next.IsZero() || tr.Class != store.Dead {
		t.Errorf("asked %d times more; trouble %+v", n-sent, tr)
	}
	if g.Refresh.Sealed.IsZero() || g.Access.Sealed.IsZero() {
		t.Error("a refused request erased something")
	}
}
