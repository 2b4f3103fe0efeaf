package seal

import (
	"context"
	"fmt"
	"slices"

	"crmdeck/store"
)

// NewSlot wraps the vault's data key for n. h is the header that the slot is added to.
// store.ErrRekeying while there are two data keys.
func (v *Vault) NewSlot(ctx context.Context, h Header, n store.NewSlot) (Slot, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	switch {
	case v.data == nil:
		return Slot{}, store.ErrLocked
	case h.Next != nil:
		return Slot{}, store.ErrRekeying
	case v.keyID != h.KeyID: // another process has made a new data key
		return Slot{}, store.ErrRekeyed
	}
	return newSlot(ctx, v.tools, v.storeID, v.keyID, v.data, n)
}

// Forget takes away what a slot that is no more keeps outside of the store.
func (v *Vault) Forget(s Slot) { s.Forget(v.tools, v.storeID) }

// Add appends a slot. store.ErrSlotExists if there is one for the same public key.
func (h *Header) Add(s Slot) error {
	for _, x := range h.Slots {
		if s.public() && x.public() && x.Label == s.Label {
			return store.ErrSlotExists
		}
	}
	h.Slots = append(h.Slots, s)
	return nil
}

// Replace puts s in the place of the slot with this ID or label.
func (h *Header) Replace(id string, s Slot) (gone Slot, err error) {
	at, err := h.find(id)
	if err != nil {
		return Slot{}, err
	}
	gone = h.Slots[at]
	rest := Header{Slots: slices.Delete(slices.Clone(h.Slots), at, at+1)}
	if err := rest.Add(s); err != nil {
		return Slot{}, err
	}
	h.Slots = slices.Insert(rest.Slots[:len(rest.Slots)-1], at, s)
	return gone, nil
}

// public reports that the label is a public key.
func (s Slot) public() bool { return s.Kind == KindIdentity || s.Kind == KindRecipient }

// find returns where the slot with this ID is, or the only one with this label.
func (h *Header) find(id string) (int, error) {
	at, found := -1, 0
	for i, s := range h.Slots {
		if s.ID() == id {
			return i, nil
		}
		if s.Label == id && id != "" {
			at, found = i, found+1
		}
	}
	switch {
	case found == 0:
		return 0, fmt.Errorf("slot %q: %w", id, store.ErrNotFound)
	case found > 1:
		return 0, fmt.Errorf("slot %q: %w: several have this label, name one by its id", id, store.ErrConflict)
	}
	return at, nil
}

// Remove takes away the slot with this ID, or the only one with this label.
func (h *Header) Remove(id string) (Slot, error) {
	at, err := h.find(id)
	if err != nil {
		return Slot{}, err
	}
	if len(h.Slots) == 1 {
		return Slot{}, fmt.Errorf("slot %q: %w", id, store.ErrLastSlot)
	}
	gone := h.Slots[at]
	h.Slots = slices.Delete(slices.Clone(h.Slots), at, at+1)
	return gone, nil
}
