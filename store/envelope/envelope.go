// Package envelope encrypts what leaves a store for a file: a backup, an export.
//
// An envelope is an age file (age-encryption.org/v1), for recipients or for a passphrase,
// that any age program opens. It promises that whatever is read out of it is what was put in,
// in order and whole: a changed byte or a missing end is ErrDamaged, before anything after
// that place is returned. It does not say who made it, since recipients are public; what is
// inside has to prove that. Plaintext is never written to a disk here. Start with Lock.Seal and Open.
package envelope

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// Conditions. They are wrapped; test with errors.Is.
var (
	// ErrNotEnvelope: the file is no age file.
	ErrNotEnvelope = errors.New("not encrypted with age")
	// ErrDamaged: the file was changed, or its end is missing.
	ErrDamaged = errors.New("changed or cut short")
	// ErrNeedsIdentity: the file is for recipients, and no identity was given.
	ErrNeedsIdentity = errors.New("needs an identity")
	// ErrNeedsPassphrase: the file is for a passphrase, and none was given.
	ErrNeedsPassphrase = errors.New("needs a passphrase")
	// ErrWrongKey: none of the given identities, or another passphrase.
	ErrWrongKey = errors.New("does not open with this key")
)

// Lock is what an envelope is made for: recipients, or a passphrase.
type Lock struct {
	// Recipients are age recipients: native (age1…), hybrid (age1pq1…) or SSH public keys
	// (ssh-ed25519 …, ssh-rsa …). Each of their identities opens it alone.
	Recipients []string
	Passphrase secret.Value
	// WorkFactor is the base-2 logarithm of scrypt's cost; 0 is 18 (256 MiB, 1 s), as age takes it.
	WorkFactor int
}

// maxWork bounds what a file can make us spend: 2^20 is 1 GiB and some seconds.
const maxWork = 20

// Seal returns a writer into an envelope on w, which Close completes. store.ErrRecipient for what
// is no recipient, store.ErrShortPassphrase.
func (l Lock) Seal(w io.Writer) (io.WriteCloser, error) {
	rs, err := l.recipients()
	if err != nil {
		return nil, err
	}
	out, err := age.Encrypt(w, rs...)
	if err != nil {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	return out, nil
}

func (l Lock) recipients() ([]age.Recipient, error) {
	if len(l.Recipients) == 0 {
		if n := len([]rune(l.Passphrase.Reveal())); n < minPassphrase {
			return nil, store.ErrShortPassphrase
		}
		r, err := age.NewScryptRecipient(l.Passphrase.Reveal())
		if err != nil {
			return nil, fmt.Errorf("encrypting: %w", err)
		}
		if l.WorkFactor > 0 {
			r.SetWorkFactor(l.WorkFactor)
		}
		return []age.Recipient{r}, nil
	}
	out := make([]age.Recipient, 0, len(l.Recipients))
	for _, text := range l.Recipients {
		r, err := ParseRecipient(text)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// minPassphrase is that of a new slot of a store (NIST SP 800-63B-4, 3.1.1.2).
const minPassphrase = 15

// ParseRecipient reads a recipient, or is store.ErrRecipient: what was given could be a private
// key, so it is not quoted.
func ParseRecipient(text string) (age.Recipient, error) {
	text = strings.TrimSpace(text)
	if r, err := age.ParseX25519Recipient(text); err == nil {
		return r, nil
	}
	if r, err := age.ParseHybridRecipient(text); err == nil {
		return r, nil
	}
	if strings.HasPrefix(text, "ssh-") {
		if r, err := agessh.ParseRecipient(text); err == nil {
			return r, nil
		}
	}
	return nil, store.ErrRecipient
}

// Key is what an envelope is opened with. Both may be set: the file says which it takes.
type Key struct {
	Identities []age.Identity
	Passphrase secret.Value
}

// scryptStart is how every file for a passphrase begins: it has no other stanza.
const scryptStart = "age-encryption.org/v1\n-> scrypt "

// ForPassphrase reports whether the file that r begins is for a passphrase. It reads ahead only.
func ForPassphrase(r *bufio.Reader) bool {
	start, _ := r.Peek(len(scryptStart))
	return string(start) == scryptStart
}

// Open returns what is in the envelope on r. Its errors, and those of the reader, are the
// conditions above.
func Open(in io.Reader, k Key) (io.Reader, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	if start, _ := r.Peek(len(armor.Header)); string(start) == armor.Header {
		r = bufio.NewReader(armor.NewReader(r))
	}
	start, err := r.Peek(len("age-encryption.org/"))
	if !bytes.Equal(start, []byte("age-encryption.org/")) {
		if err != nil && !errors.Is(err, io.EOF) && !isFormat(err) {
			return nil, err
		}
		return nil, ErrNotEnvelope
	}
	ids := k.Identities
	if ForPassphrase(r) {
		if k.Passphrase.IsZero() {
			return nil, ErrNeedsPassphrase
		}
		id, err := age.NewScryptIdentity(k.Passphrase.Reveal())
		if err != nil {
			return nil, ErrNeedsPassphrase
		}
		id.SetMaxWorkFactor(maxWork)
		ids = []age.Identity{id}
	}
	if len(ids) == 0 {
		return nil, ErrNeedsIdentity
	}
	plain, err := age.Decrypt(r, ids...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrWrongKey
	case err != nil:
		return nil, ErrDamaged // the header: age's own text could quote it
	}
	return &reader{plain: plain}, nil
}

// isFormat reports errors that tell what is wrong with an armored file.
func isFormat(err error) bool {
	var a *armor.Error
	return errors.As(err, &a)
}

// reader tells the cause of a failed read as one of our conditions.
type reader struct{ plain io.Reader }

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}
