package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// running runs the scheduler until the test is over.
func (w *world) running() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
}

// until waits for the store to say so, or fails.
func (w *world) until(what string, ok func() bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	changed, err := w.store.Watch(ctx)
	if err != nil {
		w.Fatal(err)
	}
	for !ok() {
		if _, open := <-changed; !open {
			w.Fatalf("waited in vain for %s", what)
		}
	}
}

// RF-12, CK-1: tokens are refreshed ahead, at any speed of the clock; paused and dead connections are left alone.
func TestRunRefreshesAhead(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 20 * time.Minute})
	var conns []store.Connection
	for i := range 4 {
		conns = append(conns, w.oauth(sim.HubSpot, fmt.Sprintf("h%d", i), false), w.oauth(sim.Salesforce, fmt.Sprintf("s%d", i), i%2 == 0))
	}
	paused := w.oauth(sim.HubSpot, "paused", false)
	if err := w.SetPaused(context.Background(), paused.ID, true); err != nil {
		t.Fatal(err)
	}
	w.running()
	w.clock.SetSpeed(3600)
	w.until("three generations of each", func() bool {
		for _, c := range conns {
			if w.grant(c).Generation < 4 {
				return false
			}
		}
		return true
	})
	w.clock.SetSpeed(0)
	if g := w.grant(paused); g.Generation != 1 {
		t.Errorf("the paused connection has generation %d", g.Generation)
	}
	for _, c := range conns {
		w.works(c, w.token(c))
	}
}

// RV-10, RV-5: the scheduler looks at a dying token after its end, and works off what is queued.
func TestRunWorksOffRevocations(t *testing.T) {
	w := newWorld(t, sim.Config{})
	dying, queued := w.oauth(sim.HubSpot, "dying", false), w.oauth(sim.Salesforce, "queued", false)
	if _, err := w.Revoke(context.Background(), dying.ID, lifecycle.RevokeOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	w.fault("salesforce.revoke.503*1")
	_, err := w.Revoke(context.Background(), queued.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailPending)
	w.running()
	w.clock.SetSpeed(3600)
	w.until("both to be dead", func() bool {
		return w.grant(dying).Revocation.Verdict == store.VerdictDead && w.grant(queued).Revocation.Verdict == store.VerdictDead
	})
	w.wiped(dying)
	w.wiped(queued)
}

// RL-9: a token endpoint that is down is not hammered, whatever the number of grants.
func TestRunBreaker(t *testing.T) {
	w := newWorld(t, sim.Config{})
	for i := range 12 {
		w.oauth(sim.HubSpot, fmt.Sprintf("h%d", i), false)
	}
	w.fault("hubspot.token.refresh.500")
	w.clock.Advance(25 * time.Minute)
	w.running()
	w.until("the first failures", func() bool { return w.count(sim.HubSpot, "token.refresh") >= 4 })
	w.sim.ClearFaults()
	w.clock.SetSpeed(1000)
	w.until("a success", func() bool {
		var n int
		_ = w.store.Read(context.Background(), func(r store.Reader) error {
			list, err := r.Summaries()
			for _, s := range list {
				if s.Generation > 1 {
					n++
				}
			}
			return err
		})
		return n == 12
	})
}
