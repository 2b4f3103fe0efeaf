package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"sync"

	"crmdeck/store"
	"crmdeck/store/canon"
	"crmdeck/store/secret"
)

// Vault holds the opened keys. It is safe for concurrent use; after Wipe it only
// answers store.ErrLocked. While a data key is replaced it holds both.
type Vault struct {
	tools   Tools
	storeID string

	mu          sync.RWMutex
	format      uint64 // of the key ring that it was opened from
	keyID       string // of data
	data        []byte
	nextID      string // of next
	next        []byte // nil: there is one data key
	retiredID   string // of retired
	retired     []byte // opens what was read before it was replaced
	audit       []byte
	fingerprint []byte
	head        []byte
}

var _ store.Vault = (*Vault)(nil)

// bound encodes what a sealed value is, where it belongs and where it may be sent.
func (v *Vault) bound(b store.Binding, keyID string, gen uint64, hosts []string) []byte {
	c := canon.New("crmdeck/sealed/1").Number(Format).Text(v.storeID).Text(string(b.Owner)).Text(b.Field)
	return c.Number(gen).Text(keyID).Texts(hosts).Bytes()
}

// Seal implements store.Vault.
func (v *Vault) Seal(b store.Binding, gen uint64, hosts []string, s secret.Value) (store.Sealed, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.data == nil {
		return store.Sealed{}, store.ErrLocked
	}
	id, key := v.sealing()
	box, err := lock(v.tools.Rand, key, s.Bytes(), v.bound(b, id, gen, hosts))
	if err != nil {
		return store.Sealed{}, err
	}
	return store.Sealed{KeyID: id, Gen: gen, Hosts: slices.Clone(hosts), Box: box}, nil
}

// Open implements store.Vault.
func (v *Vault) Open(b store.Binding, s store.Sealed) (secret.Value, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.data == nil {
		return secret.Value{}, store.ErrLocked
	}
	key := v.keyOf(s.KeyID)
	if key == nil {
		return secret.Value{}, store.ErrSealed
	}
	plain, err := unlock(key, s.Box, v.bound(b, s.KeyID, s.Gen, s.Hosts))
	if err != nil {
		return secret.Value{}, err
	}
	defer clear(plain)
	return secret.New(plain), nil
}

// Crockford's alphabet: no I, L, O or U, so that it can be read aloud.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Fingerprint implements store.Vault: the first 50 bits of an HMAC-SHA256 with a
// key of its own, as 7Q2M-91C4-KX. It is empty when the vault was wiped.
func (v *Vault) Fingerprint(s secret.Value) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.fingerprint == nil {
		return ""
	}
	m := hmac.New(sha256.New, v.fingerprint)
	m.Write(canon.New("crmdeck/fingerprint/1").Raw(s.Bytes()).Bytes())
	t := base32.NewEncoding(crockford).WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)[:10])
	return t[:4] + "-" + t[4:8] + "-" + t[8:10]
}

// AuditKey returns a copy of the key that chains the audit log; the caller clears it.
// It is a copy so that locking the store can't break the chain of a transaction
// that is under way.
func (v *Vault) AuditKey() ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.audit == nil {
		return nil, store.ErrLocked
	}
	return bytes.Clone(v.audit), nil
}

// IndexKey returns a copy of the key that authenticates the index of sealed values; the
// caller clears it. It is derived from the head key, so a new data key keeps it.
func (v *Vault) IndexKey() ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.head == nil {
		return nil, store.ErrLocked
	}
	m := hmac.New(sha256.New, v.head)
	m.Write(canon.New("crmdeck/index key/1").Text(v.storeID).Bytes())
	return m.Sum(nil), nil
}

// Indexed reports that the store has an index of its sealed values, and not having one is damage.
func (v *Vault) Indexed() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.format >= RingFormat
}

// MarkIndexed notes that the store's format was raised.
func (v *Vault) MarkIndexed() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.format = RingFormat
}

// StoreID names the store that the vault is of.
func (v *Vault) StoreID() string { return v.storeID }

// KeyID names the data key that this vault was opened with, or has followed to.
func (v *Vault) KeyID() string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.keyID
}

// Wipe overwrites the keys. Values that were opened before are the callers' to wipe.
func (v *Vault) Wipe() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range []*[]byte{&v.data, &v.next, &v.retired, &v.audit, &v.fingerprint, &v.head} {
		clear(*k)
		*k = nil
	}
}
