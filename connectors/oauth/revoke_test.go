package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// RV-1, RV-4, TE-17: a revocation is one POST, and any 2xx is success, its body unread.
func TestRV1_Revoked(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	for _, h := range []http.HandlerFunc{
		says(200, ""), says(204, ""), typed(200, "text/html", "<html>"), says(200, `{"error":"nonsense"}`),
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999")
			_, _ = io.WriteString(w, "x")
		},
	} {
		as.answers(h)
		for range 2 { // twice is fine
			if err := c.Revoke(t.Context(), as.profile(), secret.FromString("rt"), oauth.HintRefresh); err != nil {
				t.Error(err)
			}
		}
	}
	r := as.requests()[0]
	want := url.Values{"token": {"rt"}, "token_type_hint": {"refresh_token"}, "client_id": {"client-1"}, "client_secret": {"client-secret-1"}}
	if len(as.requests()) != 10 || r.path != "/revoke" || r.query != "" || r.form.Encode() != want.Encode() {
		t.Errorf("%d requests, the first %+v", len(as.requests()), r)
	}
	p := as.profile()
	p.RevokeAuth = false
	if err := c.Revoke(t.Context(), p, secret.FromString("rt"), ""); err != nil {
		t.Fatal(err)
	}
	if r := as.requests()[10]; r.form.Encode() != "token=rt" || r.auth != "" {
		t.Errorf("without client authentication: %v", r.form)
	}
}

// RV-1, RV-2, RV-3, RV-8: what is no success, and what counts as one.
func TestRV8_NotRevoked(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		class  store.Class
		code   string
	}{
		{"RV-2", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "9"); says(503, "")(w, r) }, store.Transient, "http_503"},
		{"RV-3", says(400, `{"error":"unsupported_token_type"}`), store.Config, "unsupported_token_type"},
		{"RV-8 401", says(401, `{"error":"invalid_client"}`), store.Config, "invalid_client"},
		{"RV-8 400", says(400, `{"error":"invalid_client"}`), store.Config, "invalid_client"},
		{"other error", says(400, `{"error":"invalid_request"}`), store.Config, "invalid_request"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, store.Config, "redirect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			as := newFake(t)
			as.answers(c.answer)
			p := as.profile()
			p.AlreadyDead = map[string]string{"error": "invalid_token"}
			e := fails(t, newClient(t).Revoke(t.Context(), p, secret.FromString("rt-canary"), ""), c.class, c.code)
			if c.name == "RV-2" && e.RetryAfter != 9*time.Second {
				t.Errorf("%+v", e)
			}
		})
	}
	as := newFake(t)
	as.answers(says(400, `{"error":"invalid_token","error_description":"invalid token"}`))
	p := as.profile()
	fails(t, newClient(t).Revoke(t.Context(), p, secret.FromString("rt"), ""), store.Config, "invalid_token")
	p.AlreadyDead = map[string]string{"error": "invalid_token"}
	if err := newClient(t).Revoke(t.Context(), p, secret.FromString("rt"), ""); err != nil {
		t.Errorf("already dead: %v", err)
	}
	guessed := p // CA-1: nothing is guessed here either
	guessed.Style = ""
	before := len(as.requests())
	fails(t, newClient(t).Revoke(t.Context(), guessed, secret.FromString("rt"), ""), store.Config, "client_auth")
	_, err := newClient(t).Introspect(t.Context(), guessed, secret.FromString("rt"), "")
	fails(t, err, store.Config, "client_auth")
	if len(as.requests()) != before {
		t.Error("something was sent")
	}
	p.RevokeURL = ""
	fails(t, newClient(t).Revoke(t.Context(), p, secret.FromString("rt"), ""), store.Config, "no_endpoint")
}

// RV-11: introspection; only active must be there.
func TestRV11_Introspection(t *testing.T) {
	as := newFake(t)
	ask := func(body string) (oauth.Introspection, error) {
		as.answers(says(200, body))
		return newClient(t).Introspect(t.Context(), as.profile(), secret.FromString("at-secret"), oauth.HintAccess)
	}
	i, err := ask(`{"active":false,"scope":"x","sub":"y"}`)
	if err != nil || i.Active || i.Fields != nil || i.ScopesKnown {
		t.Errorf("dead: %+v, %v", i, err)
	}
	exp := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	i, err = ask(`{"active":true,"exp":` + strconv.FormatInt(exp.Unix(), 10) + `,"scope":"a b","username":"x\u001by","echo":"at-secret"}`)
	if err != nil || !i.Active || !i.Expires.Equal(exp) || len(i.Scopes) != 2 || i.Fields["username"] != "x y" || i.Fields["echo"] != "" {
		t.Errorf("exp: %+v, %v", i, err)
	}
	i, err = ask(`{"active":true,"expires_in":120,"scopes":["oauth"],"hub_id":42}`)
	if err != nil || time.Until(i.Expires).Round(time.Minute) != 2*time.Minute || i.Fields["hub_id"] != "42" || len(i.Scopes) != 1 {
		t.Errorf("expires_in: %+v, %v", i, err)
	}
	if i, err = ask(`{"active":true}`); err != nil || !i.Active || !i.Expires.IsZero() || i.ScopesKnown {
		t.Errorf("bare: %+v, %v", i, err)
	}
	for _, body := range []string{`{}`, `{"active":"true"}`, `{"active":1}`, `[]`, `<html>`, ``} {
		if _, err := ask(body); err == nil {
			t.Errorf("%s was believed", body)
		}
	}
	_, err = ask(`{"error":"invalid_client"}`)
	fails(t, err, store.Config, "invalid_client")
	if n := len(as.requests()); n != 11 {
		t.Errorf("%d requests for 11 questions", n)
	}
}

