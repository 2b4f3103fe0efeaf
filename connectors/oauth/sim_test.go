package oauth_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// crm is one simulated provider, as the catalogue describes it, and a client of it.
type crm struct {
	*testing.T
	sim  *sim.Sim
	id   string
	prov *connectors.Provider
	p    oauth.Profile
	c    *oauth.Client
}

func startCRM(t *testing.T, id string, cfg sim.Config, o sim.ClientOptions) *crm {
	t.Helper()
	s, err := sim.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	dir := t.TempDir()
	if err := s.WriteProviders(filepath.Join(dir, "providers")); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	prov, err := cat.Provider(id)
	if err != nil {
		t.Fatal(err)
	}
	uri := oauth.RedirectURI(id, "", freePort(t))
	o.RedirectURIs = []string{uri}
	client, key, err := s.NewClient(id, o)
	if err != nil {
		t.Fatal(err)
	}
	set := prov.ScopeSets["read_only"]
	p, err := oauth.ProfileOf(prov, client, secret.FromString(key), nil, uri, map[string]string{"login_host": "login.salesforce.com"}, set.Scopes)
	if err != nil {
		t.Fatal(err)
	}
	p.Optional = set.Optional
	return &crm{T: t, sim: s, id: id, prov: prov, p: p, c: newClient(t)}
}

// grant goes through consent in the simulated person's browser.
func (m *crm) grant(o sim.ConsentOptions) (oauth.Answer, error) {
	m.Helper()
	f := begin(m.T, m.c, m.p)
	got := wait(m.Context(), f)
	if err := m.sim.Consent(m.Context(), f.URL(), o); err != nil {
		m.Fatal(err)
	}
	r := <-got
	return r.answer, r.err
}

// must is a grant that has to work.
func (m *crm) must() oauth.Answer {
	m.Helper()
	a, err := m.grant(sim.ConsentOptions{})
	if err != nil || a.Access.IsZero() || a.Refresh.IsZero() {
		m.Fatalf("grant: %+v, %v", a, err)
	}
	return a
}

func (m *crm) fault(endpoint, kind string) {
	m.Helper()
	if err := m.sim.Inject(sim.Fault{Provider: m.id, Endpoint: endpoint, Kind: kind, Count: 1}); err != nil {
		m.Fatal(err)
	}
}

func (m *crm) count(endpoint string) int {
	m.Helper()
	n, err := m.sim.Counters(m.id)
	if err != nil {
		m.Fatal(err)
	}
	return n[endpoint]
}

// PK-4, SC-1, RV-1, RV-3, RV-11: HubSpot from consent to revocation.
func TestSimulatedHubSpot(t *testing.T) {
	m := startCRM(t, sim.HubSpot, sim.Config{Contacts: 10}, sim.ClientOptions{})
	a := m.must()
	if a.Assumed || a.Fields["hub_id"] == "" || a.Expires.Sub(a.Issued) != 30*time.Minute {
		t.Errorf("answer: %v %v, %v", a.Fields, a.Assumed, a.Expires.Sub(a.Issued))
	}
	next, err := m.c.Refresh(t.Context(), m.p, a.Refresh)
	if err != nil || next.Access.Equal(a.Access) || !next.Refresh.IsZero() && !next.Refresh.Equal(a.Refresh) {
		t.Fatalf("refresh: %v", err)
	}
	i, err := m.c.Introspect(t.Context(), m.p, next.Access, oauth.HintAccess)
	if err != nil || !i.Active || !i.ScopesKnown || i.Fields["hub_id"] != a.Fields["hub_id"] || i.Expires.IsZero() {
		t.Errorf("introspection: %+v, %v", i, err)
	}
	fails(t, m.c.Revoke(t.Context(), m.p, next.Access, oauth.HintAccess), store.Config, "unsupported_token_type") // RV-3
	for range 2 {
		if err := m.c.Revoke(t.Context(), m.p, a.Refresh, oauth.HintRefresh); err != nil {
			t.Errorf("revoking: %v", err)
		}
	}
	_, err = m.c.Refresh(t.Context(), m.p, a.Refresh)
	fails(t, err, store.Dead, "invalid_grant")
	if n := m.count("token.refresh"); n != 2 || m.count("token.authorization_code") != 1 {
		t.Errorf("%d refresh requests for two refreshes", n)
	}
	wrong := m.p
	wrong.Secret = secret.FromString("wrong-secret")
	_, err = m.c.Refresh(t.Context(), wrong, a.Refresh)
	fails(t, err, store.Config, "invalid_client")
}

