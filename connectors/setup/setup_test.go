package setup_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	"crmdeck/store/secret"
)

// bench is a store, the simulated CRMs and a maker of set-ups.
type bench struct {
	t     *testing.T
	home  string
	sim   *sim.Sim
	st    store.Store
	maker *setup.Maker
	eng   *lifecycle.Engine
	port  int
	apps  map[string][2]string // client id and secret of an app with our port
}

func newBench(t *testing.T, patience time.Duration) *bench {
	t.Helper()
	ctx := t.Context()
	s, err := sim.Start(context.Background(), sim.Config{Contacts: 40})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	home := filepath.Join(t.TempDir(), "home")
	must(t, s.WriteProviders(filepath.Join(home, "providers")))
	cat, err := catalog.Load(home)
	must(t, err)
	st, err := bolt.New(bolt.Options{Clock: clock.System{}, Rand: rand.Reader, Actor: "tester"}).
		Create(ctx, filepath.Join(home, "store"), store.Key{IdentityFile: filepath.Join(home, "key.txt")})
	must(t, err)
	t.Cleanup(func() { _ = st.Close() })
	b := &bench{t: t, home: home, sim: s, st: st, port: freePort(t), apps: map[string][2]string{}}
	hc := guard.New(guard.Options{})
	t.Cleanup(hc.Close)
	b.eng = lifecycle.New(lifecycle.Config{Store: st, Catalog: cat, HTTP: hc, Clock: clock.System{}, Rand: rand.Reader})
	b.maker = setup.New(setup.Deps{
		Store: st, Catalog: cat, Lifecycle: b.eng, HTTP: hc, Clock: clock.System{}, Rand: rand.Reader, Actor: "tester", Port: b.port,
		OAuth: oauth.New(oauth.Config{HTTP: hc, Clock: clock.System{}, Rand: rand.Reader, Patience: patience}),
	})
	for _, p := range []string{sim.HubSpot, sim.Salesforce} {
		b.app(p, b.port)
	}
	return b
}

