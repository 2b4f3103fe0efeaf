package lifecycle_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// wiped fails unless no sealed secret is left, and the tombstone is.
func (w *world) wiped(c store.Connection) {
	w.Helper()
	g := w.grant(c)
	if g.Access != nil && !g.Access.Sealed.IsZero() || g.Refresh != nil && !g.Refresh.Sealed.IsZero() || g.Key != nil && !g.Key.Sealed.IsZero() {
		w.Fatal("a secret is still there")
	}
	if g.Revocation == nil || g.Revocation.Verdict != store.VerdictDead || len(g.Revocation.Steps) == 0 {
		w.Fatalf("the tombstone is %+v", g.Revocation)
	}
}

// RV-4, RV-10: refresh token first, then the access token; the old access token is refused
// afterwards; only then the secrets go.
func TestRevokeSalesforce(t *testing.T) {
	w := newWorld(t, sim.Config{})
	var order []string
	w.record(sim.Salesforce, func(r *http.Request) {
		if r.URL.Path == "/services/oauth2/revoke" {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			form, _ := url.ParseQuery(string(body))
			order = append(order, form.Get("token_type_hint"))
		}
	})
	c := w.oauth(sim.Salesforce, "a", true)
	tok := w.token(c)
	var last lifecycle.RevokeProgress
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, func(p lifecycle.RevokeProgress) { last = p })
	if err != nil || rev.Verdict != store.VerdictDead || rev.State != store.RevocationDone {
		t.Fatalf("got %+v, %v", rev, err)
	}
	if !slices.Equal(order, []string{"refresh_token", "access_token"}) {
		t.Errorf("revoked in the order %v", order)
	}
	if last.Verdict != store.VerdictDead || last.EventSeq == 0 {
		t.Errorf("the last word is %+v", last)
	}
	w.wiped(c)
	if w.probe(c, tok) == nil {
		t.Error("the access token still works")
	}
	for _, err := range []error{second(w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})), second(w.Refresh(context.Background(), c.ID, true))} {
		failure(t, err, lifecycle.FailRevoked)
	}
	if outcomes := w.events(c, store.ActRevoke); len(outcomes) != 3 || outcomes[0].Outcome != "dead" {
		t.Errorf("events %+v", outcomes)
	}
	// RV-1: twice is fine.
	if rev, err = w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil); err != nil || rev.Verdict != store.VerdictDead {
		t.Errorf("again: %+v, %v", rev, err)
	}
}

func second[T any](_ T, err error) error { return err }

// RV-1: a token that was revoked at the provider before counts as revoked.
func TestRevokeWhatIsRevokedAlready(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", false)
	if err := w.sim.RevokeGrant(sim.Salesforce, "", "", ""); err != nil {
		t.Fatal(err)
	}
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	if err != nil || rev.Verdict != store.VerdictDead {
		t.Fatalf("got %+v, %v", rev, err)
	}
}

// RV-3, RV-10: HubSpot revokes the refresh token only. The access token lives until T, stays
// sealed until then, and is called dead after one look after T.
func TestRevokeHubSpotDiesLater(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	twin := w.put("b", w.grant(c), nil, nil) // on the same grant
	ends := w.grant(c).Access.Expires
	plan, err := w.PlanRevoke(context.Background(), c.ID)
	if err != nil || plan.How != connectors.RevokeRFC7009 || len(plan.SameGrant) != 1 || !plan.AccessEnds.Equal(ends) {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	if err != nil || rev.Verdict != store.VerdictDiesAt || rev.State != store.RevocationDying || !rev.DiesAt.Equal(ends) {
		t.Fatalf("got %+v, %v", rev, err)
	}
	if w.grant(c).Access.Sealed.IsZero() {
		t.Fatal("the access token is wiped before it is dead")
	}
	for _, name := range []string{"a", "b"} {
		_, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: name})
		f := failure(t, err, lifecycle.FailRevoking)
		if f.Revocation != store.RevocationDying || !f.Next.Equal(ends) {
			t.Errorf("got %+v", f)
		}
	}
	if done, left, err := w.WorkOff(context.Background(), nil); done != 0 || left != 1 || err != nil {
		t.Fatalf("before T: %d done, %d left, %v", done, left, err)
	}
	w.clock.Advance(31 * time.Minute)
	if done, left, err := w.WorkOff(context.Background(), nil); done != 1 || left != 0 || err != nil {
		t.Fatalf("after T: %d done, %d left, %v", done, left, err)
	}
	w.wiped(c)
	w.wiped(twin)
	if len(w.events(twin, store.ActRevoke)) == 0 {
		t.Error("the connection on the same grant has no event")
	}
}

