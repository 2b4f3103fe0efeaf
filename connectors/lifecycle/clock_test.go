package lifecycle_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// jumps are what a wall clock can do in a moment.
var jumps = []time.Duration{
	time.Hour, -time.Hour, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour,
}

// CK-1, CK-2: the wall clock is moved between two runs. Whatever it says then, a token
// comes, one refresh at most is sent for it, and nothing is valid for longer than it lives.
func TestClockMovedBetweenRuns(t *testing.T) {
	for _, by := range jumps {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute})
			c := w.oauth(sim.HubSpot, "a", false)
			w.token(c)
			w.clock.Advance(by)
			for range 5 {
				w.works(c, w.token(c))
			}
			if n := w.count(sim.HubSpot, "token.refresh"); n != 1 {
				t.Errorf("%d refreshes, want 1", n)
			}
			if left := w.grant(c).Access.Expires.Sub(w.clock.Now()); left <= 0 || left > 30*time.Minute {
				t.Errorf("the token lives for %s", left)
			}
		})
	}
}

// CK-1: the wall clock is moved while a request is on its way. The next token costs one
// more refresh at most, and nothing lasts for ever.
func TestClockMovedDuringRefresh(t *testing.T) {
	for _, by := range jumps {
		for _, step := range []string{"intent", "send", "answer"} {
			t.Run(fmt.Sprint(step, by), func(t *testing.T) {
				w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute})
				c := w.oauth(sim.HubSpot, "a", false)
				once := sync.OnceFunc(func() { w.clock.Advance(by) })
				w.fail = func(s string) {
					if s == step {
						once()
					}
				}
				if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
					t.Fatal(err)
				}
				for range 5 {
					if _, err := w.Token(t.Context(), lifecycle.TokenRequest{Name: "a"}); err != nil {
						t.Fatal(err)
					}
				}
				if n := w.count(sim.HubSpot, "token.refresh"); n > 2 {
					t.Errorf("%d refreshes, want 2 at most", n)
				}
				if left := w.grant(c).Access.Expires.Sub(w.clock.Now()); left > 30*time.Minute {
					t.Errorf("the token lives for %s", left)
				}
			})
		}
	}
}

// CK-1: what was written under a wrong time of day holds nothing up for years: not a
// back-off, not an intent, not an answer that was lost.
func TestClockMovedUnderTrouble(t *testing.T) {
	for _, fault := range []string{"503", "429(60)", "drop_after_rotate"} {
		t.Run(fault, func(t *testing.T) {
			w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute})
			c := w.oauth(sim.Salesforce, "a", false)
			w.clock.Advance(10 * 365 * 24 * time.Hour)
			if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
				t.Fatal(err)
			}
			w.fault("salesforce.token." + fault)
			if _, err := w.Refresh(t.Context(), c.ID, false); err == nil {
				t.Fatal("no failure")
			}
			w.sim.ClearFaults()
			w.clock.Advance(-10 * 365 * 24 * time.Hour)
			w.works(c, w.token(c))
			if g := w.grant(c); g.Generation != 3 || g.Trouble != nil || g.Intent != nil {
				t.Errorf("generation %d, trouble %+v, intent %+v", g.Generation, g.Trouble, g.Intent)
			}
		})
	}
}

// asleep is the clock of a computer whose timers stand still: they never end, as during a
// suspend. It counts waits, and refuses negative ones.
type asleep struct {
	testing.TB
	mu    sync.Mutex
	at    time.Time
	waits int
}

func (a *asleep) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at
}

func (a *asleep) Advance(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = a.at.Add(d)
}

func (a *asleep) Sleep(ctx context.Context, d time.Duration) error {
	a.mu.Lock()
	a.waits++
	a.mu.Unlock()
	if d < 0 {
		a.Errorf("a wait of %s", d)
	}
	<-ctx.Done()
	return ctx.Err()
}

