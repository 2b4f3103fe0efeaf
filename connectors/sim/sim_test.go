package sim_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors/sim"
)

// clock is turned by the tests.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock {
	return &clock{t: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a running simulation with a client that knows nothing of it.
type world struct {
	*testing.T
	sim   *sim.Sim
	clock *clock
	http  *http.Client
}

func start(t *testing.T, cfg sim.Config) *world {
	t.Helper()
	c := newClock()
	if cfg.Now == nil {
		cfg.Now = c.now
	}
	if cfg.Contacts == 0 {
		cfg.Contacts = 250
	}
	s, err := sim.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{T: t, sim: s, clock: c, http: &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (w *world) at(provider string) sim.Endpoint {
	w.Helper()
	e, err := w.sim.Endpoint(provider)
	if err != nil {
		w.Fatal(err)
	}
	return e
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	doc    map[string]any
	list   []any
	err    error // transport errors, and bodies that broke off
}

func (a answer) text(key string) string {
	s, _ := a.doc[key].(string)
	return s
}

func (w *world) send(method, target, auth, contentType, body string) answer {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, target, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) answer {
	w.Helper()
	resp, err := w.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, a.err = io.ReadAll(resp.Body)
	if bytes.HasPrefix(a.body, []byte("[")) {
		_ = json.Unmarshal(a.body, &a.list)
		if len(a.list) > 0 {
			a.doc, _ = a.list[0].(map[string]any)
		}
	} else {
		_ = json.Unmarshal(a.body, &a.doc)
	}
	return a
}

func (w *world) post(target string, form url.Values) answer {
	w.Helper()
	return w.send(http.MethodPost, target, "", "application/x-www-form-urlencoded", form.Encode())
}

func (w *world) get(target, token string) answer {
	w.Helper()
	auth := ""
	if token != "" {
		auth = "Bearer " + token
	}
	return w.send(http.MethodGet, target, auth, "", "")
}

const verifier = "a-verifier-that-is-forty-three-characters-and-more"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// app is a client of the tests with a redirect of its own.
type app struct {
	id, secret, redirect string
}

func (w *world) app(provider string, o sim.ClientOptions) app {
	w.Helper()
	if len(o.RedirectURIs) == 0 {
		o.RedirectURIs = []string{"http://localhost:59999/callback"}
		if provider == sim.Close {
			o.RedirectURIs = []string{"https://app.example/callback"}
		}
	}
	id, secret, err := w.sim.NewClient(provider, o)
	if err != nil {
		w.Fatal(err)
	}
	return app{id, secret, o.RedirectURIs[0]}
}

func (a app) form(kv ...string) url.Values {
	v := url.Values{"client_id": {a.id}, "client_secret": {a.secret}}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

// authorizeURL builds an authorization request; kv override or, when empty, remove.
func (w *world) authorizeURL(provider string, a app, kv ...string) string {
	q := url.Values{
		"client_id": {a.id}, "redirect_uri": {a.redirect}, "response_type": {"code"}, "state": {"st-1"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "scope": {scopesOf(provider)},
	}
	for i := 0; i < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
		if kv[i+1] == "" {
			q.Del(kv[i])
		}
	}
	return w.at(provider).AuthorizeURL + "?" + q.Encode()
}

func scopesOf(provider string) string {
	switch provider {
	case sim.HubSpot:
		return "oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read crm.objects.owners.read crm.schemas.contacts.read"
	case sim.Salesforce:
		return "api refresh_token id"
	default:
		return "all.full_access offline_access"
	}
}

// decide consents and returns the query of the redirect.
func (w *world) decide(authorizeURL string, o sim.ConsentOptions) url.Values {
	w.Helper()
	target, err := w.sim.Decide(w.Context(), authorizeURL, o)
	if err != nil {
		w.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		w.Fatal(err)
	}
	return u.Query()
}

// connect goes the whole way to tokens.
func (w *world) connect(provider string, a app, o sim.ConsentOptions, kv ...string) answer {
	w.Helper()
	q := w.decide(w.authorizeURL(provider, a, kv...), o)
	return w.post(w.at(provider).TokenURL, a.form(
		"grant_type", "authorization_code", "code", q.Get("code"), "redirect_uri", a.redirect, "code_verifier", verifier))
}

func (w *world) renew(provider string, a app, token string) answer {
	w.Helper()
	return w.post(w.at(provider).TokenURL, a.form("grant_type", "refresh_token", "refresh_token", token))
}

// want fails unless the status and a field of the answer are as said.
func (w *world) want(a answer, status int, field, value string) {
	w.Helper()
	if a.err != nil {
		w.Fatalf("got error %v, want %d", a.err, status)
	}
	if a.status != status || field != "" && a.text(field) != value {
		w.Fatalf("got %d %s, want %d with %s %q", a.status, a.body, status, field, value)
	}
}

func TestConsentReachesTheListener(t *testing.T) {
	w := start(t, sim.Config{})
	var got []string
	listener := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.Path+"?"+r.URL.RawQuery)
		if r.URL.Path == "/callback" {
			http.Redirect(rw, r, "/done", http.StatusSeeOther)
		}
	}))
	defer listener.Close()
	a := w.app(sim.HubSpot, sim.ClientOptions{RedirectURIs: []string{listener.URL + "/callback"}})
	if err := w.sim.Consent(t.Context(), w.authorizeURL(sim.HubSpot, a), sim.ConsentOptions{}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !strings.Contains(got[0], "code=") || !strings.Contains(got[0], "state=st-1") || got[1] != "/done?" {
		t.Fatalf("listener saw %q", got)
	}
	got = nil
	if err := w.sim.Consent(t.Context(), w.authorizeURL(sim.HubSpot, a), sim.ConsentOptions{Deny: true}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !strings.Contains(got[0], "error=access_denied") {
		t.Fatalf("listener saw %q", got)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		if s, err := sim.Start(t.Context(), sim.Config{Addr: addr}); err == nil {
			_ = s.Close()
			t.Errorf("%s was accepted", addr)
		}
	}
}

func TestPortsAreConsecutive(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	s, err := sim.Start(context.Background(), sim.Config{Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if base := s.Endpoints()[0].BaseURL; base != "http://"+addr {
		t.Errorf("first provider at %s, want %s", base, addr)
	}
}
