//go:build campaign && unix

package lifecycle_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
)

// rounds is how long a campaign is: CAMPAIGN_ROUNDS, or the short form.
func rounds(short int) int {
	if n, err := strconv.Atoi(os.Getenv("CAMPAIGN_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return short
}

// RF-1, over and over: 64 processes, one expired token, one refresh, nobody without a token.
func TestCampaignProcesses(t *testing.T) {
	w := newWorld(t, sim.Config{})
	for i := range rounds(10) {
		g := grants[i%len(grants)]
		c := w.oauth(g.provider, fmt.Sprintf("p%d", i), g.rotate)
		w.clock.Advance(3 * time.Hour)
		sent := w.count(g.provider, "token.refresh")
		waits := make([]func() (report, error), 64)
		for k := range waits {
			waits[k] = w.child("token", c.Name, "")
		}
		for _, wait := range waits {
			if r, err := wait(); err != nil || r.Error != "" || r.Generation != 2 {
				t.Fatalf("round %d: generation %d, %s, %v", i, r.Generation, r.Error, err)
			}
		}
		w.works(c, w.token(c))
		if n := w.count(g.provider, "token.refresh") - sent; n != 1 {
			t.Fatalf("round %d: %d refreshes, want 1", i, n)
		}
	}
}

// RF-6, RF-8: whoever holds the lease is killed at a random step, and so is the next. The
// refresh token is sent at most twice, and then never again; whoever lives has a token that
// works or knows that a person is needed.
func TestCampaignKilledHolders(t *testing.T) {
	w := newWorld(t, sim.Config{})
	steps := []string{"lease", "reread", "intent", "send", "answer", "store", "done", ""}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range rounds(30) {
		g := grants[i%len(grants)]
		c := w.oauth(g.provider, fmt.Sprintf("k%d", i), g.rotate)
		w.clock.Advance(3 * time.Hour)
		sent := w.count(g.provider, "token.refresh")
		waits := make([]func() (report, error), 8)
		for k := range waits {
			waits[k] = w.child("token", c.Name, steps[r.IntN(len(steps))])
		}
		for _, wait := range waits {
			rep, err := wait()
			if err != nil {
				continue // killed
			}
			if rep.Error != "" && rep.Kind != lifecycle.FailReconnect {
				t.Fatalf("seed %d, round %d: %s", seed, i, rep.Error)
			}
		}
		tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name})
		if err != nil {
			failure(t, err, lifecycle.FailReconnect)
		} else {
			w.works(c, tok)
		}
		n := w.count(g.provider, "token.refresh") - sent
		_, _ = w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name})
		if again := w.count(g.provider, "token.refresh") - sent; n > 2 || again != n {
			t.Fatalf("seed %d, round %d: sent %d times, then %d", seed, i, n, again)
		}
		if !g.rotate && err != nil {
			// Without rotation only two lost answers end a grant; nothing is ever erased.
			if w.grant(c).Refresh.Sealed.IsZero() {
				t.Fatalf("seed %d, round %d: the refresh token is gone", seed, i)
			}
		}
	}
}