func (b *bench) app(provider string, port int) {
	id, sec, err := b.sim.NewClient(provider, sim.ClientOptions{RedirectURIs: []string{oauth.RedirectURI(provider, "", port)}})
	must(b.t, err)
	b.apps[provider] = [2]string{id, sec}
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

// given answers a set-up by consent at a provider; the person consents as o says.
func (b *bench) given(provider string, o sim.ConsentOptions) *setup.Given {
	app := b.apps[provider]
	return &setup.Given{
		Provider: provider, Method: "authorization_code", ClientID: app[0], Params: map[string]string{},
		Secret: func(field string) (setup.Secret, error) {
			if field == setup.FieldClientSecret {
				return secret.FromString(app[1]), nil
			}
			return secret.Value{}, nil
		},
		OpenURL: func(s setup.Step) error {
			go func() { _ = b.sim.Consent(context.Background(), s.URL, o) }()
			return nil
		},
	}
}

func (b *bench) key(provider, key string) *setup.Given {
	return &setup.Given{
		Provider: provider, Method: "api_key",
		Secret: func(string) (setup.Secret, error) { return secret.FromString(key), nil },
	}
}

// run drives a machine to its end and closes it.
func (b *bench) run(m *setup.Setup, err error, by setup.Answerer) (setup.Step, error) {
	b.t.Helper()
	must(b.t, err)
	s, err := setup.Drive(b.t.Context(), m, by)
	must(b.t, m.Close())
	return s, err
}

func (b *bench) add(name string, by setup.Answerer) (setup.Step, error) {
	b.t.Helper()
	m, err := b.maker.Start(b.t.Context(), setup.Request{Name: name})
	return b.run(m, err, by)
}

// records reads a connection with its grant.
func (b *bench) records(name string) (c store.Connection, g store.Grant) {
	b.t.Helper()
	must(b.t, b.st.Read(b.t.Context(), func(r store.Reader) (err error) {
		if c, err = r.ConnectionByName(name); err != nil {
			return err
		}
		g, err = r.Grant(c.Grant)
		return err
	}))
	return c, g
}

func (b *bench) count() (connections, clients, drafts int) {
	b.t.Helper()
	must(b.t, b.st.Read(b.t.Context(), func(r store.Reader) error {
		all, err := r.Summaries()
		connections = len(all)
		cs, err2 := r.Clients("")
		ds, err3 := r.Drafts()
		clients, drafts = len(cs), len(ds)
		return errors.Join(err, err2, err3)
	}))
	return connections, clients, drafts
}

func (b *bench) acts() []store.Act {
	b.t.Helper()
	var acts []store.Act
	must(b.t, b.st.Read(b.t.Context(), func(r store.Reader) error {
		events, err := r.Events(store.EventFilter{})
		for _, e := range events {
			acts = append(acts, e.Act)
		}
		return err
	}))
	return acts
}

func inputCode(err error) string {
	var e *setup.InputError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestConsent(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Salesforce} {
		b := newBench(t, 0)
		s, err := b.add("main", b.given(provider, sim.ConsentOptions{}))
		must(t, err)
		if s.Kind != setup.Done || s.Result == nil || s.Result.Outcome != "ok" {
			t.Fatalf("%s: ended at %+v, result %+v", provider, s.ID, s.Result)
		}
		c, g := b.records("main")
		if c.Account.ID == "" || !g.GrantedKnown || g.Access == nil || g.Refresh == nil || g.Generation != 1 || c.Decision == nil {
			t.Errorf("%s: stored %+v %+v", provider, c, g)
		}
		acts := b.acts()
		for _, act := range []store.Act{store.ActClient, store.ActConsent, store.ActAdd, store.ActTest} {
			if !slices.Contains(acts, act) {
				t.Errorf("%s: no event %s", provider, act)
			}
		}
		if _, err := b.eng.Refresh(t.Context(), c.ID, false); err != nil {
			t.Errorf("%s: refreshing what was set up: %v", provider, err)
		}
	}
}

// GR-4: one cheap call before a key is saved; NUL and line breaks are refused.
func TestKey(t *testing.T) {
	for _, provider := range []string{sim.Close, sim.HubSpot} {
		b := newBench(t, 0)
		key, err := b.sim.NewKey(provider, sim.KeyOptions{})
		must(t, err)
		by := b.key(provider, key)
		by.KeyMade = "2026-01-02"
		_, err = b.add("main", by)
		must(t, err)
		c, g := b.records("main")
		if g.Key == nil || !g.Key.MadeKnown || c.Account.ID == "" || c.Method != store.APIKey {
			t.Errorf("%s: stored %+v %+v", provider, c, g.Key)
		}
		for name, bad := range map[string]string{"wrong": "no-such-key", "control": "two\nlines", "nul": "a\x00b"} {
			_, err := b.add(name, b.key(provider, bad))
			if err == nil || name != "wrong" && inputCode(err) != "control" {
				t.Errorf("%s: %s key: %v", provider, name, err)
			}
		}
		if n, _, _ := b.count(); n != 1 {
			t.Errorf("%s: %d connections", provider, n)
		}
	}
}

func TestTakeOver(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Salesforce} {
		b := newBench(t, 0)
		e, err := b.sim.Endpoint(provider)
		must(t, err)
		by := b.given(provider, sim.ConsentOptions{})
		by.ClientID, by.TakeOver = e.ClientID, true
		by.Secret = func(f string) (setup.Secret, error) {
			return secret.FromString(map[string]string{setup.FieldClientSecret: e.ClientSecret, setup.FieldRefreshToken: e.RefreshToken}[f]), nil
		}
		_, err = b.add("taken", by)
		must(t, err)
		c, g := b.records("taken")
		if c.Account.ID != e.Account || g.Refresh == nil {
			t.Errorf("%s: stored %+v", provider, c)
		}
		if slices.Contains(b.acts(), store.ActConsent) {
			t.Errorf("%s: nobody consented, and the log says so", provider)
		}
	}
}

