package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"crmdeck/store"
)

// NewSlot wraps the vault's data key for n. h is the header that the slot is added to.
func (v *Vault) NewSlot(h Header, n store.NewSlot) (Slot, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.data == nil || v.keyID != h.KeyID { // another process has made a new data key
		return Slot{}, store.ErrLocked
	}
	return newSlot(v.rand, v.storeID, v.keyID, v.data, n)
}

// Add appends a slot. store.ErrSlotExists if there is one for the same recipient.
func (h *Header) Add(s Slot) error {
	for _, x := range h.Slots {
		if s.Kind != KindPassphrase && x.Kind != KindPassphrase && x.Label == s.Label {
			return store.ErrSlotExists
		}
	}
	h.Slots = append(h.Slots, s)
	return nil
}

// Remove takes away the slot with this ID, or the only one with this label.
func (h *Header) Remove(id string) (Slot, error) {
	at, found := -1, 0
	for i, s := range h.Slots {
		if s.ID() == id {
			at, found = i, 1
			break
		}
		if s.Label == id && id != "" {
			at, found = i, found+1
		}
	}
	switch {
	case found == 0:
		return Slot{}, fmt.Errorf("slot %q: %w", id, store.ErrNotFound)
	case found > 1:
		return Slot{}, fmt.Errorf("slot %q: %w: several have this label, name one by its id", id, store.ErrConflict)
	case len(h.Slots) == 1:
		return Slot{}, fmt.Errorf("slot %q: %w", id, store.ErrLastSlot)
	}
	gone := h.Slots[at]
	h.Slots = append(append([]Slot(nil), h.Slots[:at]...), h.Slots[at+1:]...)
	return gone, nil
}

// wrapRecipient encrypts the data key to a recipient, together with a hash of what the
// slot says about itself, so that it opens in no other place. Unlike a slot for an
// identity at hand it carries no proof of who made it: whoever can write to the store
// could put a data key of their own there. Nothing that was sealed before opens with
// such a key, so that it shows.
func (s Slot) wrapRecipient(storeID string, data []byte, recipient string) (Slot, error) {
	r, label, err := parseRecipient(recipient)
	if err != nil {
		return Slot{}, err
	}
	s.Kind, s.Label = KindRecipient, label
	bound := sha256.Sum256(s.bound(storeID))
	plain := append(bytes.Clone(data), bound[:]...)
	defer clear(plain)
	s.Box, err = encrypt(r, plain)
	return s, err
}

func parseRecipient(text string) (age.Recipient, string, error) {
	text = strings.TrimSpace(text)
	if r, err := age.ParseX25519Recipient(text); err == nil {
		return r, r.String(), nil
	}
	if r, err := age.ParseHybridRecipient(text); err == nil {
		return r, r.String(), nil
	}
	return nil, "", store.ErrRecipient // what was given could be a private key: it is not quoted
}

// openRecipient returns the data key, or ErrWrongKey.
func (s Slot) openRecipient(storeID string, ids []ageKey) ([]byte, error) {
	bound := sha256.Sum256(s.bound(storeID))
	for _, id := range ids {
		if id.label != s.Label {
			continue
		}
		r, err := age.Decrypt(bytes.NewReader(s.Box), id.Identity)
		if err != nil {
			return nil, store.ErrWrongKey
		}
		plain := make([]byte, keySize+len(bound))
		if _, err := io.ReadFull(r, plain); err != nil || !bytes.Equal(plain[keySize:], bound[:]) {
			return nil, store.ErrWrongKey
		}
		return plain[:keySize:keySize], nil
	}
	return nil, store.ErrWrongKey
}
