package lifecycle_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// begin is when the tests' clock starts; it stands still until somebody moves it.
var begin = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// providers is a catalogue whose addresses are those of the simulation.
type providers map[string]*connectors.Provider

func (c providers) Provider(id string) (*connectors.Provider, error) {
	if p := c[id]; p != nil {
		return p, nil
	}
	return nil, store.ErrNotFound
}

// simulated points the built-in definitions at simulated CRMs.
func simulated(list []sim.Endpoint) (providers, error) {
	built, err := catalog.Load("")
	if err != nil {
		return nil, err
	}
	out := providers{}
	for _, e := range list {
		p, err := built.Provider(e.Provider)
		if err != nil {
			return nil, err
		}
		c := *p
		c.Endpoints.Authorize, c.Endpoints.Token, c.Endpoints.Revoke, c.Endpoints.Introspect = e.AuthorizeURL, e.TokenURL, e.RevokeURL, e.IntrospectURL
		c.Console.Keys = e.ConsoleURL
		switch e.Provider {
		case sim.Salesforce:
			u, err := url.Parse(e.BaseURL)
			if err != nil {
				return nil, err
			}
			c.Tenancy.HostSuffixes, c.Tenancy.Params = []string{u.Host}, nil
		case sim.Close:
			c.API.BaseURL = e.BaseURL + "/api/v1"
		default:
			c.API.BaseURL = e.BaseURL
		}
		out[e.Provider] = &c
	}
	return out, nil
}

// world is a simulation, a store and an engine on one clock.
type world struct {
	testing.TB
	sim   *sim.Sim
	clock *clock.Scaled
	store store.Store
	dir   string
	http  *guard.Client
	cat   providers
	*lifecycle.Engine
	fail func(step string)
}

func newWorld(t testing.TB, cfg sim.Config) *world {
	t.Helper()
	w := &world{TB: t, clock: clock.NewScaled(begin, 0), http: guard.New(guard.Options{})}
	if cfg.Now == nil {
		cfg.Now = w.clock.Now
	}
	if cfg.Contacts == 0 {
		cfg.Contacts = 250
	}
	var err error
	if w.sim, err = sim.Start(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.sim.Close(); w.http.Close() })
	if w.cat, err = simulated(w.sim.Endpoints()); err != nil {
		t.Fatal(err)
	}
	w.store, w.dir = storetest.NewIn(t, bolt.Options{Clock: w.clock})
	w.Engine = w.engine(w.store)
	t.Cleanup(func() { _ = w.Drain(context.Background()) })
	return w
}

// engine is another engine on the same store, as another process would have it.
func (w *world) engine(s store.Store) *lifecycle.Engine {
	return lifecycle.New(lifecycle.Config{
		Store: s, Catalog: w.cat, HTTP: w.http, Clock: w.clock, Rand: rand.Reader, People: w.clock,
		Failpoint: func(step string) {
			if w.fail != nil {
				w.fail(step)
			}
		},
	})
}

// again opens the store a second time, as another process does.
func (w *world) again() store.Store {
	return storetest.Open(w.TB, w.dir, bolt.Options{Clock: w.clock})
}

func (w *world) count(provider, endpoint string) int {
	w.Helper()
	n, err := w.sim.Counters(provider)
	if err != nil {
		w.Fatal(err)
	}
	return n[endpoint]
}

func (w *world) fault(names ...string) {
	w.Helper()
	for _, name := range names {
		f, err := sim.ParseFault(name)
		if err != nil {
			w.Fatal(err)
		}
		if err := w.sim.Inject(f); err != nil {
			w.Fatal(err)
		}
	}
}

// grantOf is a consent in the simulation: client and tokens.
type consent struct {
	client   store.Client
	secret   string
	answer   oauth.Answer
	scopes   []string
	provider *connectors.Provider
}

const verifier = "a-verifier-that-is-forty-three-characters-and-more"

// redirectOf is what an app registers: Close takes https only.
func redirectOf(provider string) string {
	if provider == sim.Close {
		return "https://localhost:59999/callback"
	}
	return "http://localhost:59999/callback"
}

