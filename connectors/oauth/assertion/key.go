package assertion

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"

	"crmdeck/store/secret"
)

// leastBits is the smallest RSA key that signs (NIST SP 800-131A).
const leastBits = 2048

// Reason is why a key cannot be used.
type Reason string

// The reasons.
const (
	Unreadable  Reason = "unreadable"  // no PEM, or not of a private key
	Encrypted   Reason = "encrypted"   // the PEM is locked with a passphrase
	TooWeak     Reason = "too_weak"    // RSA below the least size
	Unsupported Reason = "unsupported" // a kind of key or curve that signs no assertion here
	Misfit      Reason = "misfit"      // the algorithm is not one for this kind of key
)

// KeyError is a key that cannot be used. It holds no part of the key.
type KeyError struct {
	Reason Reason
	Bits   int // of an RSA key that is too weak
}

func (e *KeyError) Error() string { return "the private key cannot be used: " + string(e.Reason) }

// readKey reads one private key.
func readKey(key secret.Value) (crypto.Signer, error) {
	block, rest := pem.Decode(key.Bytes())
	if block == nil {
		return nil, &KeyError{Reason: Unreadable}
	}
	defer clear(block.Bytes)
	if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
		return nil, &KeyError{Reason: Encrypted}
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, &KeyError{Reason: Unreadable}
	}
	var parsed any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, &KeyError{Reason: Unreadable}
	}
	if err != nil {
		return nil, &KeyError{Reason: Unreadable}
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		return k, nil
	case *ecdsa.PrivateKey:
		return k, nil
	}
	return nil, &KeyError{Reason: Unsupported}
}

// fit chooses the algorithm and refuses one that is not for this key.
func fit(key crypto.Signer, o Options) (alg string, bits int, err error) {
	var fits []string
	switch k := key.(type) {
	case *rsa.PrivateKey:
		bits = k.N.BitLen()
		if bits < max(leastBits, o.MinBits) {
			return "", 0, &KeyError{Reason: TooWeak, Bits: bits}
		}
		fits = []string{"PS256", "RS256", "PS384", "RS384", "PS512", "RS512"}
	case *ecdsa.PrivateKey:
		switch k.Curve {
		case elliptic.P256():
			fits = []string{"ES256"}
		case elliptic.P384():
			fits = []string{"ES384"}
		case elliptic.P521():
			fits = []string{"ES512"}
		}
	}
	switch {
	case len(fits) == 0:
		return "", 0, &KeyError{Reason: Unsupported}
	case o.Alg == "":
		return fits[0], bits, nil
	case !slices.Contains(fits, o.Alg):
		return "", 0, &KeyError{Reason: Misfit}
	}
	return o.Alg, bits, nil
}
