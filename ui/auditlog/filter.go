package auditlog

import (
	"strings"

	"crmdeck/store"
)

// filter leaves the events that all of its terms hold for. A term is a word, found
// anywhere in an event, or a field and values of which one begins it: "act:revoke,edit".
// "!" before a term turns it around. What is no field is a word.
type filter struct {
	text  string
	terms []term
}

// term is one part of a filter.
type term struct {
	not    bool
	field  func(*store.Event) string // nil: all of the event
	values []string
}

// fields are what values can be looked for in.
var fields = map[string]func(*store.Event) string{
	"act": func(e *store.Event) string { return string(e.Act) }, "actor": func(e *store.Event) string { return e.Actor },
	"host": func(e *store.Event) string { return e.Host }, "connection": func(e *store.Event) string { return e.Connection },
	"outcome": func(e *store.Event) string { return e.Outcome }, "op": func(e *store.Event) string { return string(e.Op) },
	"id": func(e *store.Event) string { return string(e.ConnectionID) },
}

// parseFilter reads a filter; the empty one leaves everything.
func parseFilter(s string) filter {
	f := filter{text: s}
	for _, word := range strings.Fields(strings.ToLower(s)) {
		t := term{}
		if len(word) > 1 && word[0] == '!' {
			t.not, word = true, word[1:]
		}
		t.values = []string{word}
		if name, values, ok := strings.Cut(word, ":"); ok && fields[name] != nil {
			t.field, t.values = fields[name], strings.FieldsFunc(values, func(r rune) bool { return r == ',' })
			if len(t.values) == 0 {
				continue // still being typed
			}
		}
		f.terms = append(f.terms, t)
	}
	return f
}

func (f *filter) empty() bool { return len(f.terms) == 0 }

// keep appends the events that match to out.
func (f *filter) keep(out, some []store.Event) []store.Event {
	for i := range some {
		if f.matches(&some[i]) {
			out = append(out, some[i])
		}
	}
	return out
}

// matches reports whether all terms hold.
func (f *filter) matches(e *store.Event) bool {
	for i := range f.terms {
		if f.terms[i].holds(e) == f.terms[i].not {
			return false
		}
	}
	return true
}

func (t *term) holds(e *store.Event) bool {
	if t.field != nil {
		v := strings.ToLower(t.field(e))
		for _, want := range t.values {
			if strings.HasPrefix(v, want) {
				return true
			}
		}
		return false
	}
	for _, s := range [...]string{string(e.Act), e.Connection, e.Actor, e.Host, e.Outcome, e.Evidence} {
		if strings.Contains(strings.ToLower(s), t.values[0]) {
			return true
		}
	}
	return false
}
