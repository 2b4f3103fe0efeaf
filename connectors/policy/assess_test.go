package policy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"crmdeck/store"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// healthy is a grant at a provider with access of half an hour.
func healthy() store.Summary {
	return store.Summary{
		ID: "c1", Name: "acme-prod", Provider: "hubspot", Method: store.AuthorizationCode, Grant: "g1", Client: "k1",
		Asked: 4, Granted: 4, HasAccess: true, HasRefresh: true,
		Access: now.Add(25 * time.Minute), Refreshed: now.Add(-5 * time.Minute),
		Consented: now.Add(-30 * day), KeyMade: now.Add(-61 * day), KeyMadeKnown: true, Generation: 212,
	}
}

// keyed is an API key of 10 days.
func keyed() store.Summary {
	return store.Summary{ID: "c2", Name: "close-nightly", Provider: "close", Method: store.APIKey, Grant: "g2",
		HasKey: true, Granted: -1, KeyMade: now.Add(-10 * day), KeyMadeKnown: true}
}

func TestStates(t *testing.T) {
	f := ProviderFacts{AccessLife: 30 * time.Minute}
	for _, c := range []struct {
		name   string
		from   func() store.Summary
		change func(*store.Summary)
		facts  ProviderFacts
		state  State
		why    ReasonCode
		key    string
	}{
		{"healthy", healthy, nil, f, Healthy, WhyWorks, ActTest},
		{"a key", keyed, nil, f, Healthy, WhyWorks, ActTest},
		{"refused", healthy, func(s *store.Summary) { s.Class, s.Reason = store.Dead, "invalid_grant" }, f, Reconnect, WhyRefused, ActReconnect},
		{"refused outranks uncertain", healthy, func(s *store.Summary) { s.Class, s.IntentLost = store.Dead, true }, f, Reconnect, WhyRefused, ActReconnect},
		{"settings", healthy, func(s *store.Summary) { s.Class = store.Config }, f, Blocked, WhySettings, ActEdit},
		{"answer lost", healthy, func(s *store.Summary) { s.Intent, s.IntentLost, s.IntentBegun = true, true, now }, f, Uncertain, WhyAnswerLost, ActRefresh},
		{"answer awaited", healthy, func(s *store.Summary) { s.Intent, s.IntentBegun = true, now.Add(-59*time.Second) }, f, Healthy, WhyWorks, ActTest},
		{"answer overdue", healthy, func(s *store.Summary) { s.Intent, s.IntentBegun = true, now.Add(-61*time.Second) }, f, Uncertain, WhyAnswerLost, ActRefresh},
		{"key overdue", keyed, func(s *store.Summary) { s.KeyMade = now.Add(-143 * day) }, f, Overdue, WhyKeyOld, ActReconnect},
		{"key overdue by its own policy", keyed, func(s *store.Summary) { s.KeyDays = 9 }, f, Overdue, WhyKeyOld, ActReconnect},
		{"secret overdue", healthy, func(s *store.Summary) { s.KeyMade = now.Add(-181 * day) }, f, Overdue, WhySecretOld, ActEdit},
		{"secret overdue outranks expired", healthy, func(s *store.Summary) { s.KeyMade, s.Access = now.Add(-181*day), now.Add(-time.Hour) }, f, Overdue, WhySecretOld, ActEdit},
		{"expired", healthy, func(s *store.Summary) { s.Access = now.Add(-3 * time.Minute) }, f, Expired, WhyAccessOver, ActRefresh},
		{"expired at the very moment", healthy, func(s *store.Summary) { s.Access = now }, f, Expired, WhyAccessOver, ActRefresh},
		{"access wiped", healthy, func(s *store.Summary) { s.HasAccess = false }, f, Expired, WhyAccessOver, ActRefresh},
		{"expired and nothing to refresh with", healthy, func(s *store.Summary) { s.Access, s.HasRefresh = now.Add(-time.Minute), false }, f, Reconnect, WhyNoRefresh, ActReconnect},
		{"client credentials expired", healthy, func(s *store.Summary) {
			s.Method, s.Access, s.HasRefresh = store.ClientCredentials, now.Add(-time.Minute), false
		}, f, Expired, WhyAccessOver, ActRefresh},
		{"refresh token over too", healthy, func(s *store.Summary) { s.Access, s.Refresh = now.Add(-time.Minute), now.Add(-time.Hour) }, f, Reconnect, WhyRefreshEnded, ActReconnect},
		{"nothing there", healthy, func(s *store.Summary) { s.HasAccess, s.HasRefresh = false, false }, f, Reconnect, WhyNoCredential, ActReconnect},
		{"access inside its margin", healthy, func(s *store.Summary) { s.Access, s.Refreshed = now.Add(5*time.Minute), now.Add(-25*time.Minute) }, f, Expiring, WhyAccessEnds, ActRefresh},
		{"refresh ends in 6 days", healthy, func(s *store.Summary) { s.Refresh = now.Add(6 * day) }, f, Expiring, WhyRefreshEnds, ActReconnect},
		{"refresh of 7 days is fine on its first", healthy, func(s *store.Summary) { s.Refresh = now.Add(6 * day) }, ProviderFacts{RefreshLife: 7 * day}, Healthy, WhyWorks, ActTest},
		{"idle", healthy, func(s *store.Summary) { s.Idle = now.Add(3 * day) }, f, Expiring, WhyIdle, ActRefresh},
		{"secret ends", healthy, func(s *store.Summary) { s.SecretEnds = now.Add(20 * day) }, f, Expiring, WhySecretEnds, ActEdit},
		{"provider ends it", healthy, nil, ProviderFacts{End: now.Add(170 * day)}, Expiring, WhyProviderEnds, ActReconnect},
		{"the worst clock is the cause", healthy, func(s *store.Summary) { s.SecretEnds, s.Idle = now.Add(20*day), now.Add(time.Hour) }, f, Expiring, WhyIdle, ActRefresh},
		{"reduced", healthy, func(s *store.Summary) { s.Missing = 2 }, f, Reduced, WhyScopesMissing, ActReconnect},
		{"key due", keyed, func(s *store.Summary) { s.KeyMade = now.Add(-72 * day) }, f, Due, WhyKeyDue, ActReconnect},
		{"secret due", healthy, func(s *store.Summary) { s.KeyMade = now.Add(-144 * day) }, f, Due, WhySecretDue, ActEdit},
		{"throttled", healthy, func(s *store.Summary) { s.Class, s.Next = store.Throttled, now.Add(time.Minute) }, f, Throttled, WhyAskedToWait, ""},
		{"retrying", healthy, func(s *store.Summary) { s.Class, s.Next, s.Since = store.Transient, now.Add(time.Minute), now }, f, Retrying, WhyUnreachable, ActRefresh},
		{"busy", healthy, func(s *store.Summary) { s.Class = store.Busy }, f, Retrying, WhyBusy, ActRefresh},
		{"retrying past the access token", healthy, func(s *store.Summary) {
			s.Class, s.Access, s.Since = store.Transient, time.Time{}, now.Add(-31*time.Minute)
		}, f, Expired, WhyAccessOver, ActRefresh},
		{"a key retries for ever", keyed, func(s *store.Summary) { s.Class, s.Since = store.Transient, now.Add(-5*day) }, f, Retrying, WhyUnreachable, ActRefresh},
		{"revocation waits for the network", healthy, func(s *store.Summary) { s.Revocation, s.Access = store.RevocationQueued, now.Add(-time.Hour) }, f, Queued, WhyRevokeOffline, ActRevoke},
		{"revocation waits at the console", keyed, func(s *store.Summary) { s.Revocation, s.KeyMade = store.RevocationConsole, now.Add(-143*day) }, f, Queued, WhyRevokeConsole, ActRevoke},
		{"revoked, access lives on", healthy, func(s *store.Summary) {
			s.Revocation, s.Verdict, s.DiesAt = store.RevocationDying, store.VerdictDiesAt, now.Add(27*time.Minute)
		}, f, Queued, WhyRevokeDying, ActRevoke},
		{"still alive", healthy, func(s *store.Summary) { s.Revocation, s.Verdict = store.RevocationDone, store.VerdictAlive }, f, Queued, WhyStillAlive, ActRevoke},
		{"nobody could tell", healthy, func(s *store.Summary) { s.Revocation, s.Verdict = store.RevocationDone, store.VerdictUnknown }, f, Queued, WhyRevokeUnproven, ActRevoke},
		{"revoked", healthy, func(s *store.Summary) {
			s.Revocation, s.Verdict, s.RevokedAt, s.Class = store.RevocationDone, store.VerdictDead, now, store.Dead
		}, f, Revoked, WhyRevoked, ""},
		{"paused is no state", healthy, func(s *store.Summary) { s.Paused = true }, f, Healthy, WhyWorks, ActTest},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.from()
			if c.change != nil {
				c.change(&s)
			}
			a := Assess(s, c.facts, now, DefaultThresholds())
			if a.State != c.state || a.Reason.Code != c.why || a.Key != c.key || a.Group != GroupOf(c.state) {
				t.Errorf("got %s because %s, key %q, group %s; want %s because %s, key %q",
					a.State, a.Reason.Code, a.Key, a.Group, c.state, c.why, c.key)
			}
		})
	}
}

