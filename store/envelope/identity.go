package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// maxIdentity bounds an identity file; a large RSA key has 7 KiB.
const maxIdentity = 64 << 10

// ReadIdentities reads the age identities, or the one SSH private key, of a file that is ours
// alone. A file that can't be used is a *store.UnsafeError; nothing of it is quoted.
func ReadIdentities(file string) ([]age.Identity, error) {
	f, err := ownfile.Open(file, os.O_RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("reading identity: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxIdentity))
	if err != nil {
		return nil, fmt.Errorf("reading identity: %w", err)
	}
	defer clear(b)
	if bytes.HasPrefix(b, []byte("-----BEGIN")) {
		id, err := agessh.ParseIdentity(b)
		var locked *ssh.PassphraseMissingError
		switch {
		case errors.As(err, &locked):
			return nil, &store.UnsafeError{Path: file, Problem: "is an SSH key with a passphrase, which cannot be asked for here"}
		case err != nil:
			return nil, &store.UnsafeError{Path: file, Problem: "holds no SSH key that age can use (ed25519 or RSA)"}
		}
		return []age.Identity{id}, nil
	}
	ids, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		return nil, &store.UnsafeError{Path: file, Problem: "holds no age identity (AGE-SECRET-KEY-…) and no SSH private key"}
	}
	return ids, nil
}
