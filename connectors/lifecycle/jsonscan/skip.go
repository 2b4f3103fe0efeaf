package jsonscan

import "bytes"

// kinds of bytes that matter while skipping; all others are passed over.
const (
	plain = iota
	quote
	opening
	closing
)

// kindOf tells for each byte what it means outside of strings.
var kindOf = [256]uint8{'"': quote, '{': opening, '[': opening, '}': closing, ']': closing}

// skip passes over one value, whatever it is.
func (w *walker) skip(depth int) bool {
	if w.i >= len(w.b) {
		return false
	}
	switch c := w.b[w.i]; c {
	case '"':
		return w.text()
	case '{', '[':
		return w.nested(depth)
	default:
		return w.scalar()
	}
}

// nested passes over an object or array by counting brackets outside of strings. The
// kinds of brackets are kept in one word of bits, so that [} is found.
func (w *walker) nested(depth int) bool {
	b, i := w.b, w.i
	var curly uint64 // one bit a level: it was opened by a brace
	level := 0
	for i < len(b) {
		c := b[i]
		switch kindOf[c] {
		case plain:
			i++
		case quote:
			end := stringEnd(b, i)
			if end < 0 {
				return false
			}
			i = end
		case opening:
			if depth+level >= MaxDepth {
				return false
			}
			curly <<= 1
			if c == '{' {
				curly |= 1
			}
			level++
			i++
		case closing:
			if (c == '}') != (curly&1 == 1) {
				return false
			}
			curly >>= 1
			level--
			i++
			if level == 0 {
				w.i = i
				return true
			}
		}
	}
	return false
}

// scalar passes over a number, true, false or null.
func (w *walker) scalar() bool {
	start := w.i
	for w.i < len(w.b) && scalarByte(w.b[w.i]) {
		w.i++
	}
	raw := w.b[start:w.i]
	if len(raw) == 0 {
		return false
	}
	switch raw[0] {
	case 't':
		return string(raw) == "true"
	case 'f':
		return string(raw) == "false"
	case 'n':
		return string(raw) == "null"
	}
	return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

func scalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == 'E' || c == '-' || c == '+' || c == '.'
}

// text passes over a string.
func (w *walker) text() bool {
	if w.i >= len(w.b) || w.b[w.i] != '"' {
		return false
	}
	end := stringEnd(w.b, w.i)
	if end < 0 {
		return false
	}
	w.i = end
	return true
}

// stringEnd is the index after the string that begins at i, or -1. Short strings, which
// most are, are looked through byte by byte; long ones by IndexByte.
func stringEnd(b []byte, i int) int {
	i++
	for near := min(i+32, len(b)); i < near; i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	for i < len(b) {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		slashes := 0
		for k := i + n - 1; k >= i && b[k] == '\\'; k-- {
			slashes++
		}
		i += n + 1
		if slashes%2 == 0 {
			return i
		}
	}
	return -1
}
