package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/audit"
)

// logged is a store with n events beside its first.
func logged(t testing.TB, n int) (s *Store, open func() *Store) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "deck")
	k := store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")}
	b := New(Options{Host: "test-host", Actor: "tester"})
	st, err := b.Create(t.Context(), dir, k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	s = st.(*Store)
	record(t, s, n)
	return s, func() *Store {
		o, err := b.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Unlock(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = o.Close() })
		return o.(*Store)
	}
}

// record appends n events.
func record(t testing.TB, s *Store, n int) {
	t.Helper()
	for i := 0; i < n; {
		err := s.Write(t.Context(), func(w store.Writer) error {
			for end := min(i+20_000, n); i < end; i++ {
				_, err := w.Append(store.Event{Act: store.ActRefresh, Connection: fmt.Sprintf("hubspot-%04d", i%100), ConnectionID: store.ID(fmt.Sprintf("id%04d", i%100)),
					Outcome: "done", Evidence: "access token lasts 30m0s", Op: "op"})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tamper changes the audit bucket as somebody with the file but not the key can.
func tamper(t testing.TB, s *Store, fn func(b *bbolt.Bucket) error) {
	t.Helper()
	db, err := openFile(s.path, true, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.NoSync = true
	if err := db.Update(func(tx *bbolt.Tx) error { return fn(tx.Bucket(buckets.audit)) }); err != nil {
		t.Fatal(err)
	}
}

func broken(t testing.TB, s *Store, kept ...audit.SignedHead) uint64 {
	t.Helper()
	_, err := audit.Check(t.Context(), s, kept, nil)
	var b *audit.BrokenError
	if err != nil && !errors.As(err, &b) {
		t.Fatal(err)
	}
	if b == nil {
		return 0
	}
	return b.Seq
}

// The log is read in pages and checked as a whole; what is appended while it is read comes too.
func TestEachEventReadsAll(t *testing.T) {
	s, _ := logged(t, pageEvents+10)
	var last uint64
	more := 5
	err := s.EachEvent(t.Context(), 3, func(page []store.Event) error {
		for _, e := range page {
			if want := max(last, 3) + 1; e.Seq != want || e.Outcome == "" {
				t.Fatalf("event %+v, want %d", e, want)
			}
			last = e.Seq
		}
		if more > 0 {
			record(t, s, more)
			more = 0
		}
		return nil
	})
	info, _ := s.Info(t.Context())
	if err != nil || last != info.Events {
		t.Errorf("ended at %d of %d: %v", last, info.Events, err)
	}
	var done, all uint64
	r, err := audit.Check(t.Context(), s, nil, func(d, a uint64) { done, all = d, a })
	if err != nil || r.Head.Seq != last || done != last || all != last || r.First.After(r.Last) {
		t.Errorf("%+v %v, %d of %d", r, err, done, all)
	}
	stop := errors.New("stop")
	if err := s.EachEvent(t.Context(), 0, func([]store.Event) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("fn's error: %v", err)
	}
	s.Lock()
	if _, err := audit.Check(t.Context(), s, nil, nil); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// AU-2, AU-3: any byte of an entry that is changed, and any entry that is taken, added or
// moved, makes the check name the first bad entry.
func TestTamperedLog(t *testing.T) {
	s, _ := logged(t, 12)
	var good []byte
	tamper(t, s, func(b *bbolt.Bucket) error { good = append(good, b.Get(number(6))...); return nil })
	put := func(n uint64, v []byte) {
		tamper(t, s, func(b *bbolt.Bucket) error { return b.Put(number(n), v) })
	}
	for i := range good {
		for _, bit := range []byte{1, 0x20} {
			v := append([]byte(nil), good...)
			v[i] ^= bit
			put(6, v)
			if seq := broken(t, s); seq != 6 {
				t.Fatalf("byte %d, bit %d: first bad is %d", i, bit, seq)
			}
		}
	}
	put(6, good[:len(good)-1])
	if seq := broken(t, s); seq != 6 {
		t.Errorf("cut: %d", seq)
	}
	put(6, append(append([]byte(nil), good...), 0))
	if seq := broken(t, s); seq != 6 {
		t.Errorf("longer: %d", seq)
	}
	put(6, good)
	put(7, good)
	if seq := broken(t, s); seq != 7 {
		t.Errorf("doubled: %d", seq)
	}
	tamper(t, s, func(b *bbolt.Bucket) error { return b.Delete(number(7)) })
	if seq := broken(t, s); seq != 7 {
		t.Errorf("removed: %d", seq)
	}
}

// AU-3, AU-4: an end that was cut off is found by what the store notes, and one that stands after it too.
func TestEndOfLog(t *testing.T) {
	s, _ := logged(t, 4)
	info, _ := s.Info(t.Context())
	var last []byte
	tamper(t, s, func(b *bbolt.Bucket) error {
		last = append(last, b.Get(number(info.Events))...)
		return b.Delete(number(info.Events))
	})
	if seq := broken(t, s); seq != info.Events {
		t.Errorf("cut: %d", seq)
	}
	tamper(t, s, func(b *bbolt.Bucket) error { return b.Put(number(info.Events), last) })
	if seq := broken(t, s); seq != 0 {
		t.Errorf("mended: %d", seq)
	}
	key, err := s.AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := body("event", last)
	e, _ := audit.Decode(raw)
	e.Seq++
	e.Chain = audit.Chain(key, e.Chain, e)
	v, _ := s.codec.encode("event", e)
	tamper(t, s, func(b *bbolt.Bucket) error { return b.Put(number(e.Seq), v) })
	if seq := broken(t, s); seq != e.Seq {
		t.Errorf("added behind the end: %d", seq)
	}
}

// What Decode reads is what the codec wrote, and nothing else that the codec would read.
func TestDecodeAgreesWithTheCodec(t *testing.T) {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	long := string(make([]rune, 70_000))
	at := time.Date(2026, 3, 1, 12, 0, 0, 120, time.UTC)
	sum := make([]byte, 32)
	for _, e := range []store.Event{
		{Seq: 1, At: at, Act: store.ActInit, Outcome: "done", Chain: sum},
		{Seq: 1 << 40, At: at, Actor: "ä", Host: "h", Act: store.ActEdit, Connection: "c", ConnectionID: "id", Outcome: "done", Evidence: long, Op: "op", Chain: sum},
		{Seq: 300, At: at.Truncate(time.Second), Actor: long[:300], Act: store.ActEdit, ConnectionID: "id", Op: "op", Chain: sum},
	} {
		b, err := c.encode("event", e)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := body("event", b)
		got, err := audit.Decode(raw)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(e) {
			t.Errorf("%d: %v", e.Seq, err)
		}
	}
	// Another time that is chained like one of now: 2^64 ns later.
	e := store.Event{Seq: 1, At: at, Act: store.ActInit, Outcome: "done", Chain: sum}
	e.At = at.Add(1<<63 - 1).Add(1<<63 - 1).Add(2)
	b, _ := c.encode("event", e)
	raw, _ := body("event", b)
	if _, err := audit.Decode(raw); e.At.UnixNano() != at.UnixNano() || err == nil {
		t.Errorf("a time out of range: %v", err)
	}
}

// FZ-9. FuzzDecodeEvent: what is read as an event is the one encoding of that event (AU-2).
func FuzzDecodeEvent(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	b, _ := c.encode("event", store.Event{Seq: 7, At: time.Unix(1, 5).UTC(), Actor: "a", Act: store.ActEdit, Connection: "c", Outcome: "done", Evidence: "e", Chain: make([]byte, 32)})
	const head = sumSize // the event stands behind its checksum
	f.Add(b[head:])
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := audit.Decode(in)
		if err != nil {
			return
		}
		out, err := c.encode("event", e)
		if err != nil || len(out) < head || string(out[head:]) != string(in) {
			t.Fatalf("%x reads as %x, %v", in, out, err)
		}
		var same store.Event
		if err := c.decode("event", out, &same); err != nil || fmt.Sprint(same) != fmt.Sprint(e) {
			t.Errorf("the codec reads %+v, %v", same, err)
		}
	})
}

// AU-13: BenchmarkCheck verifies a million events.
func BenchmarkCheck(b *testing.B) {
	const n = 1_000_000
	s, _ := logged(b, n)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := audit.Check(b.Context(), s, nil, nil); err != nil || r.Head.Seq < n {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(n/(b.Elapsed().Seconds()/float64(b.N)), "events/s")
}

// AU-4, AU-5, AU-6: against a head that was kept, a log that was cut, written anew with the
// key, or put back with the whole store does not pass.
func TestKeptHeads(t *testing.T) {
	s, open := logged(t, 6)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first, err := audit.SignNow(t.Context(), s, at)
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	record(t, s, 6)
	kept, err := audit.SignNow(t.Context(), s, at.Add(time.Hour))
	if err != nil || kept.Count != first.Count+6 {
		t.Fatalf("%+v %v", kept, err)
	}
	record(t, s, 3)
	if r, err := audit.Check(t.Context(), s, []audit.SignedHead{first, kept}, nil); err != nil || r.Kept != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	// AU-5: somebody who has the key writes everything anew.
	rewrite(t, s, "somebody else")
	if seq := broken(t, s); seq != 0 {
		t.Errorf("without a head: %d", seq)
	}
	if seq := broken(t, s, first, kept); seq != first.Count {
		t.Errorf("written anew: %d", seq)
	}
	// AU-6: yesterday's store is put back. AU-4: which is the same as a tail that was cut by somebody who has the key.
	if err := os.WriteFile(s.path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	o := open()
	if seq := broken(t, o); seq != 0 {
		t.Errorf("put back, without a head: %d", seq)
	}
	if seq := broken(t, o, first); seq != 0 {
		t.Errorf("put back, against its own head: %d", seq)
	}
	info, _ := o.Info(t.Context())
	if seq := broken(t, o, first, kept); seq != info.Events+1 {
		t.Errorf("put back: %d", seq)
	}
}

// rewrite chains the whole log anew under another actor, as somebody with the key can.
func rewrite(t *testing.T, s *Store, actor string) {
	t.Helper()
	key, err := s.AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	var all []store.Event
	err = s.EachEvent(t.Context(), 0, func(page []store.Event) error { all = append(all, page...); return nil })
	if err != nil {
		t.Fatal(err)
	}
	db, err := openFile(s.path, true, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error {
		var head logHead
		for _, e := range all {
			e.Actor = actor
			e.Chain = audit.Chain(key, head.Chain, e)
			head = logHead{Seq: e.Seq, Chain: e.Chain, At: e.At}
			b, _ := s.codec.encode("event", e)
			if err := tx.Bucket(buckets.audit).Put(number(e.Seq), b); err != nil {
				return err
			}
		}
		b, _ := s.codec.encode("the head of the audit log", head)
		return tx.Bucket(buckets.meta).Put(keys.head, b)
	})
	if err != nil {
		t.Fatal(err)
	}
}