// Whatever is said to be the next change: up to it nothing changes, and at it something
// may. Walking from change to change must find every state on the way.
func TestNextChange(t *testing.T) {
	s := healthy()
	s.Access, s.Idle = now.Add(25*time.Minute), now.Add(20*day)
	f, th := ProviderFacts{AccessLife: 30 * time.Minute, RefreshIdle: 30 * day}, DefaultThresholds()
	var seen []string
	at := now
	for range 40 {
		a := Assess(s, f, at, th)
		if w := fmt.Sprintf("%s %s", a.State, a.Reason.Code); len(seen) == 0 || seen[len(seen)-1] != w {
			seen = append(seen, w)
		}
		if a.NextChange.IsZero() {
			break
		}
		if !a.NextChange.After(at) {
			t.Fatalf("next change %v is not after %v", a.NextChange, at)
		}
		before := Assess(s, f, a.NextChange.Add(-1), th)
		if before.State != a.State || before.AccessClock != a.AccessClock {
			t.Errorf("changed before %v: %s to %s", a.NextChange, a.State, before.State)
		}
		at = a.NextChange
	}
	want := []string{"healthy works", "expiring access_ends", "expired access_over", "overdue secret_old"}
	if !slices.Equal(seen, want) {
		t.Errorf("saw %q, want %q", seen, want)
	}
}

