package bolt

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
)

// DB-7, DB-8: a damaged list of free pages is told before anything is written to where it leads;
// reading goes on.
func TestDamagedFreeListIsToldBeforeWriting(t *testing.T) {
	dir, k := golden(t, 2)
	st, err := New(Options{}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, dbName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := len(b)
	page := uint64(os.Getpagesize())
	for meta := range uint64(2) { // the list of the newest transaction is one of the two
		id := binary.NativeEndian.Uint64(b[meta*page+metaFreelist:])
		at := id*page + pageHead
		binary.NativeEndian.PutUint16(b[id*page+10:], 1)
		binary.NativeEndian.PutUint64(b[at:], 1<<40)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), func(w store.Writer) error {
		_, err := w.Append(store.Event{Act: store.ActEdit, Outcome: "done"})
		return err
	})
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("writing: %v", err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Size() != int64(size) {
		t.Errorf("the file has %d bytes, had %d: %v", fi.Size(), size, err)
	}
	if err := st.Read(t.Context(), func(r store.Reader) error { _, err := r.Grant("grant1"); return err }); err != nil {
		t.Errorf("reading: %v", err)
	}
}
