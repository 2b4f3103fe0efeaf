package seal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal/ageplugin"
)

// maxIdentity bounds an identity file; one key and its comments are 200 bytes, an SSH
// key of 16,384 bits is 13 KiB.
const maxIdentity = 64 << 10

// ageKey is one private key of a file.
type ageKey struct {
	age.Identity
	recipient age.Recipient // nil: a plugin's
	label     string        // the recipient as text; empty for a plugin
	plugin    string        // the plugin's name
	private   []byte        // what a slot's tag is derived from; nil for a plugin, whose text is no secret
}

// fits reports that a slot with this label could be for the key. A plugin's identity does
// not tell its recipient, so each slot of the plugin is tried.
func (k ageKey) fits(label string) bool {
	if k.plugin == "" {
		return k.label == label
	}
	r, ok := ageplugin.NewRecipient(context.Background(), label, nil)
	return ok && r.Name() == k.plugin
}

func wipeAll(keys []ageKey) {
	for _, k := range keys {
		clear(k.private)
	}
}

// readIdentity reads the private keys of a file that is ours alone: native and hybrid age
// identities, those of plugins, or one SSH key.
func readIdentity(ctx context.Context, k store.Key) ([]ageKey, error) {
	file := k.IdentityFile
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
	switch {
	case len(b) == 0:
		return nil, &store.UnsafeError{Path: file, Problem: "is empty, as an interrupted creation leaves it", Fix: "rm " + ownfile.Quote(file)}
	case bytes.Contains(b, []byte("-----BEGIN")):
		return readSSH(ctx, file, b, k.Ask)
	}
	var ids []ageKey
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, ok := parseIdentity(ctx, line, k.Ask)
		if !ok { // the line is not quoted: it may hold a private key
			return nil, &store.UnsafeError{Path: file, Problem: "holds no age identity (AGE-SECRET-KEY-1…) and no SSH key"}
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, &store.UnsafeError{Path: file, Problem: "holds no age identity (AGE-SECRET-KEY-…) and no SSH key"}
	}
	return ids, nil
}

func parseIdentity(ctx context.Context, line string, ask store.Ask) (ageKey, bool) {
	if x, err := age.ParseX25519Identity(line); err == nil {
		return ageKey{Identity: x, recipient: x.Recipient(), label: x.Recipient().String(), private: []byte(line)}, true
	}
	if x, err := age.ParseHybridIdentity(line); err == nil {
		return ageKey{Identity: x, recipient: x.Recipient(), label: x.Recipient().String(), private: []byte(line)}, true
	}
	if x, ok := ageplugin.NewIdentity(ctx, line, ask); ok {
		return ageKey{Identity: x, plugin: x.Name()}, true
	}
	return ageKey{}, false
}

// readSSH reads an SSH private key (ed25519 or RSA), and asks for its passphrase if it has one.
func readSSH(ctx context.Context, file string, pem []byte, ask store.Ask) ([]ageKey, error) {
	key, err := ssh.ParseRawPrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		if key, err = openSSH(ctx, file, pem, ask); err != nil {
			return nil, err
		}
	}
	if err != nil { // the parser's text could quote the file
		return nil, &store.UnsafeError{Path: file, Problem: "holds no private key that can be read"}
	}
	k, err := sshKey(key)
	if err != nil {
		return nil, &store.UnsafeError{Path: file, Problem: "holds an SSH key of a kind that seals nothing; ed25519 and RSA from 2048 bits do"}
	}
	return []ageKey{k}, nil
}

func openSSH(ctx context.Context, file string, pem []byte, ask store.Ask) (any, error) {
	if ask == nil {
		return nil, &store.KeyFileError{Path: file, Err: store.ErrNobody}
	}
	pass, err := ask(ctx, store.Question{Kind: store.AskPassphrase, From: file})
	if err != nil {
		return nil, err
	}
	defer pass.Wipe()
	key, err := ssh.ParseRawPrivateKeyWithPassphrase(pem, pass.Bytes())
	if err != nil {
		return nil, &store.KeyFileError{Path: file, Err: store.ErrWrongKey}
	}
	return key, nil
}

func sshKey(key any) (ageKey, error) {
	switch k := key.(type) {
	case *ed25519.PrivateKey:
		return sshEd25519(*k)
	case ed25519.PrivateKey:
		return sshEd25519(k)
	case *rsa.PrivateKey:
		id, err := agessh.NewRSAIdentity(k)
		if err != nil {
			return ageKey{}, err
		}
		r := id.Recipient()
		pub, err := ssh.NewPublicKey(&k.PublicKey)
		if err != nil {
			return ageKey{}, err
		}
		if _, _, err := parseSSHRecipient(sshLabel(pub)); err != nil { // too short
			return ageKey{}, err
		}
		return ageKey{Identity: id, recipient: r, label: sshLabel(pub), private: k.D.Bytes()}, nil
	}
	return ageKey{}, errors.New("unknown kind of key")
}

func sshEd25519(k ed25519.PrivateKey) (ageKey, error) {
	id, err := agessh.NewEd25519Identity(k)
	if err != nil {
		return ageKey{}, err
	}
	pub, err := ssh.NewPublicKey(k.Public())
	if err != nil {
		return ageKey{}, err
	}
	return ageKey{Identity: id, recipient: id.Recipient(), label: sshLabel(pub), private: k.Seed()}, nil
}

// sshLabel is a public key as authorized_keys has it, without comment and options.
func sshLabel(pub ssh.PublicKey) string {
	return pub.Type() + " " + base64.StdEncoding.EncodeToString(pub.Marshal())
}

func parseSSHRecipient(s string) (age.Recipient, string, error) {
	pub, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(s))
	if err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, "", store.ErrRecipient
	}
	label := sshLabel(pub)
	r, err := agessh.ParseRecipient(label)
	if err != nil {
		return nil, "", store.ErrRecipient
	}
	return r, label, nil
}

// parseRecipient reads what a slot can be wrapped for without its private part.
func parseRecipient(ctx context.Context, s string, ask store.Ask) (age.Recipient, string, error) {
	s = strings.TrimSpace(s)
	if r, err := age.ParseX25519Recipient(s); err == nil {
		return r, r.String(), nil
	}
	if r, err := age.ParseHybridRecipient(s); err == nil {
		return r, r.String(), nil
	}
	if strings.HasPrefix(s, "ssh-") {
		return parseSSHRecipient(s)
	}
	if r, ok := ageplugin.NewRecipient(ctx, s, ask); ok && r.Name() != "pq" {
		return r, s, nil
	}
	return nil, "", store.ErrRecipient // what was given could be a private key: it is not quoted
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
	own, _ := parseIdentity(context.Background(), id.String(), nil)
	return []ageKey{own}, nil
}
