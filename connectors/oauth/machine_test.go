package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/oauth/assertion"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// GR-1, CA-1: one request with the client's own proof; a refresh token is ignored.
func TestGR1_ClientCredentials(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	a, err := c.ClientCredentials(t.Context(), as.profile())
	if err != nil || a.Access.Reveal() != "at" || !a.Refresh.IsZero() {
		t.Fatalf("%+v, %v", a, err)
	}
	asked := as.requests()
	if f := asked[0].form; len(asked) != 1 || f.Get("grant_type") != "client_credentials" || f.Get("scope") != "contacts.read deals.read" ||
		f.Get("client_secret") != "client-secret-1" || asked[0].query != "" {
		t.Errorf("%d requests, the first %+v", len(asked), asked[0])
	}
	as.answers(says(401, `{"error":"invalid_client","error_description":"client-secret-1 is wrong"}`))
	_, err = c.ClientCredentials(t.Context(), as.profile())
	if e := fails(t, err, store.Config, "invalid_client"); strings.Contains(e.Error(), "client-secret-1") {
		t.Errorf("the error holds the secret: %v", e)
	}
	p := as.profile()
	p.Secret = secret.Value{}
	_, err = c.ClientCredentials(t.Context(), p)
	fails(t, err, store.Config, "no_secret")
	if len(as.requests()) != 2 {
		t.Error("a client without a secret asked")
	}
}

func signer(t *testing.T) (*ecdsa.PrivateKey, *assertion.Signer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := assertion.New(secret.New(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), assertion.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return key, s
}

// CA-4, CA-5: private_key_jwt at the token, introspection and revocation endpoints: a
// fresh assertion for each request, and no secret beside it.
func TestCA5_PrivateKeyJWT(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	p := as.profile()
	p.Style, p.Secret = connectors.PrivateKeyJWT, secret.Value{}
	_, err := c.ClientCredentials(t.Context(), p)
	fails(t, err, store.Config, "client_auth")
	_, p.Signer = signer(t)
	p.Audience = as.URL
	if _, err := c.ClientCredentials(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Refresh(t.Context(), p, secret.FromString("old-refresh-token")); err != nil {
		t.Fatal(err)
	}
	if err := c.Revoke(t.Context(), p, secret.FromString("rt"), oauth.HintRefresh); err != nil {
		t.Fatal(err)
	}
	as.answers(says(200, `{"active":false}`))
	if _, err := c.Introspect(t.Context(), p, secret.FromString("at"), oauth.HintAccess); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range as.requests() {
		signed := r.form.Get("client_assertion")
		if signed == "" || seen[signed] || len(r.form["client_id"]) != 1 || r.form.Has("client_secret") || r.auth != "" ||
			r.form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			t.Errorf("request: %+v", r)
		}
		seen[signed] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d assertions for 4 requests", len(seen))
	}
}

// GR-2: iss, sub, aud, at most five minutes, and an identifier of its own each time.
func TestGR2_JWTBearer(t *testing.T) {
	key, s := signer(t)
	as := newFake(t)
	c := newClient(t)
	seen := map[string]bool{}
	for range 3 {
		if a, err := c.JWTBearer(t.Context(), as.profile(), s, "user@tenant.example", "https://login.example"); err != nil || !a.Refresh.IsZero() {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	for _, r := range as.requests() {
		if r.form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || r.form.Has("client_secret") || r.auth != "" {
			t.Errorf("request: %+v", r)
		}
		j, err := jose.ParseSignedCompact(r.form.Get("assertion"), []jose.SignatureAlgorithm{jose.ES256})
		if err != nil {
			t.Fatal(err)
		}
		payload, err := j.Verify(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		var x struct {
			Iss, Sub, Aud, Jti string
			Iat, Exp           int64
		}
		if err := json.Unmarshal(payload, &x); err != nil {
			t.Fatal(err)
		}
		if x.Iss != "client-1" || x.Sub != "user@tenant.example" || x.Aud != "https://login.example" || seen[x.Jti] ||
			time.Duration(x.Exp-x.Iat)*time.Second > 5*time.Minute || x.Exp <= x.Iat {
			t.Errorf("claims: %+v", x)
		}
		seen[x.Jti] = true
	}
	as.answers(says(400, `{"error":"invalid_grant"}`))
	_, err := c.JWTBearer(t.Context(), as.profile(), s, "user@tenant.example", "https://login.example")
	fails(t, err, store.Dead, "invalid_grant")
	if len(as.requests()) != 4 {
		t.Error("more than one request")
	}
}
