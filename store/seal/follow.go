package seal

import (
	"fmt"

	"crmdeck/store"
)

// Follow brings the vault to the data keys that h names: it learns the next one, or
// takes the next one for the only one. handover is asked when the vault knows only one of
// two. store.ErrRekeyed if the header has gone on without this vault.
//
// The key that was replaced is kept, for opening only, until Retire: what was sealed under it
// and read before is still in the hands of this process.
func (v *Vault) Follow(h Header, handover func() (Handover, error)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.data == nil {
		return store.ErrLocked
	}
	if v.keyID != h.KeyID && v.next != nil && v.nextID == h.KeyID { // it has ended
		clear(v.retired)
		v.retired, v.retiredID = v.data, v.keyID
		v.data, v.keyID, v.next, v.nextID = v.next, v.nextID, nil, ""
	}
	switch {
	case h.Next == nil && v.keyID == h.KeyID:
		if v.next != nil { // the store was put back to before
			clear(v.next)
			v.next, v.nextID = nil, ""
		}
		return nil
	case h.Next == nil:
		return store.ErrRekeyed
	case v.keyID == h.KeyID && v.next != nil && v.nextID == h.Next.KeyID:
		return nil
	case v.keyID == h.KeyID, v.keyID == h.Next.KeyID:
		return v.learn(h, handover)
	}
	return store.ErrRekeyed
}

// learn opens the other of two data keys; v.mu is held.
func (v *Vault) learn(h Header, handover func() (Handover, error)) error {
	o, err := handover()
	if err != nil {
		return fmt.Errorf("learning the next data key: %w", err)
	}
	if o.KeyID != h.KeyID || o.NextID != h.Next.KeyID {
		return fmt.Errorf("learning the next data key: %w", store.ErrSealed)
	}
	box, way := o.Forward, "forward"
	if v.keyID == h.Next.KeyID {
		box, way = o.Back, "back"
	}
	other, err := unlock(v.data, box, o.bound(v.storeID, way))
	if err != nil || len(other) != keySize {
		return fmt.Errorf("learning the next data key: %w", store.ErrSealed)
	}
	if way == "back" {
		other, v.data = v.data, other
	}
	clear(v.next)
	v.keyID, v.nextID, v.next = h.KeyID, h.Next.KeyID, other
	return nil
}

// Join gives the vault the key that another vault of the same store has, for a run whose
// handover was lost; v has the key of now, o the next one.
func (v *Vault) Join(o *Vault, h Header) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.data == nil || o.data == nil || h.Next == nil || v.keyID != h.KeyID || o.keyID != h.Next.KeyID {
		return store.ErrRekeyed
	}
	clear(v.next)
	v.nextID, v.next = o.keyID, append([]byte(nil), o.data...)
	return nil
}

// Retire forgets the key that was replaced.
func (v *Vault) Retire() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.retired)
	v.retired, v.retiredID = nil, ""
}

// Retired reports that a key that was replaced is still known.
func (v *Vault) Retired() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.retired != nil
}

// Reseal seals a value anew, as it is, under the key that new values get. false: there is
// nothing to do, or this vault does not know its key. store.ErrSealed if it does not open.
func (v *Vault) Reseal(b store.Binding, s store.Sealed) (store.Sealed, bool, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.data == nil {
		return s, false, store.ErrLocked
	}
	id, key := v.sealing()
	was := v.keyOf(s.KeyID)
	if s.KeyID == id || was == nil {
		return s, false, nil
	}
	plain, err := unlock(was, s.Box, v.bound(b, s.KeyID, s.Gen, s.Hosts))
	if err != nil {
		return s, false, err
	}
	defer clear(plain)
	box, err := lock(v.tools.Rand, key, plain, v.bound(b, id, s.Gen, s.Hosts))
	if err != nil {
		return s, false, err
	}
	return store.Sealed{KeyID: id, Gen: s.Gen, Hosts: s.Hosts, Box: box}, true, nil
}

// SealingID names the data key that new values are sealed under.
func (v *Vault) SealingID() string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	id, _ := v.sealing()
	return id
}

// sealing is the key that new values get; v.mu is held.
func (v *Vault) sealing() (string, []byte) {
	if v.next != nil {
		return v.nextID, v.next
	}
	return v.keyID, v.data
}

// keyOf is the data key of that id, or nil; v.mu is held.
func (v *Vault) keyOf(id string) []byte {
	switch {
	case id == v.keyID:
		return v.data
	case v.next != nil && id == v.nextID:
		return v.next
	case v.retired != nil && id == v.retiredID:
		return v.retired
	}
	return nil
}

// Knows reports that values under the key of that id can be opened.
func (v *Vault) Knows(id string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.keyOf(id) != nil
}
