package seal

import (
	"context"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// Kinds of slots, as they are on disk.
const (
	KindPassphrase = store.SlotPassphrase
	KindIdentity   = store.SlotIdentity
	KindRecipient  = store.SlotRecipient
	KindKeyring    = store.SlotKeyring
)

// Slot is one way to the data key. On disk: CBOR, in the header.
//
// Everything in it is authenticated by the key that opens it: a slot that was
// edited, or copied from another store, does not open.
type Slot struct {
	Kind  string `cbor:"1,keyasint"`
	Label string `cbor:"2,keyasint,omitempty"` // identity, recipient: the public key; else what it is for
	KeyID string `cbor:"3,keyasint"`           // the data key that it wraps
	Salt  []byte `cbor:"4,keyasint"`           // 16 random bytes
	KDF   KDF    `cbor:"5,keyasint"`           // passphrase only
	Box   []byte `cbor:"6,keyasint"`           // the wrapped data key
	Tag   []byte `cbor:"7,keyasint,omitempty"` // identity: HMAC over all of this
}

// bound encodes what a slot says about itself.
func (s Slot) bound(storeID string) []byte {
	c := canon.New("crmdeck/slot/1").Text(storeID).Text(s.Kind).Text(s.Label).Text(s.KeyID).Raw(s.Salt)
	c.Number(uint64(s.KDF.Memory)).Number(uint64(s.KDF.Time)).Number(uint64(s.KDF.Threads))
	return c.Bytes()
}

// ID names the slot within its store: the first 4 bytes of its salt.
func (s Slot) ID() string { return hex.EncodeToString(s.Salt[:min(4, len(s.Salt))]) }

// newSlot wraps the data key for n.
func newSlot(ctx context.Context, t Tools, storeID, keyID string, data []byte, n store.NewSlot) (Slot, error) {
	s, err := emptySlot(t, keyID)
	if err != nil {
		return Slot{}, err
	}
	switch {
	case n.Recipient != "":
		return s.wrapRecipient(ctx, storeID, data, n.Recipient, n.Key.Ask)
	case n.Key.IdentityFile != "":
		return s.wrapIdentity(ctx, storeID, data, n.Key)
	}
	s.Label = n.Label
	if n.Keyring {
		return s.wrapKeyring(t, storeID, data)
	}
	return s.wrapPassphrase(t.Rand, storeID, data, n.Key.Passphrase)
}

func emptySlot(t Tools, keyID string) (Slot, error) {
	s := Slot{KeyID: keyID, Salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(t.Rand, s.Salt); err != nil {
		return Slot{}, fmt.Errorf("drawing a salt: %w", err)
	}
	return s, nil
}

const saltSize = 16

// aead is the cipher of one box: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2.3), of
// which the first step is done here, so that what the cipher keeps in memory is the
// key of this nonce alone. The data key stays in memory that is overwritten (SE-15).
func aead(key, nonce []byte) (c cipher.AEAD, rest []byte, err error) {
	sub, err := chacha20.HChaCha20(key, nonce[:16])
	if err != nil {
		return nil, nil, fmt.Errorf("deriving the key of a nonce: %w", err)
	}
	defer clear(sub)
	if c, err = chacha20poly1305.New(sub); err != nil {
		return nil, nil, fmt.Errorf("making a cipher: %w", err)
	}
	rest = make([]byte, chacha20poly1305.NonceSize)
	copy(rest[4:], nonce[16:])
	return c, rest, nil
}

// lock seals plain: a random nonce, then ciphertext and tag. 192-bit nonces are drawn,
// never counted, so that a copied or restored store repeats none.
func lock(rand io.Reader, key, plain, bound []byte) ([]byte, error) {
	box := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(rand, box); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	a, nonce, err := aead(key, box)
	if err != nil {
		return nil, err
	}
	return a.Seal(box, nonce, plain, bound), nil
}

// unlock opens what lock made.
func unlock(key, box, bound []byte) ([]byte, error) {
	if len(box) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, store.ErrSealed
	}
	a, nonce, err := aead(key, box[:chacha20poly1305.NonceSizeX])
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, nonce, box[chacha20poly1305.NonceSizeX:], bound)
	if err != nil {
		return nil, store.ErrSealed
	}
	return plain, nil
}
