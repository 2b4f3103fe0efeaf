package words

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"crmdeck/connectors/doctor"
)

// TestDoctorWords: each code that doctor can find has sentences, and no sentence is for a
// code that it does not know.
func TestDoctorWords(t *testing.T) {
	files, err := filepath.Glob("../../connectors/doctor/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	source := ""
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && !strings.HasSuffix(f, "_test.go") {
			source += string(b)
		}
	}
	codes := map[string]bool{}
	for _, c := range DoctorCodes() {
		codes[c] = true
		base, _, _ := strings.Cut(c, "_")
		known := strings.Contains(source, `"`+c+`"`) || strings.Contains(source, `"`+strings.TrimSuffix(c, "_bad")+`"`) ||
			strings.Contains(source, `"`+base+`_"+`)
		if !known {
			t.Errorf("%q is no code of doctor", c)
		}
	}
	for _, m := range regexp.MustCompile(`x\.find\(\w+, "([a-z_]+)"[,)]`).FindAllStringSubmatch(source, -1) {
		if !codes[m[1]] {
			t.Errorf("%q has no words", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`"((?:conns|env|place|revocation)_[a-z]+)"`).FindAllStringSubmatch(source, -1) {
		if !codes[m[1]] {
			t.Errorf("%q has no words", m[1])
		}
	}
}

// TestDoctorPlaces: with the facts that it comes with, a sentence has no place left open.
func TestDoctorPlaces(t *testing.T) {
	w := Doctor(doctor.Finding{Code: "unsafe", Facts: map[string]string{"path": "/x", "problem": "is open to others", "fix": "chmod 0600 /x"}})
	if w.Found != "/x is open to others." || w.Command != "chmod 0600 /x" {
		t.Errorf("%+v", w)
	}
	w = Doctor(doctor.Finding{Code: "audit_broken", Facts: map[string]string{"at": "7", "said": "its chain does not fit"}})
	if !strings.HasSuffix(w.Found, "from event 7 on. Its chain does not fit.") {
		t.Errorf("%+v", w)
	}
}
