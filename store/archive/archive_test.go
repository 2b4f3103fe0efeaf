package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/audit"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/envelope"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
	"crmdeck/store/transfer"
)

// canary is part of every secret.
const canary = "CANARY-refresh-token"

// put stores one connection with a grant whose refresh token is canary and its name.
func put(t testing.TB, st store.Store, names ...string) {
	t.Helper()
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	err = st.Write(t.Context(), func(w store.Writer) error {
		for _, name := range names {
			g := &store.Grant{ID: store.ID("g-" + name), Provider: "salesforce", Method: store.AuthorizationCode, Generation: 3, Created: now}
			val := secret.FromString(canary + name)
			sealed, err := v.Seal(store.Binding{Owner: g.ID, Field: store.FieldRefresh}, 3, []string{"login.example"}, val)
			if err != nil {
				return err
			}
			g.Refresh = &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(val), Issued: now}
			c := &store.Connection{ID: store.ID("c-" + name), Name: name, Provider: g.Provider, Method: g.Method, Grant: g.ID, Created: now, Updated: now}
			if err := errors.Join(w.PutGrant(g), w.PutConnection(c)); err != nil {
				return err
			}
		}
		_, err := w.Append(store.Event{Act: store.ActAdd, Outcome: "done"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lock is a pair of keys for a file, without the cost of a passphrase.
func lock(t testing.TB) (envelope.Lock, envelope.Key) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return envelope.Lock{Recipients: []string{id.Recipient().String()}}, envelope.Key{Identities: []age.Identity{id}}
}

// backup writes an archive of st.
func backup(t testing.TB, st store.Store, l envelope.Lock) []byte {
	t.Helper()
	c, err := archive.Take(t.Context(), st, clock.System{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var b bytes.Buffer
	if err := c.WriteTo(t.Context(), &b, l); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restore verifies an archive in dir with the identity of the store that it is of, and places it.
func restore(t testing.TB, dir string, b []byte, k envelope.Key, identity string) (archive.Report, error) {
	t.Helper()
	u, err := archive.Unpack(t.Context(), bolt.New(bolt.Options{Strict: true}), dir, bytes.NewReader(b), k)
	if err != nil {
		return archive.Report{}, err
	}
	defer func() { _ = u.Close() }()
	r, err := u.Verify(t.Context(), store.Key{IdentityFile: identity}, nil)
	if err != nil {
		return r, err
	}
	return r, u.Place(t.Context(), r)
}

// opens checks that the refresh token of a connection is the one that was put.
func opens(t testing.TB, st store.Store, name string) {
	t.Helper()
	var g store.Grant
	err := st.Read(t.Context(), func(r store.Reader) error {
		c, err := r.ConnectionByName(name)
		if err == nil {
			g, err = r.Grant(c.Grant)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	val, err := v.Open(store.Binding{Owner: g.ID, Field: store.FieldRefresh}, g.Refresh.Sealed)
	if err != nil || val.Reveal() != canary+name || v.Fingerprint(val) != g.Refresh.Fingerprint {
		t.Errorf("%s: %v", name, err)
	}
}

// SE-17, RF-14: a restored store is the one that was backed up, opens, and knows that it was restored.
func TestRestoreDrill(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one", "two")
	l, k := lock(t)
	b := backup(t, st, l)
	if bytes.Contains(b, []byte("one")) || bytes.Contains(b, []byte(canary)) {
		t.Error("the archive is readable")
	}
	home := filepath.Join(t.TempDir(), "deck")
	r, err := restore(t, home, b, k, storetest.Identity(dir))
	if err != nil || !r.Proven || r.Manifest.Counts != (archive.Counts{Connections: 2, Grants: 2, Sealed: 2}) {
		t.Fatalf("%+v: %v", r, err)
	}
	again, err := bolt.New(bolt.Options{}).Open(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if err := again.Unlock(t.Context(), store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
		t.Fatal(err)
	}
	opens(t, again, "one")
	opens(t, again, "two")
	if _, err := audit.Check(t.Context(), again.(audit.Log), nil, nil); err != nil {
		t.Error(err)
	}
	p, err := again.(store.Placer).Place(t.Context())
	if err != nil || p.Suspect == nil || p.Suspect.Why != store.SuspectRestored || !p.Suspect.From.Equal(r.Manifest.Made) {
		t.Errorf("%+v: %v", p, err)
	}
	if _, err := restore(t, home, b, k, storetest.Identity(dir)); !errors.Is(err, store.ErrExists) {
		t.Errorf("over a store: %v", err)
	}
	left, _ := filepath.Glob(home + "/store.stage/*")
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// SE-17: whatever is changed or cut in an archive, nothing of it is used and nothing is left.
func TestDamagedArchives(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one")
	l, k := lock(t)
	whole := backup(t, st, l)
	tries := map[string][]byte{"empty": nil, "text": []byte("not a backup at all, but long enough to be one\n"), "appended": append(slices.Clone(whole), 0)}
	for i := 0; i < len(whole); i += max(1, len(whole)/48) {
		b := slices.Clone(whole)
		b[i] ^= 1
		tries[fmt.Sprintf("bit of byte %d", i)] = b
		tries[fmt.Sprintf("cut at %d", i)] = whole[:i]
	}
	home := filepath.Join(t.TempDir(), "deck")
	for name, b := range tries {
		_, err := restore(t, home, b, k, storetest.Identity(dir))
		switch {
		case errors.Is(err, envelope.ErrDamaged), errors.Is(err, envelope.ErrNotEnvelope), errors.Is(err, envelope.ErrWrongKey):
		default:
			t.Errorf("%s: %v", name, err)
		}
		if bolt.Exists(home) {
			t.Fatalf("%s: there is a store", name)
		}
	}
}

// SE-17: an archive that was made by hand for a public recipient is found out.
func TestForgedArchives(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one")
	other, otherDir := storetest.NewIn(t, bolt.Options{})
	put(t, other, "one")
	l, k := lock(t)
	plain := func(b []byte) []byte {
		r, err := envelope.Open(bytes.NewReader(b), k)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := out.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	seal := func(parts ...[]byte) []byte {
		var out bytes.Buffer
		w, err := l.Seal(&out)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if _, err := w.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	a, b := bytes.SplitN(plain(backup(t, st, l)), []byte("\n"), 3), bytes.SplitN(plain(backup(t, other, l)), []byte("\n"), 3)
	nl := []byte("\n")
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"another store's content":  {seal(a[0], nl, a[1], nl, b[2]), archive.ErrMismatch},
		"another store's manifest": {seal(b[0], nl, b[1], nl, a[2]), archive.ErrMismatch},
		"more than it says":        {seal(a[0], nl, a[1], nl, a[2], []byte("more")), archive.ErrMismatch},
		"less than it says":        {seal(a[0], nl, a[1], nl, a[2][:len(a[2])-4096]), archive.ErrMismatch},
		"another proof":            {seal(a[0], nl, bytes.Replace(a[1], []byte(`"proof":"`), []byte(`"proof":"0`), 1), nl, a[2]), archive.ErrMismatch},
		"other counts":             {seal(a[0], nl, bytes.Replace(a[1], []byte(`"grants":1`), []byte(`"grants":2`), 1), nl, a[2]), archive.ErrMismatch},
		"a field nobody knows":     {seal(a[0], nl, bytes.Replace(a[1], []byte(`{`), []byte(`{"x":1,`), 1), nl, a[2]), archive.ErrMismatch},
		"a newer format":           {seal([]byte("crmdeck-backup/2\n")), archive.ErrNewer},
		"no line":                  {seal(bytes.Repeat([]byte("x"), 1<<20)), archive.ErrNotArchive},
		"no line after the magic":  {seal(a[0], nl, bytes.Repeat([]byte("x"), 1<<20)), archive.ErrNotArchive},
		"nothing":                  {seal(), archive.ErrNotArchive},
	} {
		home := filepath.Join(t.TempDir(), "deck")
		if _, err := restore(t, home, c.b, k, storetest.Identity(dir)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if bolt.Exists(home) {
			t.Errorf("%s: there is a store", name)
		}
	}
	home := filepath.Join(t.TempDir(), "deck")
	if _, err := restore(t, home, backup(t, st, l), k, storetest.Identity(otherDir)); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("another store's key: %v", err)
	}
}

// SE-4: an old record that was put back is told when a backup is made and when it is checked.
func TestRefusedValuesAreTold(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one", "two")
	putBack(t, st, dir)
	c, err := archive.Take(t.Context(), st, clock.System{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	l, k := lock(t)
	var b bytes.Buffer
	if err := c.WriteTo(t.Context(), &b, l); err != nil {
		t.Fatal(err)
	}
	if len(c.Refused) != 1 || c.Refused[0].Owner != "g-one" || c.Keyless {
		t.Errorf("backup: refused %v", c.Refused)
	}
	r, err := restore(t, filepath.Join(t.TempDir(), "deck"), b.Bytes(), k, storetest.Identity(dir))
	if err != nil || len(r.Refused) != 1 || r.Refused[0].Owner != "g-one" {
		t.Errorf("restore: refused %v, %v", r.Refused, err)
	}
}

// putBack gives the grant of "one" a new refresh token, and then puts its old record back.
func putBack(t *testing.T, st store.Store, dir string) {
	t.Helper()
	record := func(fn func(b *bbolt.Bucket) error) {
		db, err := bbolt.Open(filepath.Join(dir, "store.db"), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := db.Update(func(tx *bbolt.Tx) error { return fn(tx.Bucket([]byte("grants"))) }); err != nil {
			t.Fatal(err)
		}
	}
	var old []byte
	record(func(b *bbolt.Bucket) error { old = bytes.Clone(b.Get([]byte("g-one"))); return nil })
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), func(w store.Writer) error {
		g, err := w.Grant("g-one")
		if err != nil {
			return err
		}
		g.Refresh.Sealed, err = v.Seal(store.Binding{Owner: g.ID, Field: store.FieldRefresh}, 4, []string{"login.example"}, secret.FromString("newer"))
		if err != nil {
			return err
		}
		_, err = w.Append(store.Event{Act: store.ActRefresh, Outcome: "done"})
		return errors.Join(err, w.PutGrant(&g))
	})
	if err != nil {
		t.Fatal(err)
	}
	record(func(b *bbolt.Bucket) error { return b.Put([]byte("g-one"), old) })
}

// What is absent comes, sealed under the other store's key and marked; what is there stays.
func TestMerge(t *testing.T) {
	from, _ := storetest.NewIn(t, bolt.Options{})
	put(t, from, "one", "two", "three")
	to, _ := storetest.NewIn(t, bolt.Options{})
	put(t, to, "two", "four")
	m := archive.Merging{Op: "op", Made: time.Now(), Now: time.Now()}
	dry := m
	dry.DryRun = true
	for _, m := range []archive.Merging{dry, m, m} {
		out, err := archive.Merge(t.Context(), from, to, m)
		if err != nil {
			t.Fatal(err)
		}
		got := map[transfer.What]int{}
		for _, o := range out {
			got[o.What]++
		}
		if got[transfer.Added]+got[transfer.Kept] != 3 || got[transfer.Kept] == 0 {
			t.Errorf("%v", out)
		}
	}
	for _, name := range []string{"one", "two", "three", "four"} {
		opens(t, to, name)
	}
	err := to.Read(t.Context(), func(r store.Reader) error {
		for id, want := range map[store.ID]bool{"g-one": true, "g-two": false, "g-four": false} {
			g, err := r.Grant(id)
			if err != nil || g.Restored.IsZero() == want {
				t.Errorf("%s: restored %v, %v", id, g.Restored, err)
			}
		}
		events, err := r.Events(store.EventFilter{Acts: []store.Act{store.ActRestore}})
		if len(events) != 2 || events[0].Op != "op" {
			t.Errorf("%d events", len(events))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Names that are taken are refused before anything is written, or get a suffix; the very same
// credential joins.
func TestMergeConflicts(t *testing.T) {
	from, _ := storetest.NewIn(t, bolt.Options{})
	put(t, from, "one", "two", "three")
	to, _ := storetest.NewIn(t, bolt.Options{})
	putAs(t, to, "g-x", "c-x", "one", "elsewhere")
	putAs(t, to, "g-y", "c-y", "two-old", "two")
	m := archive.Merging{Op: "op", Made: time.Now(), Now: time.Now()}
	_, err := archive.Merge(t.Context(), from, to, m)
	var taken *transfer.TakenError
	if !errors.As(err, &taken) || !slices.Equal(taken.Names, []string{"one"}) {
		t.Fatalf("%v", err)
	}
	m.Suffix = "-old"
	out, err := archive.Merge(t.Context(), from, to, m)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]transfer.Outcome{}
	for _, o := range out {
		got[o.As] = o
	}
	if o := got["one-old"]; o.What != transfer.Added || o.Why != transfer.WhyRenamed {
		t.Errorf("one: %+v", o)
	}
	if o := got["two"]; o.What != transfer.Joined || o.Why != transfer.WhySame {
		t.Errorf("two: %+v", o)
	}
}

// putAs stores a connection whose refresh token is that of another name.
func putAs(t *testing.T, st store.Store, grant, conn store.ID, name, token string) {
	t.Helper()
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	val := secret.FromString(canary + token)
	sealed, err := v.Seal(store.Binding{Owner: grant, Field: store.FieldRefresh}, 9, []string{"login.example"}, val)
	if err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), func(w store.Writer) error {
		g := &store.Grant{ID: grant, Provider: "salesforce", Generation: 9, Refresh: &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(val)}}
		c := &store.Connection{ID: conn, Name: name, Provider: "salesforce", Grant: grant}
		if err := errors.Join(w.PutGrant(g), w.PutConnection(c)); err != nil {
			return err
		}
		_, err := w.Append(store.Event{Act: store.ActAdd, Outcome: "done"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A cancelled backup or restore leaves nothing behind.
func TestCancelled(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one")
	l, k := lock(t)
	b := backup(t, st, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := archive.Take(ctx, st, clock.System{}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("backup: %v", err)
	}
	home := filepath.Join(t.TempDir(), "deck")
	if _, err := archive.Unpack(ctx, bolt.New(bolt.Options{}), home, bytes.NewReader(b), k); !errors.Is(err, context.Canceled) {
		t.Errorf("restore: %v", err)
	}
	if left, _ := filepath.Glob(dir + "/store.stage"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
