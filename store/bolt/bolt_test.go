package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/secret"
)

// pair2 returns two handles on one new store.
func pair2(t *testing.T) (a, b *Store) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "deck")
	k := store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")}
	e := New(Options{Host: "test-host", Strict: true})
	s, err := e.Create(t.Context(), dir, k)
	if err != nil {
		t.Fatal(err)
	}
	o, err := e.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	a, b = s.(*Store), o.(*Store)
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

func note(w store.Writer) error {
	_, err := w.Append(store.Event{Act: store.ActEdit, Outcome: "done"})
	return err
}

// within runs during inside a transaction of s, on another goroutine.
func within(t *testing.T, write bool, s *Store, during func()) {
	t.Helper()
	in, out, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	hold := func() error { close(in); <-out; return nil }
	go func() {
		if write {
			done <- s.Write(t.Context(), func(store.Writer) error { return hold() })
			return
		}
		done <- s.Read(t.Context(), func(store.Reader) error { return hold() })
	}()
	<-in
	during()
	close(out)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// DB-10: waiting ends, and says who holds the store.
func TestBusy(t *testing.T) {
	a, b := pair2(t)
	busy := func(err error, what string) {
		t.Helper()
		var e *store.BusyError
		if !errors.As(err, &e) || e.Holder.What != what || e.Holder.Host != "test-host" || e.Holder.PID != os.Getpid() {
			t.Errorf("got %v", err)
		}
	}
	const short = 20 * time.Millisecond
	within(t, true, a, func() {
		b.wait = short
		_, err := b.Changes(t.Context(), 0)
		busy(err, "writing")
		busy(b.Write(t.Context(), note), "writing")
		b.wait = Wait
	})
	if err := b.Write(t.Context(), note); err != nil { // a wait that was given up holds nothing
		t.Error(err)
	}
	within(t, false, a, func() {
		if _, err := b.Changes(t.Context(), 0); err != nil {
			t.Errorf("a reader beside a reader: %v", err)
		}
		if lockOwner(a.lock.path) != 0 { // only where the system tells who reads
			b.wait = short
			busy(b.Write(t.Context(), note), "reading")
			b.wait = Wait
		}
	})
	if err := b.Write(t.Context(), note); err != nil {
		t.Error(err)
	}
}

// After a failed sync nobody knows what is on disk; this process writes no more.
func TestNoWritesAfterAFailedSync(t *testing.T) { // DB-6
	a, b := pair2(t)
	a.broken.Store(true)
	if err := a.Write(t.Context(), note); !errors.Is(err, store.ErrUnwritable) {
		t.Errorf("got %v", err)
	}
	if _, err := a.Changes(t.Context(), 0); err != nil {
		t.Errorf("reading: %v", err)
	}
	if err := b.Write(t.Context(), note); err != nil {
		t.Errorf("another process: %v", err)
	}
}

// edit changes the file behind the store's back.
func edit(t *testing.T, s *Store, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(s.path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestFormats(t *testing.T) { // DB-9, DB-15
	for name, c := range map[string]struct {
		edit func(*bbolt.Tx) error
		want error
	}{
		"newer":     {func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.format, []byte{format + 1}) }, store.ErrNewer},
		"none":      {func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Delete(keys.format) }, store.ErrDamaged},
		"no bucket": {func(tx *bbolt.Tx) error { return tx.DeleteBucket(buckets.names) }, store.ErrDamaged},
		"no meta":   {func(tx *bbolt.Tx) error { return tx.DeleteBucket(buckets.meta) }, store.ErrDamaged},
		"header":    {func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.header, []byte{1}) }, store.ErrDamaged},
	} {
		a, b := pair2(t)
		edit(t, a, c.edit)
		if _, err := New(Options{}).Open(t.Context(), a.dir); !errors.Is(err, c.want) {
			t.Errorf("%s: opening: %v", name, err)
		}
		if name == "header" { // needed to unlock only
			continue
		}
		if err := b.Write(t.Context(), note); !errors.Is(err, c.want) {
			t.Errorf("%s: writing: %v", name, err)
		}
	}
}

