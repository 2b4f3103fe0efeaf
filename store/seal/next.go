package seal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// Next is the data key that is being put in use. On disk: CBOR, in the header. What leads
// from one data key to the other is not in it but in a Handover, which is kept apart and destroyed:
// the pages of a database that are free keep what they held.
type Next struct {
	KeyID string    `cbor:"1,keyasint"`
	Slots []Slot    `cbor:"2,keyasint"`
	Keys  KeyRing   `cbor:"3,keyasint"` // the same further keys, sealed under the next data key
	Begun time.Time `cbor:"4,keyasint"`
}

// Handover leads from each of two data keys to the other while both are in use.
type Handover struct {
	KeyID   string `cbor:"1,keyasint"`
	NextID  string `cbor:"2,keyasint"`
	Forward []byte `cbor:"3,keyasint"` // the next data key, under the one of now
	Back    []byte `cbor:"4,keyasint"` // and the other way round
}

func (o Handover) bound(storeID, way string) []byte {
	return canon.New("crmdeck/handover/1").Text(storeID).Text(o.KeyID).Text(o.NextID).Text(way).Bytes()
}

// Advanced is the header when the next data key is the only one.
func (h Header) Advanced() Header {
	if h.Next == nil {
		return h
	}
	past := append(slices.Clone(h.Past), h.KeyID)
	past = past[max(0, len(past)-pastKeys):]
	return Header{StoreID: h.StoreID, KeyID: h.Next.KeyID, Slots: h.Next.Slots, Keys: h.Next.Keys, Format: h.Format, Made: h.Next.Begun, Past: past}
}

// Begin draws the next data key and wraps it as o says. A *store.SlotProofError names the
// slots that can't be taken over. The vault itself learns the key by Follow, once the header
// with Next is stored.
func (v *Vault) Begin(ctx context.Context, h Header, o store.RekeyOptions, now time.Time) (*Next, Handover, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	switch {
	case v.data == nil:
		return nil, Handover{}, store.ErrLocked
	case v.keyID != h.KeyID:
		return nil, Handover{}, store.ErrRekeyed
	}
	data, err := drawKey(v.tools.Rand)
	if err != nil {
		return nil, Handover{}, err
	}
	defer clear(data)
	id, err := store.NewID(v.tools.Rand)
	if err != nil {
		return nil, Handover{}, err
	}
	n := &Next{KeyID: string(id[:8]), Begun: now.UTC().Round(0)}
	if n.Slots, err = v.carry(ctx, h, o, n.KeyID, data); err != nil {
		return nil, Handover{}, err
	}
	h.Next = n
	after := h.Advanced()
	if err := v.lockRing(&after, data); err != nil {
		return nil, Handover{}, err
	}
	n.Keys = after.Keys
	out := Handover{KeyID: h.KeyID, NextID: n.KeyID}
	if out.Forward, err = lock(v.tools.Rand, v.data, data, out.bound(v.storeID, "forward")); err != nil {
		return nil, Handover{}, err
	}
	out.Back, err = lock(v.tools.Rand, data, v.data, out.bound(v.storeID, "back"))
	return n, out, err
}

