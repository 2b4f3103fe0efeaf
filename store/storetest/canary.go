package storetest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Piece is how many bytes of a secret in a row are a leak (SE-1, LK-1).
const Piece = 12

// Canaries finds secrets in what must not hold them: raw, in hexadecimal, base64 (both
// alphabets), %-escapes, JSON escapes and UTF-16, in any piece of Piece bytes.
type Canaries struct {
	forms  []form
	begins [1 << 16]bool // the first two bytes of all pieces
}

// form is the pieces of one encoding, all of one length.
type form struct {
	name   string
	length int
	pieces map[string]int // → which secret
}

// NewCanaries looks for these secrets; shorter ones than Piece can't be told from chance
// and are left out.
func NewCanaries(secrets ...string) *Canaries {
	c := &Canaries{}
	raw := form{"raw", Piece, map[string]int{}}
	lower, upper := form{"hex", 2 * Piece, map[string]int{}}, form{"HEX", 2 * Piece, map[string]int{}}
	percent, json := form{"%-escaped", 3 * Piece, map[string]int{}}, form{"JSON-escaped", 6 * Piece, map[string]int{}}
	little, big := form{"UTF-16LE", 2 * Piece, map[string]int{}}, form{"UTF-16BE", 2 * Piece, map[string]int{}}
	std, web := form{"base64", Piece, map[string]int{}}, form{"base64url", Piece, map[string]int{}}
	for n, s := range secrets {
		for _, escaped := range []string{url.QueryEscape(s), url.PathEscape(s)} { // only what must be escaped is
			for i := 0; i+Piece <= len(escaped); i++ {
				raw.pieces[escaped[i:i+Piece]] = n
			}
		}
		for i := 0; i+Piece <= len(s); i++ {
			p := s[i : i+Piece]
			h := hex.EncodeToString([]byte(p))
			raw.pieces[p], lower.pieces[h], upper.pieces[strings.ToUpper(h)] = n, n, n
			percent.pieces[each(p, "%%%02X")], json.pieces[each(p, `\u%04x`)] = n, n
			little.pieces[wide(p, binary.LittleEndian)], big.pieces[wide(p, binary.BigEndian)] = n, n
			// Three bytes are four characters: 9 bytes at a boundary are 12 characters, and a
			// secret has a boundary at one of three places, whatever stands before it.
			if i+9 <= len(s) {
				std.pieces[base64.StdEncoding.EncodeToString([]byte(s[i:i+9]))] = n
				web.pieces[base64.URLEncoding.EncodeToString([]byte(s[i:i+9]))] = n
			}
		}
	}
	c.forms = []form{raw, lower, upper, percent, json, little, big, std, web}
	for _, f := range c.forms {
		for p := range f.pieces {
			c.begins[uint16(p[0])<<8|uint16(p[1])] = true
		}
	}
	return c
}

func each(p, format string) string {
	var b strings.Builder
	for i := range len(p) {
		fmt.Fprintf(&b, format, p[i])
	}
	return b.String()
}

func wide(p string, order binary.ByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(p)) {
		var two [2]byte
		order.PutUint16(two[:], u)
		b = append(b, two[:]...)
	}
	return string(b)
}

// Find tells the first piece that data holds: which secret, in which form and where; ok is
// false if there is none.
func (c *Canaries) Find(data []byte) (secret int, how string, ok bool) {
	for i := 0; i+Piece <= len(data); i++ {
		if !c.begins[uint16(data[i])<<8|uint16(data[i+1])] {
			continue
		}
		for _, f := range c.forms {
			if i+f.length > len(data) {
				continue
			}
			if n, hit := f.pieces[string(data[i:i+f.length])]; hit {
				return n, fmt.Sprintf("%s at byte %d", f.name, i), true
			}
		}
	}
	return 0, "", false
}
