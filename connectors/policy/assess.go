package policy

import (
	"cmp"
	"time"

	"crmdeck/store"
)

// Assessment is what is to be said of one connection at one time.
type Assessment struct {
	State  State
	Group  Group
	Key    string // id of the action that mends it; empty: nothing to do
	Reason Reason

	AccessClock Clock // none: no access token, or one without an end
	NextClock   Clock // what runs out first after the access token
	KeyAge      Age

	// NextChange is when time alone can change this assessment; zero: never.
	NextChange time.Time
	// Gone: a tombstone that has left the deck.
	Gone bool

	clocks [maxClocks]Clock
	n      uint8
	rank   uint8
	order  int64 // within a state: the smaller, the more urgent
}

// Clocks lists every clock of the connection, in the order of the detail page.
func (a *Assessment) Clocks() []Clock { return a.clocks[:a.n] }

// Assess judges one connection. It does not allocate, and does not change what it gets.
// Paused is no state: it says that nothing is done, not that something is wrong.
func Assess(s store.Summary, f ProviderFacts, now time.Time, t Thresholds) Assessment {
	j := judge{s: s, f: f, t: t}
	j.c.now = now
	var a Assessment
	if j.buried(&a) {
		return a
	}
	j.c.credential(&j.s, &j.f, &j.t)
	j.c.waiting(&j.s)
	a.KeyAge = j.age(now)
	a.AccessClock, a.NextClock = j.c.of(ClockAccess), j.c.next()
	state, reason := j.state()
	a.is(state, reason)
	a.Key = actFor(a.Key, reason)
	a.order = j.order(state, reason)
	a.clocks, a.n = j.c.list, uint8(j.c.n)
	a.NextChange = j.c.change
	return a
}

// is sets the state and what follows from it.
func (a *Assessment) is(s State, r Reason) {
	i := rank(s)
	a.State, a.Group, a.Key, a.Reason, a.rank = s, table[i].Group, table[i].Act, r, uint8(i)
}

// Compare orders by urgency: negative if a comes before b. Equal ones are for the
// caller to tell apart, by name.
func Compare(a, b *Assessment) int {
	if a.rank != b.rank {
		return int(a.rank) - int(b.rank)
	}
	return cmp.Compare(a.order, b.order)
}

// Less reports whether a is more urgent than b.
func Less(a, b *Assessment) bool { return Compare(a, b) < 0 }

// judge is one assessment in the making. It holds values, not pointers: pointers would
// send what they point to to the heap, three allocations a connection.
type judge struct {
	s store.Summary
	f ProviderFacts
	t Thresholds
	c clocks
}

// buried handles what is revoked and proven dead: nothing else counts then.
func (j *judge) buried(a *Assessment) bool {
	s := &j.s
	if s.Revocation != store.RevocationDone || s.Verdict == store.VerdictAlive || s.Verdict == store.VerdictUnknown {
		return false
	}
	a.is(Revoked, Reason{Code: WhyRevoked})
	a.order = -s.RevokedAt.Unix()
	a.Gone = !s.RevokedAt.IsZero() && j.c.passed(s.RevokedAt.Add(j.t.Tombstone))
	a.NextChange = j.c.change
	return true
}

// state takes the first rule that holds, in the order of the table of states. The calls
// stand one by one: through a list of functions everything here would move to the heap,
// four allocations a connection.
func (j *judge) state() (State, Reason) {
	s, r := j.refused()
	if s == "" {
		s, r = j.lost()
	}
	if s == "" {
		s, r = j.revoking()
	}
	if s == "" {
		s, r = j.spent()
	}
	if s == "" {
		s, r = j.overdue()
	}
	if s == "" {
		s, r = j.expired()
	}
	if s == "" {
		s, r = j.expiring()
	}
	if s == "" {
		s, r = j.reduced()
	}
	if s == "" {
		s, r = j.due()
	}
	if s == "" {
		s, r = j.waiting()
	}
	if s == "" {
		s, r = j.unproven()
	}
	if s == "" {
		return Healthy, Reason{Code: WhyWorks}
	}
	return s, r
}

// refused: what the provider will not have again.
func (j *judge) refused() (State, Reason) {
	switch j.s.Class {
	case store.Dead:
		if j.s.Cause == store.CauseTheft {
			return Stolen, Reason{Code: WhyTheft}
		}
		return Reconnect, Reason{Code: WhyRefused}
	case store.Config:
		return Blocked, Reason{Code: WhySettings}
	}
	return "", Reason{}
}

// lost: nobody knows what became of a refresh.
func (j *judge) lost() (State, Reason) {
	s := &j.s
	if s.IntentLost || (s.Intent && j.c.passed(s.IntentBegun.Add(j.t.IntentPatience))) {
		return Uncertain, Reason{Code: WhyAnswerLost}
	}
	return "", Reason{}
}

// revoking: a credential that is to die is neither refreshed nor renewed, so none of
// the states that propose it holds.
func (j *judge) revoking() (State, Reason) {
	switch j.s.Revocation {
	case store.RevocationQueued:
		return Queued, Reason{Code: WhyRevokeOffline, Clock: j.c.of(ClockRetry)}
	case store.RevocationConsole:
		return Queued, Reason{Code: WhyRevokeConsole}
	case store.RevocationDying:
		return Queued, Reason{Code: WhyRevokeDying, Clock: j.c.of(ClockWait)}
	}
	return "", Reason{}
}

