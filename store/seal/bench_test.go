package seal

import (
	"crypto/rand"
	"testing"
	"time"

	"crmdeck/store"
)

// BenchmarkUnlock is the time that each kind of slot takes to open.
func BenchmarkUnlock(b *testing.B) {
	r := newRing()
	tools := Tools{Rand: rand.Reader, Keyring: r}
	ed, edLine := sshFile(b, edKey(b), "")
	rs, rsLine := sshFile(b, rsaKey(b, 3072), "")
	for name, c := range map[string]struct {
		k store.Key
		n store.NewSlot
	}{
		"passphrase": {k: pass("seven quiet lamps")}, "age": {k: store.Key{IdentityFile: b.TempDir() + "/id"}}, "keyring": {k: store.Key{Keyring: true}},
		"ssh-ed25519": {k: ed}, "ssh-rsa": {k: rs}, "ssh-ed25519 recipient": {ed, store.NewSlot{Recipient: edLine}}, "ssh-rsa recipient": {rs, store.NewSlot{Recipient: rsLine}},
	} {
		b.Run(name, func(b *testing.B) {
			first := c.k
			if c.n.Recipient != "" {
				first = store.Key{Keyring: true}
			}
			h, v, err := Create(b.Context(), tools, "store1", time.Time{}, first)
			if err != nil {
				b.Fatal(err)
			}
			if c.n.Recipient != "" {
				s, err := v.NewSlot(b.Context(), h, c.n)
				if err != nil {
					b.Fatal(err)
				}
				h.Slots = []Slot{s}
			}
			for b.Loop() {
				if _, err := h.Unlock(b.Context(), tools, c.k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
