package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/text"
)

// Cases that the program acts on; a provider's rules use the same words.
const (
	CaseExpired   = "expired_token" // 401: a refresh may help
	CaseRevoked   = "revoked_token" // 401: it is over for good
	CaseBadScope  = "bad_scope"     // 403: more rights are needed, no refresh helps (RFC 6750 section 3.1)
	CaseRateLimit = "rate_limit"
	CaseServer    = "server_error"
	CaseNotJSON   = "not_json"
	CaseOther     = "refused"
)

// messageRunes bounds what is kept of a provider's own words.
const messageRunes = 300

// Refused is an answer that is not the wanted one.
type Refused struct {
	HTTP    int
	Case    string
	Class   store.Class // empty: only the access token is over
	Code    string      // the provider's own word, cleaned; may be empty
	Message string      // what it said, cleaned and cut
	Missing []string    // scopes that the answer names, cleaned
	Wait    time.Duration
}

func (e *Refused) Error() string {
	s := strconv.Itoa(e.HTTP) + " " + e.Reason()
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Reason is the provider's own word, else ours.
func (e *Refused) Reason() string {
	if e.Code != "" {
		return e.Code
	}
	return e.Case
}

// Unauthorized reports that the credential itself was refused, not what was asked with it.
func (e *Refused) Unauthorized() bool {
	switch e.Case {
	case CaseBadScope, CaseRateLimit, CaseServer, CaseNotJSON, CaseOther:
		return false
	}
	return e.HTTP == http.StatusUnauthorized || e.Class == store.Dead || e.Class == "" && e.HTTP == http.StatusForbidden
}

// Read classifies an answer: nil for a 2xx that is JSON. key tells that an API key was used.
func Read(p *connectors.Provider, r guard.Response, key bool) error {
	if r.Status >= 200 && r.Status <= 299 {
		if b := bytes.TrimLeft(r.Body, " \r\n\t"); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
			return nil
		}
		return &Refused{HTTP: r.Status, Case: CaseNotJSON, Class: store.Transient}
	}
	e := &Refused{HTTP: r.Status}
	if rule, ok := p.Classify(place(key), r.Status, r.Body, r.Header); ok {
		e.Case, e.Class = rule.Case, rule.Class
		e.Missing = clean(rule.MissingScopes(r.Body))
	} else {
		e.Case, e.Class = generic(r.Status)
	}
	e.Code, e.Message = words(r.Body)
	if e.Class == store.Throttled || r.Status == http.StatusServiceUnavailable {
		e.Wait = guard.RetryAfter(r.Header, r.Date)
	}
	return e
}

// generic is what a status means where the provider has no rule for it (RFC 9110
// section 15, RFC 6750 section 3.1, RFC 6585 section 4).
func generic(status int) (string, store.Class) {
	switch {
	case status == http.StatusUnauthorized:
		return CaseExpired, ""
	case status == http.StatusForbidden:
		return CaseBadScope, store.Config
	case status == http.StatusTooManyRequests:
		return CaseRateLimit, store.Throttled
	case status == http.StatusRequestTimeout, status >= 500:
		return CaseServer, store.Transient
	}
	return CaseOther, store.Config
}

// words finds the code and the sentence in the shapes that CRMs use.
func words(body []byte) (code, message string) {
	v := object(body)
	if v == nil {
		return "", ""
	}
	for _, path := range []string{"errorCode", "category", "errorType", "error.code", "error", "code"} {
		if s, ok := connectors.LookupString(v, path); ok && s != "" && !strings.Contains(s, " ") {
			code = text.From(s).Clean(60)
			break
		}
	}
	for _, path := range []string{"message", "error_description", "error.message", "error", "errors.0.message", "errors.0"} {
		if s, ok := connectors.LookupString(v, path); ok && s != "" && s != code {
			return code, text.From(s).Clean(messageRunes)
		}
	}
	return code, ""
}

// object decodes a body, or the first element of an array, keeping numbers as text.
func object(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return v
}

func clean(list []string) []string {
	out := make([]string, 0, min(len(list), 50))
	for _, s := range list[:min(len(list), 50)] {
		out = append(out, text.From(s).Clean(120))
	}
	return out
}

// AsRefused returns the *Refused in err, or nil.
func AsRefused(err error) *Refused {
	var e *Refused
	if errors.As(err, &e) {
		return e
	}
	return nil
}
