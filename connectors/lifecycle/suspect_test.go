package lifecycle_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// copied is an engine on a copy of the store, as on a second computer.
func (w *world) copied() (*lifecycle.Engine, store.Store) {
	w.Helper()
	there := filepath.Join(w.TempDir(), "deck")
	if err := os.CopyFS(there, os.DirFS(w.dir)); err != nil {
		w.Fatal(err)
	}
	err := filepath.Walk(there, func(path string, fi os.FileInfo, err error) error {
		if err != nil || !fi.IsDir() {
			return os.Chmod(path, 0o600)
		}
		return os.Chmod(path, 0o700)
	})
	if err != nil {
		w.Fatal(err)
	}
	s, err := bolt.New(bolt.Options{Clock: w.clock}).Open(w.Context(), there)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	if err := s.Unlock(w.Context(), store.Key{IdentityFile: storetest.Identity(w.dir)}); err != nil {
		w.Fatal(err)
	}
	return w.engine(s), s
}

// RF-14: in a copy of a store the living access token is handed out, and no refresh token
// that may have been spent is used before a person says so.
func TestCopiedStoreAsks(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Close, "a", true)
	fixed := w.oauth(sim.HubSpot, "fixed", false)
	w.clock.Advance(time.Minute)
	e, s := w.copied()
	if tok, err := e.Token(t.Context(), lifecycle.TokenRequest{Name: "a"}); err != nil || tok.Generation != 1 {
		t.Fatalf("generation %d, %v", tok.Generation, err)
	}
	w.clock.Advance(3 * time.Hour)
	_, err := e.Token(t.Context(), lifecycle.TokenRequest{Name: "a"})
	if f := failure(t, err, lifecycle.FailSuspect); f.Suspect.Why != store.SuspectMoved {
		t.Fatalf("failure %+v", f)
	}
	_, err = e.Refresh(t.Context(), c.ID, false)
	failure(t, err, lifecycle.FailSuspect)
	if n := w.count(sim.Close, "token.refresh"); n != 0 {
		t.Fatalf("%d requests from a copy, want none", n)
	}
	if _, err := e.Refresh(t.Context(), fixed.ID, false); err != nil {
		t.Errorf("a refresh token that is never replaced: %v", err)
	}
	if r, err := e.Refresh(t.Context(), c.ID, true); err != nil || r.Generation != 2 {
		t.Fatalf("a person's attempt: %+v, %v", r, err)
	}
	w.clock.Advance(3 * time.Hour)
	if _, err := e.Token(t.Context(), lifecycle.TokenRequest{Name: "a"}); err != nil {
		t.Errorf("a token that was issued here is asked about: %v", err)
	}
	// The other one has lost: it is told so, and it is no theft.
	_, err = w.Refresh(t.Context(), c.ID, false)
	failure(t, err, lifecycle.FailReconnect)
	if at, err := s.(store.Placer).Place(context.Background()); err != nil || at.Suspect == nil {
		t.Errorf("place %+v, %v: one answer is not all of them", at, err)
	}
}

// RF-14: the copy that comes second is told that the other one was first, and an adopted
// store goes on by itself.
func TestCopyThatComesSecond(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Close, "a", true)
	w.clock.Advance(3 * time.Hour)
	e, _ := w.copied()
	w.token(c) // here
	_, err := e.Refresh(t.Context(), c.ID, true)
	if f := failure(t, err, lifecycle.FailReconnect); f.Cause != store.CauseOtherCopy {
		t.Fatalf("failure %+v", f)
	}
	d := w.oauth(sim.Salesforce, "d", true)
	adopted, s := w.copied()
	if err := s.(store.Placer).Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(3 * time.Hour)
	if _, err := adopted.Refresh(t.Context(), d.ID, false); err != nil {
		t.Errorf("in an adopted store: %v", err)
	}
}

// RF-14: a grant that came from a backup is asked about like one of a copied store.
func TestRestoredGrantAsks(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Close, "a", true)
	err := w.store.Write(t.Context(), func(wr store.Writer) error {
		g, err := wr.Grant(c.Grant)
		if err != nil {
			return err
		}
		wr.Bookkeeping()
		g.Restored = w.clock.Now()
		return wr.PutGrant(&g)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Refresh(t.Context(), c.ID, false)
	if f := failure(t, err, lifecycle.FailSuspect); f.Suspect.Why != store.SuspectRestored {
		t.Fatalf("failure %+v", f)
	}
	if _, err := w.Refresh(t.Context(), c.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
		t.Errorf("after the attempt: %v", err)
	}
}
