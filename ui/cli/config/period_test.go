package config

import (
	"testing"
	"time"
)

// SE-16: the deck locks after 15 minutes unless a person says otherwise.
func TestAutoLock(t *testing.T) {
	none := func(string) string { return "" }
	c, err := Load(t.TempDir(), none)
	if err != nil || c.AutoLock != 15*time.Minute || c.AutoLockSet || c.Remote {
		t.Errorf("by default: %v %v %v", c.AutoLock, c.AutoLockSet, err)
	}
	for text, want := range map[string]time.Duration{"0": 0, "90s": 90 * time.Second, "2h": 2 * time.Hour, "5": -1, "30s": -1, "-1h": -1, "1000h": -1} {
		c, err := Load(t.TempDir(), func(k string) string { return map[string]string{"CRMDECK_AUTO_LOCK": text, "SSH_TTY": "/dev/pts/1"}[k] })
		switch {
		case want < 0 && err == nil:
			t.Errorf("%s is taken", text)
		case want >= 0 && (err != nil || c.AutoLock != want || !c.AutoLockSet || !c.Remote):
			t.Errorf("%s: %v %v %v", text, c.AutoLock, c.AutoLockSet, err)
		}
	}
}
