// Package audit chains audit events, so that a change of any of them shows.
//
// The chain value of an event is HMAC-SHA256, under the store's audit key, over
// the chain value of the event before it and every field of this one. Whoever
// changes, removes, inserts, swaps or doubles an event without the key breaks the
// chain at that place. A tail that was cut off shows only against a head that was
// kept elsewhere: compare with Head.
package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

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
func Chain(key, prev []byte, e store.Event) []byte {
	c := canon.New("crmdeck/audit/1").Raw(prev)
	c.Number(e.Seq).Number(uint64(e.At.UnixNano()))
	c.Text(e.Actor).Text(e.Host).Text(string(e.Act)).Text(e.Connection).Text(string(e.ConnectionID))
	c.Text(e.Outcome).Text(e.Evidence).Text(string(e.Op))
	m := hmac.New(sha256.New, key)
	m.Write(c.Bytes())
	return m.Sum(nil)
}

// Verifier checks events one after another.
type Verifier struct {
	key  []byte
	head Head
}

// NewVerifier starts after from; the zero Head starts at the first event. It keeps key.
func NewVerifier(key []byte, from Head) *Verifier { return &Verifier{key: key, head: from} }

// Add checks the next event. Its error is a *BrokenError.
func (v *Verifier) Add(e store.Event) error {
	want := v.head.Seq + 1
	switch {
	case e.Seq > want:
		return &BrokenError{Seq: want, Reason: fmt.Sprintf("missing, event %d comes next", e.Seq)}
	case e.Seq < want:
		return &BrokenError{Seq: e.Seq, Reason: fmt.Sprintf("out of order, event %d was expected", want)}
	}
	if !hmac.Equal(e.Chain, Chain(v.key, v.head.Chain, e)) {
		return &BrokenError{Seq: e.Seq, Reason: "changed, or not written with this store's key"}
	}
	v.head = Head{Seq: e.Seq, Chain: bytes.Clone(e.Chain)}
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
