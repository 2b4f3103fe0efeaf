package oauth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the peer logs every refusal
	goleak.VerifyTestMain(m)
}

// fake is an authorization server that answers what a test tells it to, and keeps
// what it was asked.
type fake struct {
	*httptest.Server
	host string

	mu     sync.Mutex
	asked  []request
	answer http.HandlerFunc // of POST; nil: a good token answer
}

// request is one that the fake got.
type request struct {
	path, auth string
	header     http.Header
	form       url.Values
	query      string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(f)
	f.host = strings.TrimPrefix(f.URL, "http://")
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	f.mu.Lock()
	f.asked = append(f.asked, request{path: r.URL.Path, auth: r.Header.Get("Authorization"), header: r.Header, form: form, query: r.URL.RawQuery})
	h := f.answer
	f.mu.Unlock()
	if h == nil {
		h = says(200, `{"access_token":"at","refresh_token":"rt","token_type":"Bearer","expires_in":3600}`)
	}
	h(w, r)
}

func (f *fake) answers(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = h
}

func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]request(nil), f.asked...)
}

// says answers with JSON.
func says(status int, body string) http.HandlerFunc { return typed(status, "application/json", body) }

func typed(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		} else {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// profile is a confidential client of the fake.
func (f *fake) profile() oauth.Profile {
	return oauth.Profile{
		Provider: "fake", AuthorizeURL: f.URL + "/authorize", TokenURL: f.URL + "/token", RevokeURL: f.URL + "/revoke",
		IntrospectURL: f.URL + "/introspect", ClientID: "client-1", Secret: secret.FromString("client-secret-1"),
		SecretHosts: []string{f.host}, Style: connectors.SecretPost, RedirectURI: "http://localhost:0/callback/fake",
		Scopes: []string{"contacts.read", "deals.read"}, PKCE: true, LoopbackAnyPort: true,
		Expiry: connectors.ExpiryField, AccessLifetime: 30 * time.Minute, ScopesFrom: connectors.ScopesField, RevokeAuth: true,
	}
}

func newClient(t *testing.T, change ...func(*oauth.Config)) *oauth.Client {
	t.Helper()
	cfg := oauth.Config{HTTP: guard.New(guard.Options{}), Clock: clock.System{}, Rand: rand.Reader}
	for _, c := range change {
		c(&cfg)
	}
	t.Cleanup(cfg.HTTP.Close)
	return oauth.New(cfg)
}

// begin starts a flow that is cleaned up with the test.
func begin(t *testing.T, c *oauth.Client, p oauth.Profile) *oauth.Flow {
	t.Helper()
	f, err := c.Begin(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Cancel(); <-f.Closed() })
	return f
}

// param reads a parameter of the flow's authorization request.
func param(t *testing.T, f *oauth.Flow, name string) string {
	t.Helper()
	u, err := url.Parse(f.URL())
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

// result is what Wait returned.
type result struct {
	answer oauth.Answer
	err    error
}

// wait runs Wait beside the test.
func wait(ctx context.Context, f *oauth.Flow) <-chan result {
	got := make(chan result, 1)
	go func() {
		a, err := f.Wait(ctx)
		got <- result{a, err}
	}()
	return got
}

// browse sends what a browser sends and follows nothing.
func browse(t *testing.T, method, address string, header ...string) (status int, h http.Header, body string) {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// deliver calls the redirect URI with these parameters, state added.
func deliver(t *testing.T, f *oauth.Flow, params string) (int, http.Header, string) {
	t.Helper()
	return browse(t, "GET", f.RedirectURI()+"?"+params+"&state="+url.QueryEscape(param(t, f, "state")))
}

// land follows the flow's answer to the landing page.
func land(t *testing.T, f *oauth.Flow, h http.Header) (int, http.Header, string) {
	t.Helper()
	u, err := url.Parse(f.RedirectURI())
	if err != nil {
		t.Fatal(err)
	}
	return browse(t, "GET", "http://"+u.Host+h.Get("Location"))
}

// fails asserts class and code of an *oauth.Error and returns it.
func fails(t *testing.T, err error, class store.Class, code string) *oauth.Error {
	t.Helper()
	var e *oauth.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T %v, want %s %s", err, err, class, code)
	}
	if e.Class != class || e.Code != code {
		t.Fatalf("error is %s %s (%s), want %s %s", e.Class, e.Code, e.Description, class, code)
	}
	return e
}

// freePort is a port that nobody listens on at the moment.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
