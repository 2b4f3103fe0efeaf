package seal

import (
	"io"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// KDF holds the costs of Argon2id. Memory is in KiB.
type KDF struct {
	Memory  uint32 `cbor:"1,keyasint,omitempty"`
	Time    uint32 `cbor:"2,keyasint,omitempty"`
	Threads uint8  `cbor:"3,keyasint,omitempty"`
}

// MinPassphrase is how many characters a new passphrase has at least (NIST SP
// 800-63B-4, 3.1.1.2). There is no rule about what they are, and nothing is cut off.
const MinPassphrase = 15

// standard is the second choice of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
func standard() KDF { return KDF{Memory: 64 << 10, Time: 3, Threads: 4} }

// sane refuses costs under the floor of the OWASP password storage page (someone
// weakened the slot) and over 1 GiB or 10 passes (someone wants us to hang).
func (k KDF) sane() bool {
	return k.Memory >= 19<<10 && k.Memory <= 1<<20 && k.Time >= 2 && k.Time <= 10 && k.Threads >= 1 && k.Threads <= 16
}

// derive makes the key of a slot. NFKC, so that a passphrase typed on another
// keyboard or system is the same.
func (k KDF) derive(pass secret.Value, salt []byte) []byte {
	p := norm.NFKC.Bytes(pass.Bytes())
	key := argon2.IDKey(p, salt, k.Time, k.Memory, k.Threads, keySize)
	if pass.Len() > 0 && len(p) > 0 && &p[0] != &pass.Bytes()[0] {
		clear(p)
	}
	return key
}

// wrapPassphrase wraps for a new passphrase.
func (s Slot) wrapPassphrase(rand io.Reader, storeID string, data []byte, pass secret.Value) (Slot, error) {
	p := norm.NFKC.Bytes(pass.Bytes())
	defer func() {
		if len(p) > 0 && &p[0] != &pass.Bytes()[0] {
			clear(p)
		}
	}()
	switch {
	case utf8.RuneCount(p) < MinPassphrase:
		return Slot{}, store.ErrShortPassphrase
	case guessable(p):
		return Slot{}, store.ErrWeakPassphrase
	}
	return s.rewrapPassphrase(rand, storeID, data, pass)
}

// rewrapPassphrase wraps for a passphrase that opens the store already.
func (s Slot) rewrapPassphrase(rand io.Reader, storeID string, data []byte, pass secret.Value) (Slot, error) {
	s.Kind, s.KDF = KindPassphrase, standard()
	key := s.KDF.derive(pass, s.Salt)
	defer clear(key)
	var err error
	s.Box, err = lock(rand, key, data, s.bound(storeID))
	return s, err
}

// openPassphrase returns the data key, or ErrWrongKey: a damaged slot and a wrong
// passphrase look the same on purpose.
func (s Slot) openPassphrase(storeID string, pass secret.Value) ([]byte, error) {
	if !s.KDF.sane() || len(s.Salt) != saltSize {
		return nil, store.ErrWrongKey
	}
	key := s.KDF.derive(pass, s.Salt)
	defer clear(key)
	data, err := unlock(key, s.Box, s.bound(storeID))
	if err != nil || len(data) != keySize {
		return nil, store.ErrWrongKey
	}
	return data, nil
}
