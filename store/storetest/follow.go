package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// same compares records whose times are all in UTC.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func indexes(u *suite) {
	u.fill("one", "two")
	grant := func(fn func(*store.Grant)) {
		u.write(func(w store.Writer) error {
			g, err := w.Grant("grant1")
			fn(&g)
			return errors.Join(err, w.PutGrant(&g))
		})
	}
	count := func(want [6]int) {
		u.Helper()
		u.read(func(r store.Reader) error {
			conns, e1 := r.ConnectionsOf("grant1")
			old, e2 := r.GrantsByFingerprint("FP-1")
			now, e3 := r.GrantsByFingerprint("FP-2")
			pend, e4 := r.GrantsPending()
			of, e5 := r.GrantsOf("client1")
			cl, e6 := r.Clients("close")
			got := [6]int{len(conns), len(old), len(now), len(pend), len(of), len(cl)}
			if got != want {
				u.Errorf("got %v, want %v (connections, old and new fingerprint, pending, grants, clients)", got, want)
			}
			return errors.Join(e1, e2, e3, e4, e5, e6)
		})
	}
	count([6]int{2, 1, 0, 0, 1, 1})
	grant(func(g *store.Grant) {
		g.Refresh.Fingerprint = "FP-2"
		g.Revocation = &store.Revocation{State: store.RevocationQueued}
	})
	count([6]int{2, 0, 1, 1, 1, 1})
	grant(func(g *store.Grant) { g.Key, g.Refresh = &store.APIKeyRecord{Fingerprint: "FP-2"}, nil })
	count([6]int{2, 0, 1, 1, 1, 1})
	grant(func(g *store.Grant) { g.Key, g.Refresh = nil, &store.Token{Fingerprint: "FP-2"} })
	count([6]int{2, 0, 1, 1, 1, 1})
	grant(func(g *store.Grant) { g.Refresh, g.Revocation.State = nil, store.RevocationDone })
	count([6]int{2, 0, 0, 0, 1, 1})
	u.write(func(w store.Writer) error {
		return errors.Join(w.DeleteConnection("id-one"), w.DeleteGrant("grant1"), w.DeleteClient("client1"))
	})
	count([6]int{1, 0, 0, 0, 0, 0})
}

func summaries(u *suite) {
	u.fill("one", "two")
	u.read(func(r store.Reader) error {
		s, err := r.Summary("id-one")
		if s.Missing != 1 || s.Generation != 1 || s.TestOutcome != "ok" || s.Client != "client1" || s.Rev != r.Revision() {
			u.Errorf("summary %+v", s)
		}
		return err
	})
	u.write(func(w store.Writer) error { // a grant changes both, and shows within the transaction
		g, err := w.Grant("grant1")
		g.Generation = 7
		err = errors.Join(err, w.PutGrant(&g))
		s, e := w.Summary("id-two")
		if s.Generation != 7 {
			u.Errorf("within the transaction the summary has generation %d", s.Generation)
		}
		return errors.Join(err, e)
	})
	u.write(func(w store.Writer) error { // so does a client
		c, err := w.Client("client1")
		c.Secret, c.SecretEnds = store.Sealed{Box: []byte{1}}, start
		return errors.Join(err, w.PutClient(&c))
	})
	u.read(func(r store.Reader) error {
		list, err := r.Summaries()
		for _, s := range list {
			if s.Generation != 7 || !s.SecretEnds.Equal(start) {
				u.Errorf("summary %+v", s)
			}
		}
		return err
	})
}

func changes(u *suite) {
	delta := func(since store.Revision, full bool, changed, removed string) store.Revision {
		u.Helper()
		d, err := u.s.Changes(u.Context(), since)
		u.ok(err)
		var names, ids []string
		for _, s := range d.Changed {
			names = append(names, s.Name)
		}
		for _, id := range d.Removed {
			ids = append(ids, string(id))
		}
		slices.Sort(names)
		slices.Sort(ids)
		if d.Full != full || strings.Join(names, " ") != changed || strings.Join(ids, " ") != removed {
			u.Errorf("since %d: full %v, changed %v, removed %v", since, d.Full, names, ids)
		}
		return d.Revision
	}
	u.fill("one", "two", "three")
	first := delta(0, true, "one three two", "")
	delta(first, false, "", "")
	edit := func(name string) {
		u.write(func(w store.Writer) error {
			c, err := w.ConnectionByName(name)
			c.Owner += "x"
			return errors.Join(err, w.PutConnection(&c))
		})
	}
	edit("one")
	edit("one")
	second := delta(first, false, "one", "")
	u.write(func(w store.Writer) error { return w.DeleteConnection("id-two") })
	edit("three")
	delta(second, false, "three", "id-two")
	third := delta(first, false, "one three", "id-two")
	u.write(func(w store.Writer) error { // came and went
		return errors.Join(w.PutConnection(sampleConnection("four")), w.DeleteConnection("id-four"))
	})
	delta(third, false, "", "")
	delta(third+1000, true, "one three", "")
}

