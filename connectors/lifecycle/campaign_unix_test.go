//go:build campaign && unix

package lifecycle_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
)

var (
	raceRounds   = flag.Int("race-rounds", 8, "rounds in which 64 processes want one expired token")
	holderRounds = flag.Int("holder-rounds", 30, "rounds in which holders of a lease are killed")
)

// RF-1, over and over: 64 processes, one expired token, one refresh, nobody without a token.
func TestCampaignProcesses(t *testing.T) {
	w := newWorld(t, sim.Config{})
	begun := time.Now()
	for i := range *raceRounds {
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
	t.Logf("%d rounds of 64 processes, 1 refresh in each, %s", *raceRounds, time.Since(begun).Round(time.Second))
}

// RF-6, RF-8: whoever holds the lease is killed at a random step, and so is the next. The
// refresh token is sent at most twice, and then never again; whoever lives has a token that
// works or knows that a person is needed.
func TestCampaignKilledHolders(t *testing.T) {
	w := newWorld(t, sim.Config{})
	steps := []string{"lease", "reread", "intent", "send", "answer", "store", "done", ""}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	began, killed, sends := time.Now(), 0, map[int]int{}
	for i := range *holderRounds {
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
				killed++
				continue
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
		sends[n]++
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
	t.Logf("%d rounds, %d of %d processes killed, rounds by number of sends %v, %s", *holderRounds, killed, 8**holderRounds, sends, time.Since(began).Round(time.Second))
}