// IS-6, IS-10, FZ-3: metadata is believed only from its own issuer, with addresses that may be called.
func TestIS6_Discovery(t *testing.T) {
	mux := http.NewServeMux()
	as := newFake(t)
	as.answers(mux.ServeHTTP)
	c := newClient(t)
	doc := func(issuer, token string) string {
		return `{"issuer":"` + issuer + `","authorization_endpoint":"` + as.URL + `/a","token_endpoint":"` + token + `","revocation_endpoint":"` + as.URL + `/r",
			"introspection_endpoint":"` + as.URL + `/i","code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true}`
	}
	mux.HandleFunc("/.well-known/oauth-authorization-server/tenant", says(200, doc(as.URL+"/tenant", as.URL+"/t")))
	mux.HandleFunc("/openid/.well-known/openid-configuration", says(200, doc(as.URL+"/openid", as.URL+"/t")))
	for _, issuer := range []string{as.URL + "/tenant", as.URL + "/openid"} {
		m, err := c.Discover(t.Context(), issuer)
		if err != nil || m.Token != as.URL+"/t" || !m.Iss || len(m.PKCE) != 1 {
			t.Fatalf("%s: %+v, %v", issuer, m, err)
		}
		p := oauth.Profile{RevokeURL: as.URL + "/own"}
		m.Fill(&p)
		if p.TokenURL != as.URL+"/t" || p.RevokeURL != as.URL+"/own" || p.Issuer != issuer || !p.IssRequired || len(p.SecretHosts) != 1 {
			t.Errorf("filled: %+v", p)
		}
		sealed := oauth.Profile{SecretHosts: []string{"login.crm.example"}}
		if m.Fill(&sealed); !slices.Equal(sealed.SecretHosts, []string{"login.crm.example"}) {
			t.Error("a sealed list of hosts was changed")
		}
	}
	for name, bad := range map[string]struct{ body, code string }{
		"other issuer": {doc("https://evil.example", as.URL+"/t"), "issuer"}, "slash": {doc(as.URL+"/x/", as.URL+"/t"), "issuer"},
		"http": {doc(as.URL+"/x", "http://evil.example/t"), "bad_metadata"}, "file": {doc(as.URL+"/x", "file:///t"), "bad_metadata"},
		"javascript": {doc(as.URL+"/x", "javascript:alert(1)"), "bad_metadata"}, "user": {doc(as.URL+"/x", "https://a@evil.example/t"), "bad_metadata"},
		"fragment": {doc(as.URL+"/x", "https://login.example/t#x"), "bad_metadata"}, "no token": {doc(as.URL+"/x", ""), "bad_metadata"},
		"page": {"<html>", "not_oauth"}, "doubled": {`{"issuer":"a","issuer":"` + as.URL + `/x"}`, "not_oauth"},
	} {
		as.answers(says(200, bad.body))
		_, err := c.Discover(t.Context(), as.URL+"/x")
		t.Run(name, func(t *testing.T) { fails(t, err, store.Config, bad.code) })
	}
	as.answers(says(404, ""))
	_, err := c.Discover(t.Context(), as.URL)
	fails(t, err, store.Config, "no_metadata")
	for _, issuer := range []string{"http://crm.example", "https://crm.example/?a=b", "https://crm.example/#x", "", "crm.example"} {
		if _, err := c.Discover(t.Context(), issuer); err == nil {
			t.Errorf("%q was asked", issuer)
		}
	}
}

// A profile comes from the catalogue's entry, with the tenant's answers filled in.
func TestProfileOfAProvider(t *testing.T) {
	prov := &connectors.Provider{
		ID:        "crm",
		Endpoints: connectors.Endpoints{Authorize: "https://{login_host}/authorize", Token: "https://{login_host}/token", Revoke: "https://api.crm.example/revoke"},
		Client:    connectors.ClientAuth{Style: connectors.SecretBasic},
		Authorize: connectors.Authorize{PKCE: "S256", ScopeSeparator: " "},
		Tokens:    connectors.Tokens{Expiry: connectors.ExpiryAssumed, AccessLifetime: 7200, Scopes: connectors.ScopesField},
	}
	p, err := oauth.ProfileOf(prov, "id", secret.FromString("s"), nil, "http://localhost:8976/callback/crm", map[string]string{"login_host": "eu.crm.example"}, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if p.TokenURL != "https://eu.crm.example/token" || !p.PKCE || p.AccessLifetime != 2*time.Hour || len(p.SecretHosts) != 2 || p.SecretHosts[0] != "eu.crm.example" {
		t.Errorf("%+v", p)
	}
	if p, err = oauth.ProfileOf(prov, "id", secret.FromString("s"), []string{"sealed.example"}, "", map[string]string{"login_host": "eu.crm.example"}, nil); err != nil || len(p.SecretHosts) != 1 {
		t.Errorf("the sealed list was not kept: %v, %v", p.SecretHosts, err)
	}
	for _, host := range []string{"", "evil.example/x", "a@b", "a#"} {
		if _, err = oauth.ProfileOf(prov, "id", secret.Value{}, nil, "", map[string]string{"login_host": host}, nil); err == nil {
			t.Errorf("login_host %q was filled in", host)
		}
	}
	var e *oauth.Error
	if errors.As(err, &e) {
		t.Error("a mistake in a definition looks like a provider's answer")
	}
}
