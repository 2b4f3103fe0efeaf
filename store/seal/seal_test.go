package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// tools are those of the tests.
var tools = Tools{Rand: rand.Reader}

// cheap is the floor of the costs, so that tests are quick.
func cheap() KDF { return KDF{Memory: 19 << 10, Time: 2, Threads: 1} }

func create(t *testing.T, keys ...store.Key) (Header, *Vault) {
	t.Helper()
	h, v, err := Create(t.Context(), tools, "store1", time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC), keys...)
	if err != nil {
		t.Fatal(err)
	}
	return h, v
}

func identity(t *testing.T) store.Key {
	t.Helper()
	return store.Key{IdentityFile: filepath.Join(t.TempDir(), "id.txt")}
}

func pass(s string) store.Key { return store.Key{Passphrase: secret.FromString(s)} }

func TestSlots(t *testing.T) {
	id, pw := identity(t), pass("a horse of battery and staple")
	h, v := create(t, id, pw)
	s, err := v.Seal(store.Binding{Owner: "o", Field: "f"}, 1, []string{"a.example"}, secret.FromString("hush"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []store.Key{id, pw} {
		w, err := h.Unlock(t.Context(), tools, k)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Open(store.Binding{Owner: "o", Field: "f"}, s)
		if err != nil || got.Reveal() != "hush" {
			t.Errorf("%v", err)
		}
		if a, b := v.Fingerprint(got), w.Fingerprint(got); a != b {
			t.Errorf("fingerprints %s and %s", a, b)
		}
	}
	for _, k := range []store.Key{madeIdentity(t), pass("another one entirely"), pass("")} { // SE-6: one error
		if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("got %v", err)
		}
	}
	if in := h.Info(); len(in) != 2 || in[0].Kind != KindIdentity || !strings.HasPrefix(in[0].Label, "age1") || in[1].Kind != KindPassphrase {
		t.Errorf("%+v", in)
	}
}

// madeIdentity returns a key whose file exists.
func madeIdentity(t *testing.T) store.Key {
	t.Helper()
	k := identity(t)
	if _, err := makeIdentity(k.IdentityFile); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFingerprint(t *testing.T) {
	_, v := create(t, identity(t))
	_, other := create(t, identity(t))
	a := v.Fingerprint(secret.FromString("a"))
	if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$`).MatchString(a) {
		t.Errorf("form of %s", a)
	}
	if a == v.Fingerprint(secret.FromString("b")) || a == other.Fingerprint(secret.FromString("a")) {
		t.Error("the same fingerprint for another secret or in another store")
	}
}

func TestNewPassphrases(t *testing.T) { // SE-7
	for _, p := range []string{"", "fourteen chars", "äöüäöüäöüäöüäö"} {
		if _, _, err := Create(t.Context(), tools, "s", time.Time{}, pass(p)); !errors.Is(err, store.ErrShortPassphrase) {
			t.Errorf("%q: %v", p, err)
		}
	}
	long := strings.Repeat("a long passphrase ", 10)
	h, _ := create(t, pass(long+"é"))
	if _, err := h.Unlock(t.Context(), tools, pass(long+"e\u0301")); err != nil {
		t.Errorf("typed in another normal form: %v", err)
	}
	if _, err := h.Unlock(t.Context(), tools, pass(long+"è")); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("only the last character differs: %v", err)
	}
}

func TestCostsAreChecked(t *testing.T) { // SE-5
	if k := standard(); k != (KDF{Memory: 65536, Time: 3, Threads: 4}) {
		t.Errorf("new slots cost %+v", k)
	}
	for name, k := range map[string]KDF{
		"none": {}, "little memory": {Memory: 19<<10 - 1, Time: 2, Threads: 1}, "one pass": {Memory: 64 << 10, Time: 1, Threads: 4},
		"much memory": {Memory: 1<<20 + 1, Time: 3, Threads: 4}, "many passes": {Memory: 64 << 10, Time: 11, Threads: 4},
		"no lane": {Memory: 64 << 10, Time: 3}, "many lanes": {Memory: 64 << 10, Time: 3, Threads: 255},
	} {
		s := Slot{Kind: KindPassphrase, Salt: make([]byte, saltSize), KDF: k, Box: make([]byte, 72)}
		if k.sane() {
			t.Errorf("%s: %+v is accepted", name, k)
		}
		if _, err := s.openPassphrase("store1", secret.FromString("x")); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !cheap().sane() {
		t.Error("the floor is refused")
	}
}

// SE-13: no bit of the header can be changed without being noticed, and none ends the program.
func TestEveryBitOfTheHeader(t *testing.T) {
	k := identity(t)
	h, v := create(t, k)
	raw, err := cbor.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(raw)*8; i += 3 { // each place in a byte comes up, in a third of the time
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		var g Header
		if cbor.Unmarshal(flipped, &g) != nil {
			continue
		}
		w, err := g.Unlock(t.Context(), tools, k)
		if err == nil && !same(v, w) {
			t.Errorf("bit %d of byte %d: the store opens with other keys", i%8, i/8)
		}
		if err == nil && !sameSlots(h, g) {
			t.Errorf("bit %d of byte %d: a changed header opens", i%8, i/8)
		}
	}
}

func same(a, b *Vault) bool {
	return bytes.Equal(a.data, b.data) && bytes.Equal(a.audit, b.audit) && bytes.Equal(a.fingerprint, b.fingerprint) && bytes.Equal(a.head, b.head)
}

func sameSlots(a, b Header) bool {
	x, _ := cbor.Marshal(a)
	y, _ := cbor.Marshal(b)
	return bytes.Equal(x, y)
}

func TestChangedPassphraseSlot(t *testing.T) { // SE-13
	s := Slot{Kind: KindPassphrase, KeyID: "k", Salt: make([]byte, saltSize), KDF: cheap()}
	p := secret.FromString("a horse of battery and staple")
	key := s.KDF.derive(p, s.Salt)
	var err error
	if s.Box, err = lock(rand.Reader, key, make([]byte, keySize), s.bound("store1")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.openPassphrase("store1", p); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Slot){
		"label": func(s *Slot) { s.Label = "x" }, "key id": func(s *Slot) { s.KeyID = "l" }, "salt": func(s *Slot) { s.Salt = bytes.Repeat([]byte{1}, saltSize) },
		"box": func(s *Slot) { s.Box = append(bytes.Clone(s.Box[:30]), s.Box[31:]...) }, "cost": func(s *Slot) { s.KDF.Time++ }, "empty": func(s *Slot) { s.Box = nil },
	} {
		c := s
		change(&c)
		if _, err := c.openPassphrase("store1", p); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.openPassphrase("store2", p); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("in another store: %v", err)
	}
}

// The recipient is readable, so anybody could wrap a key of their own for it.
func TestForeignKeyForOurRecipient(t *testing.T) {
	k := identity(t)
	h, _ := create(t, k)
	theirs, _ := create(t, identity(t))
	r, err := age.ParseX25519Recipient(h.Slots[0].Label)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, keySize)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	forged := h
	forged.Slots = []Slot{h.Slots[0]}
	forged.Slots[0].Box = b.Bytes()
	forged.Keys = theirs.Keys
	if _, err := forged.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("a foreign data key is taken: %v", err)
	}
	moved := h
	moved.StoreID = "store2"
	if _, err := moved.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("a slot opens in another store: %v", err)
	}
}

func TestIdentityFile(t *testing.T) { // SE-8
	k := identity(t)
	create(t, k)
	fi, err := os.Stat(k.IdentityFile)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && fi.Mode() != 0o400 {
		t.Errorf("made with mode %v", fi.Mode())
	}
	before, err := os.ReadFile(k.IdentityFile)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := create(t, k) // an identity that exists is used
	after, err := os.ReadFile(k.IdentityFile)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the identity was written over: %v", err)
	}
	if runtime.GOOS != "windows" {
		for _, mode := range []os.FileMode{0o440, 0o404, 0o640, 0o602} {
			refused(t, h, k, mode)
		}
	}
	for name, content := range map[string]string{"empty": "", "no key": "hello AGE-SECRET\n", "recipient": h.Slots[0].Label + "\n"} {
		file := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		var u *store.UnsafeError
		if _, err := h.Unlock(t.Context(), tools, store.Key{IdentityFile: file}); !errors.As(err, &u) || strings.Contains(err.Error(), "hello") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Unlock(t.Context(), tools, identity(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

func refused(t *testing.T, h Header, k store.Key, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(k.IdentityFile, mode); err != nil {
		t.Fatal(err)
	}
	var u *store.UnsafeError
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &u) || !strings.HasPrefix(u.Fix, "chmod 0600 ") {
		t.Errorf("mode %o: %v", mode, err)
	}
	if err := os.Chmod(k.IdentityFile, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Unlock(t.Context(), tools, k); err != nil {
		t.Errorf("mode 0400: %v", err)
	}
}

func TestWipe(t *testing.T) { // SE-15
	_, v := create(t, identity(t))
	keys := [][]byte{v.data, v.audit, v.fingerprint, v.head}
	v.Wipe()
	for i, k := range keys {
		if !bytes.Equal(k, make([]byte, keySize)) {
			t.Errorf("key %d is still there", i)
		}
	}
	if _, err := v.AuditKey(); !errors.Is(err, store.ErrLocked) || v.Fingerprint(secret.FromString("a")) != "" {
		t.Error("a wiped vault answers")
	}
}

func TestNonces(t *testing.T) { // SE-12
	_, v := create(t, identity(t))
	seen := make(map[string]bool)
	for range 20_000 {
		s, err := v.Seal(store.Binding{}, 1, nil, secret.FromString("x"))
		if err != nil {
			t.Fatal(err)
		}
		n := string(s.Box[:24])
		if seen[n] {
			t.Fatal("a nonce came twice")
		}
		seen[n] = true
	}
}

// FZ-7: whatever a record holds, it opens only as it was sealed.
func FuzzOpen(f *testing.F) {
	h, v, err := Create(f.Context(), tools, "store1", time.Time{}, store.Key{IdentityFile: filepath.Join(f.TempDir(), "id")})
	if err != nil {
		f.Fatal(err)
	}
	b := store.Binding{Owner: "o", Field: "refresh"}
	s, err := v.Seal(b, 7, []string{"api.example"}, secret.FromString("hush"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("o", "refresh", h.KeyID, uint64(7), "api.example", s.Box)
	f.Add("o", "refresh", h.KeyID, uint64(7), "api.example", s.Box[:40])
	f.Add("", "", "", uint64(0), "", []byte{})
	f.Fuzz(func(t *testing.T, owner, field, key string, gen uint64, host string, box []byte) {
		got, err := v.Open(store.Binding{Owner: store.ID(owner), Field: field}, store.Sealed{KeyID: key, Gen: gen, Hosts: []string{host}, Box: box})
		same := owner == "o" && field == "refresh" && key == h.KeyID && gen == 7 && host == "api.example" && bytes.Equal(box, s.Box)
		if same != (err == nil) || (err != nil && !errors.Is(err, store.ErrSealed)) || (err == nil && got.Reveal() != "hush") {
			t.Errorf("same %v: %v", same, err)
		}
	})
}
