package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

// Engine is what the tests of an engine need of it.
type Engine struct {
	// Backend makes stores that use the clock.
	Backend func(c clock.Clock) store.Backend
}

// suite is one test's store: two handles on it, as two processes would have.
type suite struct {
	*testing.T
	clock   *clock.Scaled
	backend store.Backend
	dir     string
	key     store.Key
	s       store.Store
}

// Start is the time at which the clock of each test stands still.
var start = time.Date(2026, 3, 1, 9, 30, 0, 123456789, time.UTC)

// Conformance runs the tests that every engine must pass.
func Conformance(t *testing.T, e Engine) {
	for name, test := range map[string]func(*suite){
		"records round trip": roundTrip, "what is read is a copy": copies, "versions": versions,
		"an aborted write leaves nothing": aborts, "names are unique": names, "absent": absent,
		"indexes": indexes, "summaries follow": summaries, "changes": changes, "unaudited": unaudited,
		"no change, no revision": noChange, "events": events, "clock set back": clockBack,
		"events are one line": eventLines, "locked": locked, "sealed values don't move": sealed,
		"watch": watch, "leases exclude": leases, "leases in turn": leaseTurns, "create and open": createOpen,
		"cancelled": cancelled, "random changes": model,
	} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewScaled(start, 0)
			dir := t.TempDir()
			u := &suite{T: t, clock: c, backend: e.Backend(c), dir: dir + "/deck", key: store.Key{IdentityFile: dir + "/identity.txt"}}
			s, err := u.backend.Create(t.Context(), u.dir, u.key)
			if err != nil {
				t.Fatalf("creating: %v", err)
			}
			u.s = s
			defer s.Close()
			test(u)
		})
	}
}

// other opens the store a second time, unlocked.
func (u *suite) other() store.Store {
	s, err := u.backend.Open(u.Context(), u.dir)
	u.ok(err)
	u.Cleanup(func() { _ = s.Close() })
	u.ok(s.Unlock(u.Context(), u.key))
	return s
}

func (u *suite) ok(err error) {
	u.Helper()
	if err != nil {
		u.Fatalf("unexpected: %v", err)
	}
}

func (u *suite) is(err, want error) {
	u.Helper()
	if !errors.Is(err, want) {
		u.Fatalf("got error %v, want %v", err, want)
	}
}

// write runs fn and appends an event.
func (u *suite) write(fn func(store.Writer) error) {
	u.Helper()
	u.ok(u.try(fn))
}

func (u *suite) try(fn func(store.Writer) error) error {
	return u.s.Write(u.Context(), func(w store.Writer) error {
		if err := fn(w); err != nil {
			return err
		}
		_, err := w.Append(store.Event{Act: store.ActEdit, Outcome: "done"})
		return err
	})
}

func (u *suite) read(fn func(store.Reader) error) {
	u.Helper()
	u.ok(u.s.Read(u.Context(), fn))
}

// fill puts a client, a grant and connections with the given names that share them.
func (u *suite) fill(names ...string) {
	u.Helper()
	u.write(func(w store.Writer) error {
		if err := w.PutClient(&store.Client{ID: "client1", Provider: "close", ClientID: "abc", Created: start}); err != nil {
			return err
		}
		if err := w.PutGrant(sampleGrant()); err != nil {
			return err
		}
		for _, n := range names {
			if err := w.PutConnection(sampleConnection(n)); err != nil {
				return err
			}
		}
		return nil
	})
}

func sampleGrant() *store.Grant {
	return &store.Grant{ID: "grant1", Provider: "close", Method: store.AuthorizationCode, Client: "client1", Generation: 1,
		Granted: []string{"read"}, GrantedKnown: true,
		Refresh: &store.Token{Fingerprint: "FP-1", Issued: start, Expires: start.Add(time.Hour)}}
}

func sampleConnection(name string) *store.Connection {
	return &store.Connection{ID: store.ID("id-" + name), Name: name, Provider: "close", Grant: "grant1", Tags: []string{"a", "b"},
		Asked: []string{"read", "write"}, Params: store.Params{"login_host": "login.example"}, Created: start,
		Tests: []store.TestRun{{At: start, Took: time.Second, Outcome: "ok", Objects: []store.TestObject{{Name: "deals", Total: -1}}}}}
}

func roundTrip(u *suite) {
	want := sampleConnection("one")
	u.fill("one")
	want.Version = 1
	u.read(func(r store.Reader) error {
		got, err := r.ConnectionByName("one")
		if err != nil {
			return err
		}
		if !same(got, *want) {
			u.Errorf("got %+v\nwant %+v", got, *want)
		}
		g, err := r.Grant("grant1")
		if !g.Refresh.Expires.Equal(start.Add(time.Hour)) || !g.Refreshed.IsZero() || g.Version != 1 {
			u.Errorf("grant came back as %+v", g)
		}
		return err
	})
}

func copies(u *suite) { // DB-14
	u.fill("one")
	var c store.Connection
	u.read(func(r store.Reader) (err error) {
		c, err = r.Connection("id-one")
		return err
	})
	c.Tags[0], c.Params["login_host"] = "changed", "changed"
	u.write(func(w store.Writer) error { return w.PutDraft(&store.Draft{ID: "d", Data: make([]byte, 100_000)}) })
	u.read(func(r store.Reader) error {
		again, err := r.Connection("id-one")
		if again.Tags[0] != "a" || again.Params["login_host"] != "login.example" {
			u.Errorf("a change of a copy shows: %+v", again)
		}
		return err
	})
}

