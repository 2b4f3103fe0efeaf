package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/text"
)

var _ store.SegmentMover = (*Store)(nil)

// segmentEvents is how many events a segment has at most: they are moved out in one
// transaction, which is to take a fraction of a second.
const segmentEvents = 50_000

// openRun is the run of events that no segment has yet.
type openRun struct {
	first  uint64
	from   time.Time // of its first event; zero: there is none yet
	before []byte    // chain value of the event before it
	seal   []byte    // of the segment before it
}

// openRun finds the run that is open: everything after the newest segment.
func (w *writer) openRun() (openRun, error) {
	r := openRun{first: 1}
	if _, b := w.tx.Bucket(buckets.segments).Cursor().Last(); b != nil {
		var s store.Segment
		if err := w.codec.decode("segment", b, &s); err != nil {
			return r, err
		}
		r.first, r.before, r.seal = s.Last+1, s.Chain, s.Seal
	}
	if r.first > w.head.Seq {
		return r, nil
	}
	e, err := w.event(r.first)
	r.from = e.At
	return r, err
}

// event reads one event.
func (r *reader) event(seq uint64) (e store.Event, err error) {
	b := r.tx.Bucket(buckets.audit).Get(number(seq))
	if b == nil {
		return e, fmt.Errorf("%w: event %d is missing", store.ErrDamaged, seq)
	}
	return e, r.codec.decode("event", b, &e)
}

// closeRuns seals the run that is open if the next event begins another one: a new month
// (UTC), or too many. A log from before there were segments is closed in pieces. A run that
// can't be read stays open, since an act must not be kept from its event by what is damaged;
// checking the chain finds it.
func (w *writer) closeRuns(next *store.Event) error {
	if w.run == nil {
		r, err := w.openRun()
		if errors.Is(err, store.ErrDamaged) {
			r = openRun{first: 0}
		} else if err != nil {
			return err
		}
		w.run = &r
	}
	r := w.run
	for r.first > 0 && r.first <= w.head.Seq {
		last := min(w.head.Seq, r.first+segmentEvents-1)
		full := last-r.first+1 == segmentEvents
		if !full && !monthAfter(r.from, next.At) {
			return nil
		}
		if err := w.closeRun(last); err != nil {
			return err
		}
	}
	if r.first > w.head.Seq {
		r.from = next.At
	}
	return nil
}

// monthAfter reports that b is in a later month than a. An earlier one is a clock that was
// set back: that ends no segment.
func monthAfter(a, b time.Time) bool {
	x, y := a.UTC(), b.UTC()
	return y.Year() > x.Year() || y.Year() == x.Year() && y.Month() > x.Month()
}

// closeRun seals the open run up to an event; the next run begins after it.
func (w *writer) closeRun(last uint64) error {
	r := w.run
	to, chain, next := w.head.At, w.head.Chain, time.Time{}
	if last < w.head.Seq {
		e, err := w.event(last)
		after, errAfter := w.event(last + 1)
		if err := errors.Join(err, errAfter); err != nil {
			r.first = 0 // stays open
			return nil
		}
		to, chain, next = e.At, e.Chain, after.At
	}
	s := store.Segment{First: r.first, Last: last, From: r.from, To: to, Before: r.before, Chain: chain}
	s.Seal = audit.SegmentSeal(w.key, r.seal, &s)
	b, err := w.codec.encode("segment", s)
	if err != nil {
		return err
	}
	*r = openRun{first: last + 1, from: next, before: chain, seal: s.Seal}
	w.tx.Bucket(buckets.segments).FillPercent = auditFill
	return w.put(buckets.segments, number(s.First), b)
}

// AuditSegments implements store.AuditReader.
func (s *Store) AuditSegments(ctx context.Context) ([]store.Segment, error) {
	var list []store.Segment
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		if formatOf(tx) < 3 {
			return nil
		}
		return tx.Bucket(buckets.segments).ForEach(func(_, b []byte) error {
			var x store.Segment
			err := s.codec.decode("segment", b, &x)
			list = append(list, x)
			return err
		})
	})
	return list, err
}

// MoveOut implements store.SegmentMover.
func (s *Store) MoveOut(ctx context.Context, seg store.Segment, out store.SegmentOut, e store.Event) error {
	return s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return store.ErrReadOnly
		}
		b := w.tx.Bucket(buckets.segments)
		var now store.Segment
		if err := w.codec.decode("segment", b.Get(number(seg.First)), &now); err != nil {
			return err
		}
		k, _ := w.tx.Bucket(buckets.audit).Cursor().First()
		if now.Out != nil || !bytes.Equal(now.Seal, seg.Seal) || !bytes.Equal(k, number(seg.First)) {
			return fmt.Errorf("moving out events %d to %d: %w", seg.First, seg.Last, store.ErrConflict)
		}
		if err := w.dropEvents(seg.First, seg.Last); err != nil {
			return err
		}
		seq, err := w.Append(e)
		if err != nil {
			return err
		}
		out.At, out.File, out.Event = w.head.At, text.Clean(out.File), seq
		out.MAC = audit.OutMAC(w.key, now.Seal, &out)
		now.Out = &out
		v, err := w.codec.encode("segment", now)
		if err != nil {
			return err
		}
		return w.put(buckets.segments, number(now.First), v)
	})
}

// dropEvents removes events and what leads to them.
func (w *writer) dropEvents(first, last uint64) error {
	for seq := first; seq <= last; seq++ {
		raw, err := body("event", w.tx.Bucket(buckets.audit).Get(number(seq)))
		if err != nil {
			return err
		}
		e, err := audit.Decode(raw)
		if err != nil {
			return &store.UnreadableEventError{Seq: seq, Err: err}
		}
		if e.ConnectionID != "" {
			if err := w.delete(buckets.connEvents, append(pair(e.ConnectionID, ""), number(seq)...)); err != nil {
				return err
			}
		}
		if err := w.delete(buckets.audit, number(seq)); err != nil {
			return err
		}
	}
	return nil
}
