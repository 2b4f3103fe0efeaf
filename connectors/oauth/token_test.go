package oauth_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// refresh sends one refresh to the fake with this answer.
func refresh(t *testing.T, as *fake, h http.HandlerFunc, change ...func(*oauth.Profile)) (oauth.Answer, error) {
	t.Helper()
	as.answers(h)
	p := as.profile()
	for _, c := range change {
		c(&p)
	}
	before := len(as.requests())
	a, err := newClient(t).Refresh(t.Context(), p, secret.FromString("old-refresh-token"))
	if n := len(as.requests()) - before; n != 1 { // CA-1
		t.Errorf("%d requests for one refresh", n)
	}
	return a, err
}

// withToken makes a token answer with further members.
func withToken(more string) http.HandlerFunc {
	return says(200, `{"access_token":"at","token_type":"Bearer"`+more+`}`)
}

// RF-13, CA-1, CA-3, TE-15, TE-17, TE-18: what a refresh sends, and how.
func TestRefreshRequest(t *testing.T) {
	as := newFake(t)
	a, err := refresh(t, as, withToken(`,"expires_in":60`))
	if err != nil || !a.Refresh.IsZero() {
		t.Fatalf("%+v, %v", a, err)
	}
	r := as.requests()[0]
	want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"old-refresh-token"}, "client_id": {"client-1"}, "client_secret": {"client-secret-1"}}
	if r.form.Encode() != want.Encode() || r.auth != "" || r.query != "" {
		t.Errorf("request: %+v", r)
	}
	for _, h := range []string{"Idempotency-Key", "X-Idempotency-Key", "Cookie", "Referer"} {
		if r.header.Get(h) != "" {
			t.Errorf("%s is sent", h)
		}
	}
	if a, err = refresh(t, as, withToken(`,"refresh_token":"new"`)); err != nil || a.Refresh.Reveal() != "new" {
		t.Errorf("a rotated token came as %v, %v", a.Refresh, err)
	}
	if _, err := newClient(t).Refresh(t.Context(), as.profile(), secret.Value{}); err == nil {
		t.Error("refreshed without a token")
	}
}

// CA-2, CA-3, CA-7: Basic form-encodes; a public client sends its id and no password.
func TestCA2_ClientAuthentication(t *testing.T) {
	as := newFake(t)
	const id, key = "cl/i:e+n%t ü", "s:e/c+r%e t ü"
	basic := func(a, b string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(a+":"+b)) }
	for name, c := range map[string]struct {
		change     func(*oauth.Profile)
		auth       string
		id, secret bool
	}{
		"basic": {func(p *oauth.Profile) { p.Style = connectors.SecretBasic }, basic("cl%2Fi%3Ae%2Bn%25t+%C3%BC", "s%3Ae%2Fc%2Br%25e+t+%C3%BC"), false, false},
		"basic, not coded": {func(p *oauth.Profile) {
			p.Style, p.RawBasic, p.ClientID, p.Secret = connectors.SecretBasic, true, "a+b", secret.FromString("c+d:e")
		}, basic("a+b", "c+d:e"), false, false},
		"post":              {func(*oauth.Profile) {}, "", true, true},
		"public":            {func(p *oauth.Profile) { p.Style = connectors.NoSecret }, "", true, false},
		"basic, no secret":  {func(p *oauth.Profile) { p.Style, p.Secret = connectors.SecretBasic, secret.Value{} }, "", true, false},
		"public, no secret": {func(p *oauth.Profile) { p.Style, p.Secret = connectors.NoSecret, secret.Value{} }, "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(as.requests())
			_, err := refresh(t, as, withToken(""), func(p *oauth.Profile) {
				p.ClientID, p.Secret = id, secret.FromString(key)
				c.change(p)
			})
			if err != nil {
				t.Fatal(err)
			}
			r := as.requests()[before]
			if r.auth != c.auth || r.form.Has("client_id") != c.id || r.form.Has("client_secret") != c.secret {
				t.Errorf("auth %q, form %v", r.auth, r.form)
			}
			if c.secret && (r.form.Get("client_secret") != key || r.form.Get("client_id") != id) {
				t.Error("the form lost characters")
			}
		})
	}
}

