package oauth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// opStorage is the memory of zitadel's OpenID provider: one client, one user who says
// yes to everything, rotating refresh tokens.
type opStorage struct {
	key    *rsa.PrivateKey
	client *opClient

	mu      sync.Mutex
	n       int
	asked   map[string]*opRequest
	codes   map[string]string
	tokens  map[string]*opToken // access tokens by id
	refresh map[string]*opToken // the living ones
}

// opClient is the one registration.
type opClient struct {
	id, secret, redirect string
	method               oidc.AuthMethod
	kind                 op.AccessTokenType
}

func (c *opClient) GetID() string                       { return c.id }
func (c *opClient) RedirectURIs() []string              { return []string{c.redirect} }
func (c *opClient) PostLogoutRedirectURIs() []string    { return nil }
func (c *opClient) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }
func (c *opClient) AuthMethod() oidc.AuthMethod         { return c.method }
func (c *opClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *opClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c *opClient) LoginURL(id string) string            { return "/login?id=" + id }
func (c *opClient) AccessTokenType() op.AccessTokenType  { return c.kind }
func (c *opClient) IDTokenLifetime() time.Duration       { return time.Hour }
func (c *opClient) DevMode() bool                        { return false }
func (c *opClient) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c *opClient) ClockSkew() time.Duration             { return 0 }
func (c *opClient) IsScopeAllowed(s string) bool         { return s == "contacts.read" || s == "deals.read" }
func same(s []string) []string                           { return s }
func (c *opClient) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return same
}
func (c *opClient) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return same
}

// opRequest is an authorization request; the user consents at once.
type opRequest struct {
	*oidc.AuthRequest
	id string
}

func (r *opRequest) GetID() string                      { return r.id }
func (r *opRequest) GetACR() string                     { return "" }
func (r *opRequest) GetAMR() []string                   { return nil }
func (r *opRequest) GetAudience() []string              { return []string{r.ClientID} }
func (r *opRequest) GetAuthTime() time.Time             { return time.Now() }
func (r *opRequest) GetClientID() string                { return r.ClientID }
func (r *opRequest) GetNonce() string                   { return r.Nonce }
func (r *opRequest) GetRedirectURI() string             { return r.RedirectURI }
func (r *opRequest) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *opRequest) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }
func (r *opRequest) GetScopes() []string                { return r.Scopes }
func (r *opRequest) GetState() string                   { return r.State }
func (r *opRequest) GetSubject() string                 { return "user-1" }
func (r *opRequest) Done() bool                         { return true }
func (r *opRequest) GetCodeChallenge() *oidc.CodeChallenge {
	if r.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

// opToken is an access token, and the refresh token that came with it.
type opToken struct {
	id, refresh, client string
	scopes              []string
	expires             time.Time
}

func (t *opToken) GetAMR() []string               { return nil }
func (t *opToken) GetAudience() []string          { return []string{t.client} }
func (t *opToken) GetAuthTime() time.Time         { return time.Now() }
func (t *opToken) GetClientID() string            { return t.client }
func (t *opToken) GetScopes() []string            { return t.scopes }
func (t *opToken) GetSubject() string             { return "user-1" }
func (t *opToken) SetCurrentScopes(s []string)    { t.scopes = s }
func (s *opStorage) Health(context.Context) error { return nil }

func (s *opStorage) name(kind string) string {
	s.n++
	return fmt.Sprintf("%s-%d", kind, s.n)
}

func (s *opStorage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &opRequest{AuthRequest: r, id: s.name("request")}
	s.asked[q.id] = q
	return q, nil
}

func (s *opStorage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.asked[id]; ok {
		return r, nil
	}
	return nil, errors.New("no such request")
}

func (s *opStorage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

func (s *opStorage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *opStorage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, id)
	return nil
}

func (s *opStorage) CreateAccessToken(ctx context.Context, r op.TokenRequest) (string, time.Time, error) {
	id, _, end, err := s.CreateAccessAndRefreshTokens(ctx, r, "")
	return id, end, err
}

func (s *opStorage) CreateAccessAndRefreshTokens(_ context.Context, r op.TokenRequest, old string) (string, string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old != "" && s.refresh[old] == nil {
		return "", "", time.Time{}, errors.New("spent")
	}
	delete(s.refresh, old)
	t := &opToken{id: s.name("access"), refresh: s.name("refresh"), client: s.client.id, scopes: r.GetScopes(), expires: time.Now().Add(20 * time.Minute)}
	s.tokens[t.id], s.refresh[t.refresh] = t, t
	return t.id, t.refresh, t.expires, nil
}

func (s *opStorage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.refresh[token]; ok {
		return t, nil
	}
	return nil, op.ErrInvalidRefreshToken
}

func (s *opStorage) TerminateSession(context.Context, string, string) error { return nil }

func (s *opStorage) RevokeToken(_ context.Context, token, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.refresh[token]; ok {
		delete(s.tokens, t.id)
	}
	delete(s.refresh, token)
	delete(s.tokens, token)
	return nil
}

func (s *opStorage) GetRefreshTokenInfo(_ context.Context, _, token string) (string, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.refresh[token]; ok {
		return "user-1", token, nil
	}
	return "", "", op.ErrInvalidRefreshToken
}

func (s *opStorage) SigningKey(context.Context) (op.SigningKey, error) { return opKey{s.key}, nil }
func (s *opStorage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}
func (s *opStorage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{opPublic{s.key}}, nil }

type opKey struct{ k *rsa.PrivateKey }

func (k opKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k opKey) Key() any                                    { return k.k }
func (k opKey) ID() string                                  { return "key-1" }

type opPublic struct{ k *rsa.PrivateKey }

func (k opPublic) ID() string                         { return "key-1" }
func (k opPublic) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k opPublic) Use() string                        { return "sig" }
func (k opPublic) Key() any                           { return &k.k.PublicKey }

