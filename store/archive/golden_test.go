package archive_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/envelope"
	"crmdeck/store/storetest"
)

var golden = flag.Bool("golden", false, "make testdata/format1.* if they are absent; what is there is never made anew")

// SE-14: a backup of format 1, made once, is restored by every later version. It opens with the
// identity beside it, and so does the store inside.
func TestGoldenBackup(t *testing.T) {
	const file, identity = "testdata/format1.backup", "testdata/format1.identity"
	if *golden {
		makeGolden(t, file, identity)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(identity)
	if err != nil {
		t.Fatal(err)
	}
	private := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(private, text, 0o600); err != nil { // a checkout is open to others
		t.Fatal(err)
	}
	ids, err := envelope.ReadIdentities(private)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "deck")
	r, err := restore(t, home, b, envelope.Key{Identities: ids}, private)
	if err != nil || !r.Proven || r.Manifest.Counts.Sealed != 2 || len(r.Refused) > 0 {
		t.Fatalf("%+v: %v", r, err)
	}
	st, err := bolt.New(bolt.Options{}).Open(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	if err := st.Unlock(t.Context(), store.Key{IdentityFile: private}); err != nil {
		t.Fatal(err)
	}
	opens(t, st, "one")
	opens(t, st, "two")
}

func makeGolden(t *testing.T, file, identity string) {
	t.Helper()
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is there: %v", file, err)
	}
	st, dir := storetest.NewIn(t, bolt.Options{})
	put(t, st, "one", "two")
	text, err := os.ReadFile(storetest.Identity(dir))
	if err != nil {
		t.Fatal(err)
	}
	in, err := st.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := backup(t, st, envelope.Lock{Recipients: []string{in.Slots[0].Label}})
	if !bytes.HasPrefix(b, []byte("age-encryption.org/v1")) {
		t.Fatal("no age file")
	}
	if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, b, 0o644), os.WriteFile(identity, text, 0o644)); err != nil {
		t.Fatal(err)
	}
}
