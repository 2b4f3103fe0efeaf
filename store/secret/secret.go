// Package secret holds values that must never leave the program by accident.
//
// A Value prints as "[secret]" under every verb, encoder and logger. Its bytes
// are reached only through Reveal and Bytes, whose callers can be counted with
// grep. They are kept behind a function: fmt calls no method on an unexported field,
// prints a struct there under %v, and follows a pointer there under a verb that does
// not suit it, such as %s; but nothing can look into a function.
package secret

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrEncode is returned by every encoder that is handed a secret.
var ErrEncode = errors.New("a secret is never encoded")

const redacted = "[secret]"

// Value is a secret. The zero Value is empty. Copies share the same bytes, so
// Wipe empties all of them.
type Value struct{ p *content }

// content is what copies of a Value share. get returns where the bytes are kept.
type content struct{ get func() *[]byte }

// New copies b into a secret.
func New(b []byte) Value {
	if len(b) == 0 {
		return Value{}
	}
	kept := bytes.Clone(b)
	return Value{p: &content{get: func() *[]byte { return &kept }}}
}

// FromString makes a secret of s. The string itself can't be wiped.
func FromString(s string) Value { return New([]byte(s)) }

// Reveal returns the secret as a string, for the one request or file that needs it.
func (v Value) Reveal() string { return string(v.Bytes()) }

// Bytes returns the secret's own bytes; the caller must not keep or change them.
func (v Value) Bytes() []byte {
	if v.p == nil {
		return nil
	}
	return *v.p.get()
}

// Len is the number of bytes.
func (v Value) Len() int { return len(v.Bytes()) }

// IsZero reports whether there is no secret.
func (v Value) IsZero() bool { return v.Len() == 0 }

// Equal compares in constant time.
func (v Value) Equal(o Value) bool {
	return subtle.ConstantTimeCompare(v.Bytes(), o.Bytes()) == 1
}

// Wipe overwrites the bytes, in this Value and all its copies (best effort: Go
// may have copied them elsewhere).
func (v Value) Wipe() {
	if v.p != nil {
		kept := v.p.get()
		clear(*kept)
		*kept = nil
	}
}

// String implements fmt.Stringer without the content.
func (Value) String() string { return redacted }

// GoString implements fmt.GoStringer without the content.
func (Value) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb reaches the content.
func (Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue implements slog.LogValuer.
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText refuses.
func (Value) MarshalText() ([]byte, error) { return nil, ErrEncode }

// MarshalJSON refuses.
func (Value) MarshalJSON() ([]byte, error) { return nil, ErrEncode }

// MarshalBinary refuses; gob and CBOR come through here.
func (Value) MarshalBinary() ([]byte, error) { return nil, ErrEncode }

// MarshalCBOR refuses.
func (Value) MarshalCBOR() ([]byte, error) { return nil, ErrEncode }

// GobEncode refuses.
func (Value) GobEncode() ([]byte, error) { return nil, ErrEncode }

// String implements fmt.Stringer for the hidden part.
func (*content) String() string { return redacted }

// GoString implements fmt.GoStringer for the hidden part.
func (*content) GoString() string { return redacted }

// Format implements fmt.Formatter for the hidden part.
func (*content) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }
