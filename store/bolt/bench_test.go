package bolt_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// filled returns a store with n connections, each with a grant of its own.
func filled(b *testing.B, n int) (store.Store, string) {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "deck")
	s, err := bolt.New(bolt.Options{}).Create(b.Context(), dir, store.Key{IdentityFile: storetest.Identity(dir)},
		store.Key{Passphrase: secret.FromString("correct horse battery")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	now := time.Now().UTC()
	for i := 0; i < n; {
		err = s.Write(b.Context(), func(w store.Writer) error {
			for end := min(i+5000, n); i < end; i++ {
				g, c := record(i, now)
				if err := w.PutGrant(g); err != nil {
					return err
				}
				if err := w.PutConnection(c); err != nil {
					return err
				}
			}
			_, err := w.Append(store.Event{Act: store.ActAdd, Outcome: "done"})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return s, dir
}

func record(i int, now time.Time) (*store.Grant, *store.Connection) {
	id := store.ID(fmt.Sprintf("g%07d", i*7919%1_000_003))
	g := &store.Grant{ID: id, Provider: "hubspot", Issuer: "https://api.example", Generation: 4, TokenURL: "https://api.example/oauth/token",
		Access:  &store.Token{Sealed: store.Sealed{KeyID: "k", Gen: 4, Hosts: []string{"api.example"}, Box: make([]byte, 300)}, Issued: now, Expires: now.Add(time.Hour), Fingerprint: "7Q2M-91C4-KX"},
		Refresh: &store.Token{Sealed: store.Sealed{KeyID: "k", Gen: 4, Hosts: []string{"api.example"}, Box: make([]byte, 100)}, Issued: now, Fingerprint: fmt.Sprintf("%04X-91C4-KX", i)},
		Granted: []string{"crm.objects.contacts.read", "crm.objects.deals.read"}, GrantedKnown: true, Created: now}
	c := &store.Connection{ID: "c" + id, Name: fmt.Sprintf("hubspot-%06d", i), Provider: "hubspot", Environment: "prod", Method: store.AuthorizationCode,
		Grant: id, Owner: "revenue-ops", Asked: []string{"crm.objects.contacts.read"}, Account: store.Account{ID: "1234567", Name: "Example Portal"},
		Created: now, Updated: now, Consented: now, Tests: []store.TestRun{{At: now, Outcome: "ok", Took: time.Second}}}
	return g, c
}

func BenchmarkReadOne(b *testing.B) {
	s, _ := filled(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		err := s.Read(b.Context(), func(r store.Reader) error {
			_, err := r.ConnectionByName("hubspot-000500")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteOne(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, _ := filled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				touch(b, s)
			}
		})
	}
}

// touch changes one grant, as a refresh does.
func touch(b *testing.B, s store.Store) {
	err := s.Write(b.Context(), func(w store.Writer) error {
		c, err := w.ConnectionByName("hubspot-000050")
		if err != nil {
			return err
		}
		g, err := w.Grant(c.Grant)
		if err != nil {
			return err
		}
		g.Generation++
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		_, err = w.Append(store.Event{Act: store.ActRefresh, ConnectionID: c.ID, Outcome: "done"})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkChanges(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, _ := filled(b, n)
			d, err := s.Changes(b.Context(), 0)
			if err != nil {
				b.Fatal(err)
			}
			touch(b, s)
			b.Run("one", func(b *testing.B) {
				for b.Loop() {
					if d, err := s.Changes(b.Context(), d.Revision); err != nil || len(d.Changed) != 1 {
						b.Fatal(err, len(d.Changed))
					}
				}
			})
			b.Run("all", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if d, err := s.Changes(b.Context(), 0); err != nil || len(d.Changed) != n {
						b.Fatal(err, len(d.Changed))
					}
				}
			})
		})
	}
}

// BenchmarkToken is what a headless process does: open, unlock, read.
func BenchmarkToken(b *testing.B) {
	_, dir := filled(b, 1000)
	for b.Loop() {
		s, err := bolt.New(bolt.Options{}).Open(b.Context(), dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Unlock(b.Context(), store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
			b.Fatal(err)
		}
		err = s.Read(b.Context(), func(r store.Reader) error {
			_, err := r.ConnectionByName("hubspot-000500")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
}

func BenchmarkUnlock(b *testing.B) {
	s, dir := filled(b, 10)
	for name, k := range map[string]store.Key{
		"identity":   {IdentityFile: storetest.Identity(dir)},
		"passphrase": {Passphrase: secret.FromString("correct horse battery")},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.Unlock(b.Context(), k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
