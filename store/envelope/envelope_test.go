package envelope_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"crmdeck/store"
	"crmdeck/store/envelope"
	"crmdeck/store/secret"
)

func seal(t testing.TB, l envelope.Lock, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := l.Seal(&b)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(b []byte, k envelope.Key) (string, error) {
	r, err := envelope.Open(bytes.NewReader(b), k)
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(r)
	return string(out), err
}

// sshKey writes a new SSH key to a file and returns its public half.
func sshKey(t *testing.T, file, passphrase string) string {
	t.Helper()
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var block *pem.Block
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(p))
}

// SE-17: native and hybrid recipients, SSH keys and passphrases; each of several opens alone.
func TestEachKindOpens(t *testing.T) {
	dir := t.TempDir()
	native, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "ids.txt")
	if err := os.WriteFile(file, []byte("# two\n"+native.String()+"\n"+hybrid.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	public := sshKey(t, filepath.Join(dir, "ssh"), "")
	phrase := secret.FromString("correct horse battery")
	for name, c := range map[string]struct {
		lock envelope.Lock
		file string
		key  envelope.Key
	}{
		"native":     {envelope.Lock{Recipients: []string{native.Recipient().String()}}, file, envelope.Key{}},
		"hybrid":     {envelope.Lock{Recipients: []string{hybrid.Recipient().String()}}, file, envelope.Key{}},
		"ssh":        {envelope.Lock{Recipients: []string{native.Recipient().String(), public}}, filepath.Join(dir, "ssh"), envelope.Key{}},
		"passphrase": {envelope.Lock{Passphrase: phrase, WorkFactor: 10}, "", envelope.Key{Passphrase: phrase}},
	} {
		b := seal(t, c.lock, "content")
		if bytes.Contains(b, []byte("content")) {
			t.Errorf("%s: it is readable", name)
		}
		k := c.key
		if c.file != "" {
			if k.Identities, err = envelope.ReadIdentities(c.file); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got, err := open(b, k); err != nil || got != "content" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if envelope.ForPassphrase(bufio.NewReader(bytes.NewReader(b))) != (name == "passphrase") {
			t.Errorf("%s: taken for the other kind", name)
		}
		var armored bytes.Buffer
		w := armor.NewWriter(&armored)
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if got, err := open(armored.Bytes(), k); err != nil || got != "content" {
			t.Errorf("%s, armored: %q, %v", name, got, err)
		}
	}
}

// What is missing is told apart from what is wrong, and nothing is quoted.
func TestKeysThatDoNotOpen(t *testing.T) {
	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	two, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for1 := seal(t, envelope.Lock{Recipients: []string{one.Recipient().String()}}, "x")
	phrase := seal(t, envelope.Lock{Passphrase: secret.FromString("correct horse battery"), WorkFactor: 10}, "x")
	for name, c := range map[string]struct {
		b    []byte
		k    envelope.Key
		want error
	}{
		"none":             {for1, envelope.Key{}, envelope.ErrNeedsIdentity},
		"another":          {for1, envelope.Key{Identities: []age.Identity{two}}, envelope.ErrWrongKey},
		"no passphrase":    {phrase, envelope.Key{Identities: []age.Identity{two}}, envelope.ErrNeedsPassphrase},
		"other passphrase": {phrase, envelope.Key{Passphrase: secret.FromString("another horse")}, envelope.ErrWrongKey},
		"too costly":       {bytes.Replace(phrase, []byte(" 10\n"), []byte(" 30\n"), 1), envelope.Key{Passphrase: secret.FromString("correct horse battery")}, envelope.ErrDamaged},
		"text":             {[]byte("hello"), envelope.Key{Identities: []age.Identity{one}}, envelope.ErrNotEnvelope},
		"nothing":          {nil, envelope.Key{Identities: []age.Identity{one}}, envelope.ErrNotEnvelope},
	} {
		if _, err := open(c.b, c.k); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (envelope.Lock{Passphrase: secret.FromString("short")}).Seal(io.Discard); !errors.Is(err, store.ErrShortPassphrase) {
		t.Error(err)
	}
	private := one.String()
	if _, err := (envelope.Lock{Recipients: []string{private}}).Seal(io.Discard); !errors.Is(err, store.ErrRecipient) || strings.Contains(err.Error(), private) {
		t.Error(err)
	}
}

// Every bit and every length: what is returned is a beginning of what was put in, and the end is an error.
func TestNothingPassesForTheWhole(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	k := envelope.Key{Identities: []age.Identity{id}}
	text := strings.Repeat("0123456789", 20)
	whole := seal(t, envelope.Lock{Recipients: []string{id.Recipient().String()}}, text)
	for i := range whole {
		if _, err := open(whole[:i], k); err == nil {
			t.Errorf("cut at %d: taken for whole", i)
		}
		for bit := range 8 {
			b := slices.Clone(whole)
			b[i] ^= 1 << bit
			if got, err := open(b, k); err == nil || got != "" && !strings.HasPrefix(text, got) {
				t.Errorf("bit %d of byte %d: %q, %v", bit, i, got, err)
			}
		}
	}
}

// Files that are no identity, or not ours alone, are refused by name, and not quoted.
func TestIdentityFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		p := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(p, []byte(text), 0o600), os.Chmod(p, mode)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	locked := filepath.Join(dir, "locked")
	sshKey(t, locked, "secret")
	files := []string{locked, write("text", "CANARY", 0o600), write("pem", "-----BEGIN CANARY-----", 0o600), write("empty", "", 0o600)}
	if os.PathSeparator == '/' {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, write("open", id.String(), 0o644))
	}
	for _, f := range files {
		_, err := envelope.ReadIdentities(f)
		var u *store.UnsafeError
		if !errors.As(err, &u) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := envelope.ReadIdentities(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// FP-6: a file is written whole or not at all, and one that is there stays unless it is said.
func TestToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := envelope.ToFile(path, false, func(io.Writer) error { return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what failed is there: %v", err)
	}
	if err := envelope.ToFile(path, false, write("one")); err != nil {
		t.Fatal(err)
	}
	if err := envelope.ToFile(path, false, write("two")); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if err := envelope.ToFile(path, true, write("three")); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); string(b) != "three" {
		t.Errorf("%q %v", b, err)
	}
}
