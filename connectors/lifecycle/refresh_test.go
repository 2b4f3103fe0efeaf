package lifecycle_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// kinds of grants that refresh in different ways.
var grants = []struct {
	name, provider string
	rotate         bool
}{
	{"hubspot", sim.HubSpot, false},
	{"salesforce", sim.Salesforce, false},
	{"salesforce-rotating", sim.Salesforce, true},
}

func TestTokenFreshAsksNobody(t *testing.T) {
	w := newWorld(t, sim.Config{})
	for _, g := range grants {
		c := w.oauth(g.provider, g.name, g.rotate)
		before := w.count(g.provider, "token.refresh")
		tok := w.token(c)
		w.works(c, tok)
		if tok.Generation != 1 || tok.Type != "Bearer" || w.count(g.provider, "token.refresh") != before {
			t.Errorf("%s: generation %d, type %s", g.name, tok.Generation, tok.Type)
		}
	}
}

// A use is recorded at most once a minute for each job, with its event.
func TestTokenRecordsUses(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	for range 5 {
		w.token(c)
	}
	w.clock.Advance(time.Minute)
	w.token(c)
	conn := w.connection(c.ID)
	if len(conn.Uses) != 1 || conn.Uses[0].Today != 2 || conn.Uses[0].Job != "test" {
		t.Fatalf("uses are %+v", conn.Uses)
	}
	if n := len(w.events(c, store.ActToken)); n != 2 {
		t.Fatalf("%d events, want 2", n)
	}
}

// RF-2: 64 goroutines that ask for the same expired token make one request.
func TestRefreshOnceForManyGoroutines(t *testing.T) {
	w := newWorld(t, sim.Config{})
	for _, g := range grants {
		c := w.oauth(g.provider, g.name, g.rotate)
		w.clock.Advance(3 * time.Hour)
		before := w.count(g.provider, "token.refresh")
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name, Job: "many"})
				if err != nil || tok.Generation != 2 {
					t.Errorf("%s: generation %d, %v", g.name, tok.Generation, err)
				}
			})
		}
		wg.Wait()
		w.works(c, w.token(c))
		if n := w.count(g.provider, "token.refresh") - before; n != 1 {
			t.Errorf("%s: %d refreshes, want 1", g.name, n)
		}
		if n := len(w.events(c, store.ActToken)); n != 2 { // of "many" and of "test"
			t.Errorf("%s: %d uses recorded, want 2", g.name, n)
		}
	}
}