func TestTombstoneLeavesTheDeck(t *testing.T) {
	s := healthy()
	s.Revocation, s.Verdict, s.RevokedAt = store.RevocationDone, store.VerdictDead, now
	a := Assess(s, ProviderFacts{}, now.Add(23*time.Hour), DefaultThresholds())
	if a.Gone || !a.NextChange.Equal(now.Add(day)) {
		t.Errorf("after 23 h: gone %v, next %v", a.Gone, a.NextChange)
	}
	if a = Assess(s, ProviderFacts{}, now.Add(day), DefaultThresholds()); !a.Gone {
		t.Error("after 24 h it is still there")
	}
}

func TestClocks(t *testing.T) {
	s := healthy()
	s.AccessAssumed, s.Idle, s.Refresh = true, now.Add(20*day), now.Add(200*day)
	a := Assess(s, ProviderFacts{End: now.Add(400 * day)}, now, DefaultThresholds())
	if c := a.AccessClock; c.Kind != ClockAccess || !c.Assumed || !c.At.Equal(s.Access) {
		t.Errorf("access: %+v", c)
	}
	if a.NextClock.Kind != ClockIdle {
		t.Errorf("next: %+v", a.NextClock)
	}
	var kinds []ClockKind
	for _, c := range a.Clocks() {
		kinds = append(kinds, c.Kind)
	}
	if want := []ClockKind{ClockAccess, ClockRefresh, ClockIdle, ClockKey, ClockEnd}; !slices.Equal(kinds, want) {
		t.Errorf("clocks %v, want %v", kinds, want)
	}
	if a.KeyAge != (Age{Days: 61, Of: DefaultSecretDays, Known: true}) {
		t.Errorf("age %+v", a.KeyAge)
	}
	k := keyed()
	k.KeyMadeKnown = false
	if a := Assess(k, ProviderFacts{}, now, DefaultThresholds()); a.KeyAge != (Age{Days: 10, Of: DefaultKeyDays}) || !a.AccessClock.IsZero() {
		t.Errorf("a key: %+v %+v", a.KeyAge, a.AccessClock)
	}
	k.Class, k.Next = store.Throttled, now.Add(time.Minute)
	if a := Assess(k, ProviderFacts{}, now, DefaultThresholds()); a.NextClock.Kind != ClockWait {
		t.Errorf("throttled: %+v", a.NextClock)
	}
}