// DB-8: a broken page is an error, and no lock is left behind.
func TestBrokenPages(t *testing.T) {
	a, _ := pair2(t)
	for i := range 20 {
		if err := a.Write(t.Context(), func(w store.Writer) error {
			id := store.ID(fmt.Sprint("c", i))
			return errors.Join(w.PutConnection(&store.Connection{ID: id, Name: string(id), Purpose: strings.Repeat("x", 500)}), note(w))
		}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	a.o.Strict = false // it checks by panicking
	page, refused := os.Getpagesize(), 0
	for at := 0; at < len(whole); at += page {
		broken := slices.Clone(whole)
		clear(broken[at : at+page])
		if err := os.WriteFile(a.path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		_, readErr := a.Changes(t.Context(), 0)
		for _, err := range []error{readErr, a.Write(t.Context(), note)} {
			if err != nil && !errors.Is(err, store.ErrDamaged) {
				t.Errorf("page %d: %v", at/page, err)
			}
			if err != nil {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("no broken page was noticed")
	}
	if err := errors.Join(os.WriteFile(a.path, whole, 0o600), a.Write(t.Context(), note)); err != nil {
		t.Errorf("whole again: %v", err)
	}
}

// DB-4: a creation that died leaves no store, and doesn't hinder the next.
func TestCreateAfterACrash(t *testing.T) {
	a, _ := pair2(t)
	dir := filepath.Join(t.TempDir(), "deck")
	whole, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, tempPrefix+"00")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(half, whole[:5000], 0o600)); err != nil {
		t.Fatal(err)
	}
	e := New(Options{})
	if _, err := e.Open(t.Context(), dir); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("half a store: %v", err)
	}
	s, err := e.Create(t.Context(), dir, store.Key{Passphrase: secret.FromString("correct horse battery")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left, _ := filepath.Glob(filepath.Join(dir, tempPrefix+"*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if !Exists(dir) || Exists(t.TempDir()) {
		t.Error("Exists is wrong")
	}
}

func TestCreateLeavesNothingWhenItFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deck")
	_, err := New(Options{}).Create(t.Context(), dir, store.Key{Passphrase: secret.FromString("short")})
	if !errors.Is(err, store.ErrShortPassphrase) || Exists(dir) {
		t.Errorf("got %v", err)
	}
	if _, err := New(Options{}).Create(t.Context(), dir); err == nil || Exists(dir) {
		t.Error("a store without a slot")
	}
}

func TestReadOnly(t *testing.T) {
	a, _ := pair2(t)
	e := New(Options{ReadOnly: true})
	s, err := e.Open(t.Context(), a.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, createErr := e.Create(t.Context(), t.TempDir(), store.Key{})
	_, leaseErr := s.Lease(t.Context(), "g", "x")
	for what, err := range map[string]error{
		"write": s.Write(t.Context(), note), "unlock": s.Unlock(t.Context(), store.Key{}), "create": createErr, "lease": leaseErr,
	} {
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Changes(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

func TestWatchIsNotWokenByReading(t *testing.T) { // DB-11
	a, b := pair2(t)
	seen, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for since := time.Now(); time.Since(since) < 3*coalesce; {
		if _, err := a.Changes(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-seen:
		t.Error("reading woke the watcher")
	default:
	}
	if err := b.Write(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	<-seen
}

func TestWatchEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	a, _ := pair2(t)
	ctx, cancel := context.WithCancel(t.Context())
	one, e1 := a.Watch(ctx)
	two, e2 := a.Watch(t.Context())
	polled := make(chan struct{}, 1)
	go a.poll(t.Context(), polled)
	if err := errors.Join(e1, e2); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-one
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	<-two
	<-polled
	if _, err := a.Watch(t.Context()); err == nil {
		t.Error("a closed store can be watched")
	}
}

// A transaction that is under way when the store is locked keeps the chain whole.
func TestLockWithinAWrite(t *testing.T) {
	a, b := pair2(t)
	if err := a.Write(t.Context(), func(w store.Writer) error { a.Lock(); return note(w) }); err != nil {
		t.Fatal(err)
	}
	var e []store.Event
	if err := b.Read(t.Context(), func(r store.Reader) (err error) { e, err = r.Events(store.EventFilter{}); return err }); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(e)
	verify(t, b, e)
}

func TestIDsThatCantBeNames(t *testing.T) {
	a, _ := pair2(t)
	for _, id := range []store.ID{"", "a/b", "..", "a\x00b", store.ID(strings.Repeat("a", 65))} {
		err := a.Write(t.Context(), func(w store.Writer) error { return w.PutGrant(&store.Grant{ID: id}) })
		if err == nil {
			t.Errorf("a grant of id %q is taken", id)
		}
		if _, err := a.Lease(t.Context(), id, "x"); err == nil {
			t.Errorf("a lease of id %q is given", id)
		}
	}
}

func verify(t *testing.T, s *Store, e []store.Event) {
	t.Helper()
	key, err := s.vault.AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verify(key, audit.Head{}, e, audit.Head{}); err != nil {
		t.Error(err)
	}
}
