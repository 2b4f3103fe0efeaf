package bolt

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"
	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
	"crmdeck/store/secret"
)

// ring is a keyring in memory.
type ring map[string]string

func (r ring) Get(user string) (secret.Value, error) {
	if s, ok := r[user]; ok {
		return secret.FromString(s), nil
	}
	return secret.Value{}, seal.ErrNoEntry
}

func (r ring) Set(user string, v secret.Value) error { r[user] = v.Reveal(); return nil }
func (r ring) Delete(user string) error              { delete(r, user); return nil }

// SE-9, SE-10, SE-11: the keyring has an entry as long as a slot needs it, and a passphrase is
// changed in one step.
func TestKeyringSlotAndChangedPassphrase(t *testing.T) {
	r := ring{}
	dir := filepath.Join(t.TempDir(), "deck")
	e := New(Options{Keyring: r, Host: "test-host"})
	first := phrase("seven quiet lamps")
	st, err := e.Create(t.Context(), dir, first)
	if err != nil {
		t.Fatal(err)
	}
	s := st.(*Store)
	defer s.Close()
	tries := func(k store.Key) error {
		o, err := e.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		return o.Unlock(t.Context(), k)
	}
	if _, err := s.AddSlot(t.Context(), store.NewSlot{Keyring: true, Label: "laptop"}); err != nil || len(r) != 1 {
		t.Fatalf("%v, %d entries", err, len(r))
	}
	if err := tries(store.Key{Keyring: true}); err != nil {
		t.Error(err)
	}
	if _, err := s.Rekey(t.Context(), store.RekeyOptions{Proofs: []store.Key{first}}); err != nil || len(r) != 1 {
		t.Fatalf("%v, %d entries", err, len(r))
	}
	if err := tries(store.Key{Keyring: true}); err != nil {
		t.Error(err)
	}
	if _, err := s.RemoveSlot(t.Context(), "laptop"); err != nil || len(r) != 0 {
		t.Errorf("%v, %d entries", err, len(r))
	}
	var gone *store.KeyringError
	if err := tries(store.Key{Keyring: true}); !errors.As(err, &gone) || !gone.Gone {
		t.Errorf("%v", err)
	}
	// The only slot can be changed, for it is never missing.
	list, err := s.Slots(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	second := phrase("eight quiet lamps")
	if _, err := s.ReplaceSlot(t.Context(), list[0].ID, store.NewSlot{Key: phrase("short")}); !errors.Is(err, store.ErrShortPassphrase) {
		t.Errorf("%v", err)
	}
	in, err := s.ReplaceSlot(t.Context(), list[0].ID, store.NewSlot{Key: second, Label: "chief"})
	if err != nil || in.Label != "chief" {
		t.Fatalf("%+v %v", in, err)
	}
	if a, b := tries(first), tries(second); !errors.Is(a, store.ErrWrongKey) || b != nil {
		t.Errorf("old %v, new %v", a, b)
	}
	if _, err := s.ReplaceSlot(t.Context(), "none", store.NewSlot{Key: first}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
	wantActs(t, s, store.ActSlotRemove, "done", "done")
}

// SE-13: whatever is changed in the header of a store, with one data key and with two, no secret opens
// and nothing dies. The record has a checksum, which is made anew here: it is no protection.
func TestEveryPartOfTheStoredHeader(t *testing.T) {
	a, b := pair2(t)
	fillGrants(t, a, 1)
	var h header
	if err := a.codec.decode("the header", raw(t, a, buckets.meta, keys.header), &h); err != nil {
		t.Fatal(err)
	}
	flipEach(t, a, h)
	v := b.vault
	next, handover, err := v.Begin(t.Context(), h.Seal, store.RekeyOptions{New: []store.NewSlot{{Key: phrase("seven quiet lamps")}}}, h.Seal.Made)
	if err != nil {
		t.Fatal(err)
	}
	err = a.Write(t.Context(), func(sw store.Writer) error {
		w, _ := sw.(*writer)
		h.Seal.Next = next
		return errors.Join(a.writeHandover(handover), w.putHeader(h), note(w))
	})
	if err != nil {
		t.Fatal(err)
	}
	flipEach(t, a, h)
}

// flipEach flips a bit here and there of the header, and each time tries to read a secret.
func flipEach(t *testing.T, s *Store, h header) {
	t.Helper()
	was := raw(t, s, buckets.meta, keys.header)
	body, err := s.codec.enc.(cbor.EncMode).Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if val, err := openRefresh(t, other(t, s, own(s)), grantID(0)); err != nil || val == "" {
		t.Fatalf("unchanged: %q %v", val, err)
	}
	tried := 0
	for i := 3; i < len(body)*8; i += 61 { // 61 is prime to 8: each place in a byte comes up
		flipped := bytes.Clone(body)
		flipped[i/8] ^= 1 << (i % 8)
		var g header
		if s.codec.dec.Unmarshal(flipped, &g) != nil {
			continue
		}
		b, err := s.codec.encode("the header", g)
		if err != nil || bytes.Equal(b, was) {
			continue
		}
		edit(t, s, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.header, b) })
		o, err := New(Options{}).Open(t.Context(), s.dir)
		if err != nil {
			continue
		}
		if err := o.Unlock(t.Context(), own(s)); err == nil {
			if val, err := openRefresh(t, o.(*Store), grantID(0)); err == nil {
				t.Errorf("bit %d of byte %d of %d: %q opens", i%8, i/8, len(body), val)
			}
		}
		_ = o.Close()
		tried++
	}
	if tried < 20 {
		t.Errorf("only %d headers were tried", tried)
	}
	edit(t, s, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.header, was) })
}
