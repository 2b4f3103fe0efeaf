package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"crmdeck/store"
	"crmdeck/store/canon"
	"crmdeck/store/ownfile"
)

// maxIdentity bounds an identity file; one key and its comments are 200 bytes.
const maxIdentity = 64 << 10

// wrapIdentity encrypts the data key to the identity in file, which is made if absent.
//
// age says nothing about who encrypted, and the recipient is public: whoever can
// write to the store could wrap a data key of their own and read what is sealed
// under it later. So the slot also carries a tag that only the identity can make.
func (s Slot) wrapIdentity(storeID string, data []byte, file string) (Slot, error) {
	ids, err := readIdentity(file)
	if errors.Is(err, fs.ErrNotExist) {
		ids, err = makeIdentity(file)
	}
	if err != nil {
		return Slot{}, err
	}
	id := ids[0]
	s.Kind, s.Label = KindIdentity, id.label
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

// ageKey is one age identity of a file: native (X25519) or hybrid (ML-KEM-768 with X25519).
type ageKey struct {
	age.Identity
	recipient age.Recipient
	label     string // the recipient as text
	private   string // the identity as text
}

func ageKeyOf(id age.Identity) (ageKey, bool) {
	switch x := id.(type) {
	case *age.X25519Identity:
		return ageKey{Identity: x, recipient: x.Recipient(), label: x.Recipient().String(), private: x.String()}, true
	case *age.HybridIdentity:
		return ageKey{Identity: x, recipient: x.Recipient(), label: x.Recipient().String(), private: x.String()}, true
	}
	return ageKey{}, false
}

// tag is the HMAC of the slot under a key derived from the identity's private part.
func (s Slot) tag(storeID string, id ageKey) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(id.private), s.Salt, "crmdeck/slot/1 tag", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the slot's key: %w", err)
	}
	defer clear(key)
	m := hmac.New(sha256.New, key)
	m.Write(canon.New("crmdeck/slot/1 identity").Raw(s.bound(storeID)).Raw(s.Box).Bytes())
	return m.Sum(nil), nil
}

// openIdentity returns the data key, or ErrWrongKey if no identity of the file fits.
func (s Slot) openIdentity(storeID string, ids []ageKey) ([]byte, error) {
	for _, id := range ids {
		if id.label != s.Label {
			continue
		}
		want, err := s.tag(storeID, id)
		if err != nil {
			return nil, err
		}
		if !hmac.Equal(want, s.Tag) {
			return nil, store.ErrWrongKey
		}
		r, err := age.Decrypt(bytes.NewReader(s.Box), id.Identity)
		if err != nil {
			return nil, store.ErrWrongKey
		}
		data := make([]byte, keySize)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, store.ErrWrongKey
		}
		return data, nil
	}
	return nil, store.ErrWrongKey
}

// readIdentity reads the native and hybrid identities of a file that is ours alone.
func readIdentity(file string) ([]ageKey, error) {
	f, err := ownfile.Open(file, os.O_RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("reading identity: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxIdentity))
	if err != nil {
		return nil, fmt.Errorf("reading identity: %w", err)
	}
	defer clear(b)
	if len(b) == 0 {
		return nil, &store.UnsafeError{Path: file, Problem: "is empty, as an interrupted creation leaves it", Fix: "rm " + ownfile.Quote(file)}
	}
	all, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		// The parser's own text could quote the file; it holds a private key.
		return nil, &store.UnsafeError{Path: file, Problem: "holds no age identity (AGE-SECRET-KEY-1…)"}
	}
	var ids []ageKey
	for _, id := range all {
		if x, ok := ageKeyOf(id); ok {
			ids = append(ids, x)
		}
	}
	if len(ids) == 0 {
		return nil, &store.UnsafeError{Path: file, Problem: "holds no native or hybrid age identity (AGE-SECRET-KEY-…)"}
	}
	return ids, nil
}

// makeIdentity writes a new identity, mode 0400, and syncs it.
func makeIdentity(file string) ([]ageKey, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("making an identity: %w", err)
	}
	f, err := ownfile.Open(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return nil, fmt.Errorf("making identity: %w", err)
	}
	_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", id.Recipient(), id)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil { // a store whose only key a power failure took would be lost
		err = ownfile.SyncDir(filepath.Dir(file))
	}
	if err != nil {
		return nil, fmt.Errorf("writing identity %s: %w", file, err)
	}
	own, _ := ageKeyOf(id)
	return []ageKey{own}, nil
}
