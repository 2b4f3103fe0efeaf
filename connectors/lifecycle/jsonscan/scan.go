// Package jsonscan walks over one page of JSON and takes out only what is asked for:
// how many records there are, the way to the next page, and a few records whole.
//
// A page of two thousand records is a million bytes of which three values matter.
// Decoding all of it costs more than fetching it; skipping costs a look at each byte.
// The scanner promises to end on any input, to refuse what is cut off, unbalanced,
// deeper than MaxDepth or followed by something else, and never to guess: a value that
// is not where the path says is absent. It does not check what it skips letter by
// letter, so it is for counting, not for values that decide about credentials.
package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// MaxDepth is how deep objects and arrays may be nested.
const MaxDepth = 64

// ErrMalformed is returned for input that is not one JSON value.
var ErrMalformed = errors.New("not one JSON value")

// Spec names what is taken from a page. Paths are names with dots; empty: not asked.
type Spec struct {
	records, next, more, total []string
	samples                    int
}

// NewSpec prepares a page description; samples is how many records are kept whole.
func NewSpec(records, next, more, total string, samples int) *Spec {
	return &Spec{records: split(records), next: split(next), more: split(more), total: split(total), samples: samples}
}

func split(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

// Page is what one page held.
type Page struct {
	Records int
	Found   bool   // the array of records is there
	Next    string // cursor or link, decoded; empty: none
	More    *bool  // as sent, nil: absent
	Total   int    // -1: absent
	Samples [][]byte
}

// Read scans body once. Samples point into body.
func (s *Spec) Read(body []byte) (Page, error) {
	w := walker{b: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), spec: s, page: Page{Total: -1}}
	root := targets{s.records, s.next, s.more, s.total}
	w.space()
	if w.i >= len(w.b) || !w.value(root, 0) {
		return Page{}, ErrMalformed
	}
	w.space()
	if w.i != len(w.b) {
		return Page{}, ErrMalformed
	}
	return w.page, nil
}

// targets are the rests of the four paths below the current value; a nil one does not
// lead here, an empty one has arrived.
type targets [4][]string

const (
	atRecords = iota
	atNext
	atMore
	atTotal
)

// none reports that nothing below is asked for.
func (t targets) none() bool { return t[0] == nil && t[1] == nil && t[2] == nil && t[3] == nil }

// into narrows the targets to those that go through name.
func (t targets) into(name []byte) targets {
	var out targets
	for i, p := range t {
		if len(p) > 0 && string(name) == p[0] {
			out[i] = p[1:]
			if out[i] == nil {
				out[i] = []string{}
			}
		}
	}
	return out
}

type walker struct {
	b    []byte
	i    int
	spec *Spec
	page Page
}

// value reads the value at i; false: malformed.
func (w *walker) value(t targets, depth int) bool {
	if w.i >= len(w.b) || depth > MaxDepth {
		return false
	}
	start, c := w.i, w.b[w.i]
	switch {
	case c == '[' && arrived(t[atRecords]):
		return w.records(depth)
	case c == '{' && !t.none():
		return w.object(t, depth)
	case !w.skip(depth):
		return false
	}
	w.take(t, w.b[start:w.i])
	return true
}

func arrived(p []string) bool { return p != nil && len(p) == 0 }

// take keeps a scalar where a path has arrived.
func (w *walker) take(t targets, raw []byte) {
	if arrived(t[atNext]) {
		w.page.Next = Text(raw)
	}
	if arrived(t[atMore]) && (raw[0] == 't' || raw[0] == 'f') {
		more := raw[0] == 't'
		w.page.More = &more
	}
	if arrived(t[atTotal]) {
		w.page.Total = number(raw)
	}
}

func (w *walker) object(t targets, depth int) bool {
	w.i++
	for first := true; ; first = false {
		w.space()
		if w.i >= len(w.b) {
			return false
		}
		if w.b[w.i] == '}' && first {
			w.i++
			return true
		}
		start := w.i
		if !w.text() {
			return false
		}
		name := w.b[start+1 : w.i-1]
		w.space()
		if w.i >= len(w.b) || w.b[w.i] != ':' {
			return false
		}
		w.i++
		w.space()
		if !w.value(t.into(name), depth+1) {
			return false
		}
		if end, ok := w.after('}'); !ok || end {
			return ok
		}
	}
}

// records counts the elements of an array and keeps the first ones.
func (w *walker) records(depth int) bool {
	w.page.Found = true
	w.i++
	w.space()
	if w.i < len(w.b) && w.b[w.i] == ']' {
		w.i++
		return true
	}
	for {
		w.space()
		start := w.i
		if !w.skip(depth + 1) {
			return false
		}
		if len(w.page.Samples) < w.spec.samples {
			w.page.Samples = append(w.page.Samples, w.b[start:w.i])
		}
		w.page.Records++
		if end, ok := w.after(']'); !ok || end {
			return ok
		}
	}
}

// after reads a comma or the closing bracket.
func (w *walker) after(closing byte) (end, ok bool) {
	w.space()
	if w.i >= len(w.b) {
		return false, false
	}
	c := w.b[w.i]
	w.i++
	return c == closing, c == closing || c == ','
}

func (w *walker) space() {
	for w.i < len(w.b) && (w.b[w.i] == ' ' || w.b[w.i] == '\n' || w.b[w.i] == '\r' || w.b[w.i] == '\t') {
		w.i++
	}
}

// Text decodes a JSON string or gives a number as it is; anything else is empty.
func Text(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch c := raw[0]; {
	case c == '"' && len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0:
		return string(raw[1 : len(raw)-1])
	case c == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case c == '-' || c >= '0' && c <= '9':
		return string(raw)
	}
	return ""
}

// number reads a count that is not negative and fits; -1 otherwise.
func number(raw []byte) int {
	n := 0
	for _, c := range raw {
		if c < '0' || c > '9' || n > 1<<50 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	if len(raw) == 0 {
		return -1
	}
	return n
}
