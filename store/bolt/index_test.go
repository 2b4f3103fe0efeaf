package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// putRefresh stores a refresh token of the next generation in a grant, as a refresh does.
func putRefresh(t *testing.T, s *Store, id store.ID, val string) {
	t.Helper()
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(w store.Writer) error {
		g, err := old(w.Grant(id))
		if err != nil {
			return err
		}
		g.ID, g.Generation = id, g.Generation+1
		sealed, err := v.Seal(store.Binding{Owner: id, Field: store.FieldRefresh}, g.Generation, []string{"api.example"}, secret.FromString(val))
		if err != nil {
			return err
		}
		g.Refresh = &store.Token{Sealed: sealed}
		return errors.Join(w.PutGrant(&g), note(w))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// openRefresh reads a grant and opens its refresh token, all in one read transaction.
func openRefresh(t *testing.T, s *Store, id store.ID) (val string, err error) {
	t.Helper()
	readErr := s.Read(t.Context(), func(r store.Reader) error {
		g, e := r.Grant(id)
		if e != nil {
			return e
		}
		v, e := s.Vault()
		if e != nil || g.Refresh == nil {
			return e
		}
		x, e := v.Open(store.Binding{Owner: id, Field: store.FieldRefresh}, g.Refresh.Sealed)
		val, err = x.Reveal(), e
		return nil
	})
	if readErr != nil {
		t.Fatal(readErr)
	}
	return val, err
}

// raw returns a copy of what the file holds under a key.
func raw(t *testing.T, s *Store, bucket, key []byte) (out []byte) {
	t.Helper()
	edit(t, s, func(tx *bbolt.Tx) error {
		out = append(out, tx.Bucket(bucket).Get(key)...)
		return nil
	})
	return out
}

func refused(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	var d *store.DamageError
	if !errors.Is(err, store.ErrSealed) || !errors.As(err, &d) || d.Next == "" {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q does not say %q", what, err, w)
		}
	}
}

// SE-3, SE-4: what was put back, swapped, removed or added behind the store's back does
// not open; nothing else suffers; and writing the record again does not make it right.
func TestOldValuePutBack(t *testing.T) {
	a, b := pair2(t)
	for i := range 3 {
		putRefresh(t, a, "g1", fmt.Sprint("one-", i))
		putRefresh(t, a, "g2", fmt.Sprint("two-", i))
	}
	before := raw(t, a, buckets.grants, []byte("g1"))
	putRefresh(t, a, "g1", "one-newest")
	if val, err := openRefresh(t, b, "g1"); err != nil || val != "one-newest" {
		t.Fatalf("the newest: %q %v", val, err)
	}
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.grants).Put([]byte("g1"), before) })
	for _, s := range []*Store{a, b} { // one has sealed it itself, the other has not
		_, err := openRefresh(t, s, "g1")
		refused(t, "put back", err, `"refresh" of g1`, "generation 3", "generation 4", "reconnect")
		if val, err := openRefresh(t, s, "g2"); err != nil || val != "two-2" {
			t.Errorf("another record: %q %v", val, err)
		}
	}
	err := b.Write(t.Context(), func(w store.Writer) error {
		g, err := w.Grant("g1")
		g.Intent = &store.Intent{Attempt: "x"}
		w.Bookkeeping()
		return errors.Join(err, w.PutGrant(&g))
	})
	if err != nil {
		t.Errorf("noting something in a damaged record: %v", err)
	}
	_, err = openRefresh(t, b, "g1")
	refused(t, "put back and written again", err)
	putRefresh(t, b, "g1", "after all")
	if _, err := openRefresh(t, a, "g1"); !errors.Is(err, store.ErrSealed) && err != nil {
		t.Error(err)
	}
}

// tampering is what a way of tampering needs: a transaction, where g1 is in the index, and
// the index as it was one generation earlier.
type tampering struct {
	tx    *bbolt.Tx
	block blockID
	was   map[string][]byte
}