// SF-6, IS-9: a refresh token and client secret go to the sealed hosts only.
func TestSecretsStayWithTheirHosts(t *testing.T) {
	as, other := newFake(t), newFake(t)
	for _, style := range []string{connectors.SecretPost, connectors.SecretBasic, connectors.NoSecret} {
		p := as.profile()
		p.Style, p.TokenURL = style, other.URL+"/token"
		_, err := newClient(t).Refresh(t.Context(), p, secret.FromString("rt-canary"))
		if e := fails(t, err, store.Config, "refused"); e.Unknown {
			t.Error("it counts as sent")
		}
	}
	if len(other.requests()) != 0 {
		t.Error("another host was asked")
	}
}

// TE-1, TE-2, TE-3, TE-4, TE-9, TE-10, TE-12, TE-13, TE-14, TE-16: what is no success, and what it means.
func TestTE_AnswersThatAreRefused(t *testing.T) {
	long := strings.Repeat("x", 64<<10+1)
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		class   store.Class
		code    string
		unknown bool
	}{
		{"TE-1 page", typed(200, "text/html", "<html>sign in</html>"), store.Transient, "not_oauth", true},
		{"TE-1 page as JSON", says(200, "<html>sign in</html>"), store.Transient, "not_oauth", true},
		{"TE-2 error in a 200", says(200, `{"error":"invalid_grant"}`), store.Dead, "invalid_grant", false},
		{"TE-3 grant", says(400, `{"error":"invalid_grant"}`), store.Dead, "invalid_grant", false},
		{"TE-3 client", says(401, `{"error":"invalid_client"}`), store.Config, "invalid_client", false},
		{"TE-3 unauthorized", says(400, `{"error":"unauthorized_client"}`), store.Config, "unauthorized_client", false},
		{"TE-3 scope", says(400, `{"error":"invalid_scope"}`), store.Config, "invalid_scope", false},
		{"TE-3 grant type", says(400, `{"error":"unsupported_grant_type"}`), store.Config, "unsupported_grant_type", false},
		{"TE-3 request", says(400, `{"error":"invalid_request"}`), store.Config, "invalid_request", false},
		{"TE-3 unknown", says(400, `{"error":"odd_error"}`), store.Config, "odd_error", false},
		{"TE-3 no body", says(400, ``), store.Config, "http_400", false},
		{"TE-3 not found", typed(404, "text/html", `<h1>404</h1>`), store.Config, "http_404", false},
		{"TE-3 wall", typed(403, "text/html", `<h1>checking your browser</h1>`), store.Transient, "http_403", false},
		{"TE-4 500", says(500, `{}`), store.Transient, "http_500", true},
		{"TE-4 502", typed(502, "text/html", `bad gateway`), store.Transient, "http_502", true},
		{"TE-4 503", says(503, ``), store.Transient, "http_503", true},
		{"TE-4 server_error", says(400, `{"error":"server_error"}`), store.Transient, "server_error", true},
		{"TE-4 unavailable", says(400, `{"error":"temporarily_unavailable"}`), store.Transient, "temporarily_unavailable", false},
		{"TE-4 429", says(429, `{}`), store.Throttled, "http_429", false},
		{"TE-4 408", says(408, ``), store.Transient, "http_408", true},
		{"TE-9 form", typed(200, "application/x-www-form-urlencoded", "access_token=at&token_type=bearer"), store.Transient, "not_oauth", true},
		{"TE-9 text", typed(200, "text/plain", `{"access_token":"at","token_type":"bearer"}`), store.Transient, "not_oauth", true},
		{"TE-10 no type", says(200, `{"access_token":"at"}`), store.Config, "token_type", true},
		{"TE-10 N_A", says(200, `{"access_token":"at","token_type":"N_A"}`), store.Config, "token_type", true},
		{"TE-10 mac", says(200, `{"access_token":"at","token_type":"mac"}`), store.Config, "token_type", true},
		{"DP-7 dpop unasked", says(200, `{"access_token":"at","token_type":"DPoP"}`), store.Config, "token_type", true},
		{"TE-12 case", says(200, `{"access_token":"at","Access_Token":"evil","token_type":"bearer"}`), store.Transient, "not_oauth", true},
		{"TE-12 case alone", says(200, `{"Access_Token":"evil","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-12 doubled", says(200, `{"access_token":"at","access_token":"evil","token_type":"bearer"}`), store.Transient, "not_oauth", true},
		{"TE-12 trailing", says(200, `{"access_token":"at","token_type":"bearer"}{}`), store.Transient, "not_oauth", true},
		{"TE-12 BOM", says(200, "\ufeff"+`{"access_token":"at","token_type":"bearer"}`), store.Transient, "not_oauth", true},
		{"TE-12 UTF-8", says(200, "{\"access_token\":\"at\xff\",\"token_type\":\"bearer\"}"), store.Transient, "not_oauth", true},
		{"TE-12 depth", withToken(`,"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), store.Transient, "not_oauth", true},
		{"TE-12 depth 70", withToken(`,"x":` + strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70)), store.Transient, "not_oauth", true},
		{"TE-12 array", says(200, `[{"access_token":"at","token_type":"bearer"}]`), store.Transient, "not_oauth", true},
		{"TE-12 null", says(200, `null`), store.Transient, "not_oauth", true},
		{"TE-13 CR LF", says(200, `{"access_token":"a\r\nX-Evil: 1","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-13 NUL", says(200, `{"access_token":"a\u0000","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-13 not ASCII", says(200, `{"access_token":"aü","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-13 too long", says(200, `{"access_token":"`+long+`","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-13 refresh", withToken(`,"refresh_token":"a\nb"`), store.Config, "bad_token", true},
		{"TE-13 refresh number", withToken(`,"refresh_token":12`), store.Config, "bad_token", true},
		{"TE-14 empty", says(200, `{"access_token":"","token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-14 missing", says(200, `{"token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-14 object", says(200, `{"access_token":{"a":1},"token_type":"bearer"}`), store.Config, "bad_token", true},
		{"TE-16 201", says(201, `{"access_token":"at","token_type":"bearer"}`), store.Transient, "not_oauth", true},
		{"TE-16 204", says(204, ""), store.Transient, "not_oauth", true},
		{"TE-16 206", says(206, `{"access_token":"at","token_type":"bearer"}`), store.Transient, "not_oauth", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := refresh(t, newFake(t), c.answer)
			e := fails(t, err, c.class, c.code)
			if e.Unknown != c.unknown || !a.Access.IsZero() || !a.Refresh.IsZero() {
				t.Errorf("unknown %v, answer %+v", e.Unknown, a)
			}
		})
	}
}

// TE-4, RF-6: a server that names a time has not looked at the token.
func TestTE4_RetryAfter(t *testing.T) {
	for _, c := range []struct {
		status int
		after  string
		want   time.Duration
		class  store.Class
	}{
		{503, "7", 7 * time.Second, store.Transient}, {429, "30", 30 * time.Second, store.Throttled}, {429, "99999999", 15 * time.Minute, store.Throttled},
		{503, "-1", 0, store.Transient}, {429, "soon", 0, store.Throttled},
	} {
		_, err := refresh(t, newFake(t), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", c.after)
			says(c.status, `{}`)(w, r)
		})
		e := fails(t, err, c.class, fmt.Sprintf("http_%d", c.status))
		if e.RetryAfter != c.want || e.Unknown || e.HTTP != c.status {
			t.Errorf("%+v: %+v", c, e)
		}
	}
}

// TE-5, TE-6, TE-7, TE-8, RF-6: what goes wrong below HTTP, and whether it may have been sent.
func TestTE5_LostAnswers(t *testing.T) {
	var evil atomic.Int32
	other := newFake(t)
	other.answers(func(http.ResponseWriter, *http.Request) { evil.Add(1) })
	hijack := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, answer)
				_ = c.Close()
			}
		}
	}
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"access_token":"`)
		block := bytes.Repeat([]byte("a"), 1<<20)
		for range 1024 {
			if _, err := z.Write(block); err != nil {
				return
			}
		}
	}
	to := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(status)
		}
	}
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		class   store.Class
		code    string
		unknown bool
	}{
		{"TE-5 reset", hijack(""), store.Transient, "reset", true},
		{"TE-5 truncated", hijack("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"access_token\":\"at\""), store.Transient, "truncated", true},
		{"TE-7 bomb", bomb, store.Transient, "too_large", true},
		{"TE-8 302", to(302), store.Config, "redirect", false},
		{"TE-8 303", to(303), store.Config, "redirect", false},
		{"TE-8 307", to(307), store.Config, "redirect", false},
		{"TE-8 308", to(308), store.Config, "redirect", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := refresh(t, newFake(t), c.answer)
			if e := fails(t, err, c.class, c.code); e.Unknown != c.unknown {
				t.Errorf("%+v", e)
			}
		})
	}
	if evil.Load() != 0 {
		t.Error("a redirect was followed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	p := newFake(t).profile()
	p.TokenURL, p.SecretHosts = "http://"+l.Addr().String()+"/token", []string{l.Addr().String()}
	_, err = newClient(t).Refresh(t.Context(), p, secret.FromString("rt"))
	if e := fails(t, err, store.Transient, "dial"); e.Unknown {
		t.Error("an unsent request counts as unknown")
	}
}

// TE-6, RF-11: a cancelled refresh returns at once and is unknown.
func TestTE6_CancelledRefresh(t *testing.T) {
	as := newFake(t)
	arrived := make(chan struct{})
	as.answers(func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := newClient(t).Refresh(ctx, as.profile(), secret.FromString("rt"))
	if e := fails(t, err, store.Transient, "cancelled"); !e.Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v", e)
	}
}

// TE-10: any case is Bearer.
func TestTE10_TypeInAnyCase(t *testing.T) {
	for _, s := range []string{"bearer", "Bearer", "bEaReR", "BEARER"} {
		a, err := refresh(t, newFake(t), says(200, `{"access_token":"at","token_type":"`+s+`"}`))
		if err != nil || a.TokenType != "Bearer" {
			t.Errorf("%s: %q, %v", s, a.TokenType, err)
		}
	}
}

// fixedClock is a clock that stands, or moves on by itself with every look.
type fixedClock struct {
	now  time.Time
	step time.Duration
}

func (c *fixedClock) Now() time.Time {
	t := c.now
	c.now = c.now.Add(c.step)
	return t
}

func (c *fixedClock) Sleep(context.Context, time.Duration) error { return nil }

// TE-11, CK-5: an odd lifetime never loses an answer, and counts from before the request.
func TestTE11_Lifetimes(t *testing.T) {
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	const assumed, decade = 30 * time.Minute, 10 * 365 * 24 * time.Hour
	for member, want := range map[string]time.Duration{
		`,"expires_in":3600`: time.Hour, `,"expires_in":"3600"`: time.Hour, `,"expires_in":" 3600 "`: time.Hour, `,"expires_in":3600.0`: time.Hour,
		`,"expires_in":3.6e3`: time.Hour, `,"expires_in":"3600.5"`: time.Hour + time.Second/2, `,"expires_in":1e9`: decade, `,"expires_in":1e400`: decade,
		`,"expires_in":9223372036854775808`: decade, `,"expires_in":0`: 0, `,"expires_in":-5`: 0, `,"expires_in":-1e400`: 0,
		``: assumed, `,"expires_in":null`: assumed, `,"expires_in":"abc"`: assumed, `,"expires_in":""`: assumed, `,"expires_in":"NaN"`: assumed, `,"expires_in":[1]`: assumed, `,"expires_in":true`: assumed,
	} {
		as := newFake(t)
		as.answers(func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil; withToken(member)(w, r) })
		c := newClient(t, func(cfg *oauth.Config) { cfg.Clock = &fixedClock{now: start, step: time.Hour} })
		a, err := c.Refresh(t.Context(), as.profile(), secret.FromString("rt"))
		if err != nil || !a.Issued.Equal(start) || a.Expires.Sub(start) != want || a.Assumed != (want == assumed) {
			t.Errorf("%s: expires after %v (assumed %v), %v; want %v", member, a.Expires.Sub(start), a.Assumed, err, want)
		}
	}
}

