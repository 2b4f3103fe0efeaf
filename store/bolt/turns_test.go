package bolt

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

// PR-11: the format is looked at in each transaction. A process that was there before another
// one raised the store can still say what it is, and writes nothing.
func TestOldProgramBesideANewOne(t *testing.T) {
	s, _ := pair2(t)
	putRefresh(t, s, "g", "val")
	set := func(v byte) {
		edit(t, s, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.format, []byte{v}) })
	}
	set(format + 1)
	before := fileBytes(t, s)
	reached := false
	write := func(store.Writer) error { reached = true; return nil }
	_, changes := s.Changes(t.Context(), 0)
	_, info := s.Info(t.Context())
	_, compacted := s.Compact(t.Context())
	for what, err := range map[string]error{
		"read": s.Read(t.Context(), func(store.Reader) error { reached = true; return nil }), "write": s.Write(t.Context(), write),
		"changes": changes, "info": info, "compact": compacted, "reserve": s.Reserve(t.Context(), 1),
	} {
		if !errors.Is(err, store.ErrNewer) || reached {
			t.Errorf("%s: %v", what, err)
		}
	}
	if fileBytes(t, s) != before {
		t.Error("something was written")
	}
	set(format)
	if val, err := openRefresh(t, s, "g"); err != nil || val != "val" {
		t.Errorf("%q, %v", val, err)
	}
}

// A store that is locked while a writer waits for its turn is not written to, and all that is
// in it still opens afterwards.
func TestLockWhileAWriterWaits(t *testing.T) {
	s, other := pair2(t)
	putRefresh(t, s, "g", "val")
	done := make(chan error, 1)
	within(t, false, other, func() {
		go func() { done <- s.Write(t.Context(), note) }()
		for len(s.gate.turn) == 0 { // until it is under way
			if t.Context().Err() != nil {
				t.Fatal("the writer never came")
			}
		}
		s.Lock()
	})
	if err := <-done; !errors.Is(err, store.ErrLocked) {
		t.Errorf("written with the key gone: %v", err)
	}
	if val, err := openRefresh(t, other, "g"); err != nil || val != "val" {
		t.Errorf("%q, %v", val, err)
	}
	verify(t, other, events(t, other))
}

// DB-17: a file that was made on a system with pages of 64 KiB is read, written and compacted.
func TestBigPages(t *testing.T) {
	s, other := pair2(t)
	putRefresh(t, s, "g", "val")
	c := begun(t, s)
	o := engineOptions(nil)
	o.OpenFile, o.PageSize = nil, 64<<10
	to := filepath.Join(filepath.Dir(c.to), "big.db")
	big, err := bbolt.Open(to, 0o600, o)
	if err != nil {
		t.Fatal(err)
	}
	old, err := openFile(c.from, false, false)
	if err != nil {
		t.Fatal(err)
	}
	err = old.View(func(tx *bbolt.Tx) error { return copyBuckets(t.Context(), tx, big) })
	if err := errors.Join(err, old.Close(), big.Close()); err != nil {
		t.Fatal(err)
	}
	c.to = to
	if err := c.swap(t.Context()); err != nil {
		t.Fatal(err)
	}
	putRefresh(t, other, "h", "new")
	for id, want := range map[store.ID]string{"g": "val", "h": "new"} {
		if val, err := openRefresh(t, s, id); err != nil || val != want {
			t.Errorf("%s: %q, %v", id, val, err)
		}
	}
}

// DB-14: what a transaction gave stays what it was when the file has been rewritten many times.
func TestCopiesOutliveTheirTransaction(t *testing.T) {
	s, _ := pair2(t)
	conn := store.Connection{ID: "c", Name: "first", Provider: "close", Grant: "g", Owner: "an owner"}
	putRefresh(t, s, "g", "first")
	err := s.Write(t.Context(), func(w store.Writer) error { return errors.Join(w.PutConnection(&conn), note(w)) })
	if err != nil {
		t.Fatal(err)
	}
	var c store.Connection
	var g store.Grant
	err = s.Read(t.Context(), func(r store.Reader) (err error) {
		if c, err = r.ConnectionByName("first"); err == nil {
			g, err = r.Grant("g")
		}
		return err
	})
	d, err2 := s.Changes(t.Context(), 0)
	if err := errors.Join(err, err2); err != nil || len(d.Changed) != 1 {
		t.Fatal(err, d)
	}
	for range 30 {
		putRefresh(t, s, "g", "another one, and a long one at that, so that pages are used again")
	}
	if _, err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	val, err := v.Open(store.Binding{Owner: "g", Field: store.FieldRefresh}, g.Refresh.Sealed)
	if err != nil || val.Reveal() != "first" || c.Name != "first" || c.Owner != "an owner" || d.Changed[0].Name != "first" {
		t.Errorf("%q, %v, %+v, %+v", val.Reveal(), err, c, d.Changed[0])
	}
}

// fileBytes is the file as it is.
func fileBytes(t *testing.T, s *Store) string {
	t.Helper()
	f, _, err := openWhole(s.path, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	b := make([]byte, fi.Size())
	if _, e := f.ReadAt(b, 0); errors.Join(err, e) != nil {
		t.Fatal(err, e)
	}
	return string(b)
}

// DB-11, DB-12: between calls a store holds no lock, also while it watches.
func TestNothingIsHeldBetweenCalls(t *testing.T) {
	s, other := pair2(t)
	watch, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := s.Watch(watch); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		putRefresh(t, s, "g", "val")
		if _, err := s.Changes(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		for _, l := range []*sideFile{other.gate, other.lock} {
			f, err := l.open()
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := tryLock(f, true); !ok || err != nil {
				t.Errorf("%s is held: %v", l.path, err)
			}
			_ = f.Close()
		}
	}
}
