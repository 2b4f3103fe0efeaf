package store

import "time"

// Grant is what was consented, or the key that stands for it; several
// connections may share one. On disk: CBOR, bucket grants, key ID.
type Grant struct {
	ID       ID     `cbor:"1,keyasint"`
	Version  uint64 `cbor:"2,keyasint"`
	Provider string `cbor:"3,keyasint"`
	Issuer   string `cbor:"4,keyasint,omitempty"`
	Method   Method `cbor:"5,keyasint"`
	Client   ID     `cbor:"6,keyasint,omitempty"` // none for a key

	// Generation counts the credentials that this grant has had; Family changes with each
	// consent. A refresh commits only if Generation is what it was when it was sent.
	Generation uint64 `cbor:"7,keyasint"`
	Family     ID     `cbor:"8,keyasint"`

	TokenURL  string `cbor:"9,keyasint,omitempty"`  // pinned at consent
	RevokeURL string `cbor:"10,keyasint,omitempty"` // pinned at consent
	BaseURL   string `cbor:"11,keyasint"`           // API root, learnt (instance_url) or fixed

	Access  *Token        `cbor:"12,keyasint,omitempty"`
	Refresh *Token        `cbor:"13,keyasint,omitempty"`
	Key     *APIKeyRecord `cbor:"14,keyasint,omitempty"`

	Granted      []string `cbor:"15,keyasint,omitempty"`
	GrantedKnown bool     `cbor:"16,keyasint,omitempty"` // false: the provider doesn't say
	AccountID    string   `cbor:"17,keyasint,omitempty"`

	Refreshed time.Time     `cbor:"18,keyasint,omitzero"`
	Refreshes int           `cbor:"19,keyasint,omitempty"`
	Rotations int           `cbor:"20,keyasint,omitempty"`
	Skew      time.Duration `cbor:"21,keyasint,omitempty"` // provider's clock minus ours, if over 60 s

	Intent     *Intent     `cbor:"22,keyasint,omitempty"`
	Trouble    *Trouble    `cbor:"23,keyasint,omitempty"`
	Revocation *Revocation `cbor:"24,keyasint,omitempty"`
	Created    time.Time   `cbor:"25,keyasint"`

	// Handed: the credential was given to another store, or that has begun. It is not used here.
	Handed *Handed `cbor:"40,keyasint,omitempty"`
	// Restored: the record came from a backup, at this time. A refresh token that was issued before
	// may have been spent by whoever had it since (RFC 9700 section 4.14).
	Restored time.Time `cbor:"41,keyasint,omitzero"`
	// History is the last credentials, oldest first, at most MaxHistory.
	History []Made `cbor:"43,keyasint,omitempty"`
	// Copied: a copy of the credential was written out for another store, last at this time.
	Copied time.Time `cbor:"42,keyasint,omitzero"`
}

// Handed is a grant that was given to another store. Until Done it is still sealed here.
type Handed struct {
	To    string    `cbor:"1,keyasint"` // who has it now, as the person said
	Begun time.Time `cbor:"2,keyasint"`
	Done  time.Time `cbor:"3,keyasint,omitzero"` // when it was wiped here
}

// Token is an access or refresh token.
type Token struct {
	Sealed      Sealed    `cbor:"1,keyasint"`
	Fingerprint string    `cbor:"2,keyasint"`
	Type        string    `cbor:"3,keyasint,omitempty"` // token_type of an access token
	Issued      time.Time `cbor:"4,keyasint"`
	Expires     time.Time `cbor:"5,keyasint,omitzero"`  // zero: no end by time
	IdleExpires time.Time `cbor:"6,keyasint,omitzero"`  // refresh token: dies if unused until then
	Assumed     bool      `cbor:"7,keyasint,omitempty"` // Expires is the profile's guess
	Claims      []Claim   `cbor:"8,keyasint,omitempty"` // when it is a JWT; unverified
}

// Claim is one claim of a JWT, cleaned, in display form.
type Claim struct {
	Name  string `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`
}

// APIKeyRecord is an API key.
type APIKeyRecord struct {
	Sealed      Sealed    `cbor:"1,keyasint"`
	Fingerprint string    `cbor:"2,keyasint"`
	Kind        string    `cbor:"3,keyasint"`           // the catalogue's key kind, e.g. service_key
	Last4       string    `cbor:"4,keyasint,omitempty"` // only where the CRM's console lists by them
	Made        time.Time `cbor:"5,keyasint"`           // when it was made, or when we first saw it
	MadeKnown   bool      `cbor:"6,keyasint,omitempty"`
}

