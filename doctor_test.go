package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/store"
	"crmdeck/store/clock"
)

// TestDoctorOutlivesDamage is DB-8: whichever page of the store is overwritten, doctor tells
// that the file is damaged, or finds it whole where the page held nothing. It never dies of it.
func TestDoctorOutlivesDamage(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	identity := filepath.Join(t.TempDir(), "id.txt")
	st, err := root{clock: clock.System{}}.backend(false, "test").Create(t.Context(), home, store.Key{IdentityFile: identity})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "store.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	told := 0
	for at := 0; at+page <= len(whole); at += page {
		broken := bytes.Clone(whole)
		// Everything that a page says of itself becomes a great number, but its own id, so that
		// what follows it is led out of the file.
		for i := 8; i < 200; i++ {
			broken[at+i] = 0x7e
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("crmdeck", "--home", home, "--identity", identity, "doctor", "--json")
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		_ = c.Run()
		var said struct {
			Worst    string
			Findings []struct{ Code string }
		}
		if err := json.Unmarshal(out.Bytes(), &said); err != nil || c.ProcessState.ExitCode() > 1 {
			t.Errorf("page %d: it ended with %v\n%s%s", at/page, c.ProcessState, out.Bytes(), errs.Bytes())
			continue
		}
		if strings.Contains(out.String(), "store_damaged") {
			told++
		}
	}
	if told < 4 {
		t.Errorf("damage was told of %d pages of %d", told, len(whole)/page)
	}
}
