package seal

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// wrapIdentity encrypts the data key to the private key in file, which is made if absent.
//
// age says nothing about who encrypted, and the recipient is public: whoever can
// write to the store could wrap a data key of their own and read what is sealed
// under it later. So the slot also carries a tag that only the identity can make.
func (s Slot) wrapIdentity(ctx context.Context, storeID string, data []byte, k store.Key) (Slot, error) {
	ids, err := readIdentity(ctx, k)
	if errors.Is(err, fs.ErrNotExist) {
		ids, err = makeIdentity(k.IdentityFile)
	}
	if err != nil {
		return Slot{}, err
	}
	defer wipeAll(ids)
	return s.wrapKey(storeID, data, ids[0])
}

// wrapKey wraps for a private key that is at hand.
func (s Slot) wrapKey(storeID string, data []byte, id ageKey) (Slot, error) {
	if id.plugin != "" {
		return Slot{}, store.ErrPluginIdentity
	}
	s.Kind, s.Label = KindIdentity, id.label
	var err error
	if s.Box, err = encrypt(id.recipient, data); err != nil {
		return Slot{}, err
	}
	s.Tag, err = s.tag(storeID, id)
	return s, err
}

// encrypt wraps data for a recipient.
func encrypt(r age.Recipient, data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping the data key: %w", err)
	}
	return b.Bytes(), nil
}

// decrypt reads exactly n bytes. store.ErrWrongKey if id is not the right one or box was
// changed; a plugin that failed and a context that ended are errors of their own.
func decrypt(id age.Identity, box []byte, n int) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(box), id)
	var plugin *store.PluginError
	switch {
	case errors.As(err, &plugin), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, err
	case err != nil:
		return nil, store.ErrWrongKey
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, store.ErrWrongKey
	}
	return data, nil
}

// tag is the HMAC of the slot under a key derived from the identity's private part.
func (s Slot) tag(storeID string, id ageKey) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, id.private, s.Salt, "crmdeck/slot/1 tag", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the slot's key: %w", err)
	}
	defer clear(key)
	m := hmac.New(sha256.New, key)
	m.Write(canon.New("crmdeck/slot/1 identity").Raw(s.bound(storeID)).Raw(s.Box).Bytes())
	return m.Sum(nil), nil
}

// proves reports that the slot was made with the private key, and not changed since.
func (s Slot) proves(storeID string, id ageKey) bool {
	if id.plugin != "" || id.label != s.Label {
		return false
	}
	want, err := s.tag(storeID, id)
	return err == nil && hmac.Equal(want, s.Tag)
}

// openIdentity returns the data key, or ErrWrongKey.
func (s Slot) openIdentity(storeID string, id ageKey) ([]byte, error) {
	if !s.proves(storeID, id) {
		return nil, store.ErrWrongKey
	}
	return decrypt(id.Identity, s.Box, keySize)
}

// wrapRecipient encrypts the data key to a recipient, together with a hash of what the
// slot says about itself, so that it opens in no other place. Unlike a slot for an
// identity at hand it carries no proof of who made it: whoever can write to the store
// could put a data key of their own there. Nothing that was sealed before opens with
// such a key, so that it shows.
func (s Slot) wrapRecipient(ctx context.Context, storeID string, data []byte, recipient string, ask store.Ask) (Slot, error) {
	r, label, err := parseRecipient(ctx, recipient, ask)
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

// openRecipient returns the data key, or ErrWrongKey.
func (s Slot) openRecipient(storeID string, id ageKey) ([]byte, error) {
	if !id.fits(s.Label) {
		return nil, store.ErrWrongKey
	}
	bound := sha256.Sum256(s.bound(storeID))
	plain, err := decrypt(id.Identity, s.Box, keySize+len(bound))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(plain[keySize:], bound[:]) {
		clear(plain)
		return nil, store.ErrWrongKey
	}
	return plain[:keySize:keySize], nil
}
