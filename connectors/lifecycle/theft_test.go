package lifecycle_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/policy"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// refreshSecret is the refresh token that a connection has now.
func (w *world) refreshSecret(c store.Connection) string {
	w.Helper()
	v, err := w.store.Vault()
	if err != nil {
		w.Fatal(err)
	}
	g := w.grant(c)
	val, err := v.Open(store.Binding{Owner: g.ID, Field: store.FieldRefresh}, g.Refresh.Sealed)
	if err != nil {
		w.Fatal(err)
	}
	return val.Reveal()
}

// elsewhere uses a refresh token as somebody else would who has a copy of it and the app's secret.
func (w *world) elsewhere(con consent, token string) int {
	w.Helper()
	resp, err := http.PostForm(con.provider.Endpoints.Token, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {con.client.ClientID}, "client_secret": {con.secret},
	})
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// judged is the state that every screen and list shows.
func (w *world) judged(c store.Connection) policy.Assessment {
	w.Helper()
	var sum store.Summary
	err := w.store.Read(context.Background(), func(r store.Reader) (err error) {
		sum, err = r.Summary(c.ID)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return policy.Assess(sum, policy.Facts(w.cat[c.Provider], c.Method, ""), w.clock.Now(), policy.DefaultThresholds())
}

// RF-7: a thief uses a copy of the refresh token; our next refresh is reuse, the provider ends
// the family, and that is one state for all processes and connections of the grant: one
// event, and no call any more, of whatever kind.
func TestStolenRefreshToken(t *testing.T) {
	for _, provider := range []string{sim.Salesforce, sim.Close} {
		t.Run(provider, func(t *testing.T) {
			w := newWorld(t, sim.Config{})
			con := w.consent(provider, sim.ClientOptions{Rotate: true}, sim.ConsentOptions{})
			c := w.add("a", con)
			if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
				t.Fatal(err)
			}
			twin := w.put("b", w.grant(c), nil, nil)
			if code := w.elsewhere(con, w.refreshSecret(c)); code != http.StatusOK {
				t.Fatalf("the thief got %d", code)
			}
			_, err := w.Refresh(t.Context(), c.ID, false)
			if f := failure(t, err, lifecycle.FailReconnect); f.Cause != store.CauseTheft || f.Reason != "invalid_grant" {
				t.Fatalf("failure %+v", f)
			}
			before, err := w.sim.Counters(provider)
			if err != nil {
				t.Fatal(err)
			}
			other := w.engine(w.again())
			for _, e := range []*lifecycle.Engine{w.Engine, other} {
				for _, conn := range []store.Connection{c, twin} {
					_, err = e.Token(t.Context(), lifecycle.TokenRequest{Name: conn.Name})
					failure(t, err, lifecycle.FailReconnect)
					_, err = e.Refresh(t.Context(), conn.ID, true)
					failure(t, err, lifecycle.FailReconnect)
					_, err = e.Test(t.Context(), conn.ID, lifecycle.TestOptions{}, nil)
					failure(t, err, lifecycle.FailReconnect)
				}
			}
			after, err := w.sim.Counters(provider)
			if err != nil {
				t.Fatal(err)
			}
			for endpoint, n := range after {
				if n != before[endpoint] {
					t.Errorf("%s was asked %d times more", endpoint, n-before[endpoint])
				}
			}
			if n := len(w.events(c, store.ActSuspicious)); n != 1 {
				t.Errorf("%d events of a possible theft, want 1", n)
			}
			for _, conn := range []store.Connection{c, twin} {
				if a := w.judged(conn); a.State != policy.Stolen || a.Group != policy.NeedYou || a.Key != policy.ActReconnect {
					t.Errorf("%s is %s in %s, mended by %s", conn.Name, a.State, a.Group, a.Key)
				}
			}
		})
	}
}

// RF-7: what is explained by ourselves is no theft: our own second try after a lost
// answer, and a refresh token that has reached its end.
func TestRefusalsThatAreNoTheft(t *testing.T) {
	t.Run("second try", func(t *testing.T) {
		w := newWorld(t, sim.Config{})
		c := w.oauth(sim.Close, "a", true)
		w.fault("close.token.drop_after_rotate")
		_, err := w.Refresh(t.Context(), c.ID, false)
		failure(t, err, lifecycle.FailUncertain)
		w.sim.ClearFaults()
		_, err = w.Refresh(t.Context(), c.ID, true)
		if f := failure(t, err, lifecycle.FailReconnect); f.Cause != store.CauseSecondTry || len(w.events(c, store.ActSuspicious)) != 0 {
			t.Fatalf("failure %+v", f)
		}
		if s := w.judged(c).State; s != policy.Reconnect {
			t.Errorf("the state is %s", s)
		}
	})
	t.Run("at its end", func(t *testing.T) {
		w := newWorld(t, sim.Config{})
		w.cat[sim.Close].Tokens.RefreshIdle = 3600
		c := w.oauth(sim.Close, "a", true)
		if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(2 * time.Hour)
		w.fault("close.token.invalid_grant")
		_, err := w.Refresh(t.Context(), c.ID, false)
		if f := failure(t, err, lifecycle.FailReconnect); f.Cause != "" || len(w.events(c, store.ActSuspicious)) != 0 {
			t.Fatalf("failure %+v", f)
		}
	})
	t.Run("never rotates", func(t *testing.T) {
		w := newWorld(t, sim.Config{})
		c := w.oauth(sim.HubSpot, "a", false)
		w.fault("hubspot.token.invalid_grant")
		_, err := w.Refresh(t.Context(), c.ID, false)
		if f := failure(t, err, lifecycle.FailReconnect); f.Cause != "" || len(w.events(c, store.ActSuspicious)) != 0 {
			t.Fatalf("failure %+v", f)
		}
	})
}

// Each credential of a grant is remembered: when, how, by whom, with its fingerprint; the
// record stays bounded.
func TestHistoryOfGenerations(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Close, "a", true)
	w.clock.Advance(2 * time.Hour)
	w.token(c)
	h := w.grant(c).History
	if len(h) != 2 || h[0].Generation != 1 || h[1].How != store.MadeByRefresh || h[1].Generation != 2 || !h[1].At.Equal(w.clock.Now()) {
		t.Fatalf("history %+v", h)
	}
	if h[0].Fingerprint == h[1].Fingerprint || h[1].Fingerprint != w.grant(c).Refresh.Fingerprint || h[1].By != lifecycle.Origin("test") {
		t.Errorf("history %+v", h)
	}
	for range store.MaxHistory + 3 {
		if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
			t.Fatal(err)
		}
	}
	h = w.grant(c).History
	if len(h) != store.MaxHistory || h[len(h)-1].Generation != w.grant(c).Generation || h[0].Generation != h[len(h)-1].Generation-store.MaxHistory+1 {
		t.Errorf("%d entries from %d to %d", len(h), h[0].Generation, h[len(h)-1].Generation)
	}
}