// A token that is refused stores nothing.
func TestTakeOverRefused(t *testing.T) {
	b := newBench(t, 0)
	by := b.given(sim.HubSpot, sim.ConsentOptions{})
	by.TakeOver = true
	secretOf := by.Secret
	by.Secret = func(f string) (setup.Secret, error) {
		if f == setup.FieldRefreshToken {
			return secret.FromString("no-such-token"), nil
		}
		return secretOf(f)
	}
	_, err := b.add("taken", by)
	var e *oauth.Error
	if !errors.As(err, &e) || e.Class != store.Dead {
		t.Errorf("got %v", err)
	}
	if n, clients, _ := b.count(); n != 0 || clients != 0 {
		t.Errorf("%d connections, %d clients", n, clients)
	}
}

// The second connection of an app needs neither its secret nor its port.
func TestRememberedClient(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("first", b.given(sim.Salesforce, sim.ConsentOptions{}))
	must(t, err)
	accounts, err := b.sim.Accounts(sim.Salesforce)
	must(t, err)
	by := b.given(sim.Salesforce, sim.ConsentOptions{Account: accounts[1].Name})
	by.Params = map[string]string{"login_host": "test.salesforce.com"}
	by.ClientID = ""
	by.Secret = func(string) (setup.Secret, error) { return secret.Value{}, nil }
	_, err = b.add("second", by)
	if err != nil { // an account may live behind the other login host only
		by.Params = nil
		_, err = b.add("second", by)
	}
	must(t, err)
	if _, clients, _ := b.count(); clients != 1 {
		t.Errorf("%d clients", clients)
	}
	x, _ := b.records("first")
	y, _ := b.records("second")
	if x.Account.ID == y.Account.ID {
		t.Errorf("both are account %s", x.Account.ID)
	}
}

func TestReconnectSameAccount(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Salesforce} {
		b := newBench(t, 0)
		_, err := b.add("main", b.given(provider, sim.ConsentOptions{}))
		must(t, err)
		c, before := b.records("main")
		m, err := b.maker.Reconnect(t.Context(), c.ID, setup.Request{})
		_, err = b.run(m, err, b.given(provider, sim.ConsentOptions{}))
		must(t, err)
		c2, after := b.records("main")
		if c2.ID != c.ID || c2.Name != c.Name || after.Client != before.Client || c2.Account.ID != c.Account.ID {
			t.Errorf("%s: %+v became %+v", provider, c, c2)
		}
		if after.Family == before.Family {
			t.Errorf("%s: the family is the same", provider)
		}
		if _, err := b.eng.Refresh(t.Context(), c.ID, false); err != nil {
			t.Errorf("%s: refreshing: %v", provider, err)
		}
	}
}

// What a new consent replaces is revoked: its record is gone, so nobody could do it later.
func TestReconnectRetiresTheOldToken(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("main", b.given(sim.Salesforce, sim.ConsentOptions{}))
	must(t, err)
	c, before := b.records("main")
	m, err := b.maker.Reconnect(t.Context(), c.ID, setup.Request{})
	_, err = b.run(m, err, b.given(sim.Salesforce, sim.ConsentOptions{}))
	must(t, err)
	counters, err := b.sim.Counters(sim.Salesforce)
	must(t, err)
	if n := revocations(counters); n != 1 {
		t.Errorf("%d revocations: %v", n, counters)
	}
	if _, after := b.records("main"); after.ID != before.ID || after.Refresh.Fingerprint == before.Refresh.Fingerprint {
		t.Error("the grant is another record, or holds the old token")
	}
}