func (e tampering) back(key []byte) error {
	return e.tx.Bucket(buckets.index).Put(key, e.was[string(key)])
}

// SE-4: each way of tampering with what proves the values, and how far it reaches.
func TestTamperedIndex(t *testing.T) {
	put := func(b []byte, k, v []byte) func(tampering) error {
		return func(e tampering) error { return e.tx.Bucket(b).Put(k, v) }
	}
	for name, c := range map[string]struct {
		do   func(tampering) error
		wide bool // the other record is refused too
	}{
		"block put back":           {func(e tampering) error { return e.back(e.block[:]) }, false},
		"block and shard put back": {func(e tampering) error { return errors.Join(e.back(e.block[:]), e.back(e.block[:1])) }, false},
		"block removed":            {func(e tampering) error { return e.tx.Bucket(buckets.index).Delete(e.block[:]) }, false},
		"shard removed":            {func(e tampering) error { return e.tx.Bucket(buckets.index).Delete(e.block[:1]) }, false},
		"shard cut":                {func(e tampering) error { return e.tx.Bucket(buckets.index).Put(e.block[:1], []byte{1}) }, false},
		"all up to the MACs put back": {func(e tampering) error {
			return errors.Join(e.back(e.block[:]), e.back(e.block[:1]), e.back(indexKeys.macs))
		}, true},
		"index put back": {func(e tampering) error {
			for k, v := range e.was {
				if err := e.tx.Bucket(buckets.index).Put([]byte(k), v); err != nil {
					return err
				}
			}
			return nil
		}, true},
		"head cut":        {put(buckets.index, indexKeys.head, []byte{1}), true},
		"head removed":    {func(e tampering) error { return e.tx.Bucket(buckets.index).Delete(indexKeys.head) }, true},
		"MACs cut":        {put(buckets.index, indexKeys.macs, make([]byte, 16)), true},
		"revision moved":  {put(buckets.meta, keys.revision, revisionValue(1000)), true},
		"format set back": {put(buckets.meta, keys.format, []byte{1}), true},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := pair2(t)
			putRefresh(t, a, "g1", "old")
			putRefresh(t, a, "g2", "other")
			e := tampering{was: make(map[string][]byte)}
			edit(t, a, func(tx *bbolt.Tx) error {
				v := a.vault
				key, err := v.IndexKey()
				e.block = newIndex(tx, v.StoreID(), key).blockOf("g1")
				return errors.Join(err, tx.Bucket(buckets.index).ForEach(func(k, v []byte) error {
					e.was[string(k)] = append([]byte(nil), v...)
					return nil
				}))
			})
			putRefresh(t, a, "g1", "new")
			edit(t, a, func(tx *bbolt.Tx) error { e.tx = tx; return c.do(e) })
			_, err := openRefresh(t, b, "g1")
			refused(t, "tampered", err)
			if !errors.Is(err, store.ErrDamaged) {
				t.Errorf("%v", err)
			}
			_, err = openRefresh(t, b, "g2")
			if c.wide {
				refused(t, "another", err, "put a copy")
			} else if err != nil {
				t.Errorf("another record: %v", err)
			}
			if _, err := b.Changes(t.Context(), 0); err != nil { // looking goes on
				t.Error(err)
			}
			if name == "format set back" {
				return
			}
			if err := b.Write(t.Context(), note); err != nil { // and so does the audit log
				t.Error(err)
			}
			_, err = openRefresh(t, b, "g1")
			refused(t, "after a write", err)
		})
	}
}