// The ways in which a profile knows the end of a token.
func TestExpiryByProfile(t *testing.T) {
	exp := time.Now().Add(2 * time.Hour).Truncate(time.Second).UTC()
	jwt := unsigned(fmt.Sprintf(`{"iss":"https://login.crm.example","exp":%d,"aud":["a","b"],"name":"x\u001b[2Jy","n":{"a":1},"sub":7}`, exp.Unix()))
	a, err := refresh(t, newFake(t), says(200, `{"token_type":"bearer","expires_in":60,"access_token":"`+jwt+`"}`), func(p *oauth.Profile) { p.Expiry = connectors.ExpiryJWT })
	if err != nil || !a.Expires.Equal(exp) || a.Assumed {
		t.Errorf("JWT: %v, %v", a.Expires, err)
	}
	want := []store.Claim{{Name: "iss", Value: "https://login.crm.example"}, {Name: "sub", Value: "7"}, {Name: "aud", Value: "a b"}, {Name: "exp", Value: exp.Format(time.RFC3339)}, {Name: "name", Value: "x [2Jy"}}
	if !slices.Equal(a.Claims, want) {
		t.Errorf("claims: %v", a.Claims)
	}
	a, err = refresh(t, newFake(t), withToken(`,"expires_in":60`), func(p *oauth.Profile) { p.Expiry = connectors.ExpiryNone })
	if err != nil || !a.Expires.IsZero() {
		t.Errorf("none: %v, %v", a.Expires, err)
	}
	a, err = refresh(t, newFake(t), withToken(``), func(p *oauth.Profile) { p.AccessLifetime = 0 })
	if err != nil || !a.Assumed || a.Expires.IsZero() {
		t.Errorf("nothing known: %v, %v", a.Expires, err)
	}
}