func unaudited(u *suite) {
	err := u.s.Write(u.Context(), func(w store.Writer) error { return w.PutConnection(sampleConnection("one")) })
	u.is(err, store.ErrUnaudited)
	u.read(func(r store.Reader) error {
		_, err := r.ConnectionByName("one")
		u.is(err, store.ErrNotFound)
		return nil
	})
	u.fill("one")
	u.is(u.s.Write(u.Context(), func(w store.Writer) error { return w.DeleteConnection("id-one") }), store.ErrUnaudited)
	u.ok(u.s.Write(u.Context(), func(w store.Writer) error {
		w.Bookkeeping()
		return w.PutDraft(&store.Draft{ID: "d1"})
	}))
}

func noChange(u *suite) {
	before, err := u.s.Info(u.Context())
	u.ok(err)
	u.ok(u.s.Write(u.Context(), func(store.Writer) error { return nil }))
	after, err := u.s.Info(u.Context())
	u.ok(err)
	if after.Revision != before.Revision {
		u.Errorf("revision went from %d to %d", before.Revision, after.Revision)
	}
}

func events(u *suite) {
	for i := range 6 {
		u.ok(u.s.Write(u.Context(), func(w store.Writer) error {
			e := store.Event{Act: store.ActRefresh, ConnectionID: "a", Outcome: "done"}
			if i%2 == 1 {
				e.Act, e.ConnectionID = store.ActTest, "b"
			}
			_, err := w.Append(e)
			return err
		}))
	}
	for _, c := range []struct {
		f    store.EventFilter
		want []uint64
	}{
		{store.EventFilter{}, []uint64{7, 6, 5, 4, 3, 2, 1}},
		{store.EventFilter{Limit: 2}, []uint64{7, 6}},
		{store.EventFilter{Before: 4, After: 1}, []uint64{3, 2}},
		{store.EventFilter{Connection: "a"}, []uint64{6, 4, 2}},
		{store.EventFilter{Connection: "b", Before: 7}, []uint64{5, 3}},
		{store.EventFilter{Connection: "b", After: 3}, []uint64{7, 5}},
		{store.EventFilter{Acts: []store.Act{store.ActTest, store.ActInit}}, []uint64{7, 5, 3, 1}},
		{store.EventFilter{Connection: "c"}, nil},
	} {
		u.read(func(r store.Reader) error {
			list, err := r.Events(c.f)
			var got []uint64
			for _, e := range list {
				got = append(got, e.Seq)
			}
			if !slices.Equal(got, c.want) {
				u.Errorf("%+v: got %v, want %v", c.f, got, c.want)
			}
			return err
		})
	}
}

func newest(u *suite) (e store.Event) {
	u.read(func(r store.Reader) error {
		list, err := r.Events(store.EventFilter{Limit: 1})
		e = list[0]
		return err
	})
	return e
}

func clockBack(u *suite) { // AU-11
	u.write(func(store.Writer) error { return nil })
	before := newest(u)
	u.clock.Advance(-3 * time.Minute)
	u.write(func(store.Writer) error { return nil })
	if e := newest(u); e.Seq != before.Seq+1 || e.Evidence != "clock went back 3m0s" {
		u.Errorf("event %+v", e)
	}
	u.clock.Advance(time.Hour)
	u.write(func(store.Writer) error { return nil })
	if e := newest(u); e.Evidence != "" {
		u.Errorf("event %+v", e)
	}
}

func eventLines(u *suite) { // AU-10
	u.ok(u.s.Write(u.Context(), func(w store.Writer) error {
		_, err := w.Append(store.Event{Act: store.ActEdit, Connection: "a\nb\x1b[2J", Evidence: "{\"x\":1}\r\n\u202e"})
		return err
	}))
	if e := newest(u); strings.ContainsAny(e.Connection+e.Evidence, "\n\r\x1b\u202e") {
		u.Errorf("event %+v", e)
	}
}

