// Package seal keeps secrets unreadable at rest.
//
// A random data key of 256 bits seals every secret with XChaCha20-Poly1305; key
// slots wrap the data key, each for one passphrase or one age identity, so that a
// passphrase can change without touching a secret. Three further keys are secrets
// of their own, sealed under the data key: they chain the audit log, make
// fingerprints, and sign heads; a new data key leaves them as they are.
//
// What is sealed says in its associated data whose it is, which field, which
// generation, under which key and for which hosts, so that it opens nowhere else.
// There is no way to store a secret in the clear. Start with Create and
// Header.Unlock.
package seal

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// Format is the version of the sealed form; it is part of all associated data.
const Format = 1

const keySize = 32

// Header is what a store keeps readable about its keys. On disk: CBOR, bucket meta.
type Header struct {
	StoreID string  `cbor:"1,keyasint"`
	KeyID   string  `cbor:"2,keyasint"` // the data key in use
	Slots   []Slot  `cbor:"3,keyasint"`
	Keys    KeyRing `cbor:"4,keyasint"`
	// Format is that of the key ring. It is part of the ring's associated data, so that
	// a store with an index of its sealed values can't be passed off as one without: 0 had none.
	Format uint64 `cbor:"5,keyasint,omitempty"`
}

// RingFormat is the format of the key rings that are made now.
const RingFormat = 2

// KeyRing holds the further keys, each sealed under the data key.
type KeyRing struct {
	Audit       []byte `cbor:"1,keyasint"`
	Fingerprint []byte `cbor:"2,keyasint"`
	Head        []byte `cbor:"3,keyasint"`
}

// Info names the slots.
func (h Header) Info() []store.SlotInfo {
	out := make([]store.SlotInfo, 0, len(h.Slots))
	for _, s := range h.Slots {
		out = append(out, store.SlotInfo{ID: s.ID(), Kind: s.Kind, Label: s.Label})
	}
	return out
}

// Create draws the keys of a new store and wraps them for each of the given keys.
// An identity file that does not exist is made.
func Create(rand io.Reader, storeID string, keys ...store.Key) (Header, *Vault, error) {
	if len(keys) == 0 {
		return Header{}, nil, errors.New("a store needs at least one key slot")
	}
	v := &Vault{rand: rand, storeID: storeID, format: RingFormat}
	id, err := store.NewID(rand)
	if err != nil {
		return Header{}, nil, err
	}
	v.keyID = string(id[:8])
	for _, k := range []*[]byte{&v.data, &v.audit, &v.fingerprint, &v.head} {
		*k = make([]byte, keySize)
		if _, err := io.ReadFull(rand, *k); err != nil {
			return Header{}, nil, fmt.Errorf("drawing a key: %w", err)
		}
	}
	h := Header{StoreID: storeID, KeyID: v.keyID, Format: RingFormat}
	for _, k := range keys {
		s, err := newSlot(rand, storeID, v.keyID, v.data, store.NewSlot{Key: k})
		if err != nil {
			v.Wipe()
			return Header{}, nil, err
		}
		h.Slots = append(h.Slots, s)
	}
	if err := v.lockRing(&h); err != nil {
		v.Wipe()
		return Header{}, nil, err
	}
	return h, v, nil
}

// lockRing seals the further keys into h, under the vault's data key.
func (v *Vault) lockRing(h *Header) error {
	for _, f := range v.ring(h) {
		var err error
		if *f.box, err = lock(v.rand, v.data, *f.key, h.ringBound(f.name)); err != nil {
			return err
		}
	}
	return nil
}

// Raise brings a header of an older format to the one of now. MarkIndexed once it is stored.
func (v *Vault) Raise(h *Header) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.data == nil {
		return store.ErrLocked
	}
	h.Format = RingFormat
	return v.lockRing(h)
}

// Unlock opens the header with k and returns the vault. store.ErrWrongKey if no slot
// opens; a file that can't be used is an error of its own.
func (h Header) Unlock(rand io.Reader, k store.Key) (*Vault, error) {
	data, err := h.open(k)
	if err != nil {
		return nil, err
	}
	v := &Vault{rand: rand, storeID: h.StoreID, keyID: h.KeyID, data: data, format: h.Format}
	for _, f := range v.ring(&h) {
		key, err := unlock(v.data, *f.box, h.ringBound(f.name))
		if err != nil || len(key) != keySize {
			v.Wipe()
			return nil, fmt.Errorf("opening the %s key: %w", f.name, store.ErrSealed)
		}
		*f.key = key
	}
	return v, nil
}

// open tries the slots that k could fit.
func (h Header) open(k store.Key) ([]byte, error) {
	slots := slices.DeleteFunc(slices.Clone(h.Slots), func(s Slot) bool { return s.KeyID != h.KeyID })
	if k.IdentityFile == "" {
		for _, s := range slots {
			if s.Kind != KindPassphrase {
				continue
			}
			if data, err := s.openPassphrase(h.StoreID, k.Passphrase); err == nil {
				return data, nil
			}
		}
		return nil, store.ErrWrongKey
	}
	ids, err := readIdentity(k.IdentityFile)
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		switch s.Kind {
		case KindIdentity:
			if data, err := s.openIdentity(h.StoreID, ids); err == nil {
				return data, nil
			}
		case KindRecipient:
			if data, err := s.openRecipient(h.StoreID, ids); err == nil {
				return data, nil
			}
		}
	}
	return nil, store.ErrWrongKey
}

// ringField joins a further key with its sealed form.
type ringField struct {
	name string
	key  *[]byte
	box  *[]byte
}

func (v *Vault) ring(h *Header) []ringField {
	return []ringField{
		{"audit", &v.audit, &h.Keys.Audit},
		{"fingerprint", &v.fingerprint, &h.Keys.Fingerprint},
		{"head", &v.head, &h.Keys.Head},
	}
}

func (h *Header) ringBound(name string) []byte {
	if h.Format == 0 {
		return canon.New("crmdeck/key/1").Text(h.StoreID).Text(h.KeyID).Text(name).Bytes()
	}
	return canon.New("crmdeck/key/2").Number(h.Format).Text(h.StoreID).Text(h.KeyID).Text(name).Bytes()
}
