// Package seal keeps secrets unreadable at rest.
//
// A random data key of 256 bits seals every secret; key slots wrap the data key, each for one
// passphrase, private key or keyring, so that what opens a store can change without touching
// a secret. Three further keys are secrets of their own, sealed under the data key: they chain the
// audit log, make fingerprints, and sign heads; a new data key leaves them as they are.
//
// What is sealed says in its associated data whose it is, which field, which
// generation, under which key and for which hosts, so that it opens nowhere else.
// There is no way to store a secret in the clear. Start with Create and
// Header.Unlock; Vault.Begin and Vault.Follow replace the data key.
//
// The algorithms, with the name that stands for each in what is authenticated (domain separation
// of package canon), so that none can be taken for another and each can be replaced by a next one:
//
//	sealed value     XChaCha20-Poly1305, 192-bit drawn nonce    crmdeck/sealed/1, with Format
//	further keys     XChaCha20-Poly1305 under the data key      crmdeck/key/2 (crmdeck/key/1: stores of format 1)
//	handover         XChaCha20-Poly1305 under each data key     crmdeck/handover/1
//	passphrase slot  Argon2id (64 MiB, 3, 4) of the NFKC form,  crmdeck/slot/1, kind "passphrase", costs in the slot
//	                 XChaCha20-Poly1305
//	keyring slot     XChaCha20-Poly1305 under a drawn key       crmdeck/slot/1, kind "keyring"
//	identity slot    age v1 (X25519, ML-KEM-768 with X25519,    crmdeck/slot/1 identity, kind "identity"
//	                 ssh-ed25519, ssh-rsa), and HMAC-SHA256
//	                 under HKDF-SHA256 of the private key       crmdeck/slot/1 tag
//	recipient slot   age v1, as above or a plugin's; SHA-256    crmdeck/slot/1, kind "recipient"
//	                 of the slot is encrypted with the key
//	fingerprint      HMAC-SHA256, first 50 bits                 crmdeck/fingerprint/1
//	index key        HMAC-SHA256 of the head key                crmdeck/index key/1
//
// The keys, each 256 bits and drawn from the system, and where they live:
//
//	data key         wrapped in every slot; names itself in each sealed value (KeyID); replaced by store rekey
//	next data key    the same, in Header.Next, while a run is under way; reached from the old one by the handover
//	audit key        Header.Keys, for the life of the store, so that old segments verify
//	fingerprint key  Header.Keys, for the life of the store
//	head key         Header.Keys, for the life of the store; the key of the index is derived from it
//	keyring key      the keyring of the system, one a slot
//
// In memory the data keys are in buffers that Wipe overwrites. A data key that was replaced is
// kept by a running process until Retire, for what was read before.
package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

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
	// Made is when the data key was made; zero: with the store.
	Made time.Time `cbor:"6,keyasint,omitzero"`
	// Next is the data key that is being put in use; nil: none.
	Next *Next `cbor:"7,keyasint,omitempty"`
	// Past names the data keys that were destroyed, the newest last, at most pastKeys.
	Past []string `cbor:"8,keyasint,omitempty"`
}

// pastKeys is how many destroyed keys a header names: what is in flight is never older.
const pastKeys = 16

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
		out = append(out, s.Info())
	}
	return out
}

// Info names the slot.
func (s Slot) Info() store.SlotInfo { return store.SlotInfo{ID: s.ID(), Kind: s.Kind, Label: s.Label} }

// Create draws the keys of a new store and wraps them for each of the given keys.
// An identity file that does not exist is made. now is when.
func Create(ctx context.Context, t Tools, storeID string, now time.Time, keys ...store.Key) (Header, *Vault, error) {
	if len(keys) == 0 {
		return Header{}, nil, errors.New("a store needs at least one key slot")
	}
	v := &Vault{tools: t, storeID: storeID, format: RingFormat}
	id, err := store.NewID(t.Rand)
	if err != nil {
		return Header{}, nil, err
	}
	v.keyID = string(id[:8])
	for _, k := range []*[]byte{&v.data, &v.audit, &v.fingerprint, &v.head} {
		if *k, err = drawKey(t.Rand); err != nil {
			return Header{}, nil, err
		}
	}
	h := Header{StoreID: storeID, KeyID: v.keyID, Format: RingFormat, Made: now.UTC().Round(0)}
	for _, k := range keys {
		s, err := newSlot(ctx, t, storeID, v.keyID, v.data, store.NewSlot{Key: k, Keyring: k.Keyring})
		if err != nil {
			v.Wipe()
			return Header{}, nil, err
		}
		h.Slots = append(h.Slots, s)
	}
	if err := v.lockRing(&h, v.data); err != nil {
		v.Wipe()
		return Header{}, nil, err
	}
	return h, v, nil
}

