package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// opens tells whether a key opens the store, and what was sealed before.
func opens(t *testing.T, s *Store, k store.Key) error {
	t.Helper()
	o, err := New(Options{}).Open(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := o.Unlock(t.Context(), k); err != nil {
		return err
	}
	if val, err := openRefresh(t, o.(*Store), "g1"); err != nil || val != "hush" {
		t.Errorf("opened with %v: %q %v", k.IdentityFile, val, err)
	}
	return nil
}

// identityFile writes an age identity and returns its path.
func identityFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// SE-10: every kind of slot opens the store from the moment it is added to the moment it
// is removed, whoever has the store open goes on, the last one stays.
func TestSlotsChange(t *testing.T) {
	a, b := pair2(t)
	putRefresh(t, a, "g1", "hush")
	native, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	pass := store.Key{Passphrase: secret.FromString("correct horse battery")}
	first := store.Key{IdentityFile: filepath.Join(filepath.Dir(a.dir), "id")}
	var added []store.SlotInfo
	for _, c := range []struct {
		n store.NewSlot
		k store.Key
	}{
		{store.NewSlot{Key: pass, Label: "recovery"}, pass},
		{store.NewSlot{Recipient: native.Recipient().String()}, store.Key{IdentityFile: identityFile(t, native.String())}},
		{store.NewSlot{Recipient: " " + hybrid.Recipient().String() + "\n"}, store.Key{IdentityFile: identityFile(t, hybrid.String())}},
	} {
		if err := opens(t, a, c.k); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("before: %v", err)
		}
		in, err := a.AddSlot(t.Context(), c.n)
		if err != nil {
			t.Fatal(err)
		}
		if err := opens(t, a, c.k); err != nil {
			t.Errorf("%+v: %v", in, err)
		}
		added = append(added, in)
	}
	if _, err := a.AddSlot(t.Context(), store.NewSlot{Recipient: native.Recipient().String()}); !errors.Is(err, store.ErrSlotExists) {
		t.Errorf("twice: %v", err)
	}
	if _, err := a.AddSlot(t.Context(), store.NewSlot{Recipient: native.String()}); !errors.Is(err, store.ErrRecipient) {
		t.Errorf("a private key: %v", err)
	}
	if err := opens(t, a, first); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"recovery", added[1].ID, added[2].Label} {
		if _, err := b.RemoveSlot(t.Context(), id); err != nil {
			t.Errorf("removing %s: %v", id, err)
		}
	}
	if err := opens(t, a, pass); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("removed: %v", err)
	}
	left, err := a.Slots(t.Context())
	if err != nil || len(left) != 1 {
		t.Fatalf("%+v %v", left, err)
	}
	if _, err := a.RemoveSlot(t.Context(), left[0].ID); !errors.Is(err, store.ErrLastSlot) {
		t.Errorf("the last: %v", err)
	}
	if _, err := a.RemoveSlot(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	putRefresh(t, b, "g1", "hush")
	if err := opens(t, a, first); err != nil {
		t.Error(err)
	}
	var acts []store.Act
	err = a.Read(t.Context(), func(r store.Reader) error {
		list, err := r.Events(store.EventFilter{Acts: []store.Act{store.ActSlotAdd, store.ActSlotRemove}})
		for _, e := range list {
			acts = append(acts, e.Act)
		}
		return err
	})
	if err != nil || len(acts) != 6 {
		t.Errorf("events %v, %v", acts, err)
	}
	a.Lock()
	if _, err := a.AddSlot(t.Context(), store.NewSlot{Key: pass}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if _, err := a.RemoveSlot(t.Context(), left[0].ID); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// SE-4, SE-10: a slot that was removed and is put back into the file opens no secret.
func TestRemovedSlotPutBack(t *testing.T) {
	a, _ := pair2(t)
	putRefresh(t, a, "g1", "hush")
	pass := store.Key{Passphrase: secret.FromString("correct horse battery")}
	if _, err := a.AddSlot(t.Context(), store.NewSlot{Key: pass, Label: "left the firm"}); err != nil {
		t.Fatal(err)
	}
	before := raw(t, a, buckets.meta, keys.header)
	if _, err := a.RemoveSlot(t.Context(), "left the firm"); err != nil {
		t.Fatal(err)
	}
	edit(t, a, func(tx *bbolt.Tx) error { return tx.Bucket(buckets.meta).Put(keys.header, before) })
	o, err := New(Options{}).Open(t.Context(), a.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := o.Unlock(t.Context(), pass); err != nil {
		t.Fatal(err)
	}
	_, err = openRefresh(t, o.(*Store), "g1")
	refused(t, "with a slot put back", err, "slots")
}