// RV-2, RV-5: a provider that is down leaves the revocation in the queue, across restarts;
// local use stops at once; it is worked off later.
func TestRevokeIsQueued(t *testing.T) {
	for _, f := range []string{"503(60)", "500", "drop_before", "429(30)"} {
		t.Run(f, func(t *testing.T) {
			w := newWorld(t, sim.Config{})
			c := w.oauth(sim.Salesforce, "a", false)
			w.fault("salesforce.revoke." + f)
			rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
			fail := failure(t, err, lifecycle.FailPending)
			if rev.State != store.RevocationQueued || rev.Next.IsZero() || fail.Next.IsZero() || !rev.Sent.IsZero() {
				t.Fatalf("got %+v", rev)
			}
			for _, err := range []error{
				second(w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})), second(w.Refresh(context.Background(), c.ID, true)),
				second(w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)),
			} {
				f := failure(t, err, lifecycle.FailRevoking)
				if f.Revocation != store.RevocationQueued || !f.Since.Equal(rev.Asked) || f.Reason != "" {
					t.Errorf("got %+v", f)
				}
			}
			if done, left, _ := w.WorkOff(context.Background(), nil); done != 0 || left != 1 {
				t.Fatalf("%d done, %d left", done, left)
			}
			w.sim.ClearFaults()
			later := w.engine(w.again())
			if done, left, err := later.WorkOff(context.Background(), nil); done != 1 || left != 0 || err != nil {
				t.Fatalf("%d done, %d left, %v", done, left, err)
			}
			w.wiped(c)
		})
	}
}

// RV-1: a server that answers an unknown token with 400 instead of 200 (RFC 7009 section
// 2.2), and whose profile does not say so: the probe tells whether it is dead.
func TestRevokeWhatTheProviderDoesNotKnow(t *testing.T) {
	w := newWorld(t, sim.Config{})
	p := *w.cat[sim.Salesforce]
	p.Revoke.AlreadyDead = nil
	w.cat[sim.Salesforce] = &p
	c := w.oauth(sim.Salesforce, "a", true)
	if err := w.sim.RevokeGrant(sim.Salesforce, "", "", ""); err != nil {
		t.Fatal(err)
	}
	_, err := w.Refresh(context.Background(), c.ID, false)
	failure(t, err, lifecycle.FailReconnect)
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	if err != nil || rev.Verdict != store.VerdictDead || rev.State != store.RevocationDone {
		t.Fatalf("got %+v, %v", rev, err)
	}
	w.wiped(c)
	if err := w.Remove(context.Background(), c.ID, false); err != nil {
		t.Error(err)
	}
}

// A provider that says so of a token that lives is not believed.
func TestRevokeUnknownTokenThatLives(t *testing.T) {
	w := newWorld(t, sim.Config{})
	p := *w.cat[sim.Salesforce]
	p.Revoke.AlreadyDead = nil
	w.cat[sim.Salesforce] = &p
	w.front(sim.Salesforce, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/services/oauth2/revoke" {
			next.ServeHTTP(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(rw, `{"error":"invalid_token"}`)
	})
	c := w.oauth(sim.Salesforce, "a", true)
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailNotAlive)
	if rev.Verdict != store.VerdictAlive || w.grant(c).Refresh.Sealed.IsZero() {
		t.Fatalf("got %+v", rev)
	}
	_, err = w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	failure(t, err, lifecycle.FailNotAlive)
}