// SE-4: a value that is authentic and was never stored, or was wiped, does not open.
func TestAddedValue(t *testing.T) {
	a, b := pair2(t)
	putRefresh(t, a, "g1", "wiped")
	full := raw(t, a, buckets.grants, []byte("g1"))
	err := a.Write(t.Context(), func(w store.Writer) error {
		g, err := w.Grant("g1")
		g.Refresh = nil
		return errors.Join(err, w.PutGrant(&g), note(w))
	})
	if err != nil {
		t.Fatal(err)
	}
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.grants).Put([]byte("g1"), full) })
	_, err = openRefresh(t, b, "g1")
	refused(t, "put back after it was wiped", err, "added from outside")
	err = a.Write(t.Context(), func(w store.Writer) error { return errors.Join(w.DeleteGrant("g1"), note(w)) })
	if err != nil {
		t.Fatal(err)
	}
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.grants).Put([]byte("g1"), full) })
	_, err = openRefresh(t, b, "g1")
	refused(t, "put back after it was removed", err)
}

// What was read before the store was unlocked is looked up when it is opened; what
// another process has replaced since it was read still opens.
func TestReadEarlier(t *testing.T) {
	a, b := pair2(t)
	putRefresh(t, a, "g1", "first")
	read := func() (g store.Grant) {
		if err := b.Read(t.Context(), func(r store.Reader) (err error) { g, err = r.Grant("g1"); return err }); err != nil {
			t.Fatal(err)
		}
		return g
	}
	open := func(g store.Grant) error {
		v, err := b.Vault()
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Open(store.Binding{Owner: "g1", Field: store.FieldRefresh}, g.Refresh.Sealed)
		return err
	}
	k := store.Key{IdentityFile: filepath.Join(filepath.Dir(a.dir), "id")}
	b.Lock()
	g := read()
	if err := b.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if err := open(g); err != nil {
		t.Errorf("read while locked: %v", err)
	}
	g = read()
	b.Lock()
	stale := read()
	if err := b.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	putRefresh(t, a, "g1", "second")
	if err := open(g); err != nil {
		t.Errorf("replaced since it was read: %v", err)
	}
	b.proven = proven{}
	refused(t, "read while locked, and replaced", open(stale))
}

// golden copies a store that an earlier release made.
func golden(t *testing.T, format int) (dir string, k store.Key) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "deck")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"store.db": filepath.Join(dir, dbName), "identity.txt": filepath.Join(base, "id")} {
		b, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("format%d", format), from))
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir, store.Key{IdentityFile: filepath.Join(base, "id")}
}

// SE-14, DB-15: stores of every format open, keep everything, and get what is newer.
func TestGoldenStores(t *testing.T) {
	for old := 1; old < format; old++ {
		t.Run(fmt.Sprintf("format %d", old), func(t *testing.T) { raisesGolden(t, old) })
	}
}