// RF-1: tokens that live shorter than the margin of their forerunner are refreshed once as well.
func TestRefreshOnceThoughLifetimesShrink(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 2 * time.Minute})
	c := w.oauth(sim.HubSpot, "a", false)
	engines := []*lifecycle.Engine{w.Engine, w.engine(w.again()), w.engine(w.again()), w.engine(w.again())}
	// What is stored says half an hour, as if the provider had changed its mind since.
	g := w.grant(c)
	g.Access.Expires, g.Access.Issued = begin.Add(time.Minute), begin.Add(-29*time.Minute)
	err := w.store.Write(context.Background(), func(wr store.Writer) error { wr.Bookkeeping(); return wr.PutGrant(&g) })
	if err != nil {
		t.Fatal(err)
	}
	before := w.count(sim.HubSpot, "token.refresh")
	var wg sync.WaitGroup
	for i, e := range engines {
		wg.Go(func() {
			if _, err := e.Token(context.Background(), lifecycle.TokenRequest{Name: "a", Job: string(rune('a' + i))}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.count(sim.HubSpot, "token.refresh") - before; n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// RF-3: what another process has refreshed meanwhile is adopted, whatever its expiry says.
func TestRefreshAdoptsNewerGeneration(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	other := w.engine(w.again())
	res, err := other.Refresh(context.Background(), c.ID, false)
	if err != nil || !res.Refreshed || res.Generation != 2 {
		t.Fatalf("got %+v, %v", res, err)
	}
	w.works(c, w.token(c))
	// Both ask at once for something newer than what they know: one request.
	before := w.count(sim.Salesforce, "token.refresh")
	var wg sync.WaitGroup
	sent := make(chan bool, 2)
	for _, e := range []*lifecycle.Engine{w.Engine, other} {
		wg.Go(func() {
			res, err := e.Refresh(context.Background(), c.ID, false)
			if err != nil {
				t.Error(err)
			}
			sent <- res.Refreshed
		})
	}
	wg.Wait()
	n := w.count(sim.Salesforce, "token.refresh") - before
	if a, b := <-sent, <-sent; n < 1 || n > 2 || n == 1 && a == b {
		t.Errorf("%d requests, sent by %v %v", n, a, b)
	}
	w.works(c, w.token(c))
}

// RF-12, CK-5: a token inside its margin is refreshed; when that fails, it is handed
// out as long as it lives, and not for longer.
func TestTokenLivesWhileRefreshFails(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.fault("hubspot.token.503(20)")
	w.clock.Advance(26 * time.Minute)
	tok := w.token(c)
	w.works(c, tok)
	g := w.grant(c)
	if tok.Generation != 1 || g.Trouble == nil || g.Trouble.Class != store.Transient && g.Trouble.Class != store.Throttled || g.Trouble.Next.IsZero() {
		t.Fatalf("generation %d, trouble %+v", tok.Generation, g.Trouble)
	}
	// Another process honours the back-off that is in the record.
	before := w.count(sim.HubSpot, "token.refresh")
	if _, err := w.engine(w.again()).Token(context.Background(), lifecycle.TokenRequest{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if w.count(sim.HubSpot, "token.refresh") != before {
		t.Error("asked again before the time that the provider named")
	}
	_, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a", MinTTL: 10 * time.Minute})
	failure(t, err, lifecycle.FailUnavailable)
	w.clock.Advance(5 * time.Minute)
	_, err = w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	failure(t, err, lifecycle.FailUnavailable)
	w.sim.ClearFaults()
	w.clock.Advance(time.Hour)
	w.works(c, w.token(c))
	if w.grant(c).Trouble != nil {
		t.Error("trouble stays after a success")
	}
}

// RF-6, RF-4: the answer of a rotating provider is lost. The access token is handed out
// while it lives, the old refresh token is tried once, then a person is needed.
func TestLostAnswerIsTriedOnce(t *testing.T) {
	for _, g := range grants {
		t.Run(g.name, func(t *testing.T) {
			w := newWorld(t, sim.Config{})
			c := w.oauth(g.provider, "a", g.rotate)
			w.fault(g.provider + ".token.drop_after_rotate*1")
			_, err := w.Refresh(context.Background(), c.ID, false)
			failure(t, err, lifecycle.FailUncertain)
			in := w.grant(c).Intent
			if in == nil || !in.Lost || in.Retried || in.TokenHash == "" {
				t.Fatalf("intent is %+v", in)
			}
			sent := w.count(g.provider, "token.refresh")
			w.works(c, w.token(c)) // still lives
			_, err = w.Refresh(context.Background(), c.ID, false)
			failure(t, err, lifecycle.FailUncertain)
			if w.count(g.provider, "token.refresh") != sent {
				t.Fatal("tried before its time")
			}
			w.clock.Advance(3 * time.Hour)
			tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
			if n := w.count(g.provider, "token.refresh") - sent; n != 1 {
				t.Fatalf("%d tries, want 1", n)
			}
			if !g.rotate { // the old refresh token still works
				if err != nil {
					t.Fatal(err)
				}
				w.works(c, tok)
				return
			}
			f := failure(t, err, lifecycle.FailReconnect)
			if f.Class != store.Dead {
				t.Errorf("class is %s", f.Class)
			}
			for range 3 {
				w.clock.Advance(time.Hour)
				_, err = w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
				failure(t, err, lifecycle.FailReconnect)
			}
			if _, err := w.Refresh(context.Background(), c.ID, true); lifecycle.AsFailure(err).Kind != lifecycle.FailReconnect {
				t.Error(err)
			}
			if n := w.count(g.provider, "token.refresh") - sent; n != 1 {
				t.Errorf("%d tries, want 1: never a loop", n)
			}
			if w.grant(c).Refresh.Sealed.IsZero() {
				t.Error("a failed request has erased a token")
			}
		})
	}
}

// RF-6: a person may spend the one try early.
func TestAttemptSpendsTheTry(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", false)
	w.fault("salesforce.token.drop_after_rotate*2")
	_, err := w.Refresh(context.Background(), c.ID, false)
	failure(t, err, lifecycle.FailUncertain)
	_, err = w.Refresh(context.Background(), c.ID, true) // lost as well
	f := failure(t, err, lifecycle.FailReconnect)
	if f.Reason != lifecycle.ReasonAnswerLost || w.grant(c).Intent != nil {
		t.Errorf("reason %s, intent %+v", f.Reason, w.grant(c).Intent)
	}
	w.works(c, w.token(c)) // the access token still lives
}

// RF-6: inside a grace that the provider states, the one try comes at once.
func TestGraceIsUsedAtOnce(t *testing.T) {
	w := newWorld(t, sim.Config{})
	w.cat[sim.Salesforce].Tokens.GraceS = 30
	c := w.oauth(sim.Salesforce, "a", false)
	w.fault("salesforce.token.drop_after_rotate*1")
	res, err := w.Refresh(context.Background(), c.ID, false)
	if err != nil || res.Generation != 2 || w.grant(c).Intent != nil {
		t.Fatalf("got %+v, %v", res, err)
	}
}

// Each class of failure is stored and acted on as it should be.
func TestFailureClasses(t *testing.T) {
	rows := []struct {
		provider, fault string
		class           store.Class
		kind            lifecycle.FailureKind
		latched         bool
	}{
		{sim.Salesforce, "busy", store.Busy, lifecycle.FailUnavailable, false},
		{sim.HubSpot, "500", store.Transient, lifecycle.FailUnavailable, false},
		{sim.HubSpot, "429(7)", store.Throttled, lifecycle.FailUnavailable, false},
		{sim.HubSpot, "invalid_client", store.Config, lifecycle.FailConfig, true},
		{sim.Salesforce, "ip_blocked", store.Config, lifecycle.FailConfig, true},
		{sim.HubSpot, "invalid_grant", store.Dead, lifecycle.FailReconnect, true},
		{sim.Salesforce, "invalid_grant", store.Dead, lifecycle.FailReconnect, true},
	}
	w := newWorld(t, sim.Config{})
	w.Engine, _ = w.jumping(nil)
	for _, r := range rows {
		t.Run(r.provider+" "+r.fault, func(t *testing.T) {
			w.sim.ClearFaults()
			c := w.oauth(r.provider, "c"+string(w.id()[:8]), false)
			w.fault(r.provider + ".token." + r.fault)
			_, err := w.Refresh(context.Background(), c.ID, false)
			f := failure(t, err, r.kind)
			g := w.grant(c)
			if f.Class != r.class || g.Trouble == nil || g.Trouble.Class != r.class || g.Intent != nil {
				t.Fatalf("failure %+v, trouble %+v, intent %+v", f, g.Trouble, g.Intent)
			}
			if r.latched != g.Trouble.Next.IsZero() {
				t.Errorf("next try is %s", g.Trouble.Next)
			}
			sent := w.count(r.provider, "token.refresh")
			w.clock.Advance(10 * time.Hour)
			_, err = w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name})
			failure(t, err, r.kind)
			if again := w.count(r.provider, "token.refresh") - sent; r.latched != (again == 0) {
				t.Errorf("asked %d times more", again)
			}
			w.sim.ClearFaults()
			w.clock.Advance(time.Hour)
			_, err = w.Refresh(context.Background(), c.ID, false)
			if r.class == store.Dead {
				failure(t, err, lifecycle.FailReconnect)
			} else if err != nil {
				t.Errorf("a person's refresh after the fault: %v", err)
			}
		})
	}
}

// A provider that is busy with this very grant is waited for, when there is nothing to hand out.
func TestTokenWaitsForBusyProvider(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	w.clock.Advance(3 * time.Hour)
	w.fault("salesforce.token.busy*2")
	e, j := w.jumping(nil)
	tok, err := e.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	if err != nil || tok.Generation != 2 || len(j.slept) != 2 {
		t.Fatalf("generation %d, %v, waited %v", tok.Generation, err, j.slept)
	}
	w.works(c, tok)
}

// RF-7, TE-3: revoked by the provider is found once, audited, and then nobody asks again.
func TestRevokedByProvider(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.RevokeGrant(sim.Salesforce, "", "", ""); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(5 * time.Hour)
	sent := w.count(sim.Salesforce, "token.refresh")
	for range 3 {
		_, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
		failure(t, err, lifecycle.FailReconnect)
	}
	if n := w.count(sim.Salesforce, "token.refresh") - sent; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	if len(w.events(c, store.ActSuspicious)) != 1 {
		t.Error("a rotating token that is refused out of the blue is suspicious")
	}
}

// RF-11: a caller that gives up gets its answer at once; the request and its commit go on.
func TestCancelledRefreshEndsDetached(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	ctx, cancel := context.WithCancel(context.Background())
	w.fail = func(step string) {
		if step == "send" {
			cancel()
		}
	}
	if _, err := w.Refresh(ctx, c.ID, false); err == nil {
		t.Fatal("the caller was told of success after giving up")
	}
	if err := w.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if g := w.grant(c); g.Generation != 2 || g.Intent != nil {
		t.Fatalf("generation %d, intent %+v", g.Generation, g.Intent)
	}
	// Given up before the intent: nothing is sent.
	ctx, cancel = context.WithCancel(context.Background())
	w.fail = func(step string) {
		if step == "reread" {
			cancel()
		}
	}
	sent := w.count(sim.HubSpot, "token.refresh")
	_, _ = w.Refresh(ctx, c.ID, false)
	if err := w.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if g := w.grant(c); g.Intent != nil && w.count(sim.HubSpot, "token.refresh") == sent {
		t.Fatalf("an intent without a request: %+v", g.Intent)
	}
}

// CK-1, CK-2: a clock that was wrong neither keeps a token for ever nor makes a loop.
func TestWrongClocks(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.clock.Advance(10 * 365 * 24 * time.Hour)
	w.works(c, w.token(c))
	w.clock.Advance(-10 * 365 * 24 * time.Hour)
	sent := w.count(sim.HubSpot, "token.refresh")
	for range 3 {
		w.works(c, w.token(c))
	}
	if n := w.count(sim.HubSpot, "token.refresh") - sent; n != 1 {
		t.Errorf("%d refreshes after the clock was set back, want 1", n)
	}
}

// SC-1, SC-4: scopes that get lost at a refresh are recorded and told.
func TestScopesLostAtRefresh(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.fault("hubspot.token.reduced_scopes*1")
	res, err := w.Refresh(context.Background(), c.ID, false)
	if err != nil || len(res.Lost) == 0 {
		t.Fatalf("got %+v, %v", res, err)
	}
	if g := w.grant(c); len(g.Granted) != 1 {
		t.Fatalf("granted is %v", g.Granted)
	}
	res, err = w.Refresh(context.Background(), c.ID, false)
	if err != nil || len(res.Added) == 0 {
		t.Fatalf("got %+v, %v", res, err)
	}
}

// Paused: nothing is refreshed by itself, a person still can, and what lives is handed out.
func TestPaused(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	if err := w.SetPaused(context.Background(), c.ID, true); err != nil {
		t.Fatal(err)
	}
	w.works(c, w.token(c))
	w.clock.Advance(time.Hour)
	_, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	failure(t, err, lifecycle.FailPaused)
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := w.SetPaused(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	if len(w.events(c, store.ActPause)) != 1 || len(w.events(c, store.ActResume)) != 1 {
		t.Error("pausing and resuming leave no event")
	}
}

// Salesforce tells no lifetime: it is asked for after the tokens are safe.
func TestExpiryByIntrospection(t *testing.T) {
	w := newWorld(t, sim.Config{AccessTTL: 47 * time.Minute})
	c := w.oauth(sim.Salesforce, "a", true)
	res, err := w.Refresh(context.Background(), c.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	if res.Assumed || res.Expires.Sub(w.clock.Now()) != 47*time.Minute {
		t.Errorf("expires in %s, assumed %v", res.Expires.Sub(w.clock.Now()), res.Assumed)
	}
	if g := w.grant(c); g.Rotations != 1 || g.Refresh.IdleExpires.IsZero() || g.Access.Assumed {
		t.Errorf("grant is %+v", g)
	}
}

func TestKeysAreHandedOutButNotRefreshed(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, key := w.key(sim.Close, "k", "")
	tok := w.token(c)
	if tok.Secret.Reveal() != key || tok.Type != "Basic" || !tok.Expires.IsZero() {
		t.Errorf("got %+v", tok)
	}
	_, err := w.Refresh(context.Background(), c.ID, false)
	failure(t, err, lifecycle.FailUnsupported)
}