func versions(u *suite) {
	u.fill("one")
	stale := sampleConnection("one")
	u.is(u.try(func(w store.Writer) error { return w.PutConnection(stale) }), store.ErrConflict)
	stale.Version = 2
	u.is(u.try(func(w store.Writer) error { return w.PutConnection(stale) }), store.ErrConflict)
	stale.Version = 1
	u.write(func(w store.Writer) error { return w.PutConnection(stale) })
	if stale.Version != 2 {
		u.Errorf("version %d after a second put", stale.Version)
	}
	g := sampleGrant()
	g.Version = 9
	u.is(u.try(func(w store.Writer) error { return w.PutGrant(g) }), store.ErrConflict)
	fresh := sampleConnection("two")
	fresh.Version = 1
	u.is(u.try(func(w store.Writer) error { return w.PutConnection(fresh) }), store.ErrConflict)
}

func aborts(u *suite) {
	u.fill("one")
	before, err := u.s.Info(u.Context())
	u.ok(err)
	boom := errors.New("boom")
	c := sampleConnection("two")
	u.is(u.try(func(w store.Writer) error { return errors.Join(w.PutConnection(c), boom) }), boom)
	after, err := u.s.Info(u.Context())
	u.ok(err)
	if after.Revision != before.Revision || after.Events != before.Events {
		u.Errorf("something was kept: %+v, before %+v", after, before)
	}
	if c.Version != 0 {
		u.Errorf("version %d was kept in the record of an aborted write", c.Version)
	}
	u.write(func(w store.Writer) error { return w.PutConnection(c) })
}

func names(u *suite) {
	u.fill("one", "two")
	thief := sampleConnection("three")
	thief.Name = "two"
	u.is(u.try(func(w store.Writer) error { return w.PutConnection(thief) }), store.ErrNameTaken)
	u.write(func(w store.Writer) error { // a swap within one transaction goes over a third name
		one, _ := w.ConnectionByName("one")
		one.Name = "uno"
		return w.PutConnection(&one)
	})
	u.write(func(w store.Writer) error { return w.DeleteConnection("id-two") })
	u.write(func(w store.Writer) error { return w.PutConnection(thief) })
	u.read(func(r store.Reader) error {
		_, err := r.ConnectionByName("one")
		u.is(err, store.ErrNotFound)
		c, err := r.ConnectionByName("two")
		if c.ID != "id-three" {
			u.Errorf("two is %s", c.ID)
		}
		return err
	})
}

func absent(u *suite) {
	u.read(func(r store.Reader) error {
		var errs []error
		add := func(_ any, err error) { errs = append(errs, err) }
		add(r.Connection("x"))
		add(r.ConnectionByName("x"))
		add(r.Summary("x"))
		add(r.Grant("x"))
		add(r.Client("x"))
		add(r.Draft("x"))
		for _, err := range errs {
			u.is(err, store.ErrNotFound)
		}
		return nil
	})
	u.write(func(w store.Writer) error {
		return errors.Join(w.DeleteConnection("x"), w.DeleteGrant("x"), w.DeleteClient("x"), w.DeleteDraft("x"))
	})
}

func createOpen(u *suite) {
	_, err := u.backend.Create(u.Context(), u.dir, u.key)
	u.is(err, store.ErrExists)
	_, err = u.backend.Open(u.Context(), u.dir+"-none")
	u.is(err, store.ErrNoStore)
	in, err := u.s.Info(u.Context())
	u.ok(err)
	if in.Events != 1 || in.StoreID == "" || len(in.Slots) != 1 || !in.Created.Equal(start) || in.Revision == 0 {
		u.Errorf("a new store tells %+v", in)
	}
}

func cancelled(u *suite) {
	ctx, cancel := context.WithCancel(u.Context())
	cancel()
	_, err := u.s.Lease(ctx, "grant1", "test")
	u.is(err, context.Canceled)
	u.is(u.s.Read(ctx, func(store.Reader) error { return nil }), context.Canceled)
	u.is(u.s.Write(ctx, func(store.Writer) error { return nil }), context.Canceled)
	held, err := u.s.Lease(u.Context(), "grant1", "test")
	u.ok(err)
	defer held.Release()
	_, err = u.other().Lease(ctx, "grant1", "test")
	u.is(err, context.Canceled)
}

func locked(u *suite) {
	u.fill("one")
	v, err := u.s.Vault()
	u.ok(err)
	u.s.Lock()
	_, err = u.s.Vault()
	u.is(err, store.ErrLocked)
	_, err = v.Seal(store.Binding{}, 1, nil, secret.FromString("x"))
	u.is(err, store.ErrLocked)
	_, err = v.Open(store.Binding{}, store.Sealed{})
	u.is(err, store.ErrLocked)
	u.is(u.try(func(store.Writer) error { return nil }), store.ErrLocked)
	d, err := u.s.Changes(u.Context(), 0)
	u.ok(err)
	if !slices.ContainsFunc(d.Changed, func(s store.Summary) bool { return s.Name == "one" }) {
		u.Error("a locked store can't be looked at")
	}
	u.is(u.s.Unlock(u.Context(), store.Key{Passphrase: secret.FromString("not the right passphrase")}), store.ErrWrongKey)
	u.ok(u.s.Unlock(u.Context(), u.key))
	u.write(func(store.Writer) error { return nil })
	v, err = u.s.Vault()
	u.ok(err)
	u.ok(u.s.Unlock(u.Context(), u.key)) // proving the key again disturbs nobody
	_, err = v.Seal(store.Binding{}, 1, nil, secret.FromString("x"))
	u.ok(err)
}
