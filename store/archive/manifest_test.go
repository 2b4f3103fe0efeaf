package archive

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzManifest: what stands before the content is read within bounds, and what is taken is written
// the same way again; nothing panics.
func FuzzManifest(f *testing.F) {
	var whole bytes.Buffer
	m := Manifest{Made: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), StoreID: "x", Size: 1, SHA256: strings.Repeat("0", 64), Proof: "00"}
	if err := m.write(&whole); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte("crmdeck-backup/1\n{}\n"))
	f.Add([]byte("crmdeck-backup/9\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readManifest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			if !errors.Is(err, ErrNotArchive) && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrMismatch) {
				t.Fatal(err)
			}
			return
		}
		var out bytes.Buffer
		if err := m.write(&out); err != nil {
			return // a year that RFC 3339 can't write
		}
		again, err := readManifest(bufio.NewReader(&out))
		if err != nil || again.prove(nil) != m.prove(nil) {
			t.Fatalf("%+v, %+v: %v", m, again, err)
		}
	})
}

// A proof covers every field, and is of one key.
func TestProofCoversEverything(t *testing.T) {
	m := Manifest{Made: time.Now(), Program: "p", StoreID: "s", Format: 3, Created: time.Now(), Revision: 5, Events: 6, Chain: "c", Counts: Counts{1, 2, 3, 4, 5}, Size: 7, SHA256: "h"}
	m.Proof = m.prove([]byte("key"))
	if !m.proven([]byte("key")) || m.proven([]byte("other")) {
		t.Error("the key does not decide")
	}
	for i, change := range []func(*Manifest){
		func(m *Manifest) { m.Made = m.Made.Add(1) }, func(m *Manifest) { m.Program = "" }, func(m *Manifest) { m.StoreID = "" },
		func(m *Manifest) { m.Format++ }, func(m *Manifest) { m.Created = m.Created.Add(1) }, func(m *Manifest) { m.Revision++ },
		func(m *Manifest) { m.Events++ }, func(m *Manifest) { m.Chain = "" }, func(m *Manifest) { m.Counts.Connections++ },
		func(m *Manifest) { m.Counts.Grants++ }, func(m *Manifest) { m.Counts.Clients++ }, func(m *Manifest) { m.Counts.Drafts++ },
		func(m *Manifest) { m.Counts.Sealed++ }, func(m *Manifest) { m.Size++ }, func(m *Manifest) { m.SHA256 = "" },
	} {
		x := m
		change(&x)
		if x.proven([]byte("key")) {
			t.Errorf("change %d is not covered", i)
		}
	}
}
