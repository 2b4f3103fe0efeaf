package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"crmdeck/store"
)

// Decode reads one event as it lies on disk: deterministic CBOR (RFC 8949, 4.2.1), the
// field numbers of store.Event. It accepts exactly the one encoding that an event has, so
// that no byte can change without changing what is verified. Chain is part of b.
func Decode(b []byte) (store.Event, error) { return DecodeShared(b, string(b)) }

// DecodeShared is Decode with the same bytes as a string, which the event's texts are cut
// from: many events can share one.
func DecodeShared(b []byte, s string) (store.Event, error) {
	if len(s) != len(b) {
		return store.Event{}, errors.New("bytes and text differ")
	}
	d := decoder{b: b, s: s}
	n := d.head(majorMap)
	var e store.Event
	for last := uint64(0); n > 0 && d.err == nil; n-- {
		field := d.head(majorNumber)
		if field <= last {
			d.fail("its fields are out of order")
		}
		last = field
		d.field(field, &e)
	}
	switch {
	case d.err != nil:
	case d.at != len(b):
		d.fail("bytes follow it")
	case e.Seq == 0 || e.At.IsZero() || len(e.Chain) == 0:
		d.fail("fields are missing")
	case d.seen&needed != needed:
		d.fail("fields are missing")
	}
	return e, d.err
}

// needed are the fields that every event has, a bit each.
const needed = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<8 | 1<<11

// The major types that events are made of, RFC 8949, 3.1.
const (
	majorNumber = 0
	majorBytes  = 2
	majorText   = 3
	majorMap    = 5
)

// chainSize is the length of HMAC-SHA256.
const chainSize = 32

// decoder reads b, of which s is a copy that texts are cut from.
type decoder struct {
	b    []byte
	s    string
	at   int
	seen uint32
	err  error
}

func (d *decoder) fail(why string) {
	if d.err == nil {
		d.err = errors.New(why)
	}
}

// field reads the value of one field.
func (d *decoder) field(n uint64, e *store.Event) {
	switch n {
	case 1:
		e.Seq = d.head(majorNumber)
	case 2:
		e.At = d.time()
	case 3:
		e.Actor = d.text(false)
	case 4:
		e.Host = d.text(false)
	case 5:
		e.Act = store.Act(d.text(false))
	case 6:
		e.Connection = d.text(true)
	case 7:
		e.ConnectionID = store.ID(d.text(true))
	case 8:
		e.Outcome = d.text(false)
	case 9:
		e.Evidence = d.text(true)
	case 10:
		e.Op = store.ID(d.text(true))
	case 11:
		from, to := d.string(majorBytes)
		e.Chain = d.b[from:to]
		if to-from != chainSize {
			d.fail("its chain value has another length")
		}
	default:
		d.fail(fmt.Sprintf("it has an unknown field %d", n))
		return
	}
	d.seen |= 1 << n
}

// head reads the head of an item of a major type: its number or length, in the shortest form.
func (d *decoder) head(major byte) uint64 {
	if d.err != nil || d.at >= len(d.b) {
		d.fail("it is cut off")
		return 0
	}
	first := d.b[d.at]
	d.at++
	if first>>5 != major {
		d.fail("a field is of another kind")
		return 0
	}
	low := first & 0x1f
	if low < 24 {
		return uint64(low)
	}
	if low > 27 {
		d.fail("a length is not plain")
		return 0
	}
	size := 1 << (low - 24)
	if len(d.b)-d.at < size {
		d.fail("it is cut off")
		return 0
	}
	var full [8]byte
	copy(full[8-size:], d.b[d.at:d.at+size])
	d.at += size
	n := binary.BigEndian.Uint64(full[:])
	if n < shortest[low-24] {
		d.fail("a length is not in its shortest form")
	}
	return n
}

// shortest is the least number that needs 1, 2, 4 and 8 bytes.
var shortest = [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}

// string reads a text or bytes and tells where they lie.
func (d *decoder) string(major byte) (from, to int) {
	n := d.head(major)
	if d.err == nil && n > uint64(len(d.b)-d.at) {
		d.fail("it is cut off")
	}
	if d.err != nil {
		return 0, 0
	}
	from = d.at
	d.at += int(n)
	return from, d.at
}

// text reads a text; one that may be left out is never empty.
func (d *decoder) text(optional bool) string {
	from, to := d.string(majorText)
	s := d.s[from:to]
	if d.err == nil && (optional && s == "" || !utf8.ValidString(s)) {
		d.fail("a text is not as it is written")
	}
	return s
}

// Events lie between these: the chain counts nanoseconds since 1970 in 64 bits, and a
// time beyond would be chained like another one.
var earliest, latest = time.Unix(0, 0).UTC(), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)

// time reads a time: RFC 3339 in UTC, with as many digits as it needs.
func (d *decoder) time() time.Time {
	s := d.text(false)
	t, err := time.Parse(time.RFC3339Nano, s)
	var again [40]byte
	switch {
	case d.err != nil:
	case err != nil || string(t.UTC().AppendFormat(again[:0], time.RFC3339Nano)) != s:
		d.fail("its time is not as it is written")
	case t.Before(earliest) || t.After(latest):
		d.fail("its time is out of range")
	}
	return t
}
