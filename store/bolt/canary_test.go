package bolt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// SE-1: no piece of a secret is in any file of the store, in no usual form, nor are the keys.
func TestNoSecretInAnyFile(t *testing.T) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	audit, err := v.(interface{ AuditKey() ([]byte, error) }).AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	canaries := [][]byte{audit}
	for i := range 200 {
		c := fmt.Sprintf("canary-%04d-%x", i, i*2654435761)
		canaries = append(canaries, []byte(c))
		err := s.Write(t.Context(), func(w store.Writer) error {
			g := store.Grant{ID: store.ID(fmt.Sprintf("g%d", i))}
			sealed, err := v.Seal(store.Binding{Owner: g.ID, Field: "refresh"}, 1, []string{"api.example"}, secret.FromString(c))
			g.Refresh = &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(secret.FromString(c))}
			_, e := w.Append(store.Event{Act: store.ActRefresh, Evidence: "fingerprint " + g.Refresh.Fingerprint})
			return errors.Join(err, w.PutGrant(&g), e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, c := range canaries {
			for i := 0; i+12 <= len(c); i += 6 {
				p := c[i : i+12]
				for _, form := range [][]byte{p, []byte(hex.EncodeToString(p)), []byte(base64.StdEncoding.EncodeToString(p)), bytes.ToUpper([]byte(hex.EncodeToString(p)))} {
					if bytes.Contains(b, form) {
						t.Errorf("%s holds a piece of a secret", path)
					}
				}
			}
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
}
