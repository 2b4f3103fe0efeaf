package bolt

import (
	"crypto/sha256"
	"errors"
	"path/filepath"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/clock"
)

// calendar is a clock that stands still until it is set.
type calendar struct {
	clock.System
	at time.Time
}

func (c *calendar) Now() time.Time   { return c.at }
func (c *calendar) Set(at time.Time) { c.at = at }

// dated is a store whose clock stands at at.
func dated(t testing.TB, at time.Time) (*Store, *calendar) {
	t.Helper()
	c := &calendar{at: at}
	dir := filepath.Join(t.TempDir(), "deck")
	st, err := New(Options{Host: "h", Actor: "a", Clock: c}).Create(t.Context(), dir, store.Key{IdentityFile: dir + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st.(*Store), c
}

func segmentsOf(t testing.TB, s *Store) []store.Segment {
	t.Helper()
	list, err := s.AuditSegments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// tamperIn is tamper for any bucket.
func tamperIn(t testing.TB, s *Store, bucket []byte, fn func(b *bbolt.Bucket) error) {
	t.Helper()
	tamper(t, s, func(b *bbolt.Bucket) error { return fn(b.Tx().Bucket(bucket)) })
}

// months is a store with ten events in each of n months, and one in the month after.
func months(t testing.TB, n int) *Store {
	s, c := dated(t, time.Date(2024, 1, 10, 0, 0, 0, 0, time.UTC))
	for i := range n {
		c.Set(time.Date(2024, time.Month(1+i), 20, 0, 0, 0, 0, time.UTC))
		record(t, s, 10)
	}
	c.Set(time.Date(2024, time.Month(1+n), 20, 0, 0, 0, 0, time.UTC))
	record(t, s, 1)
	return s
}

// AU-12: a run of events is closed by the first event of a later month, and by a clock that
// was set back not at all.
func TestSegmentsCloseByThemselves(t *testing.T) {
	s, c := dated(t, time.Date(2024, 1, 31, 23, 59, 0, 0, time.UTC))
	record(t, s, 3) // with that of init: 4
	c.Set(time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC))
	record(t, s, 2)
	if list := segmentsOf(t, s); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	c.Set(time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC))
	record(t, s, 2)
	c.Set(time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	record(t, s, 1)
	list := segmentsOf(t, s)
	if len(list) != 2 || list[0].First != 1 || list[0].Last != 6 || list[1].First != 7 || list[1].Last != 8 || len(list[0].Before) != 0 || list[1].From.Month() != 2 {
		t.Fatalf("%+v", list)
	}
	r, err := audit.Check(t.Context(), s, nil, nil)
	if err != nil || r.Segments != 2 || r.Out != 0 {
		t.Errorf("%+v %v", r, err)
	}
}

// AU-12: a log from before there were segments is closed in pieces that can be moved out.
func TestOldLogIsClosedInPieces(t *testing.T) {
	s, _ := logged(t, 2*segmentEvents+10)
	tamperIn(t, s, buckets.segments, func(b *bbolt.Bucket) error {
		return b.ForEach(func(k, _ []byte) error { return b.Delete(k) })
	})
	record(t, s, 1)
	list := segmentsOf(t, s)
	if len(list) != 2 || list[0].Count() != segmentEvents || list[1].Count() != segmentEvents {
		t.Fatalf("%d segments", len(list))
	}
	if r, err := audit.Check(t.Context(), s, nil, nil); err != nil || r.Segments != 2 {
		t.Errorf("%+v %v", r, err)
	}
}

// AU-12: no byte of a seal can change, no seal can go, and nobody without the key can pass
// events that he removed off as moved out.
func TestTamperedSegments(t *testing.T) {
	s := months(t, 3)
	list := segmentsOf(t, s)
	if len(list) != 3 || broken(t, s) != 0 {
		t.Fatalf("%d segments", len(list))
	}
	key := number(list[1].First)
	put := func(x store.Segment) {
		b, err := s.codec.encode("segment", x)
		if err != nil {
			t.Fatal(err)
		}
		tamperIn(t, s, buckets.segments, func(b2 *bbolt.Bucket) error { return b2.Put(key, b) })
	}
	for name, change := range map[string]func(*store.Segment){
		"last": func(x *store.Segment) { x.Last-- }, "from": func(x *store.Segment) { x.From = x.From.Add(1) },
		"to": func(x *store.Segment) { x.To = x.To.AddDate(-1, 0, 0) }, "before": func(x *store.Segment) { x.Before[0] ^= 1 },
		"chain": func(x *store.Segment) { x.Chain[0] ^= 1 }, "seal": func(x *store.Segment) { x.Seal[31] ^= 1 },
		"out": func(x *store.Segment) { x.Out = &store.SegmentOut{At: x.To, File: "f", MAC: make([]byte, 32)} },
	} {
		x := segmentsOf(t, s)[1]
		change(&x)
		put(x)
		if seq := broken(t, s); seq != list[1].First {
			t.Errorf("%s: %d", name, seq)
		}
		put(list[1])
	}
	if seq := broken(t, s); seq != 0 {
		t.Fatalf("mended: %d", seq)
	}
	tamperIn(t, s, buckets.segments, func(b *bbolt.Bucket) error { return b.Delete(key) })
	if seq := broken(t, s); seq != list[1].First {
		t.Errorf("removed: %d", seq)
	}
}

// AU-12: what was moved out is gone, the rest verifies from its seal, and heads of it do too.
func TestMoveOut(t *testing.T) {
	s := months(t, 3)
	ctx := t.Context()
	list := segmentsOf(t, s)
	head := func(seq uint64, chain []byte) audit.SignedHead {
		k, err := s.AuditKey()
		if err != nil {
			t.Fatal(err)
		}
		info, _ := s.Info(ctx)
		return audit.Sign(k, info.StoreID, audit.Head{Seq: seq, Chain: chain}, list[0].To)
	}
	kept := []audit.SignedHead{head(list[0].Last, list[0].Chain), head(list[1].Last, list[1].Chain), head(5, list[1].Chain)}
	sum := sha256.Sum256([]byte("file"))
	out, e := store.SegmentOut{File: "old.jsonl", SHA256: sum[:]}, store.Event{Act: store.ActAuditMove, Outcome: "done"}
	if err := s.MoveOut(ctx, list[1], out, e); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the second one first: %v", err)
	}
	if err := s.MoveOut(ctx, list[0], out, e); err != nil {
		t.Fatal(err)
	}
	if err := s.MoveOut(ctx, list[0], out, e); !errors.Is(err, store.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	r, err := audit.Check(ctx, s, kept, nil)
	if err != nil || r.Out != list[0].Last || r.Kept != 2 || r.Apart != 1 || !r.First.Equal(list[1].From) {
		t.Errorf("%+v %v", r, err)
	}
	err = s.Read(ctx, func(r store.Reader) error {
		all, err := r.Events(store.EventFilter{})
		one, err2 := r.Events(store.EventFilter{Connection: "id0001"})
		if len(all) == 0 || all[len(all)-1].Seq != list[1].First || len(one) == 0 || one[len(one)-1].Seq < list[1].First {
			t.Errorf("%d events from %d on", len(all), all[len(all)-1].Seq)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
	moved := segmentsOf(t, s)
	if o := moved[0].Out; o == nil || o.File != "old.jsonl" || o.Event == 0 || moved[1].Out != nil {
		t.Errorf("%+v", moved[0].Out)
	}
	if seq := broken(t, s, head(list[0].Last, list[1].Chain)); seq != list[0].Last {
		t.Errorf("a head of another history: %d", seq)
	}
	// The rest goes on, and an older one can be moved again.
	record(t, s, 2)
	if err := s.MoveOut(ctx, list[1], out, e); err != nil {
		t.Error(err)
	}
	if r, err := audit.Check(ctx, s, kept[:1], nil); err != nil || r.Out != list[1].Last {
		t.Errorf("%+v %v", r, err)
	}
	// The note of where it is can't be changed, nor taken away.
	x := segmentsOf(t, s)[0]
	x.Out.SHA256[0] ^= 1
	b, _ := s.codec.encode("segment", x)
	tamperIn(t, s, buckets.segments, func(bk *bbolt.Bucket) error { return bk.Put(number(x.First), b) })
	if seq := broken(t, s); seq != 1 {
		t.Errorf("another file: %d", seq)
	}
}

// BenchmarkAppend is what one event costs, in a log with a sealed segment.
func BenchmarkAppend(b *testing.B) {
	s, _ := logged(b, segmentEvents+10)
	for b.Loop() {
		err := s.Write(b.Context(), func(w store.Writer) error {
			_, err := w.Append(store.Event{Act: store.ActEdit, Outcome: "done"})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMoveOut is how long the turn to write is held for the largest segment.
func BenchmarkMoveOut(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s, _ := logged(b, segmentEvents+10)
		list := segmentsOf(b, s)
		b.StartTimer()
		if err := s.MoveOut(b.Context(), list[0], store.SegmentOut{File: "f"}, store.Event{Act: store.ActAuditMove, Outcome: "done"}); err != nil {
			b.Fatal(err)
		}
	}
}
