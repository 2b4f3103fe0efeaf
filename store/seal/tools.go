package seal

import (
	"io"

	"crmdeck/store/secret"
)

// Tools are what sealing needs from outside.
type Tools struct {
	Rand io.Reader
	// Keyring is that of the system; nil: there is none.
	Keyring Keyring
}

// Keyring keeps small secrets for the user who is logged in. Errors are facts, without
// the secret; ErrNoEntry says that the keyring works and has none.
type Keyring interface {
	Get(user string) (secret.Value, error)
	Set(user string, v secret.Value) error
	Delete(user string) error
}