// Client is a registration at a provider. On disk: CBOR, bucket clients, key ID.
type Client struct {
	ID          ID        `cbor:"1,keyasint"`
	Version     uint64    `cbor:"2,keyasint"`
	Provider    string    `cbor:"3,keyasint"`
	ClientID    string    `cbor:"4,keyasint"` // as the provider issued it
	RedirectURI string    `cbor:"5,keyasint"` // sent byte for byte as registered
	Secret      Sealed    `cbor:"6,keyasint"` // zero: a public client
	Fingerprint string    `cbor:"7,keyasint,omitempty"`
	SecretMade  time.Time `cbor:"8,keyasint,omitzero"`
	MadeKnown   bool      `cbor:"9,keyasint,omitempty"`
	SecretEnds  time.Time `cbor:"10,keyasint,omitzero"` // zero: no end known
	Params      Params    `cbor:"11,keyasint,omitempty"`
	Created     time.Time `cbor:"12,keyasint"`
}

// Intent says that a refresh was begun and its answer is not stored yet.
type Intent struct {
	Attempt    ID        `cbor:"1,keyasint"`
	TokenHash  string    `cbor:"2,keyasint"` // keyed fingerprint of the refresh token that was sent
	Generation uint64    `cbor:"3,keyasint"`
	Begun      time.Time `cbor:"4,keyasint"`
	Retried    bool      `cbor:"5,keyasint,omitempty"` // the one second try is spent
	Lost       bool      `cbor:"6,keyasint,omitempty"` // known: the answer will not come (time-out, reset, crash)
}

// Class sorts failures by what is to be done.
type Class string

// The classes. The last two latch at once; the others back off.
const (
	Busy      Class = "busy"      // the provider says that another refresh runs
	Transient Class = "transient" // network, 5xx
	Throttled Class = "throttled" // 429 or the provider's form of it
	Config    Class = "config"    // invalid_client, invalid_scope, redirect, address not allowed
	Dead      Class = "dead"      // the grant or key is refused for good
)

// Trouble is the last failure of a grant, until something works again.
type Trouble struct {
	Class    Class     `cbor:"1,keyasint"`
	Reason   string    `cbor:"2,keyasint"`           // the provider's code, e.g. invalid_grant
	Message  string    `cbor:"3,keyasint,omitempty"` // what it said, cleaned
	HTTP     int       `cbor:"4,keyasint,omitempty"`
	Since    time.Time `cbor:"5,keyasint"`
	Last     time.Time `cbor:"6,keyasint"`
	Attempts int       `cbor:"7,keyasint"`
	Next     time.Time `cbor:"8,keyasint,omitzero"`  // next try; zero: none by itself
	Where    string    `cbor:"9,keyasint,omitempty"` // refresh, test, identity
	// Cause is what we know about a refusal besides the provider's code.
	Cause Cause `cbor:"10,keyasint,omitempty"`
}

// Cause is why a refresh token can have been refused.
type Cause string

// The causes; none where the provider's code is all that is known.
const (
	// CauseTheft: the newest refresh token of a grant that rotates was refused, although it was to
	// live and nothing of ours explains it. Somebody else may have used a copy, and the provider
	// has ended the whole grant (RFC 9700 section 4.14.2). Nothing is asked any more.
	CauseTheft Cause = "theft"
	// CauseSecondTry: it was our second try after a lost answer, so the first was obeyed.
	CauseSecondTry Cause = "second_try"
	// CauseOtherCopy: the store is a copy or was put back, and the other one can have spent it.
	CauseOtherCopy Cause = "other_copy"
)

// Verdict is what a revocation proved.
type Verdict string

// The verdicts.
const (
	VerdictDead    Verdict = "dead"    // the provider refused the credential afterwards
	VerdictDiesAt  Verdict = "dies_at" // the access token lives on until DiesAt
	VerdictAlive   Verdict = "alive"   // it still works
	VerdictUnknown Verdict = "unknown" // nobody could tell
)

// Revocation is a revocation that was asked for, and how far it came.
type Revocation struct {
	State    string    `cbor:"1,keyasint"` // queued, console, dying, done
	Verdict  Verdict   `cbor:"2,keyasint,omitempty"`
	Asked    time.Time `cbor:"3,keyasint"`
	By       string    `cbor:"4,keyasint,omitempty"`
	Sent     time.Time `cbor:"5,keyasint,omitzero"` // the provider acknowledged
	DiesAt   time.Time `cbor:"6,keyasint,omitzero"`
	Ended    time.Time `cbor:"7,keyasint,omitzero"`
	Next     time.Time `cbor:"8,keyasint,omitzero"` // next try
	Attempts int       `cbor:"9,keyasint,omitempty"`
	Steps    []Step    `cbor:"10,keyasint,omitempty"`
}

// States of a revocation.
const (
	RevocationQueued  = "queued"  // waits for the network
	RevocationConsole = "console" // waits for a person at the provider's console
	RevocationDying   = "dying"   // revoked; the access token lives until DiesAt
	RevocationDone    = "done"
)

// Step is one line of evidence.
type Step struct {
	At   time.Time `cbor:"1,keyasint"`
	What string    `cbor:"2,keyasint"`           // e.g. "GET /api/v1/me/"
	HTTP int       `cbor:"3,keyasint,omitempty"` // status, 0: none
	Note string    `cbor:"4,keyasint,omitempty"`
}
