package store

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestSummarizeOAuth(t *testing.T) {
	conn := Connection{ID: "c", Name: "n", Grant: "g", Asked: []string{"a", "b", "c"}, Uses: make([]Use, 2),
		Tests: []TestRun{{At: noon, Outcome: "failed"}, {At: noon.Add(1), Outcome: "ok"}}}
	g := Grant{Client: "k", Generation: 3, Granted: []string{"a", "x"}, GrantedKnown: true, Intent: &Intent{Begun: noon, Lost: true},
		Access: &Token{Expires: noon, Assumed: true, Fingerprint: "ACC"}, Refresh: &Token{Expires: noon.Add(2), IdleExpires: noon.Add(1), Fingerprint: "REF"},
		Trouble: &Trouble{Class: Throttled, Reason: "r", Message: "m", Since: noon, Next: noon.Add(3)}}
	s := Summarize(conn, g, Client{Secret: Sealed{Box: []byte{1}}, SecretMade: noon, MadeKnown: true, SecretEnds: noon.Add(4)})
	switch {
	case s.Asked != 3, s.Granted != 2, s.Missing != 2, s.Jobs != 2, s.Client != "k", s.Generation != 3:
		t.Errorf("counts: %+v", s)
	case !s.HasAccess, !s.HasRefresh, s.HasKey, s.Fingerprint != "REF", !s.Access.Equal(noon), !s.AccessAssumed, !s.Idle.Equal(noon.Add(1)), !s.Refresh.Equal(noon.Add(2)):
		t.Errorf("tokens: %+v", s)
	case !s.KeyMade.Equal(noon), !s.KeyMadeKnown, !s.SecretEnds.Equal(noon.Add(4)):
		t.Errorf("client secret: %+v", s)
	case !s.Intent, !s.IntentLost, !s.IntentBegun.Equal(noon), s.Class != Throttled, s.Reason != "r", s.Message != "m", !s.Next.Equal(noon.Add(3)):
		t.Errorf("health: %+v", s)
	case s.TestOutcome != "ok", !s.TestAt.Equal(noon.Add(1)):
		t.Errorf("test: %+v", s)
	}
}

func TestSummarizeKey(t *testing.T) {
	g := Grant{Key: &APIKeyRecord{Fingerprint: "KEY", Made: noon, MadeKnown: true}, Revocation: &Revocation{State: RevocationQueued, Sent: noon, Next: noon.Add(5)}}
	s := Summarize(Connection{ID: "c", Asked: []string{"a"}}, g, Client{})
	if !s.HasKey || s.HasAccess || s.Fingerprint != "KEY" || !s.KeyMade.Equal(noon) || s.Granted != -1 || s.Missing != 0 {
		t.Errorf("key: %+v", s)
	}
	if s.Revocation != RevocationQueued || !s.RevokedAt.Equal(noon) || !s.Next.Equal(noon.Add(5)) {
		t.Errorf("revocation: %+v", s)
	}
}

func TestNewID(t *testing.T) {
	a, err := NewID(bytes.NewReader(bytes.Repeat([]byte{0xff}, 16)))
	if err != nil || len(a) != 26 || strings.Trim(string(a), "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Errorf("%q %v", a, err)
	}
	if _, err := NewID(bytes.NewReader(make([]byte, 15))); err == nil {
		t.Error("an ID of too little randomness")
	}
}