func raisesGolden(t *testing.T, old int) {
	dir, k := golden(t, old)
	before, err := os.ReadFile(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	st, err := New(Options{Strict: true}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := st.(*Store)
	defer s.Close()
	if in, err := s.Info(t.Context()); err != nil || in.Format != old || in.Events != 2 {
		t.Fatalf("looking at it locked: %+v %v", in, err)
	}
	if err := s.Unlock(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	in, err := s.Info(t.Context())
	if err != nil || in.Format != format || in.Events != 3 {
		t.Errorf("raised: %+v %v", in, err)
	}
	goldenSecrets(t, s)
	if kept, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s.format%d", dbName, old))); err != nil || string(kept) != string(before) {
		t.Errorf("the copy: %v", err)
	}
	again, err := New(Options{}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Unlock(t.Context(), store.Key{Passphrase: secret.FromString("correct horse battery")}); err != nil {
		t.Fatal(err)
	}
	goldenSecrets(t, again.(*Store))
	// Passing it off as one without an index, with all its records, is found.
	edit(t, s, func(tx *bbolt.Tx) error {
		return errors.Join(tx.Bucket(buckets.meta).Put(keys.format, []byte{1}), tx.DeleteBucket(buckets.index))
	})
	_, err = openRefresh(t, s, "grant1")
	refused(t, "set back", err, "format")
}

func goldenSecrets(t *testing.T, s *Store) {
	t.Helper()
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"grant1 access": "golden access", "grant1 refresh": "golden refresh", "grant2 key": "golden key", "client1 client_secret": "golden client secret"}
	err = s.Read(t.Context(), func(r store.Reader) error {
		return r.(*reader).eachSealed(func(owner store.ID, f store.SealedField) error {
			got, err := v.Open(store.Binding{Owner: owner, Field: f.Field}, *f.Value)
			name := string(owner) + " " + f.Field
			if err != nil || got.Reveal() != want[name] {
				t.Errorf("%s: %v", name, err)
			}
			delete(want, name)
			return nil
		})
	})
	if err != nil || len(want) != 0 {
		t.Errorf("%v, missing %v", err, want)
	}
}

// DB-15: no store is raised without a copy of what it was.
func TestNoCopyNoRaise(t *testing.T) {
	dir, k := golden(t, 1)
	s, err := New(Options{}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	blocked := filepath.Join(dir, dbName+".format1.new")
	if err := errors.Join(os.Mkdir(blocked, 0o700), os.WriteFile(blocked+"/x", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(t.Context(), k); err == nil {
		t.Error("raised without a copy")
	}
	if in, err := s.Info(t.Context()); err != nil || in.Format != 1 {
		t.Errorf("%+v %v", in, err)
	}
}

// BenchmarkSealedWrite is a refresh that stores two sealed values, with n grants beside it.
func BenchmarkSealedWrite(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, v := manySealed(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				id := store.ID(fmt.Sprintf("g%07d", i*7919%n))
				err := s.Write(b.Context(), func(w store.Writer) error {
					g, err := w.Grant(id)
					if err != nil {
						return err
					}
					g.Generation++
					for field, tok := range map[string]*store.Token{store.FieldAccess: g.Access, store.FieldRefresh: g.Refresh} {
						x, err := v.Seal(store.Binding{Owner: id, Field: field}, g.Generation, []string{"api.example"}, secret.FromString("a token of about the usual length, 40 b"))
						if err != nil {
							return err
						}
						tok.Sealed = x
					}
					return errors.Join(w.PutGrant(&g), note(w))
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSealedRead reads a grant and opens its access token, as the token command does.
func BenchmarkSealedRead(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, v := manySealed(b, n)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				id := store.ID(fmt.Sprintf("g%07d", i*7919%n))
				err := s.Read(b.Context(), func(r store.Reader) error {
					g, err := r.Grant(id)
					if err == nil {
						_, err = v.Open(store.Binding{Owner: id, Field: store.FieldAccess}, g.Access.Sealed)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func manySealed(b *testing.B, n int) (*Store, store.Vault) {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "deck")
	st, err := New(Options{}).Create(b.Context(), dir, store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	v, err := st.Vault()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC()
	// In one transaction: many big ones leave a long list of free pages, which every
	// transaction has to read until the file is compacted.
	err = st.Write(b.Context(), func(w store.Writer) error {
		for i := range n {
			id := store.ID(fmt.Sprintf("g%07d", i))
			seal := func(field string) *store.Token {
				x, _ := v.Seal(store.Binding{Owner: id, Field: field}, 1, []string{"api.example"}, secret.FromString("a token of about the usual length, 40 b"))
				return &store.Token{Sealed: x, Issued: now}
			}
			g := &store.Grant{ID: id, Provider: "hubspot", Generation: 1, Created: now, Access: seal(store.FieldAccess), Refresh: seal(store.FieldRefresh)}
			if err := w.PutGrant(g); err != nil {
				return err
			}
			if err := w.PutConnection(&store.Connection{ID: "c" + id, Name: "c" + string(id), Provider: "hubspot", Grant: id, Created: now}); err != nil {
				return err
			}
		}
		return note(w)
	})
	if err != nil {
		b.Fatal(err)
	}
	return st.(*Store), v
}
