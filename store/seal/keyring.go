package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// ErrNoEntry: the keyring works, and has no entry of that name.
var ErrNoEntry = errors.New("no such entry in the keyring")

var errNoKeyring = errors.New("there is none on this system")

// entry names the slot's key in the keyring. With the salt, so that a new slot never
// writes over the key of one that still opens the store.
func (s Slot) entry(storeID string) string { return storeID + "/" + s.ID() }

// wrapKeyring draws a key, keeps it in the keyring and wraps the data key with it: what is
// in the keyring opens nothing without the store's file, and is 44 characters long, which
// every keyring takes.
func (s Slot) wrapKeyring(t Tools, storeID string, data []byte) (Slot, error) {
	s.Kind = KindKeyring
	if t.Keyring == nil {
		return Slot{}, &store.KeyringError{Doing: "writing", Err: errNoKeyring}
	}
	key := make([]byte, keySize)
	defer clear(key)
	if _, err := io.ReadFull(t.Rand, key); err != nil {
		return Slot{}, fmt.Errorf("drawing a key: %w", err)
	}
	var err error
	if s.Box, err = lock(t.Rand, key, data, s.bound(storeID)); err != nil {
		return Slot{}, err
	}
	text := secret.FromString(base64.StdEncoding.EncodeToString(key))
	defer text.Wipe()
	if err := t.Keyring.Set(s.entry(storeID), text); err != nil {
		return Slot{}, &store.KeyringError{Doing: "writing", Err: err}
	}
	if back, err := s.openKeyring(t, storeID); err != nil { // a keyring that forgets is none
		return Slot{}, err
	} else {
		clear(back)
	}
	return s, nil
}

// openKeyring returns the data key; a *store.KeyringError if the keyring does not answer.
func (s Slot) openKeyring(t Tools, storeID string) ([]byte, error) {
	if t.Keyring == nil {
		return nil, &store.KeyringError{Doing: "reading", Err: errNoKeyring}
	}
	text, err := t.Keyring.Get(s.entry(storeID))
	if err != nil {
		return nil, &store.KeyringError{Doing: "reading", Gone: errors.Is(err, ErrNoEntry), Err: err}
	}
	defer text.Wipe()
	key, err := base64.StdEncoding.DecodeString(string(text.Bytes()))
	defer clear(key)
	if err != nil || len(key) != keySize {
		return nil, store.ErrWrongKey
	}
	data, err := unlock(key, s.Box, s.bound(storeID))
	if err != nil || len(data) != keySize {
		return nil, store.ErrWrongKey
	}
	return data, nil
}

// Forget removes what a slot that is gone has in the keyring. That it can't is no harm: the
// key that is left there opens nothing.
func (s Slot) Forget(t Tools, storeID string) {
	if s.Kind == KindKeyring && t.Keyring != nil {
		_ = t.Keyring.Delete(s.entry(storeID))
	}
}
