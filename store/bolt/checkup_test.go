package bolt

import (
	"errors"
	"fmt"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// checkSealed runs CheckSealed and gathers what it tells.
func checkSealed(t *testing.T, s *Store) (told store.SealedProgress, refused []*store.DamageError) {
	t.Helper()
	err := s.CheckSealed(t.Context(), func(p store.SealedProgress) error {
		refused = append(refused, p.Refused...)
		told = p
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return told, refused
}

// putMany seals a refresh token in each of n grants, in one transaction.
func putMany(t *testing.T, s *Store, n int) {
	t.Helper()
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(w store.Writer) error {
		for i := range n {
			id := store.ID(fmt.Sprintf("grant-%03d", i))
			g, err := old(w.Grant(id))
			if err != nil {
				return err
			}
			sealed, err := v.Seal(store.Binding{Owner: id, Field: store.FieldRefresh}, 2, []string{"api.example"}, secret.FromString(fmt.Sprint("value ", i)))
			if err != nil {
				return err
			}
			g.ID, g.Generation, g.Refresh = id, 2, &store.Token{Sealed: sealed}
			if err := w.PutGrant(&g); err != nil {
				return err
			}
		}
		return note(w)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCheckSealed: values that are whole are counted; one that was put back (SE-4), one that was
// changed (SE-3) and one whose record is gone are found, and nothing else.
func TestCheckSealed(t *testing.T) {
	s, _ := pair2(t)
	const n = sealedStep + 20 // more than one step
	putRefresh(t, s, "grant-001", "first")
	old := raw(t, s, buckets.grants, []byte("grant-001"))
	putMany(t, s, n)
	told, refused := checkSealed(t, s)
	if told.Values != n || told.Records != n || told.All != n || len(refused) != 0 {
		t.Fatalf("%+v, %v", told, refused)
	}
	gone := raw(t, s, buckets.grants, []byte("grant-010"))
	edit(t, s, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.grants).Delete([]byte("grant-010")) })
	_, refused = checkSealed(t, s)
	if len(refused) != 1 || refused[0].Problem != "are in no record: records were removed from outside" {
		t.Errorf("a record that was taken out: %v", refused)
	}
	edit(t, s, func(tx *bbolt.Tx) error {
		b := tx.Bucket(buckets.grants)
		flipped := append([]byte(nil), b.Get([]byte("grant-002"))...)
		flipped[len(flipped)/2] ^= 1
		return errors.Join(b.Put([]byte("grant-010"), gone), b.Put([]byte("grant-001"), old), b.Put([]byte("grant-002"), flipped))
	})
	_, refused = checkSealed(t, s)
	owners := map[store.ID]bool{}
	for _, r := range refused {
		owners[r.Owner] = true
	}
	if len(refused) != 2 || !owners["grant-001"] || !owners["grant-002"] {
		t.Errorf("refused %v", refused)
	}
	s.Lock()
	if err := s.CheckSealed(t.Context(), func(store.SealedProgress) error { return nil }); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// TestSpace: pages that hold nothing are counted; a store that was filled and emptied has many.
func TestSpace(t *testing.T) {
	s, _ := pair2(t)
	before, err := s.Space(t.Context())
	if err != nil || before.Size <= 0 || before.Format != format || before.Newest != format {
		t.Fatalf("%+v %v", before, err)
	}
	change := func(each func(store.Writer, store.ID) error) {
		t.Helper()
		err := s.Write(t.Context(), func(w store.Writer) error {
			err := note(w)
			for i := range 2000 {
				err = errors.Join(err, each(w, store.ID(fmt.Sprintf("connection-%04d", i))))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(func(w store.Writer, id store.ID) error {
		return w.PutConnection(&store.Connection{ID: id, Name: string(id), Purpose: "to be removed again, and long enough to need pages"})
	})
	change(store.Writer.DeleteConnection)
	after, err := s.Space(t.Context())
	if err != nil || after.Free <= before.Free || after.Free > after.Size {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
	if err := s.CheckPages(t.Context()); err != nil {
		t.Errorf("pages: %v", err)
	}
}

// TestSlotCosts: SE-5 a slot is told with what it costs, and whether that is less than today's.
func TestSlotCosts(t *testing.T) {
	s, _ := pair2(t)
	list, err := s.SlotCosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Kind != "passphrase" || c.Memory != 64<<10 || c.Passes != 3 || c.Lanes != 4 || c.Low {
			t.Errorf("%+v", c)
		}
	}
}
