package connectors

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// Where an answer came from, as error rules tell apart.
const (
	AtToken = "token" // an OAuth endpoint
	AtAPI   = "api"   // a data or identity call
	AtKey   = "key"   // a data or identity call made with an API key: rules for "api" hold too
)

// wholeBody is the match path of the body as text, for answers that are no JSON.
const wholeBody = "$"

// headerPath begins a match path that names a response header.
const headerPath = "header:"

// Classify finds the rule that an answer fits: the one with the most conditions, and
// among equals the first. A JSON array is matched by its first element, as Salesforce
// sends it. No rule: false, and the status code has to do.
//
// Match paths are JSON paths, or "header:NAME", or "$" for the whole body as text. A
// value is compared exactly, "a|b" is either, a star at an end stands for anything
// there, and "*" alone asks only that something is there.
func (p *Provider) Classify(where string, status int, body []byte, header http.Header) (ErrorRule, bool) {
	a := answer{body: body, header: header}
	best, score := -1, -1
	for i := range p.Errors {
		r := &p.Errors[i]
		if !r.holdsAt(where) || (r.HTTP != 0 && r.HTTP != status) {
			continue
		}
		if n := r.weight(where); n > score && a.matches(r.Match) {
			best, score = i, n
		}
	}
	if best < 0 {
		return ErrorRule{}, false
	}
	return p.Errors[best], true
}

func (r *ErrorRule) holdsAt(where string) bool {
	return r.Where == "" || r.Where == where || (where == AtKey && r.Where == AtAPI)
}

// weight counts conditions; a value says more than presence, and both more than a place.
func (r *ErrorRule) weight(where string) int {
	n := 0
	for _, want := range r.Match {
		n += 8
		if want != "*" {
			n += 4
		}
	}
	if r.HTTP != 0 {
		n += 2
	}
	if r.Where == where {
		n++
	}
	return n
}

// MissingScopes reads the scopes that a refusal names, where the rule knows the place.
// They are the provider's words: clean them before showing.
func (r ErrorRule) MissingScopes(body []byte) []string {
	if r.Missing == "" {
		return nil
	}
	v, ok := Lookup(firstObject(body), r.Missing)
	list, isList := v.([]any)
	if !ok || !isList {
		return nil
	}
	var names []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			names = append(names, s)
		}
	}
	return names
}

// answer is decoded when the first condition asks for it.
type answer struct {
	body    []byte
	header  http.Header
	decoded bool
	value   any
}

func (a *answer) matches(conditions map[string]string) bool {
	for path, want := range conditions {
		got, ok := a.at(path)
		if !ok || !matchValue(want, got) {
			return false
		}
	}
	return true
}

// at reads one place. Objects and arrays are there, but have no text.
func (a *answer) at(path string) (string, bool) {
	if path == wholeBody {
		return string(bytes.TrimSpace(a.body)), true
	}
	if name, ok := strings.CutPrefix(path, headerPath); ok {
		return a.header.Get(name), len(a.header.Values(name)) > 0
	}
	if !a.decoded {
		a.value, a.decoded = firstObject(a.body), true
	}
	if s, ok := LookupString(a.value, path); ok {
		return s, true
	}
	_, ok := Lookup(a.value, path)
	return "", ok
}

func matchValue(want, got string) bool {
	if want == "*" {
		return true
	}
	for _, alt := range strings.Split(want, "|") {
		head, tail := strings.HasSuffix(alt, "*"), strings.HasPrefix(alt, "*")
		alt = strings.Trim(alt, "*")
		switch {
		case head && tail && strings.Contains(got, alt),
			head && !tail && strings.HasPrefix(got, alt),
			tail && !head && strings.HasSuffix(got, alt),
			!head && !tail && got == alt:
			return true
		}
	}
	return false
}

// firstObject decodes a body; of an array it is the first element; nil if it is no JSON.
func firstObject(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	if list, ok := v.([]any); ok {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	return v
}
