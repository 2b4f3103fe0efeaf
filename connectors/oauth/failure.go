package oauth

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

const (
	maxCode        = 64
	maxDescription = 200
)

// classes sorts the errors of RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1 and
// a few that servers use besides. Any other refusal is a matter of configuration: it
// will not go away by asking again.
var classes = map[string]store.Class{
	"invalid_grant":           store.Dead,
	"access_denied":           store.Dead,
	"temporarily_unavailable": store.Transient,
	"server_error":            store.Transient,
	"slow_down":               store.Throttled,
	"rate_limit_exceeded":     store.Throttled,
}

func classOf(code string) store.Class {
	if c, ok := classes[code]; ok {
		return c
	}
	return store.Config
}

// statusClass sorts refusals without an OAuth error: what says "no such thing here" is
// configuration; the rest may come from something between us and the server.
func statusClass(status int) store.Class {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusGone, http.StatusUnsupportedMediaType:
		return store.Config
	}
	return store.Transient
}

// failure makes an Error of an answer that is none of success: a status of refusal,
// or an error within a 200. The body's words are cleaned, cut, and hold no secret.
func (k *call) failure(r reply) *Error {
	e := &Error{HTTP: r.Status, Host: r.host, RetryAfter: guard.RetryAfter(r.Header, k.serverTime(r))}
	code := ""
	if o, err := parseObject(firstElement(r.Body)); err == nil {
		code = k.clean(errorCode(o), maxCode)
		e.Description = k.clean(describe(o), maxDescription)
	}
	e.Code = code
	if e.Code == "" {
		e.Code = "http_" + strconv.Itoa(r.Status)
	}
	switch {
	case k.byRule(e, r, code):
	case r.Status == http.StatusTooManyRequests:
		e.Class = store.Throttled
	case r.Status >= 500, r.Status == http.StatusRequestTimeout:
		e.Class = store.Transient
	case code == "":
		e.Class = statusClass(r.Status)
	default:
		e.Class = classOf(code)
	}
	// A server that breaks off in the middle may have spent the token already. One that
	// names a time to come back has not looked at it.
	broke := r.Status >= 500 || r.Status == http.StatusRequestTimeout || code == "server_error"
	refused := r.Status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != ""
	e.Unknown = broke && !refused && e.Class == store.Transient
	return e
}

// byRule asks the provider's own rules, which go before RFC 6749.
func (k *call) byRule(e *Error, r reply, code string) bool {
	if k.p.Rules == nil {
		return false
	}
	class, reason, ok := k.p.Rules.ClassifyToken(r.Status, r.Body)
	if !ok || class == "" {
		return false
	}
	e.Class = class
	if code == "" && reason != "" {
		e.Code = reason
	}
	return true
}

func (k *call) serverTime(r reply) time.Time {
	if !r.Date.IsZero() {
		return r.Date
	}
	return r.issued
}

// unaccepted makes an Error of a success that is no OAuth answer. The server may have
// rotated the token, so the outcome is unknown.
func unaccepted(why error, r reply) *Error {
	e := &Error{Class: store.Transient, Code: why.Error(), HTTP: r.Status, Host: r.host, Unknown: true}
	if why != error(notOAuth) {
		e.Class = store.Config // OAuth, but not as the profile describes it
	}
	return e
}

func errorCode(o object) string {
	if s := word(o, "error"); s != "" {
		return s
	}
	if s := word(o, "errorType"); s != "" {
		return s
	}
	return ""
}

func describe(o object) string {
	for _, key := range []string{"error_description", "message"} {
		if s := word(o, key); s != "" {
			return s
		}
	}
	return ""
}

// firstElement takes the first object out of an array, the form of some providers' errors.
func firstElement(b []byte) []byte {
	b = bytes.TrimSpace(b)
	if len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' {
		return bytes.TrimSpace(b[1 : len(b)-1])
	}
	return b
}

// clean makes a provider's words safe to show, and takes out secrets of this call that
// the provider repeats.
func (k *call) clean(s string, limit int) string {
	for _, v := range append(k.secrets, k.p.Secret) {
		s = redact(s, v)
	}
	return describable(s, limit)
}

// redact replaces a secret, also in its form-encoded spelling. Anything shorter than six
// characters is no secret, and would tear words apart.
func redact(s string, v secret.Value) string {
	if v.Len() < 6 {
		return s
	}
	plain := v.Reveal()
	for _, form := range []string{plain, url.QueryEscape(plain), url.PathEscape(plain)} {
		s = strings.ReplaceAll(s, form, "(secret)")
	}
	return s
}

// describable keeps the characters that RFC 6749 appendix A.7 and A.8 allow: visible
// ASCII without quote and backslash. Others become a question mark.
func describable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\':
			return '/'
		case r < 0x20 || r > 0x7e:
			return '?'
		}
		return r
	}, text.Clean(s))
	return text.Cut(strings.TrimSpace(s), limit)
}
