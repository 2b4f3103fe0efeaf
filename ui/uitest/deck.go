package uitest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/themes"
	"crmdeck/ui/page"
)

// Noon is when tests take place: a Tuesday.
var Noon = time.Date(2026, 11, 17, 14, 32, 0, 0, time.UTC)

// World is everything a program under test stands on; its clock stands still.
type World struct {
	Store  *Memory
	Engine *Engine
	Clock  *clock.Scaled
	Real   *clock.Scaled
	Deps   page.Deps
}

// New makes a world with an empty store.
func New(t testing.TB) *World {
	t.Helper()
	cat, err := catalog.Load("")
	if err != nil {
		t.Fatal(err)
	}
	set, err := themes.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Clock: clock.NewScaled(Noon, 0), Real: clock.NewScaled(Noon, 0)}
	w.Store = NewMemory(w.Clock.Now)
	w.Engine = &Engine{S: w.Store, Now: w.Clock.Now, Err: map[string]error{}}
	w.Deps = page.Deps{Store: w.Store, Lifecycle: w.Engine, Catalog: cat, Clock: w.Clock, Real: w.Real, Themes: set,
		Setups: noSetups(), Role: "admin", Label: "acme-store", Home: "/home/jan/.local/share/crmdeck/store.db"}
	return w
}

// errNoSetup is what a world without a set-up answers.
var errNoSetup = errors.New("no set-up in this world")

// noSetups are machines that can't be made; tests of the wizard bring their own.
func noSetups() page.Setups {
	none := func(context.Context, store.ID) (setup.Machine, error) { return nil, errNoSetup }
	return page.Setups{New: func(context.Context) (setup.Machine, error) { return nil, errNoSetup }, Resume: none, Reconnect: none}
}

// Pass moves both clocks.
func (w *World) Pass(d time.Duration) {
	w.Clock.Advance(d)
	w.Real.Advance(d)
}

