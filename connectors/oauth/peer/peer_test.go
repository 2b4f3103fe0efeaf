package peer

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/storage"
	"golang.org/x/crypto/bcrypt"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

// server is fosite behind HTTP; its user consents to everything.
type server struct {
	*httptest.Server
	provider fosite.OAuth2Provider
	tokens   atomic.Int32 // requests to the token endpoint
}

func start(t *testing.T, client *fosite.DefaultClient) *server {
	t.Helper()
	cfg := &fosite.Config{
		AccessTokenLifespan: 20 * time.Minute, GlobalSecret: []byte("0123456789abcdef0123456789abcdef"),
		EnforcePKCE: true, RefreshTokenScopes: []string{"offline"}, MinParameterEntropy: 8,
	}
	mem := storage.NewMemoryStore()
	mem.Clients[client.ID] = client
	s := &server{provider: compose.Compose(cfg, mem, &compose.CommonStrategy{CoreStrategy: compose.NewOAuth2HMACStrategy(cfg)},
		compose.OAuth2AuthorizeExplicitFactory, compose.OAuth2RefreshTokenGrantFactory, compose.OAuth2PKCEFactory,
		compose.OAuth2TokenRevocationFactory, compose.OAuth2TokenIntrospectionFactory)}
	mux := http.NewServeMux()
	mux.HandleFunc("/authorize", s.authorize)
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/revoke", func(w http.ResponseWriter, r *http.Request) {
		s.provider.WriteRevocationResponse(r.Context(), w, s.provider.NewRevocationRequest(r.Context(), r))
	})
	mux.HandleFunc("/introspect", func(w http.ResponseWriter, r *http.Request) {
		i, err := s.provider.NewIntrospectionRequest(r.Context(), r, new(fosite.DefaultSession))
		if err != nil {
			s.provider.WriteIntrospectionError(r.Context(), w, err)
			return
		}
		s.provider.WriteIntrospectionResponse(r.Context(), w, i)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) authorize(w http.ResponseWriter, r *http.Request) {
	ar, err := s.provider.NewAuthorizeRequest(r.Context(), r)
	if err != nil {
		s.provider.WriteAuthorizeError(r.Context(), w, ar, err)
		return
	}
	for _, scope := range ar.GetRequestedScopes() {
		ar.GrantScope(scope)
	}
	resp, err := s.provider.NewAuthorizeResponse(r.Context(), ar, &fosite.DefaultSession{Subject: "user-1"})
	if err != nil {
		s.provider.WriteAuthorizeError(r.Context(), w, ar, err)
		return
	}
	s.provider.WriteAuthorizeResponse(r.Context(), w, ar, resp)
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.tokens.Add(1)
	ar, err := s.provider.NewAccessRequest(r.Context(), r, new(fosite.DefaultSession))
	if err != nil {
		s.provider.WriteAccessError(r.Context(), w, ar, err)
		return
	}
	resp, err := s.provider.NewAccessResponse(r.Context(), ar)
	if err != nil {
		s.provider.WriteAccessError(r.Context(), w, ar, err)
		return
	}
	s.provider.WriteAccessResponse(r.Context(), w, ar, resp)
}

// setting is one way to prove the client.
type setting struct {
	style  string
	id     string
	secret string
}

func (x setting) profile(t *testing.T) (*server, oauth.Profile, *oauth.Client) {
	t.Helper()
	uri := oauth.RedirectURI("peer", "127.0.0.1", freePort(t))
	reg := &fosite.DefaultClient{
		ID: x.id, Public: x.style == connectors.NoSecret, RedirectURIs: []string{uri}, ResponseTypes: []string{"code"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, Scopes: []string{"offline", "contacts.read"},
	}
	if x.secret != "" {
		hash, err := bcrypt.GenerateFromPassword([]byte(x.secret), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		reg.Secret = hash
	}
	s := start(t, reg)
	p := oauth.Profile{
		Provider: "peer", AuthorizeURL: s.URL + "/authorize", TokenURL: s.URL + "/token", RevokeURL: s.URL + "/revoke", IntrospectURL: s.URL + "/introspect",
		ClientID: x.id, Secret: secret.FromString(x.secret), Style: x.style, RedirectURI: uri, Scopes: []string{"offline", "contacts.read"},
		PKCE: true, Expiry: connectors.ExpiryField, ScopesFrom: connectors.ScopesField, RevokeAuth: true,
	}
	p.SecretHosts = p.Hosts()
	h := guard.New(guard.Options{})
	t.Cleanup(h.Close)
	return s, p, oauth.New(oauth.Config{HTTP: h, Clock: clock.System{}, Rand: rand.Reader})
}

var settings = map[string]setting{
	"basic":  {connectors.SecretBasic, "crm:deck/1+1", "s3cr&t: +%/ä"},
	"post":   {connectors.SecretPost, "crmdeck-2", "another secret"},
	"public": {connectors.NoSecret, "crmdeck-3", ""},
}

// grant goes through consent and returns the tokens.
func grant(t *testing.T, c *oauth.Client, p oauth.Profile) (oauth.Answer, error) {
	t.Helper()
	f, err := c.Begin(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Cancel(); <-f.Closed() })
	page := make(chan string, 1)
	go func() { page <- browse(f.URL()) }()
	a, err := f.Wait(t.Context())
	if got := <-page; strings.Contains(got, "It worked") != (err == nil) {
		t.Errorf("the landing page does not tell what happened: %.200s", got)
	}
	return a, err
}

// browse is the user's browser.
func browse(address string) string {
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(address)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// CA-1, CA-2, PK-2, AR-4, TE-15, RV-1, RV-11: code with PKCE, refresh, introspection, revocation.
func TestCodeRefreshIntrospectRevoke(t *testing.T) {
	for name, x := range settings {
		t.Run(name, func(t *testing.T) {
			s, p, c := x.profile(t)
			a, err := grant(t, c, p)
			if err != nil || a.Refresh.IsZero() || a.Assumed || !slices.Equal(a.Scopes, p.Scopes) {
				t.Fatalf("%+v, %v", a, err)
			}
			next, err := c.Refresh(t.Context(), p, a.Refresh)
			if err != nil || next.Refresh.IsZero() || next.Refresh.Equal(a.Refresh) {
				t.Fatalf("refresh: %+v, %v", next, err)
			}
			if n := s.tokens.Load(); n != 2 {
				t.Errorf("%d token requests for one code and one refresh", n)
			}
			if x.style == connectors.SecretBasic { // fosite's introspection takes nothing but Basic
				i, err := c.Introspect(t.Context(), p, next.Access, oauth.HintAccess)
				if err != nil || !i.Active || !slices.Contains(i.Scopes, "contacts.read") || i.Expires.Sub(next.Expires).Abs() > 5*time.Second {
					t.Errorf("introspection: %+v, %v", i, err)
				}
				// The access token that the refresh replaced is dead.
				if i, err := c.Introspect(t.Context(), p, a.Access, oauth.HintAccess); err != nil || i.Active {
					t.Errorf("introspection of the old one: %+v, %v", i, err)
				}
			}
			for range 2 {
				if err := c.Revoke(t.Context(), p, next.Refresh, oauth.HintRefresh); err != nil {
					t.Errorf("revoking: %v", err)
				}
			}
			if err := c.Revoke(t.Context(), p, next.Access, oauth.HintRefresh); err != nil { // a wrong hint
				t.Errorf("revoking with a wrong hint: %v", err)
			}
			_, err = c.Refresh(t.Context(), p, next.Refresh)
			refused(t, err, store.Dead, "invalid_grant")
		})
	}
}

// RF-7: an old refresh token that comes back ends the family, and is dead for us too.
func TestReuseEndsTheFamily(t *testing.T) {
	for name, x := range settings {
		t.Run(name, func(t *testing.T) {
			_, p, c := x.profile(t)
			a, err := grant(t, c, p)
			if err != nil {
				t.Fatal(err)
			}
			next, err := c.Refresh(t.Context(), p, a.Refresh)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Refresh(t.Context(), p, a.Refresh)
			refused(t, err, store.Dead, "invalid_grant")
			_, err = c.Refresh(t.Context(), p, next.Refresh)
			if e := refused(t, err, store.Dead, "invalid_grant"); e.Unknown {
				t.Error("a plain refusal counts as unknown")
			}
		})
	}
}

// RV-8, TE-3: a wrong secret is a matter of configuration, never "revoked" or "dead".
func TestWrongSecret(t *testing.T) {
	for _, name := range []string{"basic", "post"} {
		t.Run(name, func(t *testing.T) {
			_, p, c := settings[name].profile(t)
			a, err := grant(t, c, p)
			if err != nil {
				t.Fatal(err)
			}
			wrong := p
			wrong.Secret = secret.FromString("wrong secret")
			_, err = c.Refresh(t.Context(), wrong, a.Refresh)
			refused(t, err, store.Config, "invalid_client")
			refused(t, c.Revoke(t.Context(), wrong, a.Refresh, oauth.HintRefresh), store.Config, "invalid_client")
			if _, err := c.Refresh(t.Context(), p, a.Refresh); err != nil {
				t.Errorf("the right secret afterwards: %v", err)
			}
		})
	}
}

// AR-5: what fosite refuses before consent comes back with its own word.
func TestRefusedScope(t *testing.T) {
	s, p, c := settings["basic"].profile(t)
	p.Scopes = []string{"everything"}
	_, err := grant(t, c, p)
	refused(t, err, store.Config, "invalid_scope")
	if s.tokens.Load() != 0 {
		t.Error("a token was asked for")
	}
}

// PK-2, AR-3: a code from elsewhere does not fit our verifier.
func TestInjectedCode(t *testing.T) {
	s, p, c := settings["public"].profile(t)
	code := codeOfAnotherSession(t, s, p)
	f, err := c.Begin(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Cancel(); <-f.Closed() })
	u, err := url.Parse(f.URL())
	if err != nil {
		t.Fatal(err)
	}
	go browse(f.RedirectURI() + "?" + url.Values{"code": {code}, "state": {u.Query().Get("state")}}.Encode())
	_, err = f.Wait(t.Context())
	refused(t, err, store.Dead, "invalid_grant")
	if s.tokens.Load() != 1 {
		t.Errorf("%d token requests", s.tokens.Load())
	}
}

// codeOfAnotherSession is what an attacker has: a code for the same client, with a challenge of his own.
func codeOfAnotherSession(t *testing.T, s *server, p oauth.Profile) string {
	t.Helper()
	q := url.Values{
		"response_type": {"code"}, "client_id": {p.ClientID}, "redirect_uri": {p.RedirectURI}, "scope": {"offline"}, "state": {"of-the-attacker"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL+"/authorize?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil || to.Query().Get("code") == "" {
		t.Fatalf("no code: %v, %v", to, err)
	}
	return to.Query().Get("code")
}

func refused(t *testing.T, err error, class store.Class, code string) *oauth.Error {
	t.Helper()
	var e *oauth.Error
	if !errors.As(err, &e) || e.Class != class || e.Code != code {
		t.Fatalf("error is %v, want %s %s", err, class, code)
	}
	return e
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