// unsigned makes an unsigned JWT of these claims.
func unsigned(claims string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + e([]byte(claims)) + "." + e([]byte("signature"))
}

// SC-3, SC-4: where the granted scopes are told.
func TestScopesOfAnAnswer(t *testing.T) {
	field, array := connectors.ScopesField, connectors.ScopesArray
	for _, c := range []struct {
		member, from string
		want         []string
		known        bool
	}{
		{`,"scope":"b a"`, field, []string{"b", "a"}, true},
		{`,"scope":"b a  a"`, field, []string{"b", "a"}, true},
		{`,"scope":["b","a"]`, field, []string{"b", "a"}, true},
		{`,"scopes":["b","a\u001b[0m"]`, array, []string{"b", "a [0m"}, true},
		{`,"scope":"x.read X.read"`, field, []string{"x.read", "X.read"}, true},
		{`,"scope":[1]`, array, nil, false},
		{``, field, nil, false}, // a refresh without scope: as before
		{``, connectors.ScopesIntrospect, nil, false},
	} {
		a, err := refresh(t, newFake(t), withToken(c.member), func(p *oauth.Profile) { p.ScopesFrom = c.from })
		if err != nil || !slices.Equal(a.Scopes, c.want) || a.ScopesKnown != c.known {
			t.Errorf("%s: %v %v, %v", c.member, a.Scopes, a.ScopesKnown, err)
		}
	}
	for from, known := range map[string]bool{field: true, array: false, connectors.ScopesIntrospect: false} {
		as := newFake(t)
		p := as.profile()
		p.ScopesFrom = from
		f := begin(t, newClient(t), p)
		got := wait(t.Context(), f)
		deliver(t, f, "code=x")
		if r := <-got; r.err != nil || r.answer.ScopesKnown != known || known && !slices.Equal(r.answer.Scopes, p.Scopes) {
			t.Errorf("%s: %v %v", from, r.answer.Scopes, r.err)
		}
	}
}