func sealed(u *suite) { // SE-3
	v, err := u.s.Vault()
	u.ok(err)
	b := store.Binding{Owner: "grant1", Field: "refresh"}
	s, err := v.Seal(b, 3, []string{"api.example", "login.example"}, secret.FromString("hush"))
	u.ok(err)
	got, err := v.Open(b, s)
	u.ok(err)
	if got.Reveal() != "hush" {
		u.Error("another secret came out")
	}
	for name, change := range map[string]func(*store.Binding, *store.Sealed){
		"another owner":      func(b *store.Binding, _ *store.Sealed) { b.Owner = "grant2" },
		"another field":      func(b *store.Binding, _ *store.Sealed) { b.Field = "access" },
		"owner joined field": func(b *store.Binding, _ *store.Sealed) { b.Owner, b.Field = "grant1r", "efresh" },
		"another generation": func(_ *store.Binding, s *store.Sealed) { s.Gen = 4 },
		"another key":        func(_ *store.Binding, s *store.Sealed) { s.KeyID = "other" },
		"a host more":        func(_ *store.Binding, s *store.Sealed) { s.Hosts = append(s.Hosts, "evil.example") },
		"a host less":        func(_ *store.Binding, s *store.Sealed) { s.Hosts = s.Hosts[:1] },
		"hosts joined":       func(_ *store.Binding, s *store.Sealed) { s.Hosts = []string{"api.examplelogin.example"} },
		"a host edited":      func(_ *store.Binding, s *store.Sealed) { s.Hosts[0] = "evil.example" },
		"cut":                func(_ *store.Binding, s *store.Sealed) { s.Box = s.Box[:len(s.Box)-1] },
		"empty":              func(_ *store.Binding, s *store.Sealed) { s.Box = nil },
		"a bit":              func(_ *store.Binding, s *store.Sealed) { s.Box[len(s.Box)/2] ^= 1 },
	} {
		b2, s2 := b, store.Sealed{KeyID: s.KeyID, Gen: s.Gen, Hosts: slices.Clone(s.Hosts), Box: slices.Clone(s.Box)}
		change(&b2, &s2)
		if _, err := v.Open(b2, s2); !errors.Is(err, store.ErrSealed) {
			u.Errorf("%s: %v", name, err)
		}
	}
}

func watch(u *suite) {
	seen, err := u.other().Watch(u.Context())
	u.ok(err)
	for range 3 {
		u.write(func(store.Writer) error { return nil })
		select {
		case <-seen:
		case <-time.After(10 * time.Second):
			u.Fatal("a change was not noticed")
		}
	}
}

func leases(u *suite) {
	other := u.other()
	mine, err := u.s.Lease(u.Context(), "grant1", "refreshing")
	u.ok(err)
	free, err := u.s.Lease(u.Context(), "grant2", "refreshing")
	u.ok(err)
	free.Release()
	for _, s := range []store.Store{u.s, other} { // within the process, and as another one
		ctx, cancel := context.WithTimeout(u.Context(), 30*time.Millisecond)
		_, err = s.Lease(ctx, "grant1", "refreshing")
		cancel()
		var held *store.HeldError
		if !errors.As(err, &held) || held.Holder.What != "refreshing" || held.Holder.PID == 0 {
			u.Errorf("waiting ended with %v", err)
		}
	}
	u.write(func(store.Writer) error { return nil }) // a lease never blocks the store
	mine.Release()
	mine.Release()
	for _, s := range []store.Store{other, u.s} {
		l, err := s.Lease(u.Context(), "grant1", "refreshing")
		u.ok(err)
		l.Release()
	}
}

func leaseTurns(u *suite) {
	stores := []store.Store{u.s, u.other(), u.other()}
	var wg sync.WaitGroup
	var holders, count atomic.Int32 // the race detector doesn't see the kernel's locks
	for i := range 30 {
		wg.Go(func() {
			l, err := stores[i%3].Lease(u.Context(), "grant1", "counting")
			if err != nil {
				u.Error(err)
				return
			}
			if n := holders.Add(1); n != 1 {
				u.Errorf("%d hold the lease", n)
			}
			count.Add(1)
			holders.Add(-1)
			l.Release()
		})
	}
	wg.Wait()
	if n := count.Load(); n != 30 {
		u.Errorf("%d of 30 had their turn", n)
	}
}
