package sim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// signer signs ID tokens (OpenID Connect Core section 2) with a key that is made when the
// first one is asked for: making it takes longer than starting all the rest.
type signer struct {
	once sync.Once
	key  *rsa.PrivateKey
	err  error
}

const signerKeyID = "sim-1"

func (s *signer) load() (*rsa.PrivateKey, error) {
	s.once.Do(func() { s.key, s.err = rsa.GenerateKey(rand.Reader, 2048) })
	if s.err != nil {
		return nil, fmt.Errorf("making the signing key: %w", s.err)
	}
	return s.key, nil
}

func (s *signer) idToken(issuer, audience, subject string, issued, expires time.Time) (string, error) {
	key, err := s.load()
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString(marshal(obj{"alg": "RS256", "kid": signerKeyID, "typ": "JWT"})) + "." +
		b64.EncodeToString(marshal(obj{
			"iss": issuer, "aud": audience, "sub": subject, "iat": issued.Unix(), "exp": expires.Unix(),
		}))
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing the id token: %w", err)
	}
	return text + "." + b64.EncodeToString(sig), nil
}

// jwks is the public half (RFC 7517 section 5).
func (s *signer) jwks() (obj, error) {
	key, err := s.load()
	if err != nil {
		return nil, err
	}
	b64 := base64.RawURLEncoding
	return obj{"keys": []obj{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": signerKeyID,
		"n": b64.EncodeToString(key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}}, nil
}
