// Package oskeyring is the keyring of the system: the Secret Service on Linux and BSD, the
// Keychain on macOS, the Credential Manager on Windows.
//
// It keeps one short text an entry, under the service "crmdeck". Where no keyring runs
// (a server, a session without D-Bus) every call fails; nothing is kept elsewhere.
// A keyring that asks its owner and gets no answer is left after a minute.
package oskeyring

import (
	"errors"
	"time"

	keyring "github.com/zalando/go-keyring"

	"crmdeck/store/seal"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

const service = "crmdeck"

// patience is how long a keyring may take, with a person typing its password.
const patience = time.Minute

// Keyring is the system's.
type Keyring struct{}

var _ seal.Keyring = Keyring{}

// errSilent: the keyring did not answer in time.
var errSilent = errors.New("it does not answer")

// Get implements seal.Keyring.
func (Keyring) Get(user string) (secret.Value, error) {
	s, err := patiently(func() (string, error) { return keyring.Get(service, user) })
	return secret.FromString(s), err
}

// Set implements seal.Keyring.
func (Keyring) Set(user string, v secret.Value) error {
	_, err := patiently(func() (string, error) { return "", keyring.Set(service, user, v.Reveal()) })
	return err
}

// Delete implements seal.Keyring.
func (Keyring) Delete(user string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Delete(service, user) })
	return err
}

// patiently gives up on a call that the library can't end. What a helper of the system says
// is cleaned and short.
func patiently(call func() (string, error)) (string, error) {
	type answer struct {
		s   string
		err error
	}
	got := make(chan answer, 1)
	go func() {
		s, err := call()
		got <- answer{s, err}
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case a := <-got:
		switch {
		case a.err == nil:
			return a.s, nil
		case errors.Is(a.err, keyring.ErrNotFound):
			return "", seal.ErrNoEntry
		case errors.Is(a.err, keyring.ErrUnsupportedPlatform):
			return "", errors.New("there is none on this system")
		}
		said := []rune(text.Clean(a.err.Error()))
		return "", errors.New(string(said[:min(len(said), maxSaid)]))
	case <-late.C:
		return "", errSilent
	}
}

const maxSaid = 200
