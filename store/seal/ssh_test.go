package seal

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// sshFile writes a private key as ssh-keygen does, and returns it with its public line.
func sshFile(t testing.TB, key any, pass string) (k store.Key, public string) {
	t.Helper()
	var block *pem.Block
	var err error
	if pass == "" {
		block, err = ssh.MarshalPrivateKey(key, "somebody@example")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "somebody@example", []byte(pass))
	}
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Key{IdentityFile: file}, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))) + " somebody@example\n"
}

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// SE-2, SE-8: SSH keys open slots, as recipients and as identities, with a proof of who made
// it where the private key is at hand.
func TestSSHKeys(t *testing.T) {
	for name, key := range map[string]any{"ed25519": edKey(t), "rsa": rsaKey(t, 2048)} {
		t.Run(name, func(t *testing.T) {
			k, public := sshFile(t, key, "")
			h, v := create(t, identity(t))
			if err := addKey(t, &h, v, store.NewSlot{Recipient: public}); err != nil {
				t.Fatal(err)
			}
			if s := h.Slots[1]; s.Kind != KindRecipient || !strings.HasPrefix(s.Label, "ssh-") || strings.Contains(s.Label, "somebody") {
				t.Errorf("%s %s", s.Kind, s.Label)
			}
			if w, err := h.Unlock(t.Context(), tools, k); err != nil || !same(v, w) {
				t.Errorf("as a recipient: %v", err)
			}
			if err := addKey(t, &h, v, store.NewSlot{Key: k}); !errors.Is(err, store.ErrSlotExists) {
				t.Errorf("twice: %v", err)
			}
			h2, v2 := create(t, k)
			if s := h2.Slots[0]; s.Kind != KindIdentity || len(s.Tag) == 0 {
				t.Errorf("%s, tag of %d", s.Kind, len(s.Tag))
			}
			if w, err := h2.Unlock(t.Context(), tools, k); err != nil || !same(v2, w) {
				t.Errorf("as an identity: %v", err)
			}
			h2.Slots[0].Tag[0] ^= 1
			if _, err := h2.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
				t.Errorf("with a changed tag: %v", err)
			}
			stranger, _ := sshFile(t, edKey(t), "")
			if _, err := h.Unlock(t.Context(), tools, stranger); !errors.Is(err, store.ErrWrongKey) {
				t.Errorf("another key: %v", err)
			}
		})
	}
}

func addKey(t *testing.T, h *Header, v *Vault, n store.NewSlot) error {
	t.Helper()
	s, err := v.NewSlot(t.Context(), *h, n)
	if err != nil {
		return err
	}
	return h.Add(s)
}

func TestSSHKeyWithPassphrase(t *testing.T) {
	k, public := sshFile(t, edKey(t), "of the key")
	h, v := create(t, identity(t))
	if err := addKey(t, &h, v, store.NewSlot{Recipient: public}); err != nil {
		t.Fatal(err)
	}
	var file *store.KeyFileError
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &file) || !errors.Is(err, store.ErrNobody) {
		t.Errorf("nobody to ask: %v", err)
	}
	for answer, want := range map[string]error{"of the key": nil, "another": store.ErrWrongKey} {
		k.Ask = func(_ context.Context, q store.Question) (secret.Value, error) {
			if q.Kind != store.AskPassphrase || q.From != k.IdentityFile {
				t.Errorf("asked %+v", q)
			}
			return secret.FromString(answer), nil
		}
		if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, want) {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestSSHKeysThatSealNothing(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h, v := create(t, identity(t))
	k, public := sshFile(t, ec, "")
	var u *store.UnsafeError
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &u) {
		t.Errorf("ECDSA: %v", err)
	}
	for name, r := range map[string]string{"ECDSA": public, "two keys": "ssh-ed25519 AAAA\nssh-ed25519 AAAA\n", "no key": "ssh-ed25519 nonsense"} {
		if err := addKey(t, &h, v, store.NewSlot{Recipient: r}); !errors.Is(err, store.ErrRecipient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(broken, []byte("-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Unlock(t.Context(), tools, store.Key{IdentityFile: broken}); !errors.As(err, &u) || strings.Contains(err.Error(), "canary") {
		t.Errorf("broken: %v", err)
	}
}