// carry makes the slots of the next data key.
func (v *Vault) carry(ctx context.Context, h Header, o store.RekeyOptions, keyID string, data []byte) ([]Slot, error) {
	c := carrier{v: v, h: h, keyID: keyID, data: data, spent: make([]bool, len(o.Proofs))}
	defer c.wipe()
	if err := c.read(ctx, o.Proofs); err != nil {
		return nil, err
	}
	dropped := make(map[string]bool, len(o.Drop))
	for _, name := range o.Drop {
		at, err := h.find(name)
		if err != nil {
			return nil, err
		}
		dropped[h.Slots[at].ID()] = true
	}
	out := Header{}
	var missing store.SlotProofError
	for _, s := range h.Slots {
		if dropped[s.ID()] {
			continue
		}
		next, err := c.slot(ctx, s, o.Proofs)
		switch {
		case errors.Is(err, store.ErrWrongKey):
			missing.Slots = append(missing.Slots, s.Info())
		case err != nil:
			return nil, fmt.Errorf("slot %s: %w", s.ID(), err)
		default:
			out.Slots = append(out.Slots, next)
		}
	}
	if len(missing.Slots) > 0 {
		return nil, &missing
	}
	for i, k := range o.Proofs { // a passphrase that opens nothing was mistyped
		if !c.spent[i] && !k.Passphrase.IsZero() && !opensDropped(h, dropped, k) {
			return nil, store.ErrWrongKey
		}
	}
	for _, n := range o.New {
		s, err := newSlot(ctx, v.tools, h.StoreID, keyID, data, n)
		if err != nil {
			return nil, err
		}
		if err := out.Add(s); err != nil {
			return nil, err
		}
	}
	if len(out.Slots) == 0 {
		return nil, store.ErrLastSlot
	}
	return out.Slots, nil
}

// opensDropped reports that a passphrase is that of a slot which is not taken over.
func opensDropped(h Header, dropped map[string]bool, k store.Key) bool {
	return slices.ContainsFunc(h.Slots, func(s Slot) bool {
		if !dropped[s.ID()] || s.Kind != KindPassphrase {
			return false
		}
		data, err := s.openPassphrase(h.StoreID, k.Passphrase)
		clear(data)
		return err == nil
	})
}

// carrier wraps the next data key for the slots that there are.
type carrier struct {
	v     *Vault
	h     Header
	keyID string
	data  []byte
	ids   []ageKey // of the identity files among the proofs
	spent []bool   // which proofs opened a slot
}

func (c *carrier) wipe() { wipeAll(c.ids) }

func (c *carrier) read(ctx context.Context, proofs []store.Key) error {
	for _, k := range proofs {
		if k.IdentityFile == "" {
			continue
		}
		ids, err := readIdentity(ctx, k)
		if err != nil {
			return err
		}
		c.ids = append(c.ids, ids...)
	}
	return nil
}

// slot makes the next one for s; store.ErrWrongKey if that takes a passphrase which none of the proofs is.
func (c *carrier) slot(ctx context.Context, s Slot, proofs []store.Key) (Slot, error) {
	storeID, t := c.h.StoreID, c.v.tools
	switch s.Kind {
	case KindIdentity:
		for _, id := range c.ids {
			if s.proves(storeID, id) {
				return c.wrap(func(n Slot) (Slot, error) { return n.wrapKey(storeID, c.data, id) })
			}
		}
		return c.wrap(func(n Slot) (Slot, error) { return n.wrapRecipient(ctx, storeID, c.data, s.Label, c.ask(proofs)) })
	case KindRecipient:
		return c.wrap(func(n Slot) (Slot, error) { return n.wrapRecipient(ctx, storeID, c.data, s.Label, c.ask(proofs)) })
	case KindKeyring:
		return c.wrap(func(n Slot) (Slot, error) { n.Label = s.Label; return n.wrapKeyring(t, storeID, c.data) })
	case KindPassphrase:
		for i, k := range proofs {
			if k.Passphrase.IsZero() {
				continue
			}
			was, err := s.openPassphrase(storeID, k.Passphrase)
			clear(was)
			if err != nil {
				continue
			}
			c.spent[i] = true
			return c.wrap(func(n Slot) (Slot, error) {
				n.Label = s.Label
				return n.rewrapPassphrase(t.Rand, storeID, c.data, k.Passphrase)
			})
		}
	}
	return Slot{}, store.ErrWrongKey
}

// ask is who can be asked, if anybody can: a plugin may want a touch.
func (c *carrier) ask(proofs []store.Key) store.Ask {
	for _, k := range proofs {
		if k.Ask != nil {
			return k.Ask
		}
	}
	return nil
}

func (c *carrier) wrap(how func(Slot) (Slot, error)) (Slot, error) {
	s, err := emptySlot(c.v.tools, c.keyID)
	if err != nil {
		return Slot{}, err
	}
	return how(s)
}
