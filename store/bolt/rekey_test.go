package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/secret"
)

func phrase(s string) store.Key { return store.Key{Passphrase: secret.FromString(s)} }

// other opens the store as another process would, with a key.
func other(t *testing.T, s *Store, k store.Key) *Store {
	t.Helper()
	o, err := New(Options{Host: "test-host", Strict: true}).Open(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	if err := o.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return o.(*Store)
}

func own(s *Store) store.Key {
	return store.Key{IdentityFile: filepath.Join(filepath.Dir(s.dir), "id")}
}

func grantID(i int) store.ID { return store.ID(fmt.Sprintf("g%06d", i)) }

// fillGrants puts n grants with a secret each, in one transaction.
func fillGrants(t testing.TB, s *Store, n int) {
	t.Helper()
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(w store.Writer) error {
		for i := range n {
			id := grantID(i)
			sealed, err := v.Seal(store.Binding{Owner: id, Field: store.FieldRefresh}, 1, []string{"api.example"}, secret.FromString("secret "+string(id)))
			if err != nil {
				return err
			}
			if err := w.PutGrant(&store.Grant{ID: id, Generation: 1, Refresh: &store.Token{Sealed: sealed}}); err != nil {
				return err
			}
		}
		return note(w)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantGrants checks that every secret opens, and under which data key.
func wantGrants(t *testing.T, s *Store, n int, keyID string) {
	t.Helper()
	for i := range n {
		val, err := openRefresh(t, s, grantID(i))
		if err != nil || val != "secret "+string(grantID(i)) {
			t.Fatalf("%s: %q %v", grantID(i), val, err)
		}
	}
	err := s.view(t.Context(), func(tx *bbolt.Tx) error {
		return (&reader{tx: tx, codec: s.codec}).eachSealed(func(id store.ID, f store.SealedField) error {
			if f.Value.KeyID != keyID {
				t.Errorf("%s of %s is under data key %s, not %s", f.Field, id, f.Value.KeyID, keyID)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func keyID(t *testing.T, s *Store) string {
	t.Helper()
	st, err := s.RekeyState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.KeyID
}

// SE-2, SE-11, AU-14: a new data key, with all kinds of slots; what went with the old one is gone,
// the chain of the log goes on.
func TestRekey(t *testing.T) {
	a, b := pair2(t)
	fillGrants(t, a, 5)
	putRefresh(t, a, "late", "hush")
	elsewhere, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	away := store.Key{IdentityFile: identityFile(t, elsewhere.String())}
	stays, goes := phrase("the phrase that stays"), phrase("the phrase that goes!")
	for _, n := range []store.NewSlot{{Key: stays, Label: "stays"}, {Key: goes, Label: "goes"}, {Recipient: elsewhere.Recipient().String()}} {
		if _, err := a.AddSlot(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	before, was := keyID(t, a), raw(t, a, buckets.meta, keys.header)
	var missing *store.SlotProofError
	if _, err := a.Rekey(t.Context(), store.RekeyOptions{Proofs: []store.Key{own(a)}}); !errors.As(err, &missing) || len(missing.Slots) != 2 {
		t.Fatalf("without the passphrases: %v", err)
	}
	o := store.RekeyOptions{Proofs: []store.Key{own(a), stays, phrase("nobody's passphrase")}, Drop: []string{"goes"}}
	if _, err := a.Rekey(t.Context(), o); !errors.Is(err, store.ErrWrongKey) {
		t.Fatalf("with a passphrase that opens nothing: %v", err)
	}
	if !bytes.Equal(was, raw(t, a, buckets.meta, keys.header)) {
		t.Fatal("a run that was refused changed the header")
	}
	fresh := phrase("a new recovery phrase")
	o.Proofs, o.New = o.Proofs[:2], []store.NewSlot{{Key: fresh, Label: "recovery"}}
	rep, err := a.Rekey(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Resumed || rep.Secrets != 6 || rep.Refused != 0 || len(rep.Slots) != 4 || rep.KeyID == before {
		t.Errorf("%+v", rep)
	}
	for name, k := range map[string]store.Key{"identity": own(a), "passphrase": stays, "recipient": away, "new": fresh} {
		o := other(t, a, k)
		wantGrants(t, o, 5, rep.KeyID)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	if err := opens(t, a, goes); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("a dropped slot: %v", err)
	}
	if _, err := os.Lstat(a.handoverPath()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the handover is still there: %v", err)
	}
	if _, err := b.AddSlot(t.Context(), store.NewSlot{Key: goes}); !errors.Is(err, store.ErrRekeyed) {
		t.Errorf("whoever missed it adds a slot: %v", err)
	}
	if kinds := infoKinds(t, a); !slices.Equal(kinds, []string{store.SlotIdentity, store.SlotPassphrase, store.SlotRecipient, store.SlotPassphrase}) {
		t.Errorf("slots %v", kinds)
	}
	if _, err := audit.Check(t.Context(), a, nil, nil); err != nil {
		t.Errorf("the log: %v", err)
	}
	wantActs(t, a, store.ActRekey, "done", "begun")
}

func infoKinds(t *testing.T, s *Store) (kinds []string) {
	t.Helper()
	list, err := s.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		kinds = append(kinds, x.Kind)
	}
	return kinds
}

// wantActs checks the outcomes of an act's events, newest first.
func wantActs(t *testing.T, s *Store, act store.Act, outcomes ...string) {
	t.Helper()
	var got []string
	err := s.Read(t.Context(), func(r store.Reader) error {
		list, err := r.Events(store.EventFilter{Acts: []store.Act{act}})
		for _, e := range list {
			got = append(got, e.Outcome)
		}
		return err
	})
	if err != nil || !slices.Equal(got, outcomes) {
		t.Errorf("events of %s: %v %v", act, got, err)
	}
}

// SE-11: others write, read, and open records while it runs; nothing is lost, and all of
// it ends under the new key.
func TestRekeyWhileOthersWork(t *testing.T) {
	a, b := pair2(t)
	const n = 450
	fillGrants(t, a, n)
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	steps := 0
	work.Go(func() {
		for ctx.Err() == nil {
			putRefresh(t, b, "busy", "hush")
			steps++
			if val, err := openRefresh(t, b, "busy"); err != nil || val != "hush" {
				t.Errorf("%q %v", val, err)
			}
			if val, err := openRefresh(t, b, grantID(steps%n)); err != nil {
				t.Errorf("%q %v", val, err)
			}
		}
	})
	rep, err := a.Rekey(t.Context(), store.RekeyOptions{})
	stop()
	work.Wait()
	if err != nil || rep.Secrets < n {
		t.Fatalf("%+v %v", rep, err)
	}
	putRefresh(t, b, "busy", "after")
	wantGrants(t, b, n, rep.KeyID)
	var g store.Grant
	err = a.Read(t.Context(), func(r store.Reader) (err error) { g, err = r.Grant("busy"); return err })
	if err != nil || g.Generation != uint64(steps+1) {
		t.Errorf("%d steps, generation %d, %v", steps, g.Generation, err)
	}
}

// SE-11: a run that was stopped goes on later, in another process, with a slot of either key,
// with the handover and without it.
func TestRekeyResumes(t *testing.T) {
	for name, lost := range map[string]bool{"with the handover": false, "without it": true} {
		t.Run(name, func(t *testing.T) {
			a, b := pair2(t)
			const n = 450
			fillGrants(t, a, n)
			ctx, cancel := context.WithCancel(t.Context())
			fresh := phrase("a new recovery phrase")
			o := store.RekeyOptions{New: []store.NewSlot{{Key: fresh, Label: "recovery"}}, Progress: func(p store.RekeyProgress) {
				if p.Done > n/2 {
					cancel()
				}
			}}
			if _, err := a.Rekey(ctx, o); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			st, err := b.RekeyState(t.Context())
			if err != nil || !st.Running {
				t.Fatalf("%+v %v", st, err)
			}
			putRefresh(t, b, "meanwhile", "hush")
			if _, err := b.AddSlot(t.Context(), store.NewSlot{Key: fresh}); !errors.Is(err, store.ErrRekeying) {
				t.Errorf("adding a slot: %v", err)
			}
			if _, err := b.RemoveSlot(t.Context(), st.KeyID); !errors.Is(err, store.ErrRekeying) {
				t.Errorf("removing a slot: %v", err)
			}
			ways := []store.Key{own(a), fresh}
			if lost {
				if err := os.Remove(a.handoverPath()); err != nil {
					t.Fatal(err)
				}
				ways = ways[:1] // the slot of the new key alone does not lead to the old one then
			}
			var c *Store
			for _, k := range ways {
				c = other(t, a, k)
				for i := range n {
					if val, err := openRefresh(t, c, grantID(i)); err != nil || val != "secret "+string(grantID(i)) {
						t.Fatalf("%d: %q %v", i, val, err)
					}
				}
			}
			rep, err := c.Rekey(t.Context(), store.RekeyOptions{})
			if err != nil || !rep.Resumed || rep.Secrets == 0 || rep.Secrets >= n {
				t.Fatalf("%+v %v", rep, err)
			}
			wantGrants(t, other(t, a, fresh), n, rep.KeyID)
			wantGrants(t, other(t, a, own(a)), n, rep.KeyID)
			wantActs(t, c, store.ActRekey, "done", "begun")
		})
	}
}

// SE-11: who missed a whole run is locked, and told why; unlocking again helps. What it had sealed
// before is not written under the key that is gone.
func TestMissedRekey(t *testing.T) {
	a, b := pair2(t)
	fillGrants(t, a, 3)
	v, err := b.Vault()
	if err != nil {
		t.Fatal(err)
	}
	late, err := v.Seal(store.Binding{Owner: "late", Field: store.FieldRefresh}, 1, nil, secret.FromString("sealed before"))
	if err != nil {
		t.Fatal(err)
	}
	rep, err := a.Rekey(t.Context(), store.RekeyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	put := func() error {
		return b.Write(t.Context(), func(w store.Writer) error {
			return errors.Join(w.PutGrant(&store.Grant{ID: "late", Generation: 1, Refresh: &store.Token{Sealed: late}}), note(w))
		})
	}
	if err := put(); !errors.Is(err, store.ErrRekeyed) || !errors.Is(err, store.ErrLocked) {
		t.Errorf("writing: %v", err)
	}
	if _, err := b.Vault(); !errors.Is(err, store.ErrRekeyed) {
		t.Errorf("the vault: %v", err)
	}
	if err := b.Unlock(t.Context(), own(a)); err != nil {
		t.Fatal(err)
	}
	wantGrants(t, b, 3, rep.KeyID)
	if err := put(); !errors.Is(err, store.ErrRekeyed) {
		t.Errorf("a value under the key that is gone: %v", err)
	}
	b.Lock()
	if _, err := b.Vault(); errors.Is(err, store.ErrRekeyed) {
		t.Errorf("locked by hand: %v", err)
	}
}

// SE-11: what was sealed or read just before the end is not lost; what nobody uses any more is forgotten.
func TestRekeyKeepsWhatIsUnderWay(t *testing.T) {
	clock := newTestClock()
	a, _ := pair2(t)
	fillGrants(t, a, 3)
	e, err := New(Options{Clock: clock, Host: "test-host"}).Open(t.Context(), a.dir)
	if err != nil {
		t.Fatal(err)
	}
	b := e.(*Store)
	defer b.Close()
	if err := b.Unlock(t.Context(), own(a)); err != nil {
		t.Fatal(err)
	}
	v, err := b.Vault()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Seal(store.Binding{Owner: "new", Field: store.FieldRefresh}, 1, nil, secret.FromString("hush"))
	if err != nil {
		t.Fatal(err)
	}
	var read store.Grant
	rep, err := a.Rekey(t.Context(), store.RekeyOptions{Progress: func(store.RekeyProgress) {
		_ = b.Read(t.Context(), func(r store.Reader) (err error) {
			if read.ID == "" {
				read, err = r.Grant(grantID(1))
			}
			return err
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = b.Write(t.Context(), func(w store.Writer) error {
		return errors.Join(w.PutGrant(&store.Grant{ID: "new", Generation: 1, Refresh: &store.Token{Sealed: sealed}}), note(w))
	})
	if err != nil {
		t.Fatal(err)
	}
	if val, err := openRefresh(t, a, "new"); err != nil || val != "hush" {
		t.Errorf("%q %v", val, err)
	}
	if read.Refresh.Sealed.KeyID == rep.KeyID {
		t.Fatal("it was read too late for this test")
	}
	at := store.Binding{Owner: grantID(1), Field: store.FieldRefresh}
	if _, err := v.Open(at, read.Refresh.Sealed); err != nil {
		t.Errorf("read before the end: %v", err)
	}
	clock.advance(retireAfter + time.Second)
	if _, err := b.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(at, read.Refresh.Sealed); !errors.Is(err, store.ErrRekeyed) {
		t.Errorf("long after: %v", err)
	}
	if b.vault.Retired() {
		t.Error("the old data key is still in memory")
	}
}

// SE-11: a lease that is held when the run comes to its end is waited for: its holder may have
// read the header before the run began.
func TestRekeyWaitsForLeases(t *testing.T) {
	a, b := pair2(t)
	fillGrants(t, a, 3)
	l, err := b.Lease(t.Context(), grantID(0), "refreshing")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	passed := make(chan struct{}, 100)
	go func() {
		_, err := a.Rekey(t.Context(), store.RekeyOptions{Progress: func(store.RekeyProgress) { passed <- struct{}{} }})
		ended <- err
	}()
	for range 4 { // two buckets, twice: everything is re-sealed
		<-passed
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended while a lease was held: %v", err)
	default:
	}
	putRefresh(t, b, grantID(0), "secret "+string(grantID(0))) // the answer of the refresh
	l.Release()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	wantGrants(t, b, 3, keyID(t, a))
}

// SE-4, SE-11: a value that was put back is not made good by being sealed anew.
func TestRekeyRefusesWhatWasPutBack(t *testing.T) {
	a, b := pair2(t)
	fillGrants(t, a, 3)
	putRefresh(t, a, "g1", "old")
	before := raw(t, a, buckets.grants, []byte("g1"))
	putRefresh(t, a, "g1", "new")
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.grants).Put([]byte("g1"), before) })
	rep, err := b.Rekey(t.Context(), store.RekeyOptions{})
	if err != nil || rep.Refused != 1 || rep.Secrets != 3 {
		t.Fatalf("%+v %v", rep, err)
	}
	_, err = openRefresh(t, other(t, a, own(a)), "g1")
	if !errors.Is(err, store.ErrSealed) && !errors.Is(err, store.ErrRekeyed) {
		t.Errorf("put back: %v", err)
	}
}

// SE-11: a header that was changed from outside gets no new data key: its public keys could
// be somebody else's.
func TestRekeyRefusesAForeignRecipient(t *testing.T) {
	a, b := pair2(t)
	theirs, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddSlot(t.Context(), store.NewSlot{Recipient: theirs.Recipient().String()}); err != nil {
		t.Fatal(err)
	}
	with := raw(t, a, buckets.meta, keys.header)
	if _, err := a.RemoveSlot(t.Context(), theirs.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.header, with) })
	_, err = b.Rekey(t.Context(), store.RekeyOptions{})
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("%v", err)
	}
}

// testClock stands still until it is moved.
type testClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newTestClock() *testClock { return &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.advance(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	return nil
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
