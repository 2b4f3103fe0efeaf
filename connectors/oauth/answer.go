package oauth

import (
	"encoding/json"
	"maps"
	"math"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

const (
	maxToken     = 64 << 10                  // bytes of one token
	maxLifetime  = 10 * 365 * 24 * time.Hour // no lifetime is believed beyond this
	assumedLife  = time.Hour                 // where neither answer nor profile tells
	maxFields    = 64
	maxFieldRune = 512
	maxScopes    = 1000
)

// refusal is why an answer with status 200 was not accepted, as a stable word.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	notOAuth  refusal = "not_oauth"  // no OAuth answer at all: a page, another format, broken JSON
	badToken  refusal = "bad_token"  // no access token, or one that no header can carry
	tokenType refusal = "token_type" // missing, or one that we cannot use
)

// decode reads a body by its declared type. Only JSON is an OAuth answer (RFC 6749
// section 5.1), unless the profile knows its provider to answer with a form.
func decode(p *Profile, contentType string, body []byte) (object, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil && contentType != "" {
		return nil, notOAuth
	}
	switch {
	case kind == "", kind == "application/json", strings.HasSuffix(kind, "+json"), kind == "text/json",
		kind == "application/javascript", kind == "text/javascript":
	case p.FormAnswer && (kind == "application/x-www-form-urlencoded" || kind == "text/plain"):
		if !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
			return decodeForm(body)
		}
	default:
		return nil, notOAuth
	}
	o, err := parseObject(body)
	if err != nil {
		return nil, notOAuth
	}
	return o, nil
}

func decodeForm(body []byte) (object, error) {
	q, err := url.ParseQuery(strings.TrimSpace(string(body)))
	if err != nil || len(q) > maxKeys {
		return nil, notOAuth
	}
	o, seen := object{}, map[string]bool{}
	for k, v := range q {
		if len(v) != 1 || seen[strings.ToLower(k)] {
			return nil, notOAuth
		}
		seen[strings.ToLower(k)] = true
		o[k] = v[0]
	}
	return o, nil
}

// accept turns a decoded answer into an Answer. issued is the moment before the
// request was sent, skew how far the provider's clock is ahead of ours. first tells an exchange from a refresh.
func accept(p *Profile, o object, issued time.Time, skew time.Duration, first bool) (Answer, error) {
	a := Answer{Issued: issued, Skew: skew}
	access, ok := tokenField(o, "access_token")
	if !ok || access.IsZero() {
		return Answer{}, badToken
	}
	a.Access = access
	if a.Refresh, ok = tokenField(o, "refresh_token"); !ok {
		return Answer{}, badToken
	}
	// A DPoP token would need a proof with every call, and none was asked for.
	if !strings.EqualFold(word(o, "token_type"), "bearer") {
		return Answer{}, tokenType
	}
	a.TokenType = "Bearer"
	claims := claimsOf(a.Access)
	a.Claims = displayClaims(claims)
	a.Expires, a.Assumed = p.expiry(o, claims, issued, skew)
	a.Scopes, a.ScopesKnown = p.granted(o, first)
	a.Fields = furtherFields(o, a)
	return a, nil
}

// tokenField reads a token of visible characters (RFC 6749 appendix A.12, A.17).
// Absent, null and empty are no token; anything else that is no such string is not ok.
func tokenField(o object, key string) (secret.Value, bool) {
	v, ok := o[key]
	if !ok || v == nil {
		return secret.Value{}, true
	}
	s, ok := v.(string)
	if !ok || len(s) > maxToken {
		return secret.Value{}, false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return secret.Value{}, false
		}
	}
	return secret.FromString(s), true
}

// expiry works out the end of an access token. An odd lifetime never loses the answer:
// by then the server may have rotated the refresh token.
func (p *Profile) expiry(o, claims object, issued time.Time, skew time.Duration) (time.Time, bool) {
	if p.Expiry == connectors.ExpiryNone {
		return time.Time{}, false
	}
	if exp, ok := lifetime(claims["exp"]); ok && p.Expiry == connectors.ExpiryJWT {
		return clampTime(time.Unix(int64(exp.Seconds()), 0).UTC().Add(-skew), issued), false
	}
	if d, ok := lifetime(o["expires_in"]); ok {
		return issued.Add(min(d, maxLifetime)), false
	}
	if p.AccessLifetime > 0 {
		return issued.Add(min(p.AccessLifetime, maxLifetime)), true
	}
	return issued.Add(assumedLife), true
}

// lifetime reads a number of seconds, also as a string, with a fraction or an
// exponent. Negative is 0; beyond what a Duration holds is its end.
func lifetime(v any) (time.Duration, bool) {
	var s string
	switch x := v.(type) {
	case json.Number:
		s = x.String()
	case string:
		s = strings.TrimSpace(x)
	default:
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if math.IsNaN(f) || (err != nil && !math.IsInf(f, 0)) {
		return 0, false
	}
	return time.Duration(min(max(f, 0), math.MaxInt64/float64(time.Second)/2) * float64(time.Second)), true
}

func clampTime(t, issued time.Time) time.Time {
	if t.Before(issued) {
		return issued
	}
	if last := issued.Add(maxLifetime); t.After(last) {
		return last
	}
	return t
}

// granted tells the scopes that were granted. On a refresh an absent scope means
// "as before" (RFC 6749 section 6), which the caller knows: known is false then.
func (p *Profile) granted(o object, first bool) ([]string, bool) {
	for _, key := range []string{"scope", "scopes"} {
		if list, ok := scopeList(o[key], p.ScopeSeparator); ok {
			return list, true
		}
	}
	if first && p.ScopesFrom == connectors.ScopesField {
		return slices.Concat(p.Scopes, p.Optional), true
	}
	return nil, false
}

// scopeList reads scopes written as one string or as an array.
func scopeList(v any, separator string) ([]string, bool) {
	var raw []string
	switch x := v.(type) {
	case string:
		raw = strings.FieldsFunc(x, func(r rune) bool { return r == ' ' || separator != "" && strings.ContainsRune(separator, r) })
	case []any:
		for _, e := range x {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			raw = append(raw, s)
		}
	default:
		return nil, false
	}
	out := make([]string, 0, min(len(raw), maxScopes))
	for _, s := range raw {
		if s = text.From(s).Clean(maxFieldRune); s != "" && len(out) < maxScopes && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, true
}

// furtherFields keeps what else the answer says (instance_url, hub_id, id …), except
// whatever is or may be a secret.
func furtherFields(o object, a Answer) map[string]string {
	out := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(o)) {
		if len(out) == maxFields {
			break
		}
		s, ok := plain(o[k])
		if !ok || len(k) > 64 || text.Clean(k) != k || hidden(k) || s == a.Access.Reveal() || s == a.Refresh.Reveal() {
			continue
		}
		out[k] = text.From(s).Clean(maxFieldRune)
	}
	return out
}

func hidden(key string) bool {
	switch key {
	case "token_type", "expires_in", "scope", "scopes", "signature":
		return true
	}
	for _, part := range []string{"secret", "password", "assertion", "code"} {
		if strings.Contains(strings.ToLower(key), part) {
			return true
		}
	}
	return strings.HasSuffix(strings.ToLower(key), "token")
}

// plain is a string, number or truth value as text.
func plain(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}
