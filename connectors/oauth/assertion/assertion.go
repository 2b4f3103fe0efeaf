// Package assertion signs the JWTs with which a client proves itself or asks for a token
// (RFC 7523, RFC 7521).
//
// It promises that only algorithms of an allow-list are used and only with a key they
// fit, that a weak key is refused before anything is signed, that every assertion has an
// identifier of 128 bits of its own and a short life, and that no error holds a part of
// the key. Start with New.
package assertion

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"crmdeck/store/secret"
)

// Lives of assertions: a client proves itself within a minute, and a grant is asked for
// within five, since some servers let their clocks drift that far.
const (
	ClientLife = time.Minute
	GrantLife  = 5 * time.Minute
)

var (
	// ErrClaims: the claims are not whole, or the life is none.
	ErrClaims = errors.New("the assertion lacks an issuer, a subject, an audience or a life")
	// ErrCertificate: the certificate cannot be read, or belongs to another key.
	ErrCertificate = errors.New("the certificate cannot be read, or belongs to another key")
)

// Options say how a provider wants assertions signed.
type Options struct {
	// Alg is a JWS algorithm that is asymmetric; empty: the best that fits the key.
	Alg string
	// KeyID is the header kid; empty: none is sent.
	KeyID string
	// Certificate is PEM; its SHA-256 becomes the header x5t#S256 (RFC 7515 section 4.1.8).
	Certificate []byte
	// MinBits is the least size of an RSA key; below 2048 counts as 2048.
	MinBits int
}

// Signer signs with one key. It is safe for concurrent use. It prints as nothing.
type Signer struct {
	signer jose.Signer
	public crypto.PublicKey
	alg    string
	bits   int
}

// New makes a signer from a private key in PEM (PKCS#8, PKCS#1 or SEC 1). Errors are
// *KeyError, ErrCertificate, or about the options; none holds a part of the key.
func New(key secret.Value, o Options) (*Signer, error) {
	private, err := readKey(key)
	if err != nil {
		return nil, err
	}
	s := &Signer{public: private.Public()}
	if s.alg, s.bits, err = fit(private, o); err != nil {
		return nil, err
	}
	opts := (&jose.SignerOptions{}).WithType("JWT")
	if len(o.Certificate) > 0 {
		hash, err := thumbprint(o.Certificate, s.public)
		if err != nil {
			return nil, err
		}
		opts = opts.WithHeader("x5t#S256", hash)
	}
	if o.KeyID != "" {
		opts = opts.WithHeader("kid", o.KeyID)
	}
	s.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(s.alg), Key: private}, opts)
	if err != nil {
		return nil, &KeyError{Reason: Unsupported}
	}
	return s, nil
}

// Alg is the algorithm in use.
func (s *Signer) Alg() string { return s.alg }

// Public is the public half of the key.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// Weak reports an RSA key below 3072 bits, which is good until 2030 (NIST SP 800-57): a
// person is warned.
func (s *Signer) Weak() bool { return s.bits > 0 && s.bits < 3072 }

// String names the signer without its key.
func (s *Signer) String() string { return "signer " + s.alg }

// Claims are what an assertion says. Audience is one string always: a list lets one
// server use an assertion at another.
type Claims struct {
	Issuer, Subject, Audience string
	Life                      time.Duration
	Scope                     string // empty: not said; NetSuite wants it inside
}

// Sign makes an assertion that is issued now, with an identifier drawn from random.
func (s *Signer) Sign(c Claims, now time.Time, random io.Reader) (secret.Value, error) {
	if c.Issuer == "" || c.Subject == "" || c.Audience == "" || c.Life < time.Second {
		return secret.Value{}, ErrClaims
	}
	var id [16]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return secret.Value{}, fmt.Errorf("drawing an identifier: %w", err)
	}
	payload, err := json.Marshal(body{
		Iss: c.Issuer, Sub: c.Subject, Aud: c.Audience, Iat: now.Unix(), Exp: now.Unix() + int64(c.Life/time.Second),
		Jti: base64.RawURLEncoding.EncodeToString(id[:]), Scope: c.Scope,
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("writing the claims: %w", err)
	}
	signed, err := s.signer.Sign(payload)
	if err != nil {
		return secret.Value{}, errors.New("the key does not sign")
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		return secret.Value{}, errors.New("the assertion cannot be written")
	}
	return secret.FromString(text), nil
}

// body is the JSON of an assertion.
type body struct {
	Iss   string `json:"iss"`
	Sub   string `json:"sub"`
	Aud   string `json:"aud"`
	Iat   int64  `json:"iat"`
	Exp   int64  `json:"exp"`
	Jti   string `json:"jti"`
	Scope string `json:"scope,omitempty"`
}

// thumbprint is the hash of a certificate that belongs to the key.
func thumbprint(raw []byte, public crypto.PublicKey) (string, error) {
	block, rest := pem.Decode(raw)
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return "", ErrCertificate
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", ErrCertificate
	}
	same, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !same.Equal(public) {
		return "", ErrCertificate
	}
	sum := sha256.Sum256(cert.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
