package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Limits of a JSON answer.
const (
	maxDepth = 64
	maxKeys  = 10_000
)

var errNotObject = errors.New("not one well-formed JSON object")

// object is a JSON object with numbers as they were written.
type object = map[string]any

// parseObject reads exactly one JSON object. It refuses what two readers could read
// differently: a key that comes twice or again in other case (encoding/json would let
// Access_Token overwrite access_token), trailing bytes, a byte order mark, invalid UTF-8.
func parseObject(b []byte) (object, error) {
	if !utf8.Valid(b) || !json.Valid(b) {
		return nil, errNotObject
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	r := &reader{d: d}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, errNotObject
	}
	return o, nil
}

type reader struct {
	d    *json.Decoder
	keys int
}

func (r *reader) value(depth int) (any, error) {
	t, err := r.d.Token()
	if err != nil || depth > maxDepth {
		return nil, errNotObject
	}
	switch t {
	case json.Delim('{'):
		return r.object(depth)
	case json.Delim('['):
		return r.array(depth)
	}
	return t, nil
}

func (r *reader) object(depth int) (any, error) {
	o, seen := object{}, map[string]bool{}
	for r.d.More() {
		t, err := r.d.Token()
		key, ok := t.(string)
		folded := strings.ToLower(key)
		if r.keys++; err != nil || !ok || seen[folded] || r.keys > maxKeys {
			return nil, errNotObject
		}
		seen[folded] = true
		if o[key], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := r.d.Token()
	return o, err
}

func (r *reader) array(depth int) (any, error) {
	var a []any
	for r.d.More() {
		v, err := r.value(depth + 1)
		if r.keys++; err != nil || r.keys > maxKeys {
			return nil, errNotObject
		}
		a = append(a, v)
	}
	_, err := r.d.Token()
	return a, err
}

// word is a string field, or empty.
func word(o object, key string) string {
	s, _ := o[key].(string)
	return s
}
