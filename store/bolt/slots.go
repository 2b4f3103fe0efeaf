package bolt

import (
	"context"
	"fmt"
	"strings"

	"crmdeck/store"
	"crmdeck/store/seal"
	"crmdeck/store/text"
)

var (
	_ store.SlotKeeper   = (*Store)(nil)
	_ store.SlotReplacer = (*Store)(nil)
)

// Slots implements store.SlotKeeper.
func (s *Store) Slots(ctx context.Context) ([]store.SlotInfo, error) {
	h, err := s.header(ctx)
	return h.Seal.Info(), err
}

// AddSlot implements store.SlotKeeper. Deriving a key from a passphrase takes a while, so
// that is done before the transaction; a data key that changed meanwhile is a conflict.
func (s *Store) AddSlot(ctx context.Context, n store.NewSlot) (store.SlotInfo, error) {
	h, v, err := s.openedNow(ctx)
	if err != nil {
		return store.SlotInfo{}, err
	}
	n.Label = text.Clean(n.Label)
	slot, err := v.NewSlot(ctx, h.Seal, n)
	if err != nil {
		return store.SlotInfo{}, fmt.Errorf("adding a slot: %w", err)
	}
	err = s.changeSlots(ctx, store.ActSlotAdd, func(h *seal.Header) (seal.Slot, error) {
		if h.KeyID != slot.KeyID {
			return slot, store.ErrConflict
		}
		return slot, h.Add(slot)
	})
	if err != nil {
		v.Forget(slot)
	}
	return slot.Info(), err
}

// RemoveSlot implements store.SlotKeeper.
func (s *Store) RemoveSlot(ctx context.Context, id string) (store.SlotInfo, error) {
	v, err := s.opened()
	if err != nil {
		return store.SlotInfo{}, err
	}
	var gone seal.Slot
	err = s.changeSlots(ctx, store.ActSlotRemove, func(h *seal.Header) (slot seal.Slot, err error) {
		gone, err = h.Remove(id)
		return gone, err
	})
	if err == nil {
		v.Forget(gone)
	}
	return gone.Info(), err
}

// ReplaceSlot implements store.SlotReplacer.
func (s *Store) ReplaceSlot(ctx context.Context, id string, n store.NewSlot) (store.SlotInfo, error) {
	h, v, err := s.openedNow(ctx)
	if err != nil {
		return store.SlotInfo{}, err
	}
	if n.Label = text.Clean(n.Label); n.Label == "" {
		for _, x := range h.Seal.Slots {
			if x.ID() == id || x.Label == id {
				n.Label = x.Label
			}
		}
	}
	slot, err := v.NewSlot(ctx, h.Seal, n)
	if err != nil {
		return store.SlotInfo{}, fmt.Errorf("changing a slot: %w", err)
	}
	var gone seal.Slot
	err = s.changeSlots(ctx, store.ActSlotAdd, func(h *seal.Header) (_ seal.Slot, err error) {
		if h.KeyID != slot.KeyID {
			return slot, store.ErrConflict
		}
		gone, err = h.Replace(id, slot)
		return slot, err
	}, func() seal.Slot { return gone })
	if err != nil {
		v.Forget(slot)
		return slot.Info(), err
	}
	v.Forget(gone)
	return slot.Info(), nil
}

// opened is the vault with the keys, or store.ErrLocked.
func (s *Store) opened() (*seal.Vault, error) {
	if s.o.ReadOnly {
		return nil, store.ErrReadOnly
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vault == nil {
		return nil, lockedBecause(s.lost)
	}
	return s.vault, nil
}

// openedNow is the header, and the vault that has followed it.
func (s *Store) openedNow(ctx context.Context) (header, *seal.Vault, error) {
	if _, err := s.opened(); err != nil {
		return header{}, nil, err
	}
	h, err := s.header(ctx)
	if err != nil {
		return h, nil, err
	}
	v, err := s.opened() // reading may have found that it has missed something
	return h, v, err
}

// changeSlots changes the slots in the header, with the event of it. removed are slots that
// went with the same change, for an event of their own.
func (s *Store) changeSlots(ctx context.Context, act store.Act, change func(*seal.Header) (seal.Slot, error), removed ...func() seal.Slot) error {
	err := s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return fmt.Errorf("changing slots: %w", store.ErrReadOnly)
		}
		var h header
		if err := readHeader(w.tx, s.codec, &h); err != nil {
			return err
		}
		if h.Seal.Next != nil {
			return store.ErrRekeying
		}
		slot, err := change(&h.Seal)
		if err != nil {
			return err
		}
		if err := w.putHeader(h); err != nil {
			return err
		}
		for _, gone := range removed {
			if _, err := w.Append(slotEvent(store.ActSlotRemove, gone())); err != nil {
				return err
			}
		}
		_, err = w.Append(slotEvent(act, slot))
		return err
	})
	if err != nil {
		return fmt.Errorf("changing slots: %w", err)
	}
	return nil
}

func slotEvent(act store.Act, slot seal.Slot) store.Event {
	return store.Event{Act: act, Outcome: "done", Evidence: strings.TrimSpace(fmt.Sprintf("%s %s %s", slot.Kind, slot.ID(), slot.Label))}
}

func infoOf(s seal.Slot) store.SlotInfo { return s.Info() }