func (s *opStorage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.id {
		return nil, errors.New("no such client")
	}
	return s.client, nil
}

func (s *opStorage) AuthorizeClientIDSecret(_ context.Context, id, key string) error {
	if id != s.client.id || key != s.client.secret {
		return errors.New("wrong secret")
	}
	return nil
}

func (s *opStorage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}
func (s *opStorage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return nil
}

func (s *opStorage) SetIntrospectionFromToken(_ context.Context, i *oidc.IntrospectionResponse, id, _, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[id]
	if !ok {
		return errors.New("no such token")
	}
	i.Expiration, i.Scope, i.ClientID = oidc.FromTime(t.expires), t.scopes, t.client
	return nil
}

func (s *opStorage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}
func (s *opStorage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("no keys")
}
func (s *opStorage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errors.New("no such grant")
}

// startOP serves zitadel's provider on loopback.
func startOP(t *testing.T, client *opClient) (*httptest.Server, *opStorage) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &opStorage{key: key, client: client, asked: map[string]*opRequest{}, codes: map[string]string{}, tokens: map[string]*opToken{}, refresh: map[string]*opToken{}}
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte("test")), CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true},
		s, op.StaticIssuer(srv.URL), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", provider)
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, op.AuthCallbackURL(provider)(op.ContextWithIssuer(r.Context(), srv.URL), r.FormValue("id")), http.StatusFound)
	})
	return srv, s
}

// consent is the user's browser: it follows the provider's redirects until it gets the
// landing page, and returns it.
func consent(t *testing.T, address string) string {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: tr}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Request.URL.Path != "/done" || resp.Request.URL.RawQuery != "" {
		t.Errorf("the browser stands at %s: %.300s", resp.Request.URL.Path, b)
	}
	return string(b)
}

// AR-4, PK-2, LB-10, CA-2, RV-1, RV-8, RV-11, IS-6 against a certified provider that we did not write: code with
// PKCE, refresh with rotation, reuse, introspection and revocation, for each way to prove a client.
func TestZitadelProvider(t *testing.T) {
	for name, c := range map[string]struct {
		method oidc.AuthMethod
		style  string
		kind   op.AccessTokenType
	}{
		"basic":  {oidc.AuthMethodBasic, connectors.SecretBasic, op.AccessTokenTypeBearer},
		"post":   {oidc.AuthMethodPost, connectors.SecretPost, op.AccessTokenTypeJWT},
		"public": {oidc.AuthMethodNone, connectors.NoSecret, op.AccessTokenTypeBearer},
	} {
		t.Run(name, func(t *testing.T) { zitadel(t, c.method, c.style, c.kind) })
	}
}