// RV-8: a client that is refused is no success.
func TestRevokeWithRefusedClient(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.fault("hubspot.revoke.invalid_client")
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailConfig)
	if rev.State != store.RevocationQueued || rev.Verdict == store.VerdictDead || w.grant(c).Refresh.Sealed.IsZero() {
		t.Fatalf("got %+v", rev)
	}
}

// The probe decides: a provider that confirms and goes on minting is found out, and what it
// minted is revoked too.
func TestRevokeThatDoesNotTakeEffect(t *testing.T) {
	w := newWorld(t, sim.Config{})
	revokes := 0
	w.front(sim.Salesforce, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/services/oauth2/revoke" {
			revokes++
			return // 200, and nothing happens
		}
		next.ServeHTTP(rw, r)
	})
	c := w.oauth(sim.Salesforce, "a", true)
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailNotAlive)
	if rev.Verdict != store.VerdictAlive || revokes != 4 || w.grant(c).Refresh.Sealed.IsZero() {
		t.Fatalf("got %+v after %d revocations", rev, revokes)
	}
	if err := w.Remove(context.Background(), c.ID, false); lifecycle.AsFailure(err) == nil {
		t.Error("what is alive was removed")
	}
}

// RV-7: a refresh that runs elsewhere ends first, and its tokens are revoked.
func TestRevokeRacesRefresh(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	other := w.engine(w.again())
	revoked := make(chan error, 1)
	w.fail = func(step string) {
		if step == "answer" {
			w.fail = nil
			go func() { revoked <- second(other.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)) }()
		}
	}
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := <-revoked; err != nil {
		t.Fatal(err)
	}
	w.wiped(c)
	if g := w.grant(c); g.Generation != 2 {
		t.Errorf("generation %d", g.Generation)
	}
}

// RV-9: a key has no API. The console page is opened, the key is called with until it has
// been refused twice; every connection with the same key dies with it.
func TestRevokeKeyAtConsole(t *testing.T) {
	for _, provider := range []string{sim.Close, sim.HubSpot} {
		t.Run(provider, func(t *testing.T) {
			w := newWorld(t, sim.Config{})
			c, key := w.key(provider, "a", "")
			twin := w.keyed(provider, "b", key)
			plan, err := w.PlanRevoke(context.Background(), c.ID)
			if err != nil || plan.How != connectors.RevokeConsole || plan.ConsoleURL == "" || len(plan.SameKey) != 1 {
				t.Fatalf("plan %+v, %v", plan, err)
			}
			opened := ""
			e, j := w.jumping(func(u string) error { opened = u; return nil })
			waits := 0
			rev, err := e.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{Console: true, Wait: 10 * time.Minute}, func(p lifecycle.RevokeProgress) {
				if !p.Waiting {
					return
				}
				if waits++; waits == 3 {
					if err := w.sim.DeleteKey(provider, key); err != nil {
						t.Error(err)
					}
				}
			})
			if err != nil || rev.Verdict != store.VerdictDead || opened != plan.ConsoleURL || waits < 4 {
				t.Fatalf("got %+v, %v, opened %q, %d waits", rev, err, opened, waits)
			}
			if !slices.IsSortedFunc(j.slept[:len(j.slept)-1], func(a, b time.Duration) int { return int(a - b) }) {
				t.Errorf("waited %v, want longer and longer", j.slept)
			}
			w.wiped(c)
			if g := w.grant(twin); !g.Key.Sealed.IsZero() || g.Trouble == nil || g.Trouble.Reason != lifecycle.ReasonSharedKey {
				t.Errorf("the twin is %+v", g.Trouble)
			}
			// what was proven for one is proven for the other; there is nothing left to call with
			rev, err = w.Revoke(context.Background(), twin.ID, lifecycle.RevokeOptions{}, nil)
			if err != nil || rev.Verdict != store.VerdictDead || rev.State != store.RevocationDone {
				t.Errorf("revoking the twin: %+v, %v", rev, err)
			}
		})
	}
}