// consent registers an app and goes through the consent page.
func (w *world) consent(provider string, o sim.ClientOptions, c sim.ConsentOptions) consent {
	w.Helper()
	o.RedirectURIs = []string{redirectOf(provider)}
	id, sec, err := w.sim.NewClient(provider, o)
	if err != nil {
		w.Fatal(err)
	}
	return w.consentTo(provider, id, sec, c)
}

func (w *world) consentTo(provider, id, sec string, c sim.ConsentOptions) consent {
	w.Helper()
	p := w.cat[provider]
	scopes := p.ScopeSets["read_only"].Scopes
	if provider == sim.HubSpot { // the standing app's required scopes
		scopes = append(append([]string(nil), scopes...), p.ScopeSets["read_only"].Optional...)
	}
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {id}, "redirect_uri": {redirectOf(provider)}, "response_type": {"code"}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "scope": {strings.Join(scopes, " ")},
	}
	target, err := w.sim.Decide(context.Background(), p.Endpoints.Authorize+"?"+q.Encode(), c)
	if err != nil {
		w.Fatal(err)
	}
	u, _ := url.Parse(target)
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {id}, "client_secret": {sec}, "code": {u.Query().Get("code")},
		"redirect_uri": {redirectOf(provider)}, "code_verifier": {verifier},
	}
	resp, err := http.PostForm(p.Endpoints.Token, form)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	var a struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    int    `json:"expires_in"`
		Instance     string `json:"instance_url"`
	}
	if err := json.Unmarshal(body, &a); err != nil || a.AccessToken == "" {
		w.Fatalf("exchanging the code: %d %s", resp.StatusCode, body)
	}
	now := w.clock.Now()
	out := consent{secret: sec, scopes: scopes, provider: p, answer: answerOf(now, p, a.AccessToken, a.RefreshToken, a.Instance, a.ExpiresIn)}
	out.answer.Scopes, out.answer.ScopesKnown = scopes, true
	out.client = store.Client{ID: w.id(), Provider: provider, ClientID: id, RedirectURI: redirectOf(provider), Created: now}
	return out
}

// answerOf is a token answer as package oauth would read it.
func answerOf(now time.Time, p *connectors.Provider, access, refresh, instance string, expiresIn int) oauth.Answer {
	life := time.Duration(p.Tokens.AccessLifetime) * time.Second
	if expiresIn > 0 {
		life = time.Duration(expiresIn) * time.Second
	}
	return oauth.Answer{
		Access: secret.FromString(access), Refresh: secret.FromString(refresh), TokenType: "Bearer", Issued: now,
		Expires: now.Add(life), Assumed: expiresIn == 0, Fields: map[string]string{"instance_url": instance},
	}
}

