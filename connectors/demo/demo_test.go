package demo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/demo"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/policy"
	"crmdeck/connectors/setup"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

// TestEveryStateIsPlayed: 24 connections, and every state that this version can show.
func TestEveryStateIsPlayed(t *testing.T) {
	st, cat, present := played(t)
	got := map[policy.State][]string{}
	err := st.Read(t.Context(), func(r store.Reader) error {
		all, err := r.Summaries()
		if err != nil {
			return err
		}
		if len(all) != 24 {
			t.Errorf("%d connections, want 24", len(all))
		}
		for _, s := range all {
			p, err := cat.Provider(s.Provider)
			if err != nil {
				return err
			}
			a := policy.Assess(s, policy.Facts(p, s.Method, ""), present, policy.DefaultThresholds())
			got[a.State] = append(got[a.State], s.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(got)
	want := map[policy.State]string{
		policy.Reconnect: "salesforce-emea", policy.Blocked: "hubspot-partner", policy.Uncertain: "salesforce-field",
		policy.Overdue: "hubspot-etl", policy.Expired: "hubspot-events", policy.Expiring: "hubspot-finance",
		policy.Reduced: "hubspot-marketing", policy.Due: "close-nightly", policy.Throttled: "hubspot-webshop",
		policy.Retrying: "salesforce-apac", policy.Queued: "hubspot-agency", policy.Healthy: "salesforce-prod",
		policy.Revoked: "hubspot-old",
	}
	for state, name := range want {
		if !strings.Contains(strings.Join(got[state], " "), name) {
			t.Errorf("%s: %v, want %s among them", state, got[state], name)
		}
	}
}

// played fills a store and returns it with its catalogue and the time of the curtain.
func played(t testing.TB) (store.Store, *catalog.Catalog, time.Time) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	present := time.Date(2026, 11, 17, 14, 32, 0, 0, time.UTC)
	c := clock.NewScaled(present.Add(-demo.Past), 1)
	s, err := sim.Start(ctx, sim.Config{Now: c.Now, Rand: rand.Reader, Contacts: 900})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	home := t.TempDir()
	must(t, s.WriteProviders(filepath.Join(home, "providers")))
	cat, err := catalog.Load(home)
	must(t, err)
	st, err := bolt.New(bolt.Options{Clock: c, Actor: "demo"}).Create(ctx, filepath.Join(home, "store"),
		store.Key{IdentityFile: filepath.Join(home, "identity.txt")})
	must(t, err)
	t.Cleanup(func() { _ = st.Close() })
	hc := guard.New(guard.Options{})
	eng := lifecycle.New(lifecycle.Config{Store: st, Catalog: cat, HTTP: hc, Clock: c, Rand: rand.Reader})
	port := freePort(t)
	maker := setup.New(setup.Deps{
		Store: st, Catalog: cat, Lifecycle: eng, HTTP: hc, Clock: c, Rand: rand.Reader, Actor: "demo", Port: port,
		OAuth: oauth.New(oauth.Config{HTTP: hc, Clock: c, Rand: rand.Reader}),
	})
	must(t, demo.Fill(ctx, demo.Stage{
		World: world{s}, Store: st, Lifecycle: eng, Setup: maker, Clock: c, Curtain: present, Port: port,
	}))
	return st, cat, c.Now()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		played(b)
	}
}

// world adapts the simulation, as main does.
type world struct{ sim *sim.Sim }

func (w world) App(provider string, a demo.App) (string, secret.Value, error) {
	id, s, err := w.sim.NewClient(provider, sim.ClientOptions{Name: a.Name, RedirectURIs: []string{a.RedirectURI}, Rotate: a.Rotate})
	return id, secret.FromString(s), err
}

func (w world) Key(provider, kind, account string, made time.Time) (secret.Value, error) {
	k, err := w.sim.NewKey(provider, sim.KeyOptions{Account: account, Kind: kind, Created: made})
	return secret.FromString(k), err
}

func (w world) DeleteKey(provider string, key secret.Value) error {
	return w.sim.DeleteKey(provider, key.Reveal())
}

func (w world) Uninstall(provider, clientID, account string) error {
	return errors.Join(w.sim.UninstallApp(provider, clientID, account), w.sim.InstallApp(provider, clientID, account))
}

func (w world) Consent(ctx context.Context, url string, c demo.Consent) error {
	return w.sim.Consent(ctx, url, sim.ConsentOptions{Account: c.Account, Login: c.Login, DropScopes: c.Drop})
}

func (w world) Fault(f demo.Fault) error {
	return w.sim.Inject(sim.Fault{
		Provider: f.Provider, Endpoint: f.Endpoint, Kind: f.Kind, ClientID: f.ClientID, Count: f.Count, RetryAfter: f.RetryAfter, Delay: f.Delay,
	})
}
