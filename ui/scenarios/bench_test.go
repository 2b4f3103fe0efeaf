// Package scenarios_test goes through the program as a person does: the real
// screens on a terminal emulator, the real engine and store, and the simulated
// CRMs on loopback. Nothing here is faked but the person in the browser.
package scenarios_test

import (
	"context"
	"crypto/rand"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/uitest"
)

// world is everything under the screens.
type world struct {
	t    *testing.T
	sim  *sim.Sim
	home string
	real *clock.Scaled // the computer's clock as the screens know it
	urls chan string   // what the browser was asked to show
	port int
	deps page.Deps
	st   store.Store
}

// newWorld starts the simulated CRMs. There is no store yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := sim.Start(context.Background(), sim.Config{Contacts: 230})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, sim: s, home: filepath.Join(t.TempDir(), "home"), urls: make(chan string, 8), port: freePort(t)}
	w.real = clock.NewScaled(time.Now(), 1)
	must(t, s.WriteProviders(filepath.Join(w.home, "providers")))
	cat, err := catalog.Load(w.home)
	must(t, err)
	set, err := themes.Load(nil)
	must(t, err)
	hc := guard.New(guard.Options{})
	t.Cleanup(hc.Close)
	browser := func(url string) error {
		w.urls <- url
		return nil
	}
	w.deps = page.Deps{
		Catalog: cat, Clock: clock.System{}, Real: w.real, Themes: set, OpenBrowser: browser, Role: "tester", Home: w.home,
		Backend: bolt.New(bolt.Options{Clock: clock.System{}, Rand: rand.Reader, Actor: "tester"}),
		Attach: func(st store.Store) (lifecycle.Lifecycle, page.Setups) {
			w.st = st
			eng := lifecycle.New(lifecycle.Config{Store: st, Catalog: cat, HTTP: hc, Clock: clock.System{}, Rand: rand.Reader,
				Opener: browser, People: clock.NewScaled(time.Now(), 50)})
			maker := setup.New(setup.Deps{Store: st, Catalog: cat, Lifecycle: eng, HTTP: hc, Clock: clock.System{}, Rand: rand.Reader,
				Actor: "tester", Port: w.port, OAuth: oauth.New(oauth.Config{HTTP: hc, Clock: clock.System{}, Rand: rand.Reader})})
			return eng, page.Setups{
				New: func(ctx context.Context) (setup.Machine, error) { return maker.Start(ctx, setup.Request{}) },
				Resume: func(ctx context.Context, draft store.ID) (setup.Machine, error) {
					return maker.Resume(ctx, draft)
				},
				Reconnect: func(ctx context.Context, id store.ID) (setup.Machine, error) {
					return maker.Reconnect(ctx, id, setup.Request{})
				},
			}
		},
	}
	return w
}

// open makes the store and shows the deck.
func (w *world) open(width, height int) *uitest.Terminal {
	w.t.Helper()
	st, err := w.deps.Backend.Create(w.t.Context(), w.home, store.Key{IdentityFile: filepath.Join(w.home, "identity.txt")})
	must(w.t, err)
	w.t.Cleanup(func() { _ = st.Close() })
	w.deps.Store = st
	w.deps.Lifecycle, w.deps.Setups = w.deps.Attach(st)
	return uitest.Start(w.t, w.deps, width, height)
}

// app registers an app with our redirect URI.
func (w *world) app(provider string) (id, secret string) {
	w.t.Helper()
	uri := "http://localhost:" + strconv.Itoa(w.port) + "/callback/" + provider
	id, secret, err := w.sim.NewClient(provider, sim.ClientOptions{Name: "test app", RedirectURIs: []string{uri}})
	must(w.t, err)
	return id, secret
}

// url waits for the next page that the browser was asked to show.
func (w *world) url() string {
	w.t.Helper()
	select {
	case u := <-w.urls:
		return u
	case <-time.After(10 * time.Second):
		w.t.Fatal("no page was opened")
		return ""
	}
}

// consent plays the person in the browser.
func (w *world) consent(o sim.ConsentOptions) {
	w.t.Helper()
	must(w.t, w.sim.Consent(w.t.Context(), w.url(), o))
}

// connection reads a connection by its name.
func (w *world) connection(name string) (store.Connection, store.Grant) {
	w.t.Helper()
	var c store.Connection
	var g store.Grant
	must(w.t, w.st.Read(w.t.Context(), func(r store.Reader) (err error) {
		if c, err = r.ConnectionByName(name); err != nil {
			return err
		}
		g, err = r.Grant(c.Grant)
		return err
	}))
	return c, g
}

// stored counts connections and grants.
func (w *world) stored() (connections, clients, drafts int) {
	w.t.Helper()
	must(w.t, w.st.Read(w.t.Context(), func(r store.Reader) error {
		all, err := r.Summaries()
		if err != nil {
			return err
		}
		cs, err := r.Clients("")
		if err != nil {
			return err
		}
		ds, err := r.Drafts()
		connections, clients, drafts = len(all), len(cs), len(ds)
		return err
	}))
	return connections, clients, drafts
}

// accounts are the names of a provider's accounts.
func (w *world) accounts(provider string) []sim.Account {
	w.t.Helper()
	list, err := w.sim.Accounts(provider)
	must(w.t, err)
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// bars counts the focus bars: there is always exactly one.
func bars(x *uitest.Terminal) int { return strings.Count(x.Text(), "▌") }

// wantOneBar fails unless exactly one thing has the focus.
func wantOneBar(t *testing.T, x *uitest.Terminal) {
	t.Helper()
	if n := bars(x); n != 1 {
		t.Errorf("%d focus bars:\n%s", n, x.Text())
	}
	wantGlyphs(t, x)
}

// glyphs are those that may reach a screen; the last one marks an age of which only
// the least is known.
const glyphs = "×■?▲○◐▽△…~◆»●-✓+!·›▌▏│─━╸┤→↑↓←┌┐└┘╔╗╚╝═║▁▂▃▄▅▆▇█≥"

// wantGlyphs fails if another one is on the screen. All names here are ASCII.
func wantGlyphs(t *testing.T, x *uitest.Terminal) {
	t.Helper()
	for _, r := range x.Text() {
		if r > 0x7e && !strings.ContainsRune(glyphs, r) {
			t.Errorf("%q is on the screen:\n%s", r, x.Text())
		}
	}
}
