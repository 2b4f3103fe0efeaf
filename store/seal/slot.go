package seal

import (
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// Kinds of slots.
const (
	KindPassphrase = "passphrase"
	KindIdentity   = "identity"  // an age identity that was at hand when the slot was made
	KindRecipient  = "recipient" // an age recipient whose identity is kept elsewhere
)

// Slot is one way to the data key. On disk: CBOR, in the header.
//
// Everything in it is authenticated by the key that opens it: a slot that was
// edited, or copied from another store, does not open.
type Slot struct {
	Kind  string `cbor:"1,keyasint"`
	Label string `cbor:"2,keyasint,omitempty"` // identity, recipient: the recipient; passphrase: what for
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
func newSlot(rand io.Reader, storeID, keyID string, data []byte, n store.NewSlot) (Slot, error) {
	s := Slot{KeyID: keyID, Salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(rand, s.Salt); err != nil {
		return Slot{}, fmt.Errorf("drawing a salt: %w", err)
	}
	switch {
	case n.Recipient != "":
		return s.wrapRecipient(storeID, data, n.Recipient)
	case n.Key.IdentityFile != "":
		return s.wrapIdentity(storeID, data, n.Key.IdentityFile)
	}
	s.Label = n.Label
	return s.wrapPassphrase(rand, storeID, data, n.Key.Passphrase)
}

const saltSize = 16

// aead is the cipher of everything that is sealed.
func aead(key []byte) (cipher.AEAD, error) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return a, nil
}

// lock seals plain: a random nonce, then ciphertext and tag. 192-bit nonces are drawn,
// never counted, so that a copied or restored store repeats none.
func lock(rand io.Reader, key, plain, bound []byte) ([]byte, error) {
	a, err := aead(key)
	if err != nil {
		return nil, err
	}
	box := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	if _, err := io.ReadFull(rand, box); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	return a.Seal(box, box, plain, bound), nil
}

// unlock opens what lock made.
func unlock(key, box, bound []byte) ([]byte, error) {
	a, err := aead(key)
	if err != nil {
		return nil, err
	}
	if len(box) < a.NonceSize()+a.Overhead() {
		return nil, store.ErrSealed
	}
	plain, err := a.Open(nil, box[:a.NonceSize()], box[a.NonceSize():], bound)
	if err != nil {
		return nil, store.ErrSealed
	}
	return plain, nil
}
