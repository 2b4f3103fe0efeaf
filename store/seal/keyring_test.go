package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// ring is a keyring in memory.
type ring struct {
	entries map[string]string
	broken  error
}

func newRing() *ring { return &ring{entries: make(map[string]string)} }

func (r *ring) Get(user string) (secret.Value, error) {
	if r.broken != nil {
		return secret.Value{}, r.broken
	}
	s, ok := r.entries[user]
	if !ok {
		return secret.Value{}, ErrNoEntry
	}
	return secret.FromString(s), nil
}

func (r *ring) Set(user string, v secret.Value) error {
	if r.broken == nil {
		r.entries[user] = v.Reveal()
	}
	return r.broken
}

func (r *ring) Delete(user string) error {
	delete(r.entries, user)
	return r.broken
}

// SE-8, SE-9: only a key that wraps the data key is in the keyring; a keyring that is not
// there, is locked or has lost it is said, and nothing is kept elsewhere.
func TestKeyring(t *testing.T) {
	r := newRing()
	tools := Tools{Rand: rand.Reader, Keyring: r}
	k := store.Key{Keyring: true}
	h, v, err := Create(t.Context(), tools, "store1", time.Time{}, k)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := h.Unlock(t.Context(), tools, k); err != nil || !same(v, w) {
		t.Fatalf("%v", err)
	}
	if len(r.entries) != 1 {
		t.Fatalf("%d entries", len(r.entries))
	}
	entry := h.Slots[0].entry("store1")
	kept := r.entries[entry]
	if b, err := base64.StdEncoding.DecodeString(kept); err != nil || len(b) != keySize || string(b) == string(v.data) {
		t.Errorf("the keyring has %d bytes", len(kept))
	}
	if _, err := h.Unlock(t.Context(), tools, pass("no keyring was asked for")); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("not asked for: %v", err)
	}
	var broken *store.KeyringError
	r.broken = errors.New("locked")
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &broken) || broken.Gone || errors.Is(err, store.ErrWrongKey) {
		t.Errorf("locked: %v", err)
	}
	if _, err := v.NewSlot(t.Context(), h, store.NewSlot{Keyring: true}); !errors.As(err, &broken) {
		t.Errorf("locked, a new slot: %v", err)
	}
	r.broken = nil
	r.entries[entry] = base64.StdEncoding.EncodeToString(make([]byte, keySize))
	if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	r.entries[entry] = "nonsense"
	if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("nonsense: %v", err)
	}
	v.Forget(h.Slots[0])
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &broken) || !broken.Gone {
		t.Errorf("gone: %v", err)
	}
	if _, err := h.Unlock(t.Context(), Tools{Rand: rand.Reader}, k); !errors.As(err, &broken) {
		t.Errorf("no keyring at all: %v", err)
	}
	none, _ := create(t, identity(t))
	if _, err := none.Unlock(t.Context(), tools, k); !errors.As(err, &broken) || !broken.Gone {
		t.Errorf("no slot for it: %v", err)
	}
}

// SE-13: nothing in a keyring slot can be changed.
func TestChangedKeyringSlot(t *testing.T) {
	tools := Tools{Rand: rand.Reader, Keyring: newRing()}
	k := store.Key{Keyring: true}
	h, _, err := Create(t.Context(), tools, "store1", time.Time{}, k)
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Slots[0].Box {
		c := h
		c.Slots = []Slot{h.Slots[0]}
		c.Slots[0].Box = append([]byte(nil), h.Slots[0].Box...)
		c.Slots[0].Box[i] ^= 1 << (i % 8)
		if _, err := c.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	h.Slots[0].Label = "another"
	if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("label: %v", err)
	}
}

// SE-7: what is tried first is refused; what is merely plain is not.
func TestGuessablePassphrases(t *testing.T) {
	for _, p := range []string{"aaaaaaaaaaaaaaaa", "passwordpassword", "Password Password 1234", "1234567890123456", "abcdefghijklmnopqrst",
		"qwertyuiopasdfghjkl", "correct horse battery staple", "crmdeckcrmdeckcrmdeck", "hubspot salesforce 2026", "ab ab ab ab ab ab ab", "!!!!!!!!!!!!!!!!!!!"} {
		if _, _, err := Create(t.Context(), tools, "s", time.Time{}, pass(p)); !errors.Is(err, store.ErrWeakPassphrase) {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range []string{"seven quiet lamps", "four words make two", "TS2M-S8CX-A7JZ-R1TT-MB3Y-B3MM-FWSH-PMF7", "ein Wort und noch ein Wort", "パスフレーズはとても長いものです"} {
		if guessable([]byte(p)) {
			t.Errorf("%q is refused", p)
		}
	}
}
