package bolt

import (
	"fmt"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/text"
)

// logHead is the end of the audit log. On disk: CBOR, bucket meta.
type logHead struct {
	Seq   uint64    `cbor:"1,keyasint"`
	Chain []byte    `cbor:"2,keyasint"`
	At    time.Time `cbor:"3,keyasint"`
}

// auditFill: sequence numbers only rise, so pages never need room in the middle.
const auditFill = 0.95

func (r *reader) logHead() (logHead, error) {
	var h logHead
	b := r.tx.Bucket(buckets.meta).Get(keys.head)
	if b == nil {
		if r.Revision() > 0 { // every store has an event, from its making on
			return h, fmt.Errorf("%w: the head of the audit log is missing", store.ErrDamaged)
		}
		return h, nil
	}
	return h, r.codec.decode("the head of the audit log", b, &h)
}

// Append implements store.Writer. All text is cleaned, so that an entry is one line
// wherever it is shown.
func (w *writer) Append(e store.Event) (uint64, error) {
	if w.head == nil {
		h, err := w.logHead()
		if err != nil {
			return 0, err
		}
		w.head = &h
	}
	w.fill(&e)
	if err := w.closeRuns(&e); err != nil {
		return 0, err
	}
	e.Chain = audit.Chain(w.key, w.head.Chain, e)
	b, err := w.codec.encode("event", e)
	if err != nil {
		return 0, err
	}
	w.tx.Bucket(buckets.audit).FillPercent = auditFill
	if err := w.put(buckets.audit, number(e.Seq), b); err != nil {
		return 0, err
	}
	if e.ConnectionID != "" {
		if err := w.put(buckets.connEvents, append(pair(e.ConnectionID, ""), number(e.Seq)...), []byte{}); err != nil {
			return 0, err
		}
	}
	w.head = &logHead{Seq: e.Seq, Chain: e.Chain, At: e.At}
	w.events++
	return e.Seq, nil
}

// fill completes an event. A clock that went back is flagged; the sequence rises
// all the same.
func (w *writer) fill(e *store.Event) {
	e.Seq = w.head.Seq + 1
	if e.At.IsZero() {
		e.At = w.s.o.Clock.Now()
	}
	e.At = e.At.UTC().Round(0)
	if e.Actor == "" {
		e.Actor = w.s.o.Actor
	}
	if e.Host == "" {
		e.Host = w.s.o.Host
	}
	if back := w.head.At.Sub(e.At); back > 0 {
		e.Evidence = strings.TrimSuffix(fmt.Sprintf("clock went back %s; %s", back.Round(time.Millisecond), e.Evidence), "; ")
	}
	for _, p := range []*string{&e.Actor, &e.Host, &e.Connection, &e.Outcome, &e.Evidence} {
		*p = text.Clean(*p)
	}
}

func (w *writer) putHead() error {
	if w.head == nil {
		return nil
	}
	b, err := w.codec.encode("the head of the audit log", *w.head)
	if err != nil {
		return err
	}
	return w.put(buckets.meta, keys.head, b)
}