func drawKey(rand io.Reader) ([]byte, error) {
	k := make([]byte, keySize)
	if _, err := io.ReadFull(rand, k); err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	return k, nil
}

// lockRing seals the further keys into h, under its data key.
func (v *Vault) lockRing(h *Header, data []byte) error {
	for _, f := range v.ring(h) {
		var err error
		if *f.box, err = lock(v.tools.Rand, data, *f.key, h.ringBound(f.name)); err != nil {
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
	return v.lockRing(h, v.data)
}

// Unlock opens the header with k and returns the vault. store.ErrWrongKey if no slot
// opens; a file or keyring that can't be used is an error of its own. While a new data key is
// put in use, its slots open the header too; Follow then makes the vault know both keys.
func (h Header) Unlock(ctx context.Context, t Tools, k store.Key) (*Vault, error) {
	v, err := h.unlock(ctx, t, k)
	if h.Next != nil && errors.Is(err, store.ErrWrongKey) {
		return h.Advanced().unlock(ctx, t, k)
	}
	return v, err
}

func (h Header) unlock(ctx context.Context, t Tools, k store.Key) (*Vault, error) {
	data, err := h.open(ctx, t, k)
	if err != nil {
		return nil, err
	}
	v := &Vault{tools: t, storeID: h.StoreID, keyID: h.KeyID, data: data, format: h.Format}
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

// open tries the slots that k could fit. What went wrong with a plugin or the keyring is told if no
// other slot opens.
func (h Header) open(ctx context.Context, t Tools, k store.Key) ([]byte, error) {
	var ids []ageKey
	if k.IdentityFile != "" {
		var err error
		if ids, err = readIdentity(ctx, k); err != nil {
			return nil, err
		}
		defer wipeAll(ids)
	}
	wrong := store.ErrWrongKey
	for _, s := range h.Slots {
		if s.KeyID != h.KeyID {
			continue
		}
		data, err := s.open(t, h.StoreID, k, ids)
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, store.ErrWrongKey) {
			wrong = err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	if k.Keyring && !slices.ContainsFunc(h.Slots, func(s Slot) bool { return s.Kind == KindKeyring }) {
		return nil, &store.KeyringError{Doing: "reading", Gone: true, Err: ErrNoEntry}
	}
	return nil, wrong
}

// open returns the data key, or store.ErrWrongKey if k is not the slot's.
func (s Slot) open(t Tools, storeID string, k store.Key, ids []ageKey) ([]byte, error) {
	switch {
	case k.Keyring && s.Kind == KindKeyring:
		return s.openKeyring(t, storeID)
	case len(ids) == 0 && !k.Keyring && s.Kind == KindPassphrase:
		return s.openPassphrase(storeID, k.Passphrase)
	}
	wrong := store.ErrWrongKey
	for _, id := range ids {
		data, err := []byte(nil), store.ErrWrongKey
		switch s.Kind {
		case KindIdentity:
			data, err = s.openIdentity(storeID, id)
		case KindRecipient:
			data, err = s.openRecipient(storeID, id)
		}
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, store.ErrWrongKey) {
			wrong = err
		}
	}
	return nil, wrong
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
	c := canon.New("crmdeck/key/2").Number(h.Format).Text(h.StoreID).Text(h.KeyID).Text(name)
	if !h.Made.IsZero() { // since data keys can change
		c.Text(h.Made.UTC().Format(time.RFC3339Nano)).Texts(h.Past)
	}
	return c.Bytes()
}