func TestUrgency(t *testing.T) {
	at := func(change func(*store.Summary)) *Assessment {
		s := healthy()
		change(&s)
		a := Assess(s, ProviderFacts{AccessLife: 30 * time.Minute}, now, DefaultThresholds())
		return &a
	}
	order := []*Assessment{
		at(func(s *store.Summary) { s.Class, s.Since = store.Dead, now.Add(-2*day) }),
		at(func(s *store.Summary) { s.Class, s.Since = store.Dead, now.Add(-day) }),
		at(func(s *store.Summary) { s.Class = store.Config }),
		at(func(s *store.Summary) { s.IntentLost = true }),
		at(func(s *store.Summary) { s.KeyMade = now.Add(-300 * day) }),
		at(func(s *store.Summary) { s.KeyMade = now.Add(-200 * day) }),
		at(func(s *store.Summary) { s.Access = now.Add(-time.Hour) }),
		at(func(s *store.Summary) { s.Idle = now.Add(day) }),
		at(func(s *store.Summary) { s.Idle = now.Add(2 * day) }),
		at(func(s *store.Summary) { s.Missing = 1 }),
		at(func(s *store.Summary) { s.Class = store.Transient }),
		at(func(*store.Summary) {}),
		at(func(s *store.Summary) { s.Revocation, s.Verdict = store.RevocationDone, store.VerdictDead }),
	}
	for i := range len(order) - 1 {
		if !Less(order[i], order[i+1]) || Less(order[i+1], order[i]) {
			t.Errorf("%d (%s) should come before %d (%s)", i, order[i].State, i+1, order[i+1].State)
		}
	}
	if Compare(order[11], at(func(s *store.Summary) { s.Name = "other" })) != 0 {
		t.Error("healthy ones are told apart by name alone")
	}
}

// many makes summaries that cover the states.
func many(n int) []store.Summary {
	changes := []func(*store.Summary, time.Duration){
		func(s *store.Summary, d time.Duration) { s.Access = now.Add(d) },
		func(s *store.Summary, d time.Duration) { s.Idle = now.Add(d) },
		func(s *store.Summary, d time.Duration) { s.Class, s.Since = store.Dead, now.Add(-d) },
		func(s *store.Summary, d time.Duration) { s.Class, s.Next = store.Throttled, now.Add(d) },
		func(s *store.Summary, d time.Duration) { s.KeyMade = now.Add(-d) },
		func(s *store.Summary, _ time.Duration) { s.Missing = 1 },
	}
	list := make([]store.Summary, n)
	for i := range list {
		list[i] = healthy()
		changes[i%len(changes)](&list[i], time.Duration(i*7919%100_000)*time.Minute)
	}
	return list
}

func BenchmarkAssess100k(b *testing.B) {
	list, out := many(100_000), make([]Assessment, 100_000)
	f, th := ProviderFacts{AccessLife: 30 * time.Minute}, DefaultThresholds()
	b.ReportAllocs()
	for b.Loop() {
		for i := range list {
			out[i] = Assess(list[i], f, now, th)
		}
	}
}

func BenchmarkUrgency100k(b *testing.B) {
	list, all, order := many(100_000), make([]Assessment, 100_000), make([]int32, 100_000)
	for i := range list {
		all[i] = Assess(list[i], ProviderFacts{}, now, DefaultThresholds())
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortFunc(order, func(x, y int32) int { return Compare(&all[x], &all[y]) })
	}
}
