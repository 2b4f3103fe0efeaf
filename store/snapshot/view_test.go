package snapshot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/store/snapshot"
	"crmdeck/store/storetest"
)

var taken = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// secrets are what the store of these tests seals.
var secrets = []string{"CANARY-access-9f8e7d6c5b4a", "CANARY-refresh-1a2b3c4d5e6f", "CANARY-client-0f1e2d3c4b5a"}

// filled is a store with one connection that has all kinds of secrets.
func filled(t *testing.T) store.Store {
	t.Helper()
	s := storetest.New(t)
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(owner store.ID, field string, n int) (store.Sealed, string) {
		x, err := v.Seal(store.Binding{Owner: owner, Field: field}, 1, []string{"api.hubspot.test"}, secret.FromString(secrets[n]))
		if err != nil {
			t.Fatal(err)
		}
		return x, v.Fingerprint(secret.FromString(secrets[n]))
	}
	access, accessPrint := seal("g1", store.FieldAccess, 0)
	refresh, refreshPrint := seal("g1", store.FieldRefresh, 1)
	app, appPrint := seal("k1", store.FieldClientSecret, 2)
	err = s.Write(t.Context(), func(w store.Writer) error {
		_, err := w.Append(store.Event{Act: store.ActAdd, Connection: "hubspot-prod", ConnectionID: "c1", Outcome: "done", Evidence: "by hand"})
		return errors.Join(err,
			w.PutClient(&store.Client{ID: "k1", Provider: "hubspot", ClientID: "app-1", Secret: app, Fingerprint: appPrint, SecretMade: taken.Add(-time.Hour)}),
			w.PutGrant(&store.Grant{ID: "g1", Provider: "hubspot", Method: store.AuthorizationCode, Client: "k1", Generation: 3,
				Access:  &store.Token{Sealed: access, Fingerprint: accessPrint, Expires: taken.Add(20 * time.Minute)},
				Refresh: &store.Token{Sealed: refresh, Fingerprint: refreshPrint}}),
			w.PutConnection(&store.Connection{ID: "c1", Name: "hubspot-prod", Provider: "hubspot", Method: store.AuthorizationCode, Grant: "g1", Owner: "jan"}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func take(t *testing.T, s store.Store) *snapshot.Document {
	t.Helper()
	d, err := snapshot.Take(t.Context(), s, snapshot.Options{Taken: taken, By: "jan", Events: 5,
		Judge: func(store.Summary) snapshot.Finding { return snapshot.Finding{State: "healthy"} }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCanary: of a store with secrets, keys and a header, the file holds none in any form (SE-1, LK-1).
func TestCanary(t *testing.T) {
	s := filled(t)
	var b bytes.Buffer
	if err := snapshot.Encode(&b, take(t, s)); err != nil {
		t.Fatal(err)
	}
	if n, how, ok := storetest.NewCanaries(secrets...).Find(b.Bytes()); ok {
		t.Errorf("secret %d is in the file, %s", n, how)
	}
	err := s.Read(t.Context(), func(r store.Reader) error {
		g, err := r.Grant("g1")
		if err != nil {
			return err
		}
		boxes := []string{string(g.Access.Sealed.Box), string(g.Refresh.Sealed.Box), g.Access.Sealed.KeyID + g.Access.Sealed.KeyID}
		if n, how, ok := storetest.NewCanaries(boxes...).Find(b.Bytes()); ok {
			t.Errorf("box %d is in the file, %s", n, how)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "hubspot-prod") {
		t.Error("the connection is not in the file")
	}
}

// TestSame: equal stores make equal files.
func TestSame(t *testing.T) {
	s := filled(t)
	var one, two bytes.Buffer
	if err := errors.Join(snapshot.Encode(&one, take(t, s)), snapshot.Encode(&two, take(t, s))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two snapshots of one state differ")
	}
}

// TestView: a snapshot shows what the store shows, and refuses everything else.
func TestView(t *testing.T) {
	s, ctx := filled(t), t.Context()
	path := filepath.Join(t.TempDir(), "deck.json")
	if _, err := snapshot.WriteFile(path, 0o640, take(t, s)); err != nil {
		t.Fatal(err)
	}
	v, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	if !v.Taken().Equal(taken) || v.Name() != "deck" {
		t.Errorf("taken %v, name %q", v.Taken(), v.Name())
	}
	if f, ok := v.Finding("hubspot-prod"); !ok || f.State != "healthy" {
		t.Errorf("finding %+v", f)
	}
	want, got := all(t, s), all(t, v)
	if len(want) != 1 || len(got) != 1 {
		t.Fatalf("%d and %d summaries", len(want), len(got))
	}
	want[0].Rev, got[0].Rev = 0, 0
	if a, b := asJSON(t, want), asJSON(t, got); a != b {
		t.Errorf("summaries differ:\n%s\n%s", a, b)
	}
	err = v.Read(ctx, func(r store.Reader) error {
		c, err := r.ConnectionByName("hubspot-prod")
		if err != nil {
			return err
		}
		events, err := r.Events(store.EventFilter{Connection: c.ID})
		if len(events) != 1 || events[0].Evidence != "by hand" {
			t.Errorf("events %+v", events)
		}
		g, e := r.Grant(c.Grant)
		if !g.Access.Sealed.IsZero() || !g.Refresh.Sealed.IsZero() {
			t.Error("a sealed value came out of a snapshot")
		}
		return errors.Join(err, e)
	})
	if err != nil {
		t.Error(err)
	}
	_, lease := v.Lease(ctx, "g1", "test")
	_, vault := v.Vault()
	for name, err := range map[string]error{
		"write": v.Write(ctx, func(store.Writer) error { return nil }), "unlock": v.Unlock(ctx, store.Key{}), "lease": lease,
	} {
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !errors.Is(vault, store.ErrLocked) {
		t.Errorf("vault: %v", vault)
	}
}

func all(t *testing.T, s store.Store) []store.Summary {
	t.Helper()
	d, err := s.Changes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return d.Changed
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReplaced: a file that is replaced is seen; a broken one is an error until it is whole again.
func TestReplaced(t *testing.T) {
	s := filled(t)
	path := filepath.Join(t.TempDir(), "deck.json")
	d := take(t, s)
	if _, err := snapshot.WriteFile(path, 0o600, d); err != nil {
		t.Fatal(err)
	}
	v, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	signal, err := v.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first, err := v.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	d.Taken = taken.Add(time.Hour)
	if _, err := snapshot.WriteFile(path, 0o600, d); err != nil {
		t.Fatal(err)
	}
	select {
	case <-signal:
	case <-ctx.Done():
		t.Fatal("the new file was not seen")
	}
	next, err := v.Changes(ctx, first.Revision)
	if err != nil || !next.Full || next.Revision <= first.Revision || !v.Taken().Equal(d.Taken) {
		t.Errorf("%+v, %v, taken %v", next, err, v.Taken())
	}
	if err := os.WriteFile(path, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	var bad *snapshot.Error
	if _, err := v.Changes(ctx, next.Revision); !errors.As(err, &bad) {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := snapshot.WriteFile(path, 0o600, d); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Changes(ctx, next.Revision); err != nil {
		t.Errorf("whole again: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Changes(ctx, 0); err != nil {
		t.Errorf("a file that is gone: %v", err)
	}
}

// TestWriteFile: FP-1 the mode is as asked whatever the umask; FP-3 a link is refused and
// its target untouched; FP-4 neither is a directory replaced.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	d := take(t, filled(t))
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("mine"), 0o600), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	var unsafe *store.UnsafeError
	for _, path := range []string{link, dir} {
		if _, err := snapshot.WriteFile(path, 0o600, d); !errors.As(err, &unsafe) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if b, err := os.ReadFile(target); err != nil || string(b) != "mine" {
		t.Errorf("the target of the link holds %q (%v)", b, err)
	}
	path := filepath.Join(dir, "s.json")
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o644} {
		n, err := snapshot.WriteFile(path, mode, d)
		fi, e := os.Stat(path)
		if err != nil || e != nil || fi.Mode().Perm() != mode || fi.Size() != n {
			t.Errorf("mode %o: %v, %v, %v", mode, fi, err, e)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