// A console that nobody goes to ends with pending; looking once is what the queue does.
func TestRevokeKeyPending(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, key := w.key(sim.Close, "a", "")
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailPending)
	if rev.State != store.RevocationConsole || w.grant(c).Key.Sealed.IsZero() {
		t.Fatalf("got %+v", rev)
	}
	if err := w.sim.DeleteKey(sim.Close, key); err != nil {
		t.Fatal(err)
	}
	e, _ := w.jumping(nil) // the second look comes 2 s after the first
	if done, left, err := e.WorkOff(context.Background(), nil); done != 1 || left != 0 || err != nil {
		t.Fatalf("%d done, %d left, %v", done, left, err)
	}
	w.wiped(c)
	if err := w.Remove(context.Background(), c.ID, false); err != nil {
		t.Errorf("what is dead cannot be removed: %v", err)
	}
}

// A key that was refused before is dead after two looks, without a console.
func TestRevokeRefusedKey(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, key := w.key(sim.Close, "a", "")
	if err := w.sim.DeleteKey(sim.Close, key); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	e, _ := w.jumping(nil)
	rev, err := e.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	if err != nil || rev.Verdict != store.VerdictDead {
		t.Fatalf("got %+v, %v", rev, err)
	}
	w.wiped(c)
}

// One key has one age, whichever connection somebody wrote the date at.
func TestKeyDateIsShared(t *testing.T) {
	w := newWorld(t, sim.Config{})
	ctx := context.Background()
	a, key := w.key(sim.Close, "a", "")
	b := w.keyed(sim.Close, "b", key)
	made := begin.AddDate(0, 0, -84)
	if err := w.Edit(ctx, a.ID, lifecycle.Edit{KeyMade: &made}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []store.Connection{a, b} {
		if k := w.grant(c).Key; !k.Made.Equal(made) || !k.MadeKnown {
			t.Errorf("%s: %s, known %v", c.Name, k.Made, k.MadeKnown)
		}
	}
	var unknown time.Time
	if err := w.Edit(ctx, b.ID, lifecycle.Edit{KeyMade: &unknown}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []store.Connection{a, b} {
		if k := w.grant(c).Key; k.Made.Equal(made) || k.MadeKnown {
			t.Errorf("%s: %s, known %v", c.Name, k.Made, k.MadeKnown)
		}
	}
}

func TestRenameEditRemove(t *testing.T) {
	w := newWorld(t, sim.Config{})
	ctx := context.Background()
	a, b := w.oauth(sim.HubSpot, "a", false), w.oauth(sim.HubSpot, "b", false)
	if err := w.Rename(ctx, a.ID, "b"); err == nil {
		t.Error("a name was given twice")
	}
	for _, bad := range []string{"", "-x", "a b", "a\nb", "é"} {
		if err := w.Rename(ctx, a.ID, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if err := w.Rename(ctx, a.ID, "hubspot-prod"); err != nil {
		t.Fatal(err)
	}
	owner, tags, days := "ops\x1b[31m", []string{"nightly", "nightly", " "}, 30
	made := begin.AddDate(0, 0, -10)
	if err := w.Edit(ctx, a.ID, lifecycle.Edit{Owner: &owner, Tags: &tags, KeyDays: &days, KeyMade: &made}); err != nil {
		t.Fatal(err)
	}
	c := w.connection(a.ID)
	if c.Name != "hubspot-prod" || c.Owner != "ops [31m" || len(c.Tags) != 1 || c.KeyDays != 30 {
		t.Errorf("got %+v", c)
	}
	failure(t, w.Remove(ctx, b.ID, false), lifecycle.FailNotAlive)
	if err := w.Remove(ctx, b.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, act := range []store.Act{store.ActRename, store.ActEdit} {
		if len(w.events(a, act)) != 1 {
			t.Errorf("%s leaves no event", act)
		}
	}
}