// SC-3: an optional scope that the person drops is told.
func TestSimulatedHubSpotDropsOptionalScopes(t *testing.T) {
	m := startCRM(t, sim.HubSpot, sim.Config{Contacts: 10}, sim.ClientOptions{})
	a, err := m.grant(sim.ConsentOptions{DropScopes: m.p.Optional})
	if err != nil {
		t.Fatal(err)
	}
	i, err := m.c.Introspect(t.Context(), m.p, a.Access, oauth.HintAccess)
	if err != nil || len(i.Scopes) != len(m.p.Scopes) {
		t.Errorf("granted: %v, %v", i.Scopes, err)
	}
}

// TE-15, RF-7, RV-1: Salesforce, with rotation and without.
func TestSimulatedSalesforce(t *testing.T) {
	for name, rotate := range map[string]bool{"fixed": false, "rotating": true} {
		t.Run(name, func(t *testing.T) {
			m := startCRM(t, sim.Salesforce, sim.Config{Contacts: 10}, sim.ClientOptions{Rotate: rotate})
			a := m.must()
			if !a.Assumed || !a.ScopesKnown || a.Fields["instance_url"] == "" || a.Fields["issued_at"] == "" || a.Fields["signature"] != "" {
				t.Errorf("answer: %v %v", a.Fields, a.Assumed)
			}
			i, err := m.c.Introspect(t.Context(), m.p, a.Access, oauth.HintAccess)
			if err != nil || !i.Active || i.Expires.IsZero() {
				t.Errorf("introspection: %+v, %v", i, err)
			}
			next, err := m.c.Refresh(t.Context(), m.p, a.Refresh)
			if err != nil || next.Refresh.IsZero() == rotate {
				t.Fatalf("refresh: new refresh token %v, %v", !next.Refresh.IsZero(), err)
			}
			living := a.Refresh
			if rotate {
				living = next.Refresh
				_, err = m.c.Refresh(t.Context(), m.p, a.Refresh) // reuse
				fails(t, err, store.Dead, "invalid_grant")
				_, err = m.c.Refresh(t.Context(), m.p, living)
				fails(t, err, store.Dead, "invalid_grant")
			}
			for range 2 { // the second time its answer is "invalid_token", which counts as dead
				if err := m.c.Revoke(t.Context(), m.p, living, oauth.HintRefresh); err != nil {
					t.Errorf("revoking: %v", err)
				}
			}
			if i, err := m.c.Introspect(t.Context(), m.p, next.Access, oauth.HintAccess); err != nil || i.Active {
				t.Errorf("after revocation: %+v, %v", i, err)
			}
		})
	}
}

// TE-1, TE-4, TE-5, RF-6: what goes wrong at the token endpoint, and whether the refresh token may be spent.
func TestSimulatedFaults(t *testing.T) {
	for _, c := range []struct {
		provider, kind string
		class          store.Class
		unknown        bool
	}{
		{sim.Salesforce, "busy", store.Busy, false}, {sim.Salesforce, "500", store.Transient, true}, {sim.Salesforce, "html200", store.Transient, true},
		{sim.Salesforce, "truncated", store.Transient, true}, {sim.Salesforce, "drop_before", store.Transient, true}, {sim.Salesforce, "drop_after_rotate", store.Transient, true},
		{sim.Salesforce, "invalid_client", store.Config, false}, {sim.Salesforce, "invalid_grant", store.Dead, false},
		{sim.HubSpot, "429", store.Throttled, false}, {sim.HubSpot, "503", store.Transient, true}, {sim.HubSpot, "invalid_grant", store.Dead, false},
		{sim.HubSpot, "invalid_client", store.Config, false}, {sim.HubSpot, "truncated", store.Transient, true},
	} {
		t.Run(c.provider+" "+c.kind, func(t *testing.T) {
			m := startCRM(t, c.provider, sim.Config{Contacts: 10}, sim.ClientOptions{})
			a := m.must()
			m.fault("token", c.kind)
			_, err := m.c.Refresh(t.Context(), m.p, a.Refresh)
			var e *oauth.Error
			if e = asError(err); e == nil || e.Class != c.class || e.Unknown != c.unknown {
				t.Errorf("%+v", e)
			}
			if n := m.count("token.refresh"); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func asError(err error) *oauth.Error {
	e, _ := err.(*oauth.Error)
	return e
}

// AR-5: the person says no.
func TestSimulatedDenial(t *testing.T) {
	for _, id := range []string{sim.HubSpot, sim.Salesforce} {
		m := startCRM(t, id, sim.Config{Contacts: 10}, sim.ClientOptions{})
		_, err := m.grant(sim.ConsentOptions{Deny: true})
		e := asError(err)
		if e == nil || e.Code != "access_denied" || strings.ContainsAny(e.Description, "<>\x1b") {
			t.Errorf("%s: %+v", id, e)
		}
		if m.count("token.authorization_code") != 0 {
			t.Errorf("%s: a code was sent", id)
		}
	}
}