// CK-3, CK-1: after eight hours of suspend, in which no timer runs, what is due is seen on
// waking; so it is after the clock was set by years, forwards and back. Never a negative wait.
func TestTimersAreLookedAtAgain(t *testing.T) {
	now := &asleep{TB: t, at: begin}
	w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute, Now: now.Now})
	c := w.oauth(sim.HubSpot, "a", false)
	e := lifecycle.New(lifecycle.Config{
		Store: w.store, Catalog: w.cat, HTTP: w.http, Clock: now, Rand: rand.Reader, LookAgain: 5 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	for i, by := range append([]time.Duration{8 * time.Hour}, jumps...) {
		now.Advance(by)
		want := uint64(i + 2)
		w.until(fmt.Sprintf("generation %d after %s", want, by), func() bool { return w.grant(c).Generation >= want })
	}
	if n := w.count(sim.HubSpot, "token.refresh"); n > 2*(len(jumps)+1) {
		t.Errorf("%d refreshes for %d moves of the clock", n, len(jumps)+1)
	}
}

// CK-4: a provider whose clock is off by minutes is noted with the difference, and what it
// grants lives as long as it says, counted by our clock.
func TestProviderClockIsOff(t *testing.T) {
	for _, off := range []time.Duration{7 * time.Minute, -7 * time.Minute, 20 * time.Second} {
		t.Run(fmt.Sprint(off), func(t *testing.T) {
			w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute})
			w.front(sim.HubSpot, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				next.ServeHTTP(dated{rw, w.clock.Now().Add(off)}, r)
			})
			c := w.oauth(sim.HubSpot, "a", false)
			if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
				t.Fatal(err)
			}
			g := w.grant(c)
			want := off
			if off < time.Minute && off > -time.Minute {
				want = 0
			}
			if g.Skew.Round(time.Second) != want {
				t.Errorf("noted %s, want %s", g.Skew, want)
			}
			if left := g.Access.Expires.Sub(w.clock.Now()); left != 30*time.Minute {
				t.Errorf("it lives for %s", left)
			}
		})
	}
}

// dated answers with another time of day.
type dated struct {
	http.ResponseWriter
	at time.Time
}

func (d dated) WriteHeader(code int) {
	d.Header().Set("Date", d.at.UTC().Format(http.TimeFormat))
	d.ResponseWriter.WriteHeader(code)
}

// zoned is a clock in a zone that is about to change to winter time.
type zoned struct{ *asleep }

func (z zoned) Now() time.Time {
	at := z.asleep.Now()
	zone := time.FixedZone("CEST", 2*3600)
	if !at.Before(time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)) {
		zone = time.FixedZone("CET", 3600)
	}
	return at.In(zone)
}

// CK-6: the end of summer time, when an hour comes twice, neither lengthens a token nor
// refreshes it twice, and everything is stored in UTC.
func TestSummerTimeEnds(t *testing.T) {
	now := &asleep{TB: t, at: time.Date(2026, 10, 25, 0, 45, 0, 0, time.UTC)} // 02:45 CEST
	w := newWorld(t, sim.Config{AccessTTL: 30 * time.Minute, Now: now.Now})
	w.clock.Advance(now.at.Sub(begin))
	c := w.oauth(sim.HubSpot, "a", false)
	e := lifecycle.New(lifecycle.Config{Store: w.store, Catalog: w.cat, HTTP: w.http, Clock: zoned{now}, Rand: rand.Reader})
	for _, minutes := range []int{0, 10, 20, 20, 10, 10} { // over 03:00 CEST, which is 02:00 CET
		now.Advance(time.Duration(minutes) * time.Minute)
		if _, err := e.Token(t.Context(), lifecycle.TokenRequest{Name: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(sim.HubSpot, "token.refresh"); n < 2 || n > 3 {
		t.Errorf("%d refreshes in 70 minutes of 30-minute tokens", n)
	}
	g := w.grant(c)
	for _, at := range []time.Time{g.Refreshed, g.Access.Issued, g.Access.Expires, w.events(c, store.ActRefresh)[0].At} {
		if _, offset := at.Zone(); offset != 0 {
			t.Errorf("%s is not UTC", at)
		}
	}
	if g.Access.Expires.Sub(g.Access.Issued) != 30*time.Minute {
		t.Errorf("it lives from %s to %s", g.Access.Issued, g.Access.Expires)
	}
}

// CK-6: a leap second in a Date header is no clock that is off, and no failure.
func TestLeapSecondInDate(t *testing.T) {
	w := newWorld(t, sim.Config{})
	w.front(sim.HubSpot, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(leaping{rw}, r)
	})
	c := w.oauth(sim.HubSpot, "a", false)
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil || w.grant(c).Skew != 0 {
		t.Fatalf("%v, skew %s", err, w.grant(c).Skew)
	}
}

type leaping struct{ http.ResponseWriter }

func (l leaping) WriteHeader(code int) {
	l.Header().Set("Date", "Thu, 31 Dec 2026 23:59:60 GMT")
	l.ResponseWriter.WriteHeader(code)
}
