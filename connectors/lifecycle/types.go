// Package lifecycle is what can be done to a connection after it was set up:
// hand out a token, refresh, test, pause, edit, revoke with proof, and refresh ahead.
//
// Its heart is the refresh: seven steps whose order is the promise (lease, read
// again, intent on disk, POST, compare-and-swap, read again before believing
// invalid_grant, one careful try when an answer was lost). Any number of processes
// and goroutines may ask at once; one request goes out, and nothing is erased
// because a request failed. Screens and commands call the same Engine.
package lifecycle

import (
	"context"
	"io"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

// Catalog finds providers (connectors/catalog has it).
type Catalog interface {
	Provider(id string) (*connectors.Provider, error)
}

// Config is what an Engine stands on. All fields are needed, except Opener, People, LookAgain and Failpoint.
type Config struct {
	Store   store.Store
	Catalog Catalog
	HTTP    *guard.Client
	Clock   clock.Clock
	Rand    io.Reader
	// Opener shows a provider's console page to a person; nil where nobody can be shown one.
	Opener func(url string) error
	// People is the clock of waits for a person at a console; nil: the computer's, since
	// no person gets faster when a demo's clock does.
	People clock.Clock
	// LookAgain is how long, in real time, Run sleeps at most before it looks at the clock again:
	// timers stand still while a computer is suspended, and clocks are set. 0: 30 s.
	LookAgain time.Duration
	// Failpoint is called with the name of each step of a refresh or revocation, so
	// that tests can end the process there; nil does nothing.
	Failpoint func(step string)
}

// TokenRequest asks for a token.
type TokenRequest struct {
	Name   string
	MinTTL time.Duration // at least this much life left, else it is refreshed first
	Job    string        // who asks, for the record
}

// Token is what a job gets.
type Token struct {
	Secret      secret.Value
	Type        string    // Bearer, Basic, or the header's scheme
	Expires     time.Time // zero: never by time
	Assumed     bool
	Generation  uint64
	InstanceURL string
}

// RefreshResult tells what a refresh did.
type RefreshResult struct {
	Refreshed  bool // this call sent the request; false: adopted what another wrote
	Generation uint64
	Expires    time.Time
	Assumed    bool
	Added      []string // scopes that are new
	Lost       []string // scopes that are gone
}

// Failure is an error of the engine with everything that a screen or command needs
// to tell it: no sentence for people, but the facts of one.
type Failure struct {
	Kind       FailureKind
	Class      store.Class // when the provider refused or failed
	Reason     string      // the provider's code, e.g. invalid_grant
	Message    string      // what the provider said, cleaned
	Connection string
	Provider   string
	HTTP       int
	Since      time.Time
	Next       time.Time       // when it is tried again; zero: not by itself
	AccessEnds time.Time       // the stored access token lives until then; zero: none
	Cause      store.Cause     // FailReconnect: what is known besides the code
	Suspect    store.Suspicion // FailSuspect: why
	Revocation string          // the state of a revocation that is not finished, e.g. store.RevocationQueued
	Err        error
}

// FailureKind sorts failures by what the exit code and the next step depend on.
type FailureKind string

// The kinds.
const (
	FailReconnect   FailureKind = "reconnect"   // a person must consent again, or give a new key (exit 5)
	FailSuspect     FailureKind = "suspect"     // the store is a copy or was put back; a person must say that it may be used (exit 5)
	FailUncertain   FailureKind = "uncertain"   // an answer was lost (exit 6)
	FailConflict    FailureKind = "conflict"    // changed by somebody else, or another account (exit 6)
	FailUnavailable FailureKind = "unavailable" // provider down, throttling or busy (exit 7)
	FailConfig      FailureKind = "config"      // refused settings, wrong definition (exit 8)
	FailPaused      FailureKind = "paused"      // exit 1
	FailRevoked     FailureKind = "revoked"     // exit 5
	FailRevoking    FailureKind = "revoking"    // its revocation is not finished; nothing is handed out (exit 10)
	FailPending     FailureKind = "pending"     // queued, or waits for a console (exit 10)
	FailNotAlive    FailureKind = "not_dead"    // a revocation whose probe still works (exit 1)
	FailHeld        FailureKind = "held"        // another process holds the lease (exit 6)
	FailUnsupported FailureKind = "unsupported" // the connection cannot do that, e.g. refresh a key (exit 2)
)

func (f *Failure) Error() string {
	s := f.Connection + ": " + string(f.Kind)
	if f.Reason != "" {
		s += " (" + f.Reason + ")"
	}
	return s
}

func (f *Failure) Unwrap() error { return f.Err }

// TestOptions says how much a test sync reads.
type TestOptions struct {
	All bool // everything; otherwise at most 10 pages an object and 5 % of the quota left
}

// TestProgress is sent while a test sync runs; each holds the whole picture.
type TestProgress struct {
	Connection string
	Started    time.Time
	Objects    []ObjectProgress
	Requests   int
	Retries    int
	Rate       float64 // records a second, over the last seconds
	Best       float64
	Rates      []float64 // a sparkline's worth
	P50, P95   time.Duration
	Quota      QuotaView
	Waiting    time.Duration // waits as the provider asked
	WaitReason string
	ETA        time.Duration // 0: unknown
	Done       bool
}

// ObjectProgress is one object of a running test sync.
type ObjectProgress struct {
	store.TestObject
	Running  bool
	Rate     float64
	P50, P95 time.Duration
}

// QuotaView is what the provider last said of its limits. -1: not told.
type QuotaView struct {
	Used, Max       int // of the short window
	Window          time.Duration
	DayUsed, DayMax int
}

// Cost is what a complete test sync would take, told before it runs.
type Cost struct {
	Calls   int // -1: unknown
	Records int
	Quota   QuotaView
}

// RevokePlan is what hangs on a credential and how it will be revoked.
type RevokePlan struct {
	Connection store.Connection
	Grant      store.Grant
	How        string             // connectors.Revoke* strategy
	ConsoleURL string             // page to open, if by hand
	Last4      string             // only where the console lists by it
	SameGrant  []store.Connection // they die too
	SameKey    []store.Connection // other grants with the same key: they die too
	Jobs       []store.Use        // of this and the connections above
	AccessEnds time.Time          // where the access token lives on
}

// RevokeOptions controls a revocation.
type RevokeOptions struct {
	Wait    time.Duration // how long to wait for a console; 0: look once, then FailPending
	Console bool          // a person is there: open the page
}

// RevokeProgress is sent as evidence comes.
type RevokeProgress struct {
	Step     store.Step
	Waiting  bool // for a console
	Asked    int  // probes so far
	NextIn   time.Duration
	Verdict  store.Verdict // set on the last
	DiesAt   time.Time
	EventSeq uint64
}

// Edit holds the fields to change; nil leaves one as it is.
type Edit struct {
	Owner, Environment, Purpose *string
	Tags                        *[]string
	Sensitive                   *bool
	KeyDays                     *int
	KeyMade                     *time.Time // zero: nobody knows
}

// Lifecycle is what screens and commands call; *Engine implements it.
type Lifecycle interface {
	Token(ctx context.Context, r TokenRequest) (Token, error)
	// Refresh refreshes now. attempt spends the one try of an uncertain grant.
	Refresh(ctx context.Context, id store.ID, attempt bool) (RefreshResult, error)
	// Cost asks for the totals that a complete test sync would read.
	Cost(ctx context.Context, id store.ID) (Cost, error)
	// Test reads pages and stores the result. progress may be nil; it is called at most 10 times a second.
	Test(ctx context.Context, id store.ID, o TestOptions, progress func(TestProgress)) (store.TestRun, error)
	PlanRevoke(ctx context.Context, id store.ID) (RevokePlan, error)
	// Revoke revokes at the provider and proves it. Without network it is queued (FailPending).
	Revoke(ctx context.Context, id store.ID, o RevokeOptions, progress func(RevokeProgress)) (store.Revocation, error)
	// WorkOff goes through revocations that are queued, dying or wait for a console.
	WorkOff(ctx context.Context, progress func(name string, p RevokeProgress)) (done, left int, err error)
	SetPaused(ctx context.Context, id store.ID, paused bool) error
	Edit(ctx context.Context, id store.ID, e Edit) error
	Rename(ctx context.Context, id store.ID, name string) error
	// Remove deletes what is dead; forget removes a living one without revoking it.
	Remove(ctx context.Context, id store.ID, forget bool) error
	// Run refreshes ahead, keeps idle grants alive and works off the queue until ctx ends.
	Run(ctx context.Context) error
}
