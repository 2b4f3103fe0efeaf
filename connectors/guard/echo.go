package guard

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"crmdeck/store/secret"
)

// echoMark stands where a provider repeated a secret.
const echoMark = "(secret)"

// echoLeast is the shortest secret that is looked for: anything shorter would tear words
// apart.
const echoLeast = 6

// echo takes the secrets of a request out of an answer that refuses it: some providers
// repeat what they were sent in their errors, and errors are shown, stored and logged
// (LK-12). Answers that are no errors are left as they are: a token endpoint may answer
// with the refresh token that it was sent.
type echo struct{ forms [][]byte }

// echoOf knows the spellings of a request's secrets.
func echoOf(r Request) echo {
	var e echo
	if c := r.Credential; c != nil {
		e.add(c.Secret)
		if value, ok := c.value(); ok { // as it stands in its header, e.g. in base64
			_, last, found := strings.Cut(value, " ")
			if !found {
				last = value
			}
			e.spell(last)
		}
	}
	if r.Form != nil {
		for _, f := range r.Form.Fields {
			e.add(f.Secret)
		}
	}
	return e
}

func (e *echo) add(v secret.Value) {
	if v.Len() < echoLeast {
		return
	}
	s := v.Reveal()
	e.spell(s)
	if q := url.QueryEscape(s); q != s {
		e.spell(q)
	}
	if p := url.PathEscape(s); p != s {
		e.spell(p)
	}
	e.spell(base64.StdEncoding.EncodeToString([]byte(s)))
	e.spell(base64.URLEncoding.EncodeToString([]byte(s)))
}

func (e *echo) spell(s string) {
	if s = strings.TrimRight(s, "="); len(s) >= echoLeast {
		e.forms = append(e.forms, []byte(s))
	}
}

// clean takes the secrets out of b.
func (e *echo) clean(b []byte) []byte {
	for _, f := range e.forms {
		if bytes.Contains(b, f) {
			b = bytes.ReplaceAll(b, f, []byte(echoMark))
		}
	}
	return b
}

// header is a copy without them.
func (e *echo) header(h http.Header) http.Header {
	out := h.Clone()
	for _, values := range out {
		for i := range values {
			values[i] = string(e.clean([]byte(values[i])))
		}
	}
	return out
}

// body reads all of src, which has its limit, and gives it back without them.
func (e *echo) body(src io.Reader) (io.Reader, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(src); err != nil {
		return nil, err
	}
	return bytes.NewReader(e.clean(b.Bytes())), nil
}
