// Package audit chains audit events, so that a change of any of them shows.
//
// The chain value of an event is HMAC-SHA256, under the store's audit key, over
// the chain value of the event before it and every field of this one. Whoever
// changes, removes, inserts, swaps or doubles an event without the key breaks the
// chain at that place. A tail that was cut off, or a whole log that was written anew
// by somebody who has the key, shows only against a head that was kept elsewhere: a
// SignedHead. Start with Check.
//
// # For another verifier
//
// An export in JSON Lines holds all that is verified: one object an event, with the
// fields seq, at (RFC 3339 in UTC, up to nine digits of a second), actor, host, act,
// connection, connection_id, outcome, evidence, op (absent ones are empty) and chain
// (hex). The chain value of an event is the HMAC-SHA256 of
//
//	text("crmdeck/audit/1") text(chain of the event before; empty for the first)
//	number(seq) number(at, in nanoseconds since 1970)
//	text(actor) text(host) text(act) text(connection) text(connection_id)
//	text(outcome) text(evidence) text(op)
//
// where number is 8 bytes, big endian, and text is the number of its bytes, then they.
// Sequence numbers start at 1 and rise by one. A signed head is one JSON object: format
// ("crmdeck-audit-head/1"), store, count, chain (hex), signed_at, public_key and
// signature (hex); Ed25519 (RFC 8032) signs
//
//	text("crmdeck/audit head/1") text(store) number(count) text(chain) number(signed_at)
//
// and the seed of the key is the HMAC-SHA256, under the audit key, of
// text("crmdeck/audit head key/1") text(store).
//
// Closed runs of events are segments. The seal of one is the HMAC-SHA256 of
//
//	text("crmdeck/audit segment/1") text(seal of the segment before; empty for the first)
//	number(first seq) number(last seq) number(time of the first) number(time of the last)
//	text(chain of the event before the first) text(chain of the last)
//
// Package moved tells how segments lie in a file of their own. testdata/verify.py is a verifier that
// shares no line with this package.
package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"sync"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// Head is the newest event of a log: how many there are, and the last chain value.
// The zero Head is that of an empty log.
type Head struct {
	Seq   uint64
	Chain []byte
}

// BrokenError names the first event that does not fit.
type BrokenError struct {
	Seq    uint64 // of the bad entry, or the number that was expected
	Reason string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("audit log breaks at event %d: %s", e.Seq, e.Reason)
}

// Chain returns the chain value of e, which comes after an event with chain value prev
// (nil for the first).
func Chain(key, prev []byte, e store.Event) []byte { return newChainer(key).sum(nil, prev, &e) }

// chainer makes chain values in memory that it uses again.
type chainer struct {
	mac hash.Hash
	enc *canon.Encoding
}

func newChainer(key []byte) *chainer {
	return &chainer{mac: hmac.New(sha256.New, key), enc: canon.New("")}
}

// sum appends the chain value to out.
func (c *chainer) sum(out, prev []byte, e *store.Event) []byte {
	n := c.enc.Reset("crmdeck/audit/1").Raw(prev)
	n.Number(e.Seq).Number(uint64(e.At.UnixNano()))
	n.Text(e.Actor).Text(e.Host).Text(string(e.Act)).Text(e.Connection).Text(string(e.ConnectionID))
	n.Text(e.Outcome).Text(e.Evidence).Text(string(e.Op))
	c.mac.Reset()
	c.mac.Write(n.Bytes())
	return c.mac.Sum(out)
}

// Verifier checks events one after another.
type Verifier struct {
	key      []byte
	head     Head
	chainers []*chainer // one a part of a page
}

// NewVerifier starts after from; the zero Head starts at the first event. It keeps key.
func NewVerifier(key []byte, from Head) *Verifier { return &Verifier{key: key, head: from} }

// Add checks the next event. Its error is a *BrokenError.
func (v *Verifier) Add(e store.Event) error { return v.AddPage([]store.Event{e}) }

// AddPage checks the next events, in parallel: each one says what the chain value of the
// one before was, and the first that does not fit is the same as if they were checked one
// after another. Its error is a *BrokenError.
func (v *Verifier) AddPage(page []store.Event) error {
	parts := max(1, min(runtime.GOMAXPROCS(0), len(page)/leastPart))
	for len(v.chainers) < parts {
		v.chainers = append(v.chainers, newChainer(v.key))
	}
	errs := make([]*BrokenError, parts)
	var wait sync.WaitGroup
	for i := range parts {
		from, to := len(page)*i/parts, len(page)*(i+1)/parts
		if i == parts-1 { // the last part is this goroutine's
			errs[i] = v.check(v.chainers[i], page, from, to)
			continue
		}
		wait.Go(func() { errs[i] = v.check(v.chainers[i], page, from, to) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if n := len(page); n > 0 {
		v.head = Head{Seq: page[n-1].Seq, Chain: bytes.Clone(page[n-1].Chain)}
	}
	return nil
}

// leastPart is how many events are worth a goroutine.
const leastPart = 256

// check checks the events of a page from one place to another.
func (v *Verifier) check(c *chainer, page []store.Event, from, to int) *BrokenError {
	var sum [sha256.Size]byte
	for i := from; i < to; i++ {
		e, prev, want := &page[i], v.head.Chain, v.head.Seq+1
		if i > 0 {
			prev, want = page[i-1].Chain, page[i-1].Seq+1
		}
		switch {
		case e.Seq > want:
			return &BrokenError{Seq: want, Reason: fmt.Sprintf("missing, event %d comes next", e.Seq)}
		case e.Seq < want:
			return &BrokenError{Seq: e.Seq, Reason: fmt.Sprintf("out of order, event %d was expected", want)}
		case !hmac.Equal(e.Chain, c.sum(sum[:0], prev, e)):
			return &BrokenError{Seq: e.Seq, Reason: "changed, or not written with this store's key"}
		}
	}
	return nil
}

// Head is that of the events so far.
func (v *Verifier) Head() Head { return v.head }

// Verify checks events, oldest first, that come after from, and compares the end with
// the head that the store or an export names. It returns the head that it reached.
func Verify(key []byte, from Head, events []store.Event, end Head) (Head, error) {
	v := NewVerifier(key, from)
	for _, e := range events {
		if err := v.Add(e); err != nil {
			return v.head, err
		}
	}
	return v.head, v.End(end)
}

// End compares what was read with the head that was promised: a log may not end before it.
func (v *Verifier) End(promised Head) error {
	if v.head.Seq < promised.Seq {
		return &BrokenError{Seq: v.head.Seq + 1, Reason: fmt.Sprintf("missing, the log ended at event %d", promised.Seq)}
	}
	if v.head.Seq == promised.Seq && !hmac.Equal(v.head.Chain, promised.Chain) {
		return &BrokenError{Seq: v.head.Seq, Reason: "the log has another history than the head that was kept"}
	}
	return nil
}

// IsBroken reports whether err says that a log was tampered with.
func IsBroken(err error) bool {
	var b *BrokenError
	return errors.As(err, &b)
}
