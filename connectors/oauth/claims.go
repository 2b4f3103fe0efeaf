package oauth

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

const (
	maxClaims    = 32
	maxClaimRune = 200
)

// firstClaims are shown before the others, in this order.
var firstClaims = []string{"iss", "sub", "aud", "client_id", "azp", "exp", "iat", "nbf", "scope", "scp"}

// claimsOf reads the claims of a token that is a JWT; nil if it is none. The signature
// is not checked: the claims are for display, the token's reader is the provider.
func claimsOf(token secret.Value) object {
	parts := bytes.Split(token.Bytes(), []byte("."))
	if len(parts) != 3 {
		return nil
	}
	head, err := segment(parts[0])
	if err != nil || word(head, "alg") == "" {
		return nil
	}
	claims, err := segment(parts[1])
	if err != nil {
		return nil
	}
	return claims
}

func segment(b []byte) (object, error) {
	raw := make([]byte, base64.RawURLEncoding.DecodedLen(len(b)))
	n, err := base64.RawURLEncoding.Decode(raw, b)
	if err != nil {
		return nil, err
	}
	return parseObject(raw[:n])
}

// displayClaims puts claims into cleaned text, the known ones first.
func displayClaims(claims object) []store.Claim {
	var out []store.Claim
	add := func(name string) {
		if s := claimText(name, claims[name]); s != "" && len(out) < maxClaims {
			out = append(out, store.Claim{Name: text.From(name).Clean(64), Value: text.From(s).Clean(maxClaimRune)})
		}
	}
	for _, name := range firstClaims {
		add(name)
	}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		if !slices.Contains(firstClaims, name) {
			add(name)
		}
	}
	return out
}

func claimText(name string, v any) string {
	switch name {
	case "exp", "iat", "nbf", "auth_time":
		if d, ok := lifetime(v); ok {
			return time.Unix(int64(d.Seconds()), 0).UTC().Format(time.RFC3339)
		}
	}
	if list, ok := v.([]any); ok {
		var words []string
		for _, e := range list {
			if s, ok := plain(e); ok {
				words = append(words, s)
			}
		}
		return strings.Join(words, " ")
	}
	s, _ := plain(v)
	return s
}
