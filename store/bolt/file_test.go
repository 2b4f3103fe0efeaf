package bolt

import (
	"bytes"
	"errors"
	"os"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// DB-13: a write that would make the file larger than its bound is refused as a full disk is,
// and the old state stays.
func TestLargestFile(t *testing.T) {
	s, _ := pair2(t)
	before := stored(t, s)
	o := engineOptions(func(path string, flag int, perm os.FileMode) (*os.File, error) {
		return ownfile.Open(path, flag, perm)
	})
	if o.MaxSize <= 1<<30 {
		t.Fatalf("the bound is %d bytes", o.MaxSize)
	}
	o.MaxSize = 1 << 20
	db, err := bbolt.Open(s.path, 0o600, o)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(s, tx, nil)
	if err := tx.Bucket(buckets.drafts).Put([]byte("big"), bytes.Repeat([]byte("x"), 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := s.commit(w); !errors.Is(err, store.ErrUnwritable) || s.broken.Load() {
		t.Errorf("%v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if stored(t, s) != before {
		t.Error("something was written")
	}
	putRefresh(t, s, "g", "small")
}
