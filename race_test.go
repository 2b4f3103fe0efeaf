package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/ui/cli"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/uitest"
)

// TestOneRefreshForAll is RF-1: 64 processes and a screen that refreshes ahead ask for
// the same expired token at once. One request reaches the provider; all get a token that
// works. At Salesforce the refresh token is single use: a second request would end the grant.
func TestOneRefreshForAll(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Salesforce} {
		t.Run(provider, func(t *testing.T) {
			const processes = 64
			w := newExpired(t, provider)
			deps, done, err := root{clock: clock.System{}}.deck(t.Context(), cli.TUIOptions{
				Home: w.home, Actor: "admin", Settings: config.Settings{AutoRefresh: true}, Key: store.Key{IdentityFile: w.identity},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			tokens := make([]string, processes)
			var all sync.WaitGroup
			for i := range processes {
				all.Go(func() {
					out, err := exec.Command("crmdeck", "--home", w.home, "--identity", w.identity, "token", w.name, "--as", fmt.Sprint("job-", i)).Output()
					if err != nil {
						t.Errorf("process %d: %v", i, err)
					}
					tokens[i] = strings.TrimSpace(string(out))
				})
			}
			screen := uitest.Start(t, deps, 120, 36)
			all.Wait()
			screen.Settle()
			for i, tok := range tokens {
				if tok == "" || tok != tokens[0] {
					t.Errorf("process %d got another token than process 0, or none", i)
				}
			}
			w.works(t, tokens[0])
			if n := w.refreshes(t); n != 1 {
				t.Errorf("%d refresh requests reached the provider, want 1", n)
			}
			if got := screen.Text(); !strings.Contains(got, "healthy") {
				t.Errorf("the screen does not show a healthy connection:\n%s", got)
			}
		})
	}
}

// scene is a store with one connection, and the simulated CRM behind it.
type scene struct {
	sim                            *sim.Sim
	provider, name, home, identity string
	before                         int // refreshes that the set-up needed
}

// newExpired is a scene whose access token has ended.
func newExpired(t testing.TB, provider string) *scene {
	return newConnected(t, provider, 5*time.Hour)
}

// newFresh is the same with an access token that lives.
func newFresh(t testing.TB) *scene { return newConnected(t, sim.Salesforce, 0) }

// newConnected makes a store with one connection that was set up so long ago.
func newConnected(t testing.TB, provider string, ago time.Duration) *scene {
	t.Helper()
	w := &scene{provider: provider, name: provider + "-jobs", home: filepath.Join(t.TempDir(), "home")}
	w.identity = filepath.Join(w.home, "identity.txt")
	c := clock.NewScaled(time.Now().Add(-ago), 1)
	var err error
	if w.sim, err = sim.Start(context.Background(), sim.Config{Now: c.Now, Contacts: 10}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.sim.Close() })
	if err := w.sim.WriteProviders(filepath.Join(w.home, "providers")); err != nil {
		t.Fatal(err)
	}
	r := root{clock: c}
	st, err := r.backend(false, "test").Create(t.Context(), w.home, store.Key{IdentityFile: w.identity})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	cat, err := catalog.Load(w.home)
	if err != nil {
		t.Fatal(err)
	}
	p := r.parts(st, cat, "test", 0)
	w.connect(t, p)
	w.before = w.refreshes(t)
	c.Advance(ago)
	return w
}

// connect sets the connection up with an app whose refresh tokens are single use.
func (w *scene) connect(t testing.TB, p parts) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	uri := fmt.Sprintf("http://localhost:%d/callback/%s", port, w.provider)
	id, sec, err := w.sim.NewClient(w.provider, sim.ClientOptions{RedirectURIs: []string{uri}, Rotate: w.provider == sim.Salesforce})
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.maker.Start(t.Context(), setup.Request{Name: w.name, Provider: w.provider})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	consented := make(chan error, 1)
	_, err = setup.Drive(t.Context(), m, &setup.Given{
		Provider: w.provider, Method: string(store.AuthorizationCode), ClientID: id, Port: fmt.Sprint(port),
		Secret: func(string) (setup.Secret, error) { return secret.FromString(sec), nil },
		OpenURL: func(s setup.Step) error {
			go func() { consented <- w.sim.Consent(t.Context(), s.URL, sim.ConsentOptions{}) }()
			return nil
		},
	})
	if err == nil {
		err = <-consented
	}
	if err != nil {
		t.Fatal(err)
	}
	drain(t, p.engine)
}

func drain(t testing.TB, e *lifecycle.Engine) {
	t.Helper()
	if err := e.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *scene) refreshes(t testing.TB) int {
	t.Helper()
	n, err := w.sim.Counters(w.provider)
	if err != nil {
		t.Fatal(err)
	}
	return n["token.refresh"] - w.before
}

// works calls the provider with the token.
func (w *scene) works(t *testing.T, token string) {
	t.Helper()
	e, err := w.sim.Endpoint(w.provider)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.WhoamiURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the provider answers %d to the token", resp.StatusCode)
	}
}