// Further fields are kept, cleaned; secrets among them are not.
func TestFieldsOfAnAnswer(t *testing.T) {
	a, err := refresh(t, newFake(t), withToken(`,"instance_url":"https://acme.my.salesforce.example","hub_id":123456789012345678,"id":"https://x/id/1","issued_at":"1700000000000",
		"signature":"c2ln","id_token":"e.y.J","client_secret":"x","copy":"at","title":"a\u202e\u001b[2Jb","ok":true,"list":[1],"token_use":"access","a\u001bb":"c"`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"instance_url": "https://acme.my.salesforce.example", "hub_id": "123456789012345678", "id": "https://x/id/1", "issued_at": "1700000000000",
		"title": "a [2Jb", "ok": "true", "token_use": "access",
	}
	if fmt.Sprint(a.Fields) != fmt.Sprint(want) {
		t.Errorf("fields: %v", a.Fields)
	}
}

// CK-4: a provider's clock that is off is told.
func TestCK4_Skew(t *testing.T) {
	for off, want := range map[time.Duration]bool{2 * time.Hour: true, -2 * time.Hour: true, 20 * time.Second: false} {
		a, err := refresh(t, newFake(t), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			withToken("")(w, r)
		})
		if err != nil || (a.Skew != 0) != want || want && (a.Skew-off).Abs() > 10*time.Second {
			t.Errorf("off by %v: %v, %v", off, a.Skew, err)
		}
	}
}

