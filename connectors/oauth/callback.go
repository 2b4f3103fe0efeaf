package oauth

import (
	"net/url"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// maxAnswerCode is how long a code may be. RFC 6749 asks for no assumption on its
// size; this is a guard against nonsense.
const maxAnswerCode = 16 << 10

// verdict is what a callback turned out to be.
type verdict int

const (
	foreign  verdict = iota // not the answer to this flow: it goes on waiting
	granted                 // it holds the code
	rejected                // it ends the flow, with an error
)

// callback is a parsed answer of the authorization endpoint.
type callback struct {
	verdict verdict
	code    secret.Value
	err     *Error
	leaked  bool // a token came in the address; it was ignored
}

// readCallback judges the query of a request to the redirect URI. State comes first: until it
// is right, nothing in the request is from the provider, an error no more than a code.
func readCallback(p *Profile, state secret.Value, rawQuery string) callback {
	q, err := url.ParseQuery(rawQuery)
	if err != nil || len(q["state"]) != 1 || state.IsZero() || !state.Equal(secret.FromString(q["state"][0])) {
		return callback{}
	}
	out := callback{verdict: rejected, leaked: q.Has("access_token") || q.Has("id_token")}
	// Who answers comes before what is answered: an error of another issuer is not the provider's.
	if !issuerFits(p, q) {
		out.err = &Error{Class: store.Config, Code: "mix_up", Description: "the answer is not from the issuer that was asked"}
		return out
	}
	code, failure := q["code"], q["error"]
	switch {
	case len(failure) == 1 && len(code) == 0:
		out.err = refusedBy(p, q)
	case len(code) == 1 && len(failure) == 0 && sound(code[0]):
		out.verdict, out.code = granted, secret.FromString(code[0])
	default:
		out.err = &Error{Class: store.Config, Code: "bad_answer", Description: "the answer holds no usable code"}
	}
	return out
}

// issuerFits checks iss as RFC 9207 section 2.4 asks: byte for byte, required where
// it was promised, and refused where the profile knows no issuer to compare it with.
func issuerFits(p *Profile, q url.Values) bool {
	iss := q["iss"]
	if len(iss) == 0 {
		return !p.IssRequired
	}
	return len(iss) == 1 && p.Issuer != "" && iss[0] == p.Issuer
}

// sound admits the characters of a code (RFC 6749 appendix A.11).
func sound(code string) bool {
	if code == "" || len(code) > maxAnswerCode {
		return false
	}
	for i := range len(code) {
		if code[i] < 0x20 || code[i] > 0x7e {
			return false
		}
	}
	return true
}

func refusedBy(p *Profile, q url.Values) *Error {
	k := &call{p: p}
	e := &Error{Code: k.clean(q.Get("error"), maxCode), Description: k.clean(q.Get("error_description"), maxDescription)}
	if e.Code == "" {
		e.Code = "bad_answer"
	}
	e.Class = classOf(e.Code)
	return e
}
