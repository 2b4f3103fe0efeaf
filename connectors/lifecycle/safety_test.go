package lifecycle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// full is a store on a disk that has no room, from the write on that it counts down to.
type full struct {
	store.Store
	left int
}

func (f *full) Write(ctx context.Context, fn func(store.Writer) error) error {
	if f.left--; f.left < 0 {
		return fmt.Errorf("writing: %w", store.ErrUnwritable)
	}
	return f.Store.Write(ctx, fn)
}

// tight is a store that knows beforehand that there is no room.
type tight struct{ store.Store }

func (tight) Reserve(context.Context, int64) error { return store.ErrUnwritable }

// RF-9: a disk without room is found before the refresh token is spent.
func TestNoRoomNoRefresh(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	sent := w.count(sim.Salesforce, "token.refresh")
	for name, s := range map[string]store.Store{"full": &full{Store: w.store}, "tight": tight{w.store}} {
		_, err := w.engine(s).Refresh(context.Background(), c.ID, false)
		if !errors.Is(err, store.ErrUnwritable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := w.count(sim.Salesforce, "token.refresh") - sent; n != 0 {
		t.Errorf("%d refreshes were sent", n)
	}
	// RF-5: no room for the answer itself: nobody sees a token that is not on disk, and the
	// grant is uncertain.
	f := &full{Store: w.store, left: 1}
	e := w.engine(f)
	if _, err := e.Refresh(context.Background(), c.ID, false); !errors.Is(err, store.ErrUnwritable) {
		t.Errorf("got %v", err)
	}
	if g := w.grant(c); g.Intent == nil || g.Generation != 1 {
		t.Errorf("intent %+v, generation %d", g.Intent, g.Generation)
	}
	w.works(c, w.token(c)) // Salesforce leaves old sessions alone
	// The process that has the answer stores it as soon as there is room.
	f.left = 100
	sent = w.count(sim.Salesforce, "token.refresh")
	res, err := e.Refresh(context.Background(), c.ID, false)
	if err != nil || res.Generation != 2 || w.count(sim.Salesforce, "token.refresh") != sent {
		t.Errorf("got %+v, %v", res, err)
	}
	w.works(c, w.token(c))
}

// Handing out goes on when its record can't be written; the gap is noted later.
func TestTokenWithoutRecord(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	f := &full{Store: w.store}
	e := w.engine(f)
	for range 2 {
		if _, err := e.Token(context.Background(), lifecycle.TokenRequest{Name: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	f.left = 10
	if _, err := e.Token(context.Background(), lifecycle.TokenRequest{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	gaps := w.events(c, store.ActGap)
	if len(gaps) != 1 || !strings.HasPrefix(gaps[0].Evidence, "2 ") {
		t.Errorf("gaps are %+v", gaps)
	}
}

// A locked store hands out nothing and sends nothing.
func TestLocked(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.clock.Advance(time.Hour)
	w.store.Lock()
	sent := w.count(sim.HubSpot, "token.refresh")
	if _, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
	if _, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
	if w.count(sim.HubSpot, "token.refresh") != sent {
		t.Error("a locked store has sent something")
	}
}

// RF-13, TE-17: a refresh asks for no scope, and no secret is in an address.
func TestRefreshAsksNoScope(t *testing.T) {
	w := newWorld(t, sim.Config{})
	var forms []url.Values
	w.record(sim.Salesforce, func(r *http.Request) {
		if r.URL.RawQuery != "" {
			t.Errorf("query %q", r.URL.RawQuery)
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		if form.Get("grant_type") == "refresh_token" {
			forms = append(forms, form)
		}
	})
	c := w.oauth(sim.Salesforce, "a", false)
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	if len(forms) != 1 || forms[0].Has("scope") {
		t.Errorf("sent %d forms, scope %q", len(forms), forms[0].Get("scope"))
	}
}

// SF-6, RS-1: an API root that an answer names is adopted only if the provider's list has its
// host; refresh token and client secret never go there.
func TestInstanceMoves(t *testing.T) {
	w := newWorld(t, sim.Config{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer elsewhere.Close()
	instance := elsewhere.URL
	w.front(sim.Salesforce, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/services/oauth2/token" || instance == "" {
			next.ServeHTTP(rw, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		text := rec.Body.String()
		if i := strings.Index(text, `"instance_url":"`); i >= 0 {
			rest := text[i+len(`"instance_url":"`):]
			text = text[:i] + `"instance_url":"` + instance + rest[strings.Index(rest, `"`):]
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, text)
	})
	instance = ""
	c := w.oauth(sim.Salesforce, "a", false)
	before := w.grant(c)
	instance = elsewhere.URL
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	g := w.grant(c)
	if g.BaseURL != before.BaseURL || len(w.events(c, store.ActSuspicious)) != 1 {
		t.Errorf("the root is %s, %d suspicious events", g.BaseURL, len(w.events(c, store.ActSuspicious)))
	}
	// The same host in the list: access tokens follow, nothing else does.
	p := w.cat[sim.Salesforce]
	host := strings.TrimPrefix(elsewhere.URL, "http://")
	p.Tenancy.HostSuffixes = append(p.Tenancy.HostSuffixes, host)
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	g = w.grant(c)
	if g.BaseURL != elsewhere.URL || g.Access.Sealed.Hosts[0] != host {
		t.Errorf("the root is %s, access goes to %v", g.BaseURL, g.Access.Sealed.Hosts)
	}
	for _, h := range g.Refresh.Sealed.Hosts {
		if h == host {
			t.Error("the refresh token would go to a learnt host")
		}
	}
}

// SF-1: a consent whose answer names a foreign root makes no grant.
func TestForeignInstanceIsRefused(t *testing.T) {
	w := newWorld(t, sim.Config{})
	v, err := w.store.Vault()
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{"", "https://evil.example", "http://login.salesforce.com", "https://127.0.0.1:1", "javascript:x"} {
		a := answerOf(begin, w.cat[sim.Salesforce], "access", "refresh", root, 0)
		if _, err := lifecycle.NewGrant(v, lifecycle.Seed{ID: w.id(), Provider: w.cat[sim.Salesforce], Now: begin}, a); !errors.Is(err, lifecycle.ErrInstance) {
			t.Errorf("%q: got %v", root, err)
		}
	}
}

// LK-1: nothing that an engine says holds a secret.
func TestFailuresHoldNoSecret(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", false)
	tok := w.token(c)
	w.fault("salesforce.token.invalid_client")
	_, err := w.Refresh(context.Background(), c.ID, false)
	text := fmt.Sprintf("%v %+v %#v %+v", err, err, lifecycle.AsFailure(err), tok)
	if strings.Contains(text, tok.Secret.Reveal()) {
		t.Error("the token is shown")
	}
}

// RV-5: without a network a revocation is queued, and a key waits for its console.
func TestRevokeOffline(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, k := w.oauth(sim.Salesforce, "a", false), w.keyed(sim.Close, "k", "api_key-of-nobody-here")
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	rev, err := w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailPending)
	if rev.State != store.RevocationQueued || !rev.Next.After(w.clock.Now()) {
		t.Errorf("got %+v", rev)
	}
	rev, err = w.Revoke(context.Background(), k.ID, lifecycle.RevokeOptions{}, nil)
	failure(t, err, lifecycle.FailPending)
	if rev.State != store.RevocationConsole || rev.Verdict != store.VerdictUnknown {
		t.Errorf("got %+v", rev)
	}
	if done, left, err := w.WorkOff(context.Background(), nil); done != 0 || left != 2 || err != nil {
		t.Errorf("%d done, %d left, %v", done, left, err)
	}
	if _, err := w.Test(context.Background(), k.ID, lifecycle.TestOptions{}, nil); lifecycle.AsFailure(err) == nil {
		t.Errorf("got %v", err)
	}
}

// AU-8: a revocation goes on when its record can't be written, and says so.
func TestRevokeWithoutRecord(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	tok := w.token(c)
	rev, err := w.engine(&full{Store: w.store}).Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil)
	if rev.Verdict != store.VerdictDead || !errors.Is(err, store.ErrUnwritable) {
		t.Fatalf("got %+v, %v", rev, err)
	}
	if w.probe(c, tok) == nil {
		t.Error("the access token still works")
	}
	// With room again the record is made good: what the provider says is stored.
	if rev, err = w.Revoke(context.Background(), c.ID, lifecycle.RevokeOptions{}, nil); err != nil || rev.Verdict != store.VerdictDead {
		t.Fatalf("got %+v, %v", rev, err)
	}
	w.wiped(c)
}