func zitadel(t *testing.T, method oidc.AuthMethod, style string, kind op.AccessTokenType) {
	uri := oauth.RedirectURI("op", "127.0.0.1", freePort(t))
	reg := &opClient{id: "crm:deck/1+1", secret: "s3cr&t: +%/ä", redirect: uri, method: method, kind: kind}
	srv, _ := startOP(t, reg)
	c := newClient(t)
	m, err := c.Discover(t.Context(), srv.URL)
	if err != nil || m.Issuer != srv.URL || m.Revoke == "" || m.Introspect == "" || !slices.Contains(m.PKCE, "S256") {
		t.Fatalf("metadata: %+v, %v", m, err)
	}
	p := oauth.Profile{
		Provider: "op", ClientID: reg.id, Secret: secret.FromString(reg.secret), Style: style, RedirectURI: uri, PKCE: true,
		Scopes: []string{"openid", "offline_access", "contacts.read"}, Expiry: connectors.ExpiryField, ScopesFrom: connectors.ScopesField, RevokeAuth: true,
		AuthorizeParams: map[string]string{"prompt": "consent"},
	}
	if style == connectors.NoSecret {
		p.Secret = secret.Value{}
	}
	m.Fill(&p)
	f := begin(t, c, p)
	got := wait(t.Context(), f)
	if page := consent(t, f.URL()); !strings.Contains(page, "It worked") {
		t.Errorf("page: %s", page)
	}
	first := <-got
	if first.err != nil {
		t.Fatal(first.err)
	}
	a := first.answer
	if a.Refresh.IsZero() || a.Assumed || !a.ScopesKnown || (kind == op.AccessTokenTypeJWT) != (len(a.Claims) > 3) {
		t.Fatalf("answer: %+v", a)
	}
	if a.Expires.Before(time.Now().Add(15*time.Minute)) || a.Expires.After(time.Now().Add(21*time.Minute)) {
		t.Errorf("expires %v", a.Expires)
	}
	next, err := c.Refresh(t.Context(), p, a.Refresh)
	if err != nil || next.Refresh.IsZero() || next.Refresh.Equal(a.Refresh) || next.Access.Equal(a.Access) {
		t.Fatalf("refresh: %+v, %v", next, err)
	}
	_, err = c.Refresh(t.Context(), p, a.Refresh)
	fails(t, err, store.Dead, "invalid_grant")
	if style != connectors.NoSecret {
		introspecting := p // this provider takes nothing but Basic there
		introspecting.Style = connectors.SecretBasic
		i, err := c.Introspect(t.Context(), introspecting, next.Access, oauth.HintAccess)
		if err != nil || !i.Active || !slices.Contains(i.Scopes, "contacts.read") || (i.Expires.Sub(next.Expires)).Abs() > 5*time.Second {
			t.Errorf("introspection: %+v, %v", i, err)
		}
		wrong := p
		wrong.Secret = secret.FromString("wrong-secret")
		fails(t, c.Revoke(t.Context(), wrong, next.Refresh, oauth.HintRefresh), store.Config, "invalid_client") // RV-8
		_, err = c.Refresh(t.Context(), wrong, next.Refresh)
		fails(t, err, store.Config, "invalid_client")
	}
	for range 2 { // RV-1: twice is fine
		if err := c.Revoke(t.Context(), p, next.Refresh, oauth.HintRefresh); err != nil {
			t.Errorf("revoking: %v", err)
		}
	}
	_, err = c.Refresh(t.Context(), p, next.Refresh)
	fails(t, err, store.Dead, "invalid_grant")
	if style == connectors.SecretBasic {
		if i, err := c.Introspect(t.Context(), p, next.Access, oauth.HintAccess); err != nil || i.Active {
			t.Errorf("after revocation: %+v, %v", i, err)
		}
	}
}

// AR-5 against the same: what the provider refuses comes back with its own word.
func TestZitadelRefusals(t *testing.T) {
	uri := oauth.RedirectURI("op", "127.0.0.1", freePort(t))
	srv, _ := startOP(t, &opClient{id: "c1", secret: "s1-secret", redirect: uri, method: oidc.AuthMethodBasic})
	c := newClient(t)
	m, err := c.Discover(t.Context(), srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := oauth.Profile{Provider: "op", ClientID: "c1", Secret: secret.FromString("s1-secret"), Style: connectors.SecretBasic, RedirectURI: uri, PKCE: true, Expiry: connectors.ExpiryField}
	m.Fill(&p)
	p.Scopes = nil // an OpenID provider wants openid
	f := begin(t, c, p)
	got := wait(t.Context(), f)
	if page := consent(t, f.URL()); !strings.Contains(page, "It did not work") {
		t.Errorf("page: %s", page)
	}
	fails(t, (<-got).err, store.Config, "invalid_request")
	// A code that the provider never gave.
	p.Scopes = []string{"openid"}
	f = begin(t, c, p)
	got = wait(t.Context(), f)
	_, _, _ = browse(t, "GET", f.RedirectURI()+"?code=made-up&state="+url.QueryEscape(param(t, f, "state")))
	fails(t, (<-got).err, store.Dead, "invalid_grant")
}
