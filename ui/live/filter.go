package live

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// Filter leaves the rows that all of its terms hold for. A term is a word,
// found anywhere in a row; a field and a value ("crm:hubspot", "state:revoked");
// or a clock and a bound ("expires<7d", "key>90d"). "!" before a term turns it
// around. What is no field is a word: nothing that is typed is an error.
type Filter struct {
	text  string
	terms []term
	gone  bool // shows tombstones that left the deck
	timed bool
}

// term is one part of a filter.
type term struct {
	not   bool
	holds func(row *Row, now time.Time) bool
}

// ParseFilter reads a filter; the empty one leaves everything.
func ParseFilter(s string) Filter {
	f := Filter{text: s}
	for _, word := range strings.Fields(strings.ToLower(s)) {
		t := term{}
		if len(word) > 1 && word[0] == '!' {
			t.not, word = true, word[1:]
		}
		if field, value, ok := strings.Cut(word, ":"); ok && value == "" && fields[field] != nil {
			continue // still being typed
		}
		t.holds = parseTerm(word)
		f.gone = f.gone || strings.HasSuffix(word, ":"+string(policy.Revoked))
		f.timed = f.timed || strings.ContainsAny(word, "<>") || strings.HasPrefix(word, "state:")
		f.terms = append(f.terms, t)
	}
	return f
}

// String is the filter as it was typed; Empty whether it leaves everything;
// Timed whether what it leaves depends on the time.
func (f Filter) String() string { return f.text }

// Empty reports a filter that leaves everything.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// Timed reports a filter whose answer changes as time passes.
func (f Filter) Timed() bool { return f.timed }

// Filter is the filter in force.
func (r *Rows) Filter() Filter { return r.filter }

// SetFilter shows what a filter leaves.
func (r *Rows) SetFilter(s string, now time.Time) {
	r.filter, r.now = ParseFilter(s), now
	r.show()
}

// keeps reports whether a row is shown.
func (f *Filter) keeps(row *Row, now time.Time) bool {
	if !f.gone && row.Look.Gone {
		return false
	}
	for i := range f.terms {
		if f.terms[i].holds(row, now) == f.terms[i].not {
			return false
		}
	}
	return true
}

// fields are what a value can be looked for in.
var fields = map[string]func(row *Row, v string) bool{
	"name":  func(row *Row, v string) bool { return strings.Contains(row.fold, v) },
	"crm":   func(row *Row, v string) bool { return has(row.CRM, v) || has(row.S.Provider, v) },
	"env":   func(row *Row, v string) bool { return strings.HasPrefix(row.S.Environment, v) },
	"owner": func(row *Row, v string) bool { return has(row.S.Owner, v) },
	"state": func(row *Row, v string) bool {
		return strings.HasPrefix(string(row.Look.State), v) || (v == "paused" && row.S.Paused)
	},
	"method": func(row *Row, v string) bool {
		return has(MethodWord(row.S.Method), v) || has(string(row.S.Method), v)
	},
	"tag": func(row *Row, v string) bool {
		for _, t := range row.S.Tags {
			if has(t, v) {
				return true
			}
		}
		return false
	},
	"account": func(row *Row, v string) bool { return has(row.S.Account.ID, v) || has(row.S.Account.Name, v) },
}

// has reports whether s contains v, which is in lower case.
func has(s, v string) bool { return strings.Contains(strings.ToLower(s), v) }

// clocks are what a bound can be set to; ok is false for a row without one.
var clocks = map[string]func(row *Row, now time.Time) (d time.Duration, ok bool){
	"expires": func(row *Row, now time.Time) (time.Duration, bool) {
		end := soonest(row.Look.Access.At, row.Look.Next.At)
		return end.Sub(now), !end.IsZero()
	},
	"access": func(row *Row, now time.Time) (time.Duration, bool) {
		return row.S.Access.Sub(now), row.S.HasAccess && !row.S.Access.IsZero()
	},
	"key":  func(row *Row, now time.Time) (time.Duration, bool) { return age(row.S.KeyMade, now) },
	"test": func(row *Row, now time.Time) (time.Duration, bool) { return age(row.S.TestAt, now) },
}

// soonest is the earlier of two moments, of which either may be none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// age is how long ago at was.
func age(at, now time.Time) (time.Duration, bool) { return now.Sub(at), !at.IsZero() }

// parseTerm reads one term without its "!".
func parseTerm(word string) func(*Row, time.Time) bool {
	if name, value, ok := strings.Cut(word, ":"); ok {
		if holds := fields[name]; holds != nil {
			return func(row *Row, _ time.Time) bool { return holds(row, value) }
		}
	}
	if i := strings.IndexAny(word, "<>"); i > 0 {
		clock := clocks[word[:i]]
		if bound, ok := parseBound(word[i+1:]); ok && clock != nil {
			less := word[i] == '<'
			return func(row *Row, now time.Time) bool {
				d, ok := clock(row, now)
				return ok && (d < bound) == less
			}
		}
	}
	return func(row *Row, _ time.Time) bool {
		return strings.Contains(row.haystack(), word) || strings.Contains(string(row.Look.State), word)
	}
}

// units of a bound.
var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// maxBound keeps the figure of a bound within what a Duration holds.
const maxBound = 10_000

// parseBound reads "7d", "90m".
func parseBound(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	unit, ok := units[s[len(s)-1]]
	n, err := strconv.Atoi(s[:len(s)-1])
	if !ok || err != nil || n < 0 || n > maxBound {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// methodWords is how the deck writes methods; at most six letters.
var methodWords = map[store.Method]string{
	store.AuthorizationCode: "OAuth", store.DeviceCode: "device", store.ClientCredentials: "client",
	store.JWTBearer: "JWT", store.APIKey: "key", store.TBA: "TBA",
}

// MethodWord is how the deck writes a method.
func MethodWord(m store.Method) string { return methodWords[m] }
