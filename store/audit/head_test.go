package audit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// A head is signed for one store, one length, one end and one time: nothing of it can change (AU-4).
func TestSignedHead(t *testing.T) {
	_, end := log(5)
	s := Sign(key, "store-a", end, at(0))
	if h, err := s.Open(key, "store-a"); err != nil || h.Seq != 5 || string(h.Chain) != string(end.Chain) {
		t.Fatalf("%+v %v", h, err)
	}
	b, _ := json.Marshal(s)
	again, err := ReadHeads(strings.NewReader(string(b) + "\n\n" + string(b) + "\n"))
	if err != nil || len(again) != 2 || again[1] != s {
		t.Fatalf("%+v %v", again, err)
	}
	for name, change := range map[string]func(*SignedHead){
		"format":    func(s *SignedHead) { s.Format = "crmdeck-audit-head/2" },
		"store":     func(s *SignedHead) { s.Store = "store-b" },
		"count":     func(s *SignedHead) { s.Count-- },
		"chain":     func(s *SignedHead) { s.Chain = strings.Repeat("00", 32) },
		"cut chain": func(s *SignedHead) { s.Chain = s.Chain[:10] },
		"time":      func(s *SignedHead) { s.At = s.At.Add(1) },
		"signature": func(s *SignedHead) { s.Signature = s.Signature[2:] + "00" },
		"another": func(s *SignedHead) {
			*s = Sign([]byte("another key"), "store-a", end, at(0))
		},
	} {
		c := s
		change(&c)
		var h *HeadError
		if _, err := c.Open(key, "store-a"); !errors.As(err, &h) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", "x", "{}", "[]", strings.Repeat("{", maxHeadLine+1), strings.Repeat(string(b)+"\n", maxHeads+1)} {
		var h *HeadError
		if _, err := ReadHeads(strings.NewReader(text)); !errors.As(err, &h) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// The form of a signed head is a promise to heads that were kept.
func TestSignedHeadForm(t *testing.T) {
	_, end := log(2)
	b, err := json.Marshal(Sign(key, "store-a", end, at(0)))
	const want = `{"format":"crmdeck-audit-head/1","store":"store-a","count":2,"chain":"ea41216430f2c6c6f42b6dd82f2ae4e7d5abb4c6dc859bcb7514bd6481a878fa","signed_at":"2026-03-01T12:00:00.000000005Z","public_key":"`
	if err != nil || !strings.HasPrefix(string(b), want) {
		t.Errorf("got %s, want %s", b, want)
	}
}