func (w *world) id() store.ID {
	w.Helper()
	id, err := store.NewID(rand.Reader)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// add stores a connection for a consent, as a set-up does.
func (w *world) add(name string, c consent) store.Connection {
	w.Helper()
	v, err := w.store.Vault()
	if err != nil {
		w.Fatal(err)
	}
	prof, err := oauth.ProfileOf(c.provider, c.client.ClientID, secret.FromString(c.secret), nil, c.client.RedirectURI, nil, c.scopes)
	if err != nil {
		w.Fatal(err)
	}
	if err := lifecycle.SealClientSecret(v, &c.client, prof.SecretHosts, secret.FromString(c.secret)); err != nil {
		w.Fatal(err)
	}
	g, err := lifecycle.NewGrant(v, lifecycle.Seed{
		ID: w.id(), Family: w.id(), Provider: c.provider, Method: store.AuthorizationCode, Client: c.client.ID, Profile: prof, Now: w.clock.Now(),
	}, c.answer)
	if err != nil {
		w.Fatal(err)
	}
	return w.put(name, g, &c.client, c.scopes)
}

func (w *world) put(name string, g store.Grant, client *store.Client, scopes []string) store.Connection {
	w.Helper()
	now := w.clock.Now()
	conn := store.Connection{ID: w.id(), Name: name, Provider: g.Provider, Method: g.Method, Grant: g.ID, Asked: scopes, Consented: now, Created: now}
	err := w.store.Write(context.Background(), func(wr store.Writer) error {
		if client != nil {
			if err := wr.PutClient(client); err != nil {
				return err
			}
		}
		if g.Version == 0 {
			if err := wr.PutGrant(&g); err != nil {
				return err
			}
		}
		if err := wr.PutConnection(&conn); err != nil {
			return err
		}
		_, err := wr.Append(store.Event{Act: store.ActAdd, Connection: name, ConnectionID: conn.ID, Outcome: "done"})
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return conn
}

// oauth makes a connection by consent; rotate as the app is registered.
func (w *world) oauth(provider, name string, rotate bool) store.Connection {
	w.Helper()
	return w.add(name, w.consent(provider, sim.ClientOptions{Rotate: rotate}, sim.ConsentOptions{}))
}

// key makes a connection with an API key, and returns the key.
func (w *world) key(provider, name, kind string) (store.Connection, string) {
	w.Helper()
	k, err := w.sim.NewKey(provider, sim.KeyOptions{Kind: kind})
	if err != nil {
		w.Fatal(err)
	}
	return w.keyed(provider, name, k), k
}

func (w *world) keyed(provider, name, key string) store.Connection {
	w.Helper()
	v, err := w.store.Vault()
	if err != nil {
		w.Fatal(err)
	}
	p := w.cat[provider]
	g, err := lifecycle.NewKeyGrant(v, lifecycle.Seed{ID: w.id(), Family: w.id(), Provider: p, Method: store.APIKey, Now: w.clock.Now()}, p.Keys[0].ID, secret.FromString(key), time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	return w.put(name, g, nil, nil)
}

func (w *world) grant(c store.Connection) store.Grant {
	w.Helper()
	var g store.Grant
	err := w.store.Read(context.Background(), func(r store.Reader) (err error) {
		c, err := r.Connection(c.ID)
		if err != nil {
			return err
		}
		g, err = r.Grant(c.Grant)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return g
}

func (w *world) connection(id store.ID) store.Connection {
	w.Helper()
	var c store.Connection
	err := w.store.Read(context.Background(), func(r store.Reader) (err error) {
		c, err = r.Connection(id)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// events lists the outcomes of the newest events of an act, newest first.
func (w *world) events(c store.Connection, act store.Act) []store.Event {
	w.Helper()
	var out []store.Event
	err := w.store.Read(context.Background(), func(r store.Reader) (err error) {
		out, err = r.Events(store.EventFilter{Connection: c.ID, Acts: []store.Act{act}})
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// works fails unless the token opens the API.
func (w *world) works(c store.Connection, tok lifecycle.Token) {
	w.Helper()
	if err := w.probe(c, tok); err != nil {
		w.Fatalf("the token of %s does not work: %v", c.Name, err)
	}
}

func (w *world) probe(c store.Connection, tok lifecycle.Token) error {
	w.Helper()
	g := w.grant(c)
	kind, hosts := "", []string(nil)
	if g.Key != nil {
		kind, hosts = g.Key.Kind, g.Key.Sealed.Hosts
	} else {
		hosts = g.Access.Sealed.Hosts
	}
	p := w.cat[c.Provider]
	_, err := crm.Probe(context.Background(), w.http, p, g.BaseURL, crm.Credential(p, kind, tok.Secret, hosts))
	return err
}

// token takes a token or fails.
func (w *world) token(c store.Connection) lifecycle.Token {
	w.Helper()
	tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name, Job: "test"})
	if err != nil {
		w.Fatal(err)
	}
	return tok
}

// failure fails unless err is a Failure of that kind.
func failure(t testing.TB, err error, kind lifecycle.FailureKind) *lifecycle.Failure {
	t.Helper()
	f := lifecycle.AsFailure(err)
	if f == nil || f.Kind != kind {
		t.Fatalf("got %v, want a failure of kind %s", err, kind)
	}
	return f
}
