package storetest

import (
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/secret"
)

func TestBasic(t *testing.T) {
	s, dir := NewIn(t, bolt.Options{})
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Seal(store.Binding{Owner: "g1", Field: "refresh"}, 1, []string{"a.example"}, secret.FromString("hush"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(w store.Writer) error {
		g := store.Grant{ID: "g1", Refresh: &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(secret.FromString("hush"))}}
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		c := store.Connection{ID: "c1", Name: "one", Grant: "g1"}
		if err := w.PutConnection(&c); err != nil {
			return err
		}
		_, err := w.Append(store.Event{Act: store.ActAdd, ConnectionID: "c1", Outcome: "done"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o := Open(t, dir, bolt.Options{})
	d, err := o.Changes(t.Context(), 0)
	if err != nil || len(d.Changed) != 1 || d.Changed[0].Name != "one" {
		t.Fatalf("%+v %v", d, err)
	}
	t.Log(v.Fingerprint(secret.FromString("hush")), d.Changed[0].Fingerprint)
	err = o.Read(t.Context(), func(r store.Reader) error {
		g, err := r.Grant("g1")
		if err != nil {
			return err
		}
		v, err := o.Vault()
		if err != nil {
			return err
		}
		p, err := v.Open(store.Binding{Owner: "g1", Field: "refresh"}, g.Refresh.Sealed)
		if err != nil || p.Reveal() != "hush" {
			t.Errorf("%v %v", p.Reveal(), err)
		}
		e, err := r.Events(store.EventFilter{Connection: "c1"})
		t.Logf("%+v %v", e, err)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := o.Info(t.Context())
	t.Logf("%+v %v", in, err)
}
