// Package setup sets connections up and reconnects them, as a step machine without a screen.
//
// A Machine is at one Step; Answer takes it to the next, Back to the one before. Steps
// serialise to JSON, so that the wizard, `crmdeck add` with flags, `--answers FILE` and
// the tests drive the same machine. What was answered, except credentials, is a draft
// that a set-up which was broken off resumes from.
package setup

import (
	"context"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Kind is what a step wants.
type Kind string

// The kinds of steps.
const (
	Choose  Kind = "choose"   // one of Options (provider, key kind, client)
	Ask     Kind = "ask"      // Fields
	Advise  Kind = "advise"   // one of Advice, with reasons
	Scopes  Kind = "scopes"   // a set, or single scopes
	OpenURL Kind = "open_url" // show and open URL; Answer with nothing goes on to Await
	Await   Kind = "await"    // waits by itself: call Wait
	Verify  Kind = "verify"   // Identity is shown; answer yes or no
	Test    Kind = "test"     // first test sync: call Wait
	Done    Kind = "done"
)

// The rail of the wizard: which of the eight stations a step belongs to.
const (
	StationCRM         = "crm"
	StationPurpose     = "purpose"
	StationMethod      = "method"
	StationCredentials = "credentials"
	StationScopes      = "scopes"
	StationConsent     = "consent"
	StationIdentity    = "identity"
	StationTest        = "test"
)

// Step is what the machine wants now. Only the parts of its kind are set.
type Step struct {
	ID      string `json:"id"` // stable, e.g. "provider", "purpose", "method", "tenant", "client", "key", "scopes", "consent", "identity", "test", "done"
	Kind    Kind   `json:"kind"`
	Station string `json:"station"`
	// Provider is the id of the CRM, once it is known.
	Provider string `json:"provider,omitempty"`

	Options []Option        `json:"options,omitempty"`
	Fields  []Field         `json:"fields,omitempty"`
	Advice  []policy.Advice `json:"advice,omitempty"`
	Sets    []ScopeSet      `json:"sets,omitempty"`
	Rows    []ScopeChoice   `json:"rows,omitempty"`
	Notes   []string        `json:"notes,omitempty"` // facts of this provider worth knowing here

	Where       []string  `json:"where,omitempty"`        // where it is found in the provider's console
	ConsoleURL  string    `json:"console_url,omitempty"`  //
	RedirectURI string    `json:"redirect_uri,omitempty"` // to register, byte for byte
	URL         string    `json:"url,omitempty"`          // to open
	GivesUp     time.Time `json:"gives_up,omitzero"`      // when waiting ends

	Identity *Identity      `json:"identity,omitempty"`
	Result   *store.TestRun `json:"result,omitempty"`
	Name     string         `json:"name,omitempty"`       // of the finished connection
	ConnID   store.ID       `json:"connection,omitempty"` //
	// Owner and Environment are what is proposed at the identity step.
	Owner       string `json:"owner,omitempty"`
	Environment string `json:"environment,omitempty"`
}

// Option is one thing to choose.
type Option struct {
	Value string   `json:"value"`
	Label string   `json:"label"`
	Lines []string `json:"lines,omitempty"`
	Built bool     `json:"built"` // false: shown, can't be chosen yet
}

// Field is one question.
type Field struct {
	ID       string              `json:"id"`
	Label    string              `json:"label"`
	Help     string              `json:"help,omitempty"`
	Default  string              `json:"default,omitempty"`
	Choices  []connectors.Choice `json:"choices,omitempty"`
	Bool     bool                `json:"bool,omitempty"`
	Secret   bool                `json:"secret,omitempty"`
	Required bool                `json:"required,omitempty"`
	Pattern  string              `json:"pattern,omitempty"`
}

// ScopeSet is a preset.
type ScopeSet struct {
	ID     string   `json:"id"`
	Label  string   `json:"label"`
	Scopes []string `json:"scopes"`
	Note   string   `json:"note,omitempty"`
}

// ScopeChoice is one scope with what it means.
type ScopeChoice struct {
	connectors.Scope
	Chosen bool `json:"chosen"`
	Fixed  bool `json:"fixed"` // always there
}

// Identity is whose credential it turned out to be.
type Identity struct {
	Account store.Account `json:"account"`
	Asked   []string      `json:"asked"`
	Granted []string      `json:"granted"`
	Known   bool          `json:"granted_known"`
	Expires time.Time     `json:"access_expires,omitzero"`
	Assumed bool          `json:"access_assumed,omitempty"`
	Refresh bool          `json:"refresh"`
	// Twins are connections to the same account; SameGrant those whose refresh token or key it is.
	Twins     []string `json:"twins,omitempty"`
	SameGrant []string `json:"same_grant,omitempty"`
	// OtherAccount: reconnecting brought another account than before; storing it needs confirmation.
	OtherAccount *store.Account `json:"other_account,omitempty"`
}

// Secret is a secret field's value; it prints as nothing.
type Secret = secret.Value

// Answer is what a person, flag or file says to a step.
type Answer struct {
	Value   string                  `json:"value,omitempty"`   // choose, advise, scopes (set id); "yes"/"no" for verify
	Values  map[string]string       `json:"values,omitempty"`  // ask
	Secrets map[string]secret.Value `json:"-"`                 // ask: secret fields, never serialised
	Scopes  []string                `json:"scopes,omitempty"`  // own choice
	Confirm bool                    `json:"confirm,omitempty"` // verify: store it although the account is another
}

// InputError says what is wrong with an answer; the machine stays where it is.
type InputError struct {
	Step, Field string
	Code        string // stable word: required, pattern, taken, unknown, length, not_built …
	Detail      string
}

func (e *InputError) Error() string { return e.Step + "." + e.Field + ": " + e.Code + " " + e.Detail }

// Progress is sent while the machine waits.
type Progress struct {
	Code string // listening, opened, waiting, exchanging, probing, testing
	Note string
	Test any // *lifecycle.TestProgress while testing
}

// Machine is one set-up; *Setup implements it. Not safe for concurrent use, except Cancel.
type Machine interface {
	Step() Step
	Answer(ctx context.Context, a Answer) (Step, error)
	Back() Step
	// Wait runs what an Await or Test step waits for, and returns the step after it. Cancelling ctx
	// stores nothing and revokes a grant that was already made.
	Wait(ctx context.Context, progress func(Progress)) (Step, error)
	// Draft saves what was answered, without credentials.
	Draft(ctx context.Context) error
	Close() error
}