// A connection whose app got a new secret is mended by reconnecting with it.
func TestReconnectWithANewSecret(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("main", b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	c, _ := b.records("main")
	app := b.apps[sim.HubSpot]
	fresh, err := b.sim.RotateSecret(sim.HubSpot, app[0])
	must(t, err)
	m, err := b.maker.Reconnect(t.Context(), c.ID, setup.Request{})
	_, err = b.run(m, err, b.given(sim.HubSpot, sim.ConsentOptions{}))
	var e *oauth.Error
	if !errors.As(err, &e) || e.Class != store.Config {
		t.Fatalf("with the old secret: %v", err)
	}
	b.apps[sim.HubSpot] = [2]string{app[0], fresh}
	by := b.given(sim.HubSpot, sim.ConsentOptions{})
	by.ClientID = ""
	m, err = b.maker.Reconnect(t.Context(), c.ID, setup.Request{NewSecret: true})
	_, err = b.run(m, err, by)
	must(t, err)
	if _, clients, _ := b.count(); clients != 1 {
		t.Errorf("%d clients", clients)
	}
	if _, err := b.eng.Refresh(t.Context(), c.ID, false); err != nil {
		t.Error(err)
	}
	by = b.given(sim.HubSpot, sim.ConsentOptions{})
	by.ClientID = "another-app"
	m, err = b.maker.Reconnect(t.Context(), c.ID, setup.Request{NewSecret: true})
	if _, err = b.run(m, err, by); inputCode(err) != "other_client" {
		t.Errorf("another app: %v", err)
	}
}

// SC-7: another account is refused unless confirmed; what was consented is taken back.
func TestReconnectOtherAccount(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("main", b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	c, before := b.records("main")
	accounts, err := b.sim.Accounts(sim.HubSpot)
	must(t, err)
	other := sim.ConsentOptions{Account: accounts[1].ID}
	m, err := b.maker.Reconnect(t.Context(), c.ID, setup.Request{})
	_, err = b.run(m, err, b.given(sim.HubSpot, other))
	if inputCode(err) != "confirm" {
		t.Fatalf("got %v", err)
	}
	if _, after := b.records("main"); after.Version != before.Version {
		t.Error("the grant was changed")
	}
	counters, err := b.sim.Counters(sim.HubSpot)
	must(t, err)
	if n := revocations(counters); n != 1 {
		t.Errorf("%d revocations: %v", n, counters)
	}
	by := b.given(sim.HubSpot, other)
	by.OtherAccount = true
	m, err = b.maker.Reconnect(t.Context(), c.ID, setup.Request{})
	_, err = b.run(m, err, by)
	must(t, err)
	if c2, _ := b.records("main"); c2.Account.ID != accounts[1].ID || c2.ID != c.ID {
		t.Errorf("account %s", c2.Account.ID)
	}
}

func revocations(counters map[string]int) int {
	n := 0
	for k, v := range counters {
		if strings.Contains(k, "revoke") {
			n += v
		}
	}
	return n
}

// "No" at the identity step revokes the grant at once and stores nothing.
func TestWrongAccount(t *testing.T) {
	b := newBench(t, 0)
	by := b.given(sim.Salesforce, sim.ConsentOptions{})
	by.Decline = true
	_, err := b.add("main", by)
	if !errors.Is(err, setup.ErrDeclined) {
		t.Fatalf("got %v", err)
	}
	counters, err := b.sim.Counters(sim.Salesforce)
	must(t, err)
	if revocations(counters) == 0 {
		t.Errorf("no revocation: %v", counters)
	}
	if n, clients, _ := b.count(); n != 0 || clients != 0 {
		t.Errorf("%d connections, %d clients", n, clients)
	}
	if !slices.Contains(b.acts(), store.ActRevoke) {
		t.Error("no event of the revocation")
	}
}

func TestDeniedConsentGoesBackToScopes(t *testing.T) {
	b := newBench(t, 0)
	m, err := b.maker.Start(t.Context(), setup.Request{Name: "main"})
	must(t, err)
	_, err = setup.Drive(t.Context(), m, b.given(sim.HubSpot, sim.ConsentOptions{Deny: true}))
	var e *oauth.Error
	if !errors.As(err, &e) || e.Code != "access_denied" {
		t.Fatalf("got %v", err)
	}
	if m.Step().Kind != setup.Scopes {
		t.Fatalf("at %s", m.Step().ID)
	}
	// the person changes their mind: the same machine goes on from there
	s, err := setup.Drive(t.Context(), m, b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	must(t, m.Close())
	if s.Kind != setup.Done {
		t.Errorf("at %s", s.ID)
	}
}

// ST-8, LB-4: whoever cancels leaves nothing: no record, no listener.
func TestCancelStoresNothing(t *testing.T) {
	b := newBench(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	by := b.given(sim.HubSpot, sim.ConsentOptions{})
	by.OpenURL = func(setup.Step) error { return nil }
	by.Progress = func(_ setup.Step, p setup.Progress) {
		if p.Code == "waiting" {
			cancel()
		}
	}
	m, err := b.maker.Start(t.Context(), setup.Request{Name: "main"})
	must(t, err)
	_, err = setup.Drive(ctx, m, by)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	must(t, m.Close())
	if n, clients, drafts := b.count(); n+clients+drafts != 0 {
		t.Errorf("%d connections, %d clients, %d drafts", n, clients, drafts)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(b.port))
	must(t, err)
	_ = l.Close()
}

// A draft holds what was answered, and no credential; it resumes where one is needed.
func TestDraft(t *testing.T) {
	b := newBench(t, 0)
	m, err := b.maker.Start(t.Context(), setup.Request{Name: "later"})
	must(t, err)
	by := b.given(sim.Salesforce, sim.ConsentOptions{})
	by.Params = map[string]string{"login_host": "test.salesforce.com"}
	for m.Step().Kind != setup.OpenURL {
		a, err := by.Answer(t.Context(), m.Step())
		must(t, err)
		_, err = m.Answer(t.Context(), a)
		must(t, err)
	}
	must(t, m.Draft(t.Context()))
	must(t, m.Close())
	var d store.Draft
	must(t, b.st.Read(t.Context(), func(r store.Reader) error {
		ds, err := r.Drafts()
		if len(ds) == 1 {
			d = ds[0]
		}
		return err
	}))
	if d.Label != "later" || strings.Contains(string(d.Data), b.apps[sim.Salesforce][1]) {
		t.Fatalf("draft %q: %s", d.Label, d.Data)
	}
	m, err = b.maker.Resume(t.Context(), d.ID)
	must(t, err)
	if m.Step().ID != "app" {
		t.Errorf("resumes at %s", m.Step().ID)
	}
	if m.Back().ID != "tenant" || m.Step().Fields[0].Default != "test.salesforce.com" {
		t.Errorf("the tenant is %+v", m.Step().Fields)
	}
	_, err = b.run(m, nil, by)
	must(t, err)
	if _, _, drafts := b.count(); drafts != 0 {
		t.Error("the draft is still there")
	}
}

// ST-5: two flows at once, their answers swapped: neither is stored under the other.
func TestSwappedAnswers(t *testing.T) {
	b := newBench(t, 2*time.Second)
	first, second := b.apps[sim.HubSpot], [2]string{}
	otherPort := freePort(t)
	b.app(sim.HubSpot, otherPort)
	second = b.apps[sim.HubSpot]
	urls := make(chan string, 2)
	start := func(name string, app [2]string, port int) chan error {
		by := b.given(sim.HubSpot, sim.ConsentOptions{})
		by.ClientID, by.Port = app[0], strconv.Itoa(port)
		by.Secret = func(string) (setup.Secret, error) { return secret.FromString(app[1]), nil }
		by.OpenURL = func(s setup.Step) error { urls <- s.URL; return nil }
		m, err := b.maker.Start(t.Context(), setup.Request{Name: name})
		must(t, err)
		done := make(chan error, 1)
		go func() {
			_, err := setup.Drive(context.Background(), m, by)
			_ = m.Close()
			done <- err
		}()
		return done
	}
	a, c := start("a", first, b.port), start("c", second, otherPort)
	var targets []string
	for range 2 {
		target, err := b.sim.Decide(t.Context(), <-urls, sim.ConsentOptions{})
		must(t, err)
		targets = append(targets, target)
	}
	x, y := strconv.Itoa(b.port), strconv.Itoa(otherPort)
	for _, target := range targets { // each answer is brought to the other flow
		swapped := strings.NewReplacer(":"+x+"/", ":"+y+"/", ":"+y+"/", ":"+x+"/").Replace(target)
		if status := get(t, swapped); status != 400 {
			t.Errorf("a foreign answer got %d", status)
		}
	}
	for _, done := range []chan error{a, c} {
		if err := <-done; err == nil {
			t.Error("a swapped answer was accepted")
		}
	}
	if n, _, _ := b.count(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

// Two consents to one account that hand out the same refresh token share a grant.
func TestSameGrantIsJoined(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("one", b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	_, err = b.add("two", b.given(sim.HubSpot, sim.ConsentOptions{}))
	if inputCode(err) != "same_grant" {
		t.Fatalf("got %v", err)
	}
	if counters, err := b.sim.Counters(sim.HubSpot); err != nil || revocations(counters) != 0 {
		t.Errorf("what another connection uses was revoked: %v %v", counters, err)
	}
	by := b.given(sim.HubSpot, sim.ConsentOptions{})
	by.Accept = true
	_, err = b.add("two", by)
	must(t, err)
	one, g := b.records("one")
	two, _ := b.records("two")
	if one.Grant != two.Grant || g.Generation < 2 {
		t.Errorf("grants %s and %s, generation %d", one.Grant, two.Grant, g.Generation)
	}
	for _, id := range []store.ID{one.ID, two.ID} {
		if _, err := b.eng.Refresh(t.Context(), id, false); err != nil {
			t.Error(err)
		}
	}
}

// SF-1: an answer that names a host outside the provider's list is not used: the grant
// is revoked, no call goes there, nothing is stored.
func TestForeignInstanceIsRefused(t *testing.T) {
	b := newBench(t, 0)
	path := filepath.Join(b.home, "providers", "salesforce.toml")
	data, err := os.ReadFile(path)
	must(t, err)
	own := regexp.MustCompile(`host_suffixes = .*`).ReplaceAll(data, []byte(`host_suffixes = ["my.salesforce.com"]`))
	must(t, os.WriteFile(path, own, 0o600))
	_, err = b.add("main", b.given(sim.Salesforce, sim.ConsentOptions{}))
	if !errors.Is(err, lifecycle.ErrInstance) {
		t.Fatalf("got %v", err)
	}
	counters, err := b.sim.Counters(sim.Salesforce)
	must(t, err)
	if revocations(counters) == 0 {
		t.Errorf("not revoked: %v", counters)
	}
	for name, n := range counters {
		if strings.Contains(name, "whoami") && n > 0 {
			t.Errorf("%s was called %d times", name, n)
		}
	}
	if n, clients, _ := b.count(); n+clients != 0 {
		t.Errorf("%d connections, %d clients", n, clients)
	}
}

// SC-1: fewer scopes than asked for are recorded as such.
func TestFewerScopesArePartial(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("main", b.given(sim.HubSpot, sim.ConsentOptions{DropScopes: []string{"crm.objects.owners.read"}}))
	must(t, err)
	c, g := b.records("main")
	if !slices.Contains(c.Asked, "crm.objects.owners.read") || slices.Contains(g.Granted, "crm.objects.owners.read") {
		t.Errorf("asked %v, granted %v", c.Asked, g.Granted)
	}
	must(t, b.st.Read(t.Context(), func(r store.Reader) error {
		s, err := r.Summary(c.ID)
		if s.Missing != 1 {
			t.Errorf("%d missing", s.Missing)
		}
		events, _ := r.Events(store.EventFilter{Acts: []store.Act{store.ActConsent}})
		if len(events) != 1 || events[0].Outcome != "partial" {
			t.Errorf("events %+v", events)
		}
		return err
	}))
}

// SC-2: a scope that nobody asked for is kept as granted, counted as risky, and audited.
func TestMoreScopesThanAskedAreAudited(t *testing.T) {
	b := newBench(t, 0)
	must(t, b.sim.Inject(sim.Fault{Provider: sim.HubSpot, Endpoint: "token.authorization_code", Kind: "extended_scopes", Count: 1}))
	_, err := b.add("main", b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	c, g := b.records("main")
	if slices.Contains(c.Asked, sim.Unasked) || !slices.Contains(g.Granted, sim.Unasked) || c.Risky != 1 {
		t.Errorf("asked %v, granted %v, %d risky", c.Asked, g.Granted, c.Risky)
	}
	must(t, b.st.Read(t.Context(), func(r store.Reader) error {
		events, err := r.Events(store.EventFilter{Acts: []store.Act{store.ActConsent}})
		if len(events) != 1 || !strings.Contains(events[0].Evidence, "1 unasked") {
			t.Errorf("events %+v", events)
		}
		return err
	}))
}

// What a provider or person wrote becomes one line of text.
func TestNotesAreCleaned(t *testing.T) {
	b := newBench(t, 0)
	key, err := b.sim.NewKey(sim.Close, sim.KeyOptions{})
	must(t, err)
	m, err := b.maker.Start(t.Context(), setup.Request{Name: "main", Owner: "o\x1b[2Jps\n", Tags: []string{"", "a", "a", "b\u202e"}})
	_, err = b.run(m, err, b.key(sim.Close, key))
	must(t, err)
	if c, _ := b.records("main"); strings.ContainsAny(c.Owner, "\x1b\n") || !slices.Equal(c.Tags, []string{"a", "b"}) {
		t.Errorf("owner %q, tags %q", c.Owner, c.Tags)
	}
}

// A locked store is found before anybody consents.
func TestLocked(t *testing.T) {
	b := newBench(t, 0)
	b.st.Lock()
	if _, err := b.maker.Start(t.Context(), setup.Request{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestAnswersThatDoNotFit(t *testing.T) {
	b := newBench(t, 0)
	cases := []struct {
		name, code string
		change     func(*setup.Given)
	}{
		{"provider", "unknown_provider", func(g *setup.Given) { g.Provider = "nothing" }},
		{"method", "not_offered", func(g *setup.Given) { g.Method = "telepathy" }},
		{"unbuilt method", "not_built", func(g *setup.Given) { g.Method = "jwt_bearer" }},
		{"lightning host", "pattern", func(g *setup.Given) { g.Params = map[string]string{"login_host": "acme.lightning.force.com"} }},
		{"another host", "pattern", func(g *setup.Given) { g.Params = map[string]string{"login_host": "evil.example"} }},
		{"unknown param", "unknown", func(g *setup.Given) { g.Params = map[string]string{"nonsense": "x"} }},
		{"no client", "required", func(g *setup.Given) { g.ClientID = "" }},
		{"scope set", "unknown", func(g *setup.Given) { g.ScopeSet = "everything" }},
		{"scope", "pattern", func(g *setup.Given) { g.Scopes = []string{"a\nb"} }},
		{"port", "port", func(g *setup.Given) { g.Port = "80" }},
	}
	for _, c := range cases {
		by := b.given(sim.Salesforce, sim.ConsentOptions{})
		c.change(by)
		if _, err := b.add("x", by); inputCode(err) != c.code {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if _, err := b.maker.Start(t.Context(), setup.Request{Name: "--flag"}); inputCode(err) != "name" {
		t.Errorf("name: got %v", err)
	}
}

// SC-5: what is asked for unless somebody says otherwise only reads.
func TestLeastPrivilegeIsTheDefault(t *testing.T) {
	b := newBench(t, 0)
	_, err := b.add("main", b.given(sim.HubSpot, sim.ConsentOptions{}))
	must(t, err)
	c, _ := b.records("main")
	for _, s := range c.Asked {
		if strings.HasSuffix(s, ".write") {
			t.Errorf("asked for %s", s)
		}
	}
	if c.Risky != 0 {
		t.Errorf("%d risky scopes", c.Risky)
	}
}
