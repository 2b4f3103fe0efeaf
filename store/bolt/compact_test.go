package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

// stored is everything that the file of a store holds, as one text.
func stored(t *testing.T, s *Store) string {
	t.Helper()
	var out strings.Builder
	err := s.view(t.Context(), func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				_, err := fmt.Fprintf(&out, "%s %x %x\n", name, k, v)
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// wipe removes a grant.
func wipe(t *testing.T, s *Store, id store.ID) {
	t.Helper()
	if err := s.Write(t.Context(), func(w store.Writer) error { return errors.Join(w.DeleteGrant(id), note(w)) }); err != nil {
		t.Fatal(err)
	}
}

// FP-12, SE-1, DB-13: what was removed is in the file before and not after, what is there
// opens as before, and the event tells of it.
func TestCompact(t *testing.T) {
	s, other := pair2(t)
	var boxes [][]byte
	for i := range 60 {
		id := store.ID(fmt.Sprintf("g%02d", i))
		putRefresh(t, s, id, strings.Repeat("canary", 100))
		err := s.Read(t.Context(), func(r store.Reader) error {
			g, err := r.Grant(id)
			boxes = append(boxes, bytes.Clone(g.Refresh.Sealed.Box[24:]))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i < 60; i++ {
		wipe(t, s, store.ID(fmt.Sprintf("g%02d", i)))
	}
	lingering := func() (n int) {
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range boxes[1:] {
			if bytes.Contains(b, x) {
				n++
			}
		}
		return n
	}
	if lingering() == 0 {
		t.Fatal("nothing lingers, so this test finds nothing")
	}
	old, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.Compact(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now, err := os.Stat(s.path)
	if err != nil || now.Size() >= old.Size() || done.After >= done.Before || done.CaughtUp != 0 || now.Mode().Perm() != 0o600 {
		t.Errorf("%d bytes before, %v %d after: %+v, %v", old.Size(), now.Mode(), now.Size(), done, err)
	}
	if n := lingering(); n != 0 {
		t.Errorf("%d removed secrets are in the new file", n)
	}
	for _, x := range []*Store{s, other} {
		if val, err := openRefresh(t, x, "g00"); err != nil || !strings.HasPrefix(val, "canary") {
			t.Errorf("what is there: %q, %v", val, err)
		}
	}
	e := events(t, s)
	if last := e[len(e)-1]; last.Act != store.ActCompact || !strings.Contains(last.Evidence, fmt.Sprint(done.Before)) {
		t.Errorf("the event: %+v", last)
	}
	verify(t, s, e)
	putRefresh(t, other, "g01", "new") // as a process that was there before
	leftNothing(t, s.dir)
}

// events are all events, oldest first.
func events(t *testing.T, s *Store) (out []store.Event) {
	t.Helper()
	err := s.Read(t.Context(), func(r store.Reader) (err error) {
		out, err = r.Events(store.EventFilter{Limit: 1 << 30})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// leftNothing looks for what a compaction could have left.
func leftNothing(t *testing.T, dir string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if strings.Contains(e.Name(), "compact") || e.Name() == stageDir || strings.Contains(e.Name(), "new") {
			t.Errorf("%s was left", e.Name())
		}
	}
}

// begun is a compaction that has written its new file and does not have its turn yet.
func begun(t *testing.T, s *Store) *compaction {
	t.Helper()
	st, err := newStage(t.Context(), s, "compacting")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	key, err := s.mayWrite()
	if err != nil {
		t.Fatal(err)
	}
	c := &compaction{s: s, key: key, from: filepath.Join(st.path, dbName), to: filepath.Join(st.path, compactName)}
	if err := errors.Join(s.copyTo(t.Context(), st.file), c.rewrite(t.Context())); err != nil {
		t.Fatal(err)
	}
	return c
}

// What others write while the new file is made is in it, to the last key.
func TestCompactCatchesUp(t *testing.T) {
	s, other := pair2(t)
	for i := range 20 {
		putRefresh(t, s, store.ID(fmt.Sprintf("g%02d", i)), "old")
	}
	c := begun(t, s)
	for i := range 10 {
		putRefresh(t, other, store.ID(fmt.Sprintf("g%02d", i)), "newer")
	}
	for i := 15; i < 20; i++ {
		wipe(t, other, store.ID(fmt.Sprintf("g%02d", i)))
	}
	putRefresh(t, other, "a-first", "new")
	putRefresh(t, other, "z-last", "new")
	before := stored(t, s)
	// Without the event that the compaction itself appends, to compare everything.
	err := func() error {
		leave, err := s.enter(t.Context(), true)
		if err != nil {
			return err
		}
		defer leave()
		return c.complete()
	}()
	if err != nil {
		t.Fatal(err)
	}
	if c.done.CaughtUp < 17 {
		t.Errorf("%+v", c.done)
	}
	if err := c.swap(t.Context()); err != nil { // completes once more: nothing is lost by that
		t.Fatal(err)
	}
	after := stored(t, s)
	for line := range strings.Lines(before) {
		if !strings.HasPrefix(line, "meta") && !strings.HasPrefix(line, "index") && !strings.Contains(after, line) {
			t.Errorf("lost: %.60s", line)
		}
	}
	for id, want := range map[store.ID]string{"g00": "newer", "g12": "old", "a-first": "new", "z-last": "new"} {
		if val, err := openRefresh(t, other, id); err != nil || val != want {
			t.Errorf("%s: %q, %v", id, val, err)
		}
	}
	verify(t, s, events(t, s))
}

// Nobody can write to the old file any more: it stays as it was, to the last byte.
func TestCompactLeavesTheOldFileAlone(t *testing.T) {
	s, other := pair2(t)
	putRefresh(t, s, "g", "old")
	f, err := os.Open(s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	whole := func() []byte {
		b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var waited error
	c := begun(t, s)
	within(t, false, other, func() { // a reader is in: the swap waits for it
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		waited = c.swap(ctx)
	})
	if !errors.Is(waited, context.Canceled) {
		t.Errorf("beside a reader: %v", waited)
	}
	if err := c.swap(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := whole()
	for i := range 20 {
		putRefresh(t, []*Store{s, other}[i%2], "g", fmt.Sprint(i))
	}
	if !bytes.Equal(old, whole()) {
		t.Error("the old file was written to")
	}
	if val, err := openRefresh(t, s, "g"); val != "19" || err != nil {
		t.Errorf("%q, %v", val, err)
	}
}

// What can't be done leaves the store as it was.
func TestCompactRefused(t *testing.T) {
	s, other := pair2(t)
	putRefresh(t, s, "g", "val")
	before := stored(t, s)
	st, err := newStage(t.Context(), other, "backing up")
	if err != nil {
		t.Fatal(err)
	}
	s.wait = 1 // ns
	var busy *store.BusyError
	if _, err := s.Compact(t.Context()); !errors.As(err, &busy) || busy.Holder.What != "backing up" {
		t.Errorf("beside a backup: %v", err)
	}
	s.wait = Wait
	_ = st.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Compact(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	c := begun(t, s)
	edit(t, s, func(tx *bbolt.Tx) error { // a program that knows more came by
		return tx.Bucket(buckets.meta).Put(keys.format, []byte{format + 1})
	})
	if err := c.swap(t.Context()); !errors.Is(err, store.ErrNewer) {
		t.Errorf("raised meanwhile: %v", err)
	}
	edit(t, s, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.format, []byte{format}) })
	s.Lock()
	if _, err := s.Compact(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	looking, err := New(Options{ReadOnly: true}).Open(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := looking.(*Store).Compact(t.Context()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("for looking only: %v", err)
	}
	if stored(t, other) != before {
		t.Error("something was changed")
	}
}
