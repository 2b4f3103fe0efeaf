// Package canon writes fields so that they can be authenticated.
//
// A string is its length (8 bytes, big endian) and then its bytes, a number is 8
// bytes, so that two different lists of fields of the same kinds never have the same
// encoding and any other language can repeat it; a domain stands for one list of
// kinds. It only writes: what is authenticated is never parsed from here.
package canon

import "encoding/binary"

// Encoding is a list of fields in canonical form. The zero value is empty.
type Encoding struct{ b []byte }

// New starts an encoding with its domain, a string that names what is encoded and
// its version, so that a value of one kind never passes for another.
func New(domain string) *Encoding {
	return (&Encoding{b: make([]byte, 0, 256)}).Text(domain)
}

// Reset starts again with a domain, in the same memory.
func (e *Encoding) Reset(domain string) *Encoding {
	e.b = e.b[:0]
	return e.Text(domain)
}

// Text adds a string.
func (e *Encoding) Text(s string) *Encoding {
	e.b = binary.BigEndian.AppendUint64(e.b, uint64(len(s)))
	e.b = append(e.b, s...)
	return e
}

// Raw adds bytes.
func (e *Encoding) Raw(p []byte) *Encoding {
	e.b = binary.BigEndian.AppendUint64(e.b, uint64(len(p)))
	e.b = append(e.b, p...)
	return e
}

// Number adds an unsigned number: 8 bytes, without a length.
func (e *Encoding) Number(n uint64) *Encoding {
	e.b = binary.BigEndian.AppendUint64(e.b, n)
	return e
}

// Texts adds a list: its count, then each string.
func (e *Encoding) Texts(list []string) *Encoding {
	e.Number(uint64(len(list)))
	for _, s := range list {
		e.Text(s)
	}
	return e
}

// Bytes returns the encoding; it is valid until the next field is added.
func (e *Encoding) Bytes() []byte { return e.b }