// Put writes records as another process would.
func (w *World) Put(t testing.TB, fn func(store.Writer) error) {
	t.Helper()
	if err := w.Store.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// day is 24 hours.
const day = 24 * time.Hour

// sample is one connection of the example deck.
type sample struct {
	name, provider, env, owner string
	key                        bool
	access                     time.Duration // from now; 0: none
	keyAge                     int           // days
	test                       time.Duration // how long ago; 0: never
	failed                     bool
	asked, granted, risky      int
	change                     func(*store.Connection, *store.Grant)
}

// trouble is a failure of a class since some time ago.
func trouble(class store.Class, reason string, ago, next time.Duration) func(*store.Connection, *store.Grant) {
	return func(_ *store.Connection, g *store.Grant) {
		g.Trouble = &store.Trouble{Class: class, Reason: reason, Since: Noon.Add(-ago), Last: Noon.Add(-ago)}
		if next > 0 {
			g.Trouble.Next = Noon.Add(next)
		}
	}
}

// samples are the connections of the example deck: every state once and more.
var samples = []sample{
	{name: "salesforce-emea", provider: "salesforce", env: "prod", owner: "jan", access: -2 * time.Hour, keyAge: 112,
		test: 2 * time.Hour, failed: true, asked: 3, granted: 3, risky: 2,
		change: trouble(store.Dead, "invalid_grant", 124*time.Minute, 0)},
	{name: "hubspot-partner", provider: "hubspot", env: "prod", owner: "mira", access: -8 * time.Minute, keyAge: 140, test: day,
		asked: 7, granted: 7, risky: 1, change: trouble(store.Config, "invalid_client", 8*time.Minute, 0)},
	{name: "salesforce-lost", provider: "salesforce", env: "prod", owner: "ops", access: -3 * time.Minute, keyAge: 64,
		test: 5 * time.Hour, asked: 2, granted: 2, risky: 2, change: func(_ *store.Connection, g *store.Grant) {
			g.Intent = &store.Intent{Begun: Noon.Add(-3 * time.Minute), Lost: true}
		}},
	{name: "hubspot-etl", provider: "hubspot", env: "prod", owner: "ops", key: true, keyAge: 243, test: 2 * time.Hour, asked: 9,
		granted: 9, risky: 3},
	{name: "hubspot-events", provider: "hubspot", env: "prod", owner: "mira", access: -3 * time.Minute, keyAge: 139,
		test: 3 * time.Hour, asked: 5, granted: 5},
	{name: "hubspot-prod", provider: "hubspot", env: "prod", owner: "jan", access: 4*time.Minute + 12*time.Second, keyAge: 83,
		test: 12 * time.Minute, asked: 7, granted: 7, risky: 1},
	{name: "hubspot-marketing", provider: "hubspot", env: "prod", owner: "mira", access: 27 * time.Minute, keyAge: 61,
		test: 3 * day, failed: true, asked: 7, granted: 5, risky: 1},
	{name: "close-nightly", provider: "close", env: "prod", owner: "ops", key: true, keyAge: 78, test: 9 * time.Hour, asked: 1,
		granted: 1, risky: 1},
	{name: "close-reports", provider: "close", env: "prod", owner: "lena", key: true, keyAge: 78, asked: 1, granted: 1, risky: 1},
	{name: "hubspot-webshop", provider: "hubspot", env: "prod", owner: "lena", access: 22 * time.Minute, keyAge: 30,
		test: 40 * time.Minute, asked: 6, granted: 6, change: trouble(store.Throttled, "429", time.Minute, 80*time.Second)},
	{name: "salesforce-apac", provider: "salesforce", env: "prod", owner: "jan", access: 68 * time.Minute, keyAge: 88, test: day,
		asked: 3, granted: 3, risky: 2, change: trouble(store.Transient, "503", 2*time.Minute, 38*time.Second)},
	{name: "hubspot-agency", provider: "hubspot", env: "prod", owner: "mira", key: true, keyAge: 41, test: 6 * day, asked: 4, granted: 4,
		change: func(_ *store.Connection, g *store.Grant) {
			g.Revocation = &store.Revocation{State: store.RevocationQueued, Asked: Noon.Add(-time.Hour), Next: Noon.Add(2 * time.Minute)}
		}},
	{name: "salesforce-prod", provider: "salesforce", env: "prod", owner: "jan", access: 112 * time.Minute, keyAge: 23,
		test: 12 * time.Minute, asked: 3, granted: 3, risky: 2},
	{name: "salesforce-sbx", provider: "salesforce", env: "sbx", owner: "jan", access: 67 * time.Minute, keyAge: 64, test: day,
		asked: 3, granted: 3, risky: 2},
	{name: "hubspot-finance", provider: "hubspot", env: "prod", owner: "lena", access: 18 * time.Minute, keyAge: 31,
		test: 25 * time.Minute, asked: 4, granted: 4},
	{name: "hubspot-paused", provider: "hubspot", env: "dev", owner: "lena", access: 25 * time.Minute, keyAge: 12,
		test: 2 * time.Minute, asked: 4, granted: 4, change: func(c *store.Connection, _ *store.Grant) { c.Paused = true }},
	{name: "hubspot-old", provider: "hubspot", env: "prod", owner: "ops", key: true, keyAge: 100,
		change: func(_ *store.Connection, g *store.Grant) {
			g.Revocation = &store.Revocation{State: store.RevocationDone, Verdict: store.VerdictDead,
				Sent: Noon.Add(-2 * time.Hour), Ended: Noon.Add(-2 * time.Hour)}
			g.Key.Sealed = store.Sealed{}
		}},
}

// scopeNames are the scopes that the samples ask for, by provider.
var scopeNames = map[string][]string{
	"hubspot": {"oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read",
		"crm.schemas.deals.read", "crm.lists.read", "crm.objects.contacts.write", "crm.export", "tickets"},
	"salesforce": {"api", "refresh_token", "id"},
	"close":      {"all"},
}

// Deck fills the world with the example deck.
func (w *World) Deck(t testing.TB) *World {
	t.Helper()
	w.Put(t, func(tx store.Writer) error {
		for i := range samples {
			if err := samples[i].put(tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// IDOf is the id of an example connection.
func IDOf(name string) store.ID { return store.ID("id-" + name) }

// put writes one sample with its grant and client.
func (s *sample) put(tx store.Writer, i int) error {
	c := store.Connection{ID: IDOf(s.name), Name: s.name, Provider: s.provider, Environment: s.env, Owner: s.owner,
		Method: store.AuthorizationCode, Grant: store.ID("grant-" + s.name), Risky: s.risky,
		Asked: scopeNames[s.provider][:s.asked], Consented: Noon.Add(-31 * day), Created: Noon.Add(-200 * day),
		Account: store.Account{ID: fmt.Sprint(48213300 + i), Name: "Acme " + s.env, User: s.owner + "@acme.test"}}
	g := store.Grant{ID: c.Grant, Provider: s.provider, Method: c.Method, Generation: 7, Refreshes: 6, GrantedKnown: true,
		Granted: scopeNames[s.provider][:s.granted], Refreshed: Noon.Add(-26 * time.Minute)}
	sealed := store.Sealed{KeyID: "k", Gen: 1, Hosts: []string{"api." + s.provider + ".test"}, Box: []byte("box")}
	if s.key {
		c.Method, g.Method = store.APIKey, store.APIKey
		g.Key = &store.APIKeyRecord{Sealed: sealed, Fingerprint: "7Q2M-91C4-K" + string(rune('A'+i)), Kind: "api_key",
			Made: Noon.Add(-time.Duration(s.keyAge) * day), MadeKnown: true}
	} else {
		g.Client = store.ID("client-" + s.name)
		g.Access = &store.Token{Sealed: sealed, Fingerprint: "A", Issued: Noon.Add(-26 * time.Minute), Expires: Noon.Add(s.access),
			Type: "bearer", Assumed: s.provider == "salesforce"}
		g.Refresh = &store.Token{Sealed: sealed, Fingerprint: "9W1D-44XK-Q" + string(rune('A'+i))}
		client := store.Client{ID: g.Client, Provider: s.provider, ClientID: "4f0c2b9e-" + s.name, Secret: sealed,
			RedirectURI: "http://localhost:7317/callback/" + s.provider, SecretMade: Noon.Add(-time.Duration(s.keyAge) * day),
			MadeKnown: true}
		if err := tx.PutClient(&client); err != nil {
			return err
		}
	}
	if s.test > 0 {
		run := store.TestRun{At: Noon.Add(-s.test), Took: 2100 * time.Millisecond, Outcome: "ok", Requests: 12,
			Objects: []store.TestObject{{Name: "contacts", Outcome: "ok", Records: 100, Total: 18204},
				{Name: "companies", Outcome: "ok", Records: 100, Total: 2911}, {Name: "deals", Outcome: "ok", Records: 100, Total: 1077}}}
		if s.failed {
			run.Outcome, run.Objects[2].Outcome = "partial", "failed"
			run.Objects[2].Message = "403: MISSING_SCOPES"
		}
		c.Tests = []store.TestRun{run}
	}
	if i%3 == 0 {
		c.Uses = []store.Use{{Job: "nightly-" + s.name, Last: Noon.Add(-4 * time.Minute), Day: "2026-11-17", Today: 24}}
	}
	if s.change != nil {
		s.change(&c, &g)
	}
	if err := tx.PutGrant(&g); err != nil {
		return err
	}
	if err := tx.PutConnection(&c); err != nil {
		return err
	}
	_, err := tx.Append(store.Event{Act: store.ActAdd, Connection: c.Name, ConnectionID: c.ID, Outcome: "done", Actor: s.owner,
		Host: "ops-1", Evidence: "account " + c.Account.ID})
	return err
}
