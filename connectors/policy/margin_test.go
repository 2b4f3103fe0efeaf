package policy

import (
	"testing"
	"time"

	"crmdeck/store"
)

func TestMargin(t *testing.T) {
	for _, c := range []struct{ life, override, want time.Duration }{
		{30 * time.Minute, 0, 6 * time.Minute},
		{2 * time.Hour, 0, 15 * time.Minute},
		{3 * time.Minute, 0, time.Minute},
		{time.Minute, 0, 30 * time.Second}, // not refreshed the moment it is got
		{time.Hour, 20 * time.Minute, 20 * time.Minute},
		{10 * time.Minute, time.Hour, 5 * time.Minute},
		{0, 0, time.Minute},
	} {
		if got := Margin(c.life, c.override); got != c.want {
			t.Errorf("life %v, override %v: %v, want %v", c.life, c.override, got, c.want)
		}
	}
}

func TestRefreshAt(t *testing.T) {
	issued, expires := now, now.Add(30*time.Minute)
	distinct := map[time.Time]bool{}
	for gen := range uint64(200) {
		at := RefreshAt("grant", gen, issued, expires, 0)
		if at.After(expires.Add(-6*time.Minute)) || at.Before(expires.Add(-7*time.Minute-30*time.Second)) {
			t.Fatalf("generation %d: %v before the end", gen, expires.Sub(at))
		}
		if at != RefreshAt("grant", gen, issued, expires, 0) {
			t.Fatal("not the same for every process")
		}
		distinct[at] = true
	}
	if len(distinct) < 190 {
		t.Errorf("only %d moments for 200 generations", len(distinct))
	}
	if RefreshAt("a", 1, issued, expires, 0) == RefreshAt("b", 1, issued, expires, 0) {
		t.Error("two grants at one moment")
	}
	if !RefreshAt("a", 1, issued, time.Time{}, 0).IsZero() {
		t.Error("a token without an end is never refreshed ahead")
	}
}

// What is refreshed in time never looks as if it were expiring.
func TestKeepsOffTheWarnings(t *testing.T) {
	f, th := ProviderFacts{AccessLife: 30 * time.Minute, RefreshIdle: 30 * day}, DefaultThresholds()
	for gen := range uint64(50) {
		s := healthy()
		s.Refreshed, s.Access, s.Idle = now, now.Add(30*time.Minute), now.Add(30*day)
		at := RefreshAt(s.Grant, gen, now, s.Access, 0)
		if a := Assess(s, f, at.Add(-1), th); a.State != Healthy {
			t.Fatalf("generation %d: %s before it is refreshed", gen, a.State)
		}
		keep := KeepAliveAt(s.Grant, gen, now, s.Idle)
		if keep.Before(now.Add(15*day)) || keep.After(s.Idle.Add(-th.RefreshWarn)) {
			t.Fatalf("generation %d: kept alive %v before the end", gen, s.Idle.Sub(keep))
		}
	}
	if !KeepAliveAt(store.ID("g"), 1, now, time.Time{}).IsZero() {
		t.Error("no idle clock, no keep-alive")
	}
}