// TE-9: the profile may know its provider to answer with a form.
func TestTE9_FormAnswerByProfile(t *testing.T) {
	form := func(p *oauth.Profile) { p.FormAnswer = true }
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "access_token=at&token_type=bearer&expires_in=60&scope=a+b", "text/plain": "access_token=at&token_type=bearer&expires_in=60&scope=a+b\n",
	} {
		a, err := refresh(t, newFake(t), typed(200, kind, body), form)
		if err != nil || a.Access.Reveal() != "at" || a.Assumed || len(a.Scopes) != 2 {
			t.Errorf("%s: %+v, %v", kind, a, err)
		}
	}
	_, err := refresh(t, newFake(t), typed(200, "text/plain", "access_token=at&access_token=evil&token_type=bearer"), form)
	fails(t, err, store.Transient, "not_oauth")
}

// LK-3, LK-12, AR-6: what an error shows is cleaned, and holds no secret that the provider repeats.
func TestLK12_EchoedSecrets(t *testing.T) {
	for _, style := range []string{connectors.SecretPost, connectors.SecretBasic} {
		_, err := refresh(t, newFake(t), says(400, `{"error":"invalid_grant","error_description":"token old-refresh-token of client-secret%2F1 client-secret/1 is \u001b[31mbad\n\"really\"","extra":"canary"}`),
			func(p *oauth.Profile) { p.Secret, p.Style = secret.FromString("client-secret/1"), style })
		e := fails(t, err, store.Dead, "invalid_grant")
		if want := "token (secret) of (secret) (secret) is  [31mbad 'really'"; e.Description != want {
			t.Errorf("description: %q", e.Description)
		}
		for _, s := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			if strings.Contains(s, "old-refresh") || strings.Contains(s, "client-secret") || strings.Contains(s, "canary") || strings.Contains(s, "\x1b") {
				t.Errorf("error prints %q", s)
			}
		}
	}
	_, err := refresh(t, newFake(t), says(400, `{"error":"old-refresh-token","message":"`+strings.Repeat("long ", 500)+`"}`))
	if e := fails(t, err, store.Config, "(secret)"); len(e.Description) > 210 {
		t.Errorf("description of %d bytes", len(e.Description))
	}
}

// The provider's rules go before RFC 6749.
func TestProviderRulesComeFirst(t *testing.T) {
	prov := &connectors.Provider{ID: "x", Errors: []connectors.ErrorRule{
		{Case: "busy", HTTP: 400, Where: "token", Match: map[string]string{"error_description": "Token request is already being processed"}, Class: store.Busy},
		{Case: "bad_refresh_token", HTTP: 400, Where: "token", Match: map[string]string{"status": "BAD_REFRESH_TOKEN"}, Class: store.Dead},
	}}
	p, err := oauth.ProfileOf(prov, "c", secret.Value{}, nil, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	with := func(q *oauth.Profile) { q.Rules = p.Rules }
	_, err = refresh(t, newFake(t), says(400, `{"error":"invalid_grant","error_description":"Token request is already being processed"}`), with)
	fails(t, err, store.Busy, "invalid_grant")
	_, err = refresh(t, newFake(t), says(400, `{"status":"BAD_REFRESH_TOKEN","message":"unknown"}`), with)
	if e := fails(t, err, store.Dead, "bad_refresh_token"); e.Description != "unknown" {
		t.Errorf("%+v", e)
	}
	_, err = refresh(t, newFake(t), says(500, `{"status":"BAD_REFRESH_TOKEN"}`), with)
	fails(t, err, store.Transient, "http_500")
}