// spent: access is over or absent, and nothing is left to get it back without a person.
func (j *judge) spent() (State, Reason) {
	s := &j.s
	switch {
	case s.HasKey || s.Method == store.ClientCredentials || s.Method == store.JWTBearer || s.Method == store.TBA:
		return "", Reason{} // the credential itself is there; it gets access again and again
	case !s.HasAccess && !s.HasRefresh:
		return Reconnect, Reason{Code: WhyNoCredential}
	case !j.accessOver():
		return "", Reason{}
	case !s.HasRefresh:
		return Reconnect, Reason{Code: WhyNoRefresh, Clock: j.c.of(ClockAccess)}
	case !s.Refresh.IsZero() && j.c.passed(s.Refresh):
		return Reconnect, Reason{Code: WhyRefreshEnded, Clock: j.c.of(ClockRefresh)}
	}
	return "", Reason{}
}

// accessOver: the access token has ended, is not there, or its end is unknown and it has
// been failing for longer than one lives.
func (j *judge) accessOver() bool {
	s := &j.s
	switch {
	case s.HasKey:
		return false
	case !s.HasAccess:
		return true
	case !s.Access.IsZero():
		return j.c.passed(s.Access)
	}
	failing := (s.Class == store.Transient || s.Class == store.Busy) && !s.Since.IsZero()
	return failing && j.f.AccessLife > 0 && j.c.passed(s.Since.Add(j.f.AccessLife))
}

func (j *judge) overdue() (State, Reason) {
	if k := j.c.of(ClockKey); k.Level == LevelCritical {
		return Overdue, Reason{Code: j.ofKey(WhyKeyOld, WhySecretOld), Clock: k}
	}
	return "", Reason{}
}

func (j *judge) expired() (State, Reason) {
	if j.accessOver() {
		return Expired, Reason{Code: WhyAccessOver, Clock: j.c.of(ClockAccess)}
	}
	return "", Reason{}
}

// endings are the clocks that make a connection expiring.
var endings = [...]struct {
	kind ClockKind
	why  ReasonCode
}{
	{ClockAccess, WhyAccessEnds}, {ClockRefresh, WhyRefreshEnds}, {ClockIdle, WhyIdle},
	{ClockSecret, WhySecretEnds}, {ClockEnd, WhyProviderEnds},
}

// expiring takes the clock that has run furthest, among equals the first to end.
func (j *judge) expiring() (State, Reason) {
	var worst Reason
	for _, e := range endings {
		c := j.c.of(e.kind)
		further := c.Level > worst.Clock.Level || (c.Level == worst.Clock.Level && c.At.Before(worst.Clock.At))
		if c.Level > LevelFine && further {
			worst = Reason{Code: e.why, Clock: c}
		}
	}
	if worst.Clock.IsZero() {
		return "", Reason{}
	}
	return Expiring, worst
}

func (j *judge) reduced() (State, Reason) {
	if j.s.Missing > 0 {
		return Reduced, Reason{Code: WhyScopesMissing, Count: j.s.Missing}
	}
	return "", Reason{}
}

func (j *judge) due() (State, Reason) {
	if k := j.c.of(ClockKey); k.Level == LevelWarn {
		return Due, Reason{Code: j.ofKey(WhyKeyDue, WhySecretDue), Clock: k}
	}
	return "", Reason{}
}

func (j *judge) waiting() (State, Reason) {
	switch j.s.Class {
	case store.Throttled:
		return Throttled, Reason{Code: WhyAskedToWait, Clock: j.c.of(ClockWait)}
	case store.Transient:
		return Retrying, Reason{Code: WhyUnreachable, Clock: j.c.of(ClockRetry)}
	case store.Busy:
		return Retrying, Reason{Code: WhyBusy, Clock: j.c.of(ClockRetry)}
	}
	return "", Reason{}
}

// unproven: a revocation that ended without proof stays on the deck until it has one.
func (j *judge) unproven() (State, Reason) {
	if j.s.Revocation != store.RevocationDone {
		return "", Reason{}
	}
	if j.s.Verdict == store.VerdictAlive {
		return Queued, Reason{Code: WhyStillAlive}
	}
	return Queued, Reason{Code: WhyRevokeUnproven}
}

// ofKey chooses between the codes for an API key and for a client secret.
func (j *judge) ofKey(key, secret ReasonCode) ReasonCode {
	if j.s.HasKey {
		return key
	}
	return secret
}

func (j *judge) age(now time.Time) Age {
	if j.s.KeyMade.IsZero() {
		return Age{}
	}
	return Age{
		Days:  max(0, int(now.Sub(j.s.KeyMade)/day)),
		Of:    policyDays(&j.s, &j.f),
		Known: j.s.KeyMadeKnown,
	}
}

// acts are the actions that a cause calls for where its state's own would not help.
var acts = map[ReasonCode]string{
	WhySecretOld:    ActEdit,
	WhySecretDue:    ActEdit,
	WhySecretEnds:   ActEdit,
	WhyRefreshEnds:  ActReconnect,
	WhyProviderEnds: ActReconnect,
}

func actFor(usual string, r Reason) string {
	if act, ok := acts[r.Code]; ok {
		return act
	}
	return usual
}

// order puts the earliest end first, and of what waits for a person the longest wait.
func (j *judge) order(s State, r Reason) int64 {
	switch {
	case !r.Clock.IsZero():
		return r.Clock.At.Unix()
	case s == Reconnect || s == Blocked:
		return j.s.Since.Unix()
	case s == Uncertain:
		return j.s.IntentBegun.Unix()
	}
	return 0 // by name
}
