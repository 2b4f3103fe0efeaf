package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"crmdeck/store"
)

// model makes random changes, and follows them with Changes as a screen does. At the
// end the follower, the summaries and the records must tell the same.
func model(u *suite) {
	r := rand.New(rand.NewPCG(1, 2)) // the same steps each time
	follower := map[store.ID]store.Summary{}
	var rev store.Revision
	for range 300 {
		u.write(func(w store.Writer) error {
			var err error
			for range 1 + r.IntN(4) {
				err = errors.Join(err, randomStep(r, w))
			}
			return err
		})
		if r.IntN(3) == 0 {
			rev = follow(u, follower, rev)
		}
	}
	follow(u, follower, rev)
	u.read(func(r store.Reader) error {
		list, err := r.Summaries()
		if len(list) != len(follower) {
			u.Errorf("the follower has %d connections, the store %d", len(follower), len(list))
		}
		for _, s := range list {
			conn, e1 := r.Connection(s.ID)
			g, _ := r.Grant(conn.Grant) // may be gone
			c, _ := r.Client(g.Client)
			want := store.Summarize(conn, g, c)
			want.Rev = s.Rev
			if e1 != nil || !same(s, want) || !same(follower[s.ID], s) {
				u.Errorf("of %s\nthe records tell %+v\nthe summary      %+v\nthe follower     %+v", s.ID, want, s, follower[s.ID])
			}
		}
		return err
	})
}

// randomStep puts or deletes one of a few records.
func randomStep(r *rand.Rand, w store.Writer) error {
	id := func(kind string, n int) store.ID { return store.ID(fmt.Sprint(kind, r.IntN(n))) }
	switch conn, grant, client := id("c", 12), id("g", 6), id("k", 3); r.IntN(9) {
	case 0:
		return w.DeleteConnection(conn)
	case 1:
		return w.DeleteGrant(grant)
	case 2:
		return w.DeleteClient(client)
	case 3:
		c, _ := w.Client(client)
		c.ID, c.SecretEnds, c.Secret = client, start.AddDate(0, 0, r.IntN(100)), store.Sealed{Box: []byte{1}}
		return w.PutClient(&c)
	case 4, 5, 6:
		g, _ := w.Grant(grant)
		g.ID, g.Client, g.Generation = grant, client, g.Generation+1
		return w.PutGrant(&g)
	default:
		c, _ := w.Connection(conn)
		c.ID, c.Name, c.Grant, c.KeyDays = conn, "name-"+string(conn), grant, r.IntN(1000)
		return w.PutConnection(&c)
	}
}

// follow applies what changed since rev.
func follow(u *suite, f map[store.ID]store.Summary, rev store.Revision) store.Revision {
	d, err := u.s.Changes(u.Context(), rev)
	u.ok(err)
	if d.Full {
		clear(f)
	}
	for _, s := range d.Changed {
		f[s.ID] = s
	}
	for _, id := range d.Removed {
		delete(f, id)
	}
	return d.Revision
}
