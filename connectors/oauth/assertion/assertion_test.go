package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"crmdeck/store/secret"
)

func pemOf(t *testing.T, key any) secret.Value {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecKey(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// CA-4, CA-5, GR-2: what an assertion says, that it verifies, and that no two are alike.
func TestCA4_Claims(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for name, key := range map[string]crypto.Signer{"PS256": rsaKey(t, 2048), "ES256": ecKey(t, elliptic.P256()), "ES384": ecKey(t, elliptic.P384())} {
		s, err := New(pemOf(t, key), Options{KeyID: "key-1"})
		if err != nil || s.Alg() != name {
			t.Fatalf("%s: %v, %v", name, s, err)
		}
		seen := map[string]bool{}
		for range 20 {
			v, err := s.Sign(Claims{Issuer: "c", Subject: "c", Audience: "https://as.example", Life: ClientLife}, now, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			j, err := jose.ParseSignedCompact(v.Reveal(), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(name)})
			if err != nil {
				t.Fatal(err)
			}
			payload, err := j.Verify(s.Public())
			if err != nil || j.Signatures[0].Header.KeyID != "key-1" {
				t.Fatalf("signature: %v", err)
			}
			var c map[string]any
			if err := json.Unmarshal(payload, &c); err != nil {
				t.Fatal(err)
			}
			id, _ := c["jti"].(string)
			if c["iss"] != "c" || c["sub"] != "c" || c["aud"] != "https://as.example" || c["iat"] != 1.8e9 || c["exp"] != 1.8e9+60 || len(id) != 22 || seen[id] {
				t.Fatalf("claims: %v", c)
			}
			seen[id] = true
		}
	}
}

// CA-8: keys that are too weak, locked or of another kind sign nothing, and no error holds them.
func TestCA8_Keys(t *testing.T) {
	strong := rsaKey(t, 2048)
	for name, c := range map[string]struct {
		key    secret.Value
		o      Options
		reason Reason
	}{
		"1024 bits":     {pemOf(t, rsaKey(t, 1024)), Options{}, TooWeak},
		"provider asks": {pemOf(t, strong), Options{MinBits: 4096}, TooWeak},
		"misfit":        {pemOf(t, strong), Options{Alg: "ES256"}, Misfit},
		"none":          {pemOf(t, strong), Options{Alg: "none"}, Misfit},
		"HMAC":          {pemOf(t, strong), Options{Alg: "HS256"}, Misfit},
		"P-224":         {pemOf(t, ecKey(t, elliptic.P224())), Options{}, Unsupported},
		"locked":        {secret.FromString("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"), Options{}, Encrypted},
		"no PEM":        {secret.FromString("canary-key-material"), Options{}, Unreadable},
	} {
		_, err := New(c.key, c.o)
		var e *KeyError
		if !errors.As(err, &e) || e.Reason != c.reason || strings.Contains(fmt.Sprintf("%+v", err), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := New(pemOf(t, strong), Options{Alg: "RS256"}); err != nil || !s.Weak() {
		t.Errorf("2048 bits are not warned of: %v", err)
	}
}

// CA-4: claims that are not whole are not signed, and a certificate of another key is refused.
func TestCA4_Refused(t *testing.T) {
	s, err := New(pemOf(t, ecKey(t, elliptic.P256())), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Claims{{}, {Issuer: "a", Subject: "a", Life: time.Minute}, {Issuer: "a", Subject: "a", Audience: "x"}} {
		if _, err := s.Sign(c, time.Unix(0, 0), rand.Reader); !errors.Is(err, ErrClaims) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := s.Sign(Claims{"a", "a", "x", time.Minute, ""}, time.Unix(0, 0), strings.NewReader("short")); err == nil {
		t.Error("signed without randomness")
	}
	if _, err := New(pemOf(t, ecKey(t, elliptic.P256())), Options{Certificate: []byte("nonsense")}); !errors.Is(err, ErrCertificate) {
		t.Errorf("certificate: %v", err)
	}
}
