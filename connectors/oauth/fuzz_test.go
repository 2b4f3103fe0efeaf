package oauth

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store/secret"
)

// FZ-1: no token answer makes the reader fail, an accepted token fits a header, its
// lifetime is sane, and no secret gets into fields or errors.
func FuzzTokenAnswer(f *testing.F) {
	for _, s := range []string{
		`{"access_token":"at-secret-1","refresh_token":"rt-secret-1","token_type":"Bearer","expires_in":3600,"scope":"a b","instance_url":"https://x"}`,
		`{"access_token":"a","token_type":"bearer","expires_in":1e400}`, `{"error":"invalid_grant","error_description":"rt-old-secret"}`,
		`{"access_token":"eyJhbGciOiJub25lIn0.eyJleHAiOjF9.x","token_type":"bearer"}`, `{"Access_Token":"x"}`, `[[[[`, "\ufeff{}", `{"a":"\ud800"}`, `{"scope":["a",1]}`,
	} {
		f.Add([]byte(s), 200, "application/json")
		f.Add([]byte(s), 400, "text/html; charset=x")
	}
	f.Add([]byte("access_token=x&token_type=bearer"), 200, "text/plain")
	issued := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	old := secret.FromString("rt-old-secret")
	f.Fuzz(func(t *testing.T, body []byte, status int, kind string) {
		p := &Profile{Expiry: connectors.ExpiryJWT, FormAnswer: true, Secret: secret.FromString("client-secret")}
		k := &call{p: p, secrets: []secret.Value{old}}
		e := k.failure(reply{Response: guard.Response{Status: status, Body: body}, issued: issued})
		for _, s := range []string{e.Error(), e.Code, e.Description} {
			if strings.Contains(s, "rt-old-secret") || strings.ContainsAny(s, "\x1b\r\n\x00") {
				t.Errorf("error shows %q", s)
			}
		}
		o, err := decode(p, kind, body)
		if err != nil {
			return
		}
		a, err := accept(p, o, issued, 0, true)
		if err != nil {
			return
		}
		if a.Access.IsZero() || strings.IndexFunc(a.Access.Reveal()+a.Refresh.Reveal(), func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
			t.Error("a token that fits no header")
		}
		if a.Expires.Before(issued) || a.Expires.Sub(issued) > maxLifetime {
			t.Errorf("expires %v", a.Expires)
		}
		for name, v := range a.Fields {
			if v == a.Access.Reveal() || v == a.Refresh.Reveal() || strings.ContainsAny(name+v, "\x1b\r\n\x00\u202e") {
				t.Errorf("field %q is %q", name, v)
			}
		}
	})
}

// FZ-2: no query makes the reader fail, only the right state gets anywhere, and what is
// taken is one sound code.
func FuzzCallback(f *testing.F) {
	const state = "s3cr3t-state-of-this-flow-0123456789abcdefg"
	for _, q := range []string{
		"code=x&state=" + state, "error=access_denied&state=" + state, "code=x&state=wrong", "code=x&code=y&state=" + state, "state=" + state + "&state=" + state,
		"code=%00&state=" + state, "%zz", "code=x;state=" + state, "iss=https%3A%2F%2Fx&code=x&state=" + state, "error=%1b%5d0&error_description=%e2%80%ae&state=" + state,
	} {
		f.Add(q, "https://x", true)
		f.Add(q, "", false)
	}
	f.Fuzz(func(t *testing.T, q, issuer string, required bool) {
		p := &Profile{Issuer: issuer, IssRequired: required}
		cb := readCallback(p, secret.FromString(state), q)
		v, err := url.ParseQuery(q)
		honest := err == nil && len(v["state"]) == 1 && v["state"][0] == state
		switch cb.verdict {
		case foreign:
			if honest {
				t.Error("the right state counts as foreign")
			}
		case granted:
			if !honest || len(v["code"]) != 1 || len(v["error"]) != 0 || cb.code.Reveal() != v.Get("code") || (required && v.Get("iss") != issuer) {
				t.Error("taken although it should not be")
			}
		case rejected:
			if !honest || cb.err == nil || strings.ContainsAny(cb.err.Error(), "\x1b\r\n\x00\u202e") {
				t.Errorf("rejected with %v", cb.err)
			}
		}
	})
}

// FZ-3: no metadata makes the reader fail, and every address in it may be called.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"issuer":"https://x","authorization_endpoint":"https://x/a","token_endpoint":"https://x/t","scopes_supported":["a"]}`))
	f.Add([]byte(`{"token_endpoint":"http://evil","authorization_endpoint":"javascript:1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := parseObject(b)
		if err != nil {
			return
		}
		m, ok := readMetadata(o)
		if !ok {
			return
		}
		for _, u := range []string{m.Authorize, m.Token, m.Revoke, m.Introspect, m.Userinfo} {
			if _, err := guard.Host(u); u != "" && err != nil {
				t.Errorf("%q is accepted", u)
			}
		}
	})
}

// ST-7: the comparison of states is the constant-time one.
func TestST7_ConstantTime(t *testing.T) {
	state := secret.FromString("abc")
	if readCallback(&Profile{}, state, "code=x&state=abd").verdict != foreign || readCallback(&Profile{}, state, "code=x&state=abc").verdict != granted {
		t.Error("states are told apart wrongly")
	}
	// An empty state of ours would match an empty one of theirs.
	if readCallback(&Profile{}, secret.Value{}, "code=x&state=").verdict != foreign {
		t.Error("an empty state is accepted")
	}
}
