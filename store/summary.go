package store

import "time"

// Summary is what a list needs of one connection, its grant and its client,
// without a secret. It holds facts and moments, no states: those depend on the
// time of looking and are worked out by connectors/policy. On disk: CBOR, bucket
// summaries, key connection ID; rewritten with every record it comes from.
type Summary struct {
	ID          ID       `cbor:"1,keyasint"`
	Name        string   `cbor:"2,keyasint"`
	Provider    string   `cbor:"3,keyasint"`
	Environment string   `cbor:"4,keyasint,omitempty"`
	Method      Method   `cbor:"5,keyasint"`
	Owner       string   `cbor:"6,keyasint,omitempty"`
	Tags        []string `cbor:"7,keyasint,omitempty"`
	Grant       ID       `cbor:"8,keyasint"`
	Client      ID       `cbor:"9,keyasint,omitempty"`
	Account     Account  `cbor:"10,keyasint"`
	Asked       int      `cbor:"11,keyasint,omitempty"`
	Granted     int      `cbor:"12,keyasint,omitempty"` // -1: unknown
	Missing     int      `cbor:"13,keyasint,omitempty"` // asked and not granted
	Risky       int      `cbor:"14,keyasint,omitempty"`
	Paused      bool     `cbor:"15,keyasint,omitempty"`

	Access        time.Time `cbor:"16,keyasint,omitzero"` // when the access token ends
	AccessAssumed bool      `cbor:"17,keyasint,omitempty"`
	HasAccess     bool      `cbor:"18,keyasint,omitempty"`
	HasRefresh    bool      `cbor:"19,keyasint,omitempty"`
	Refresh       time.Time `cbor:"20,keyasint,omitzero"` // when the refresh token ends
	Idle          time.Time `cbor:"21,keyasint,omitzero"` // when it dies unused
	SecretEnds    time.Time `cbor:"22,keyasint,omitzero"` // when the client secret ends

	KeyMade      time.Time `cbor:"23,keyasint,omitzero"` // API key, else client secret
	KeyMadeKnown bool      `cbor:"24,keyasint,omitempty"`
	KeyDays      int       `cbor:"25,keyasint,omitempty"` // policy; 0: the default
	HasKey       bool      `cbor:"26,keyasint,omitempty"` // an API key, not OAuth

	Intent     bool      `cbor:"27,keyasint,omitempty"` // a refresh was begun and its answer is not stored
	Class      Class     `cbor:"28,keyasint,omitempty"`
	Reason     string    `cbor:"29,keyasint,omitempty"`
	Message    string    `cbor:"30,keyasint,omitempty"`
	Since      time.Time `cbor:"31,keyasint,omitzero"`  // of trouble
	Next       time.Time `cbor:"32,keyasint,omitzero"`  // next try of whatever backs off
	Revocation string    `cbor:"33,keyasint,omitempty"` // queued, console, dying, done
	Verdict    Verdict   `cbor:"34,keyasint,omitempty"`
	DiesAt     time.Time `cbor:"35,keyasint,omitzero"`
	RevokedAt  time.Time `cbor:"36,keyasint,omitzero"`

	TestAt      time.Time `cbor:"37,keyasint,omitzero"`
	TestOutcome string    `cbor:"38,keyasint,omitempty"`
	Fingerprint string    `cbor:"39,keyasint,omitempty"` // of the key or refresh token
	Generation  uint64    `cbor:"40,keyasint,omitempty"`
	Refreshed   time.Time `cbor:"41,keyasint,omitzero"`
	Jobs        int       `cbor:"42,keyasint,omitempty"`
	Consented   time.Time `cbor:"43,keyasint,omitzero"`
	Created     time.Time `cbor:"44,keyasint,omitzero"`
	IntentBegun time.Time `cbor:"45,keyasint,omitzero"`
	IntentLost  bool      `cbor:"47,keyasint,omitempty"` // the answer will not come: the state uncertain
	Cause       Cause     `cbor:"48,keyasint,omitempty"` // of trouble
	Rev         Revision  `cbor:"46,keyasint,omitempty"` // the revision that wrote it
}

// Summarize makes the summary of a connection. c may be the zero Client.
func Summarize(conn Connection, g Grant, c Client) Summary {
	s := Summary{
		ID: conn.ID, Name: conn.Name, Provider: conn.Provider, Environment: conn.Environment,
		Method: conn.Method, Owner: conn.Owner, Tags: conn.Tags, Grant: conn.Grant, Client: g.Client,
		Account: conn.Account, Asked: len(conn.Asked), Granted: len(g.Granted), Risky: conn.Risky,
		Paused: conn.Paused, KeyDays: conn.KeyDays, Generation: g.Generation, Refreshed: g.Refreshed,
		Jobs: len(conn.Uses), Consented: conn.Consented, Created: conn.Created,
	}
	s.scopes(conn, g)
	s.clocks(g, c)
	s.health(g)
	if n := len(conn.Tests); n > 0 {
		s.TestAt, s.TestOutcome = conn.Tests[n-1].At, conn.Tests[n-1].Outcome
	}
	return s
}

func (s *Summary) scopes(conn Connection, g Grant) {
	if !g.GrantedKnown {
		s.Granted = -1
		return
	}
	have := make(map[string]bool, len(g.Granted))
	for _, x := range g.Granted {
		have[x] = true
	}
	for _, x := range conn.Asked {
		if !have[x] {
			s.Missing++
		}
	}
}

func (s *Summary) clocks(g Grant, c Client) {
	if a := g.Access; a != nil {
		s.HasAccess, s.Access, s.AccessAssumed = true, a.Expires, a.Assumed
		s.Fingerprint = a.Fingerprint
	}
	if r := g.Refresh; r != nil {
		s.HasRefresh, s.Refresh, s.Idle, s.Fingerprint = true, r.Expires, r.IdleExpires, r.Fingerprint
	}
	switch {
	case g.Key != nil:
		s.HasKey, s.KeyMade, s.KeyMadeKnown, s.Fingerprint = true, g.Key.Made, g.Key.MadeKnown, g.Key.Fingerprint
	case !c.Secret.IsZero():
		s.KeyMade, s.KeyMadeKnown, s.SecretEnds = c.SecretMade, c.MadeKnown, c.SecretEnds
	}
}

func (s *Summary) health(g Grant) {
	if g.Intent != nil {
		s.Intent, s.IntentBegun, s.IntentLost = true, g.Intent.Begun, g.Intent.Lost
	}
	if t := g.Trouble; t != nil {
		s.Class, s.Reason, s.Message, s.Since, s.Next, s.Cause = t.Class, t.Reason, t.Message, t.Since, t.Next, t.Cause
	}
	if r := g.Revocation; r != nil {
		s.Revocation, s.Verdict, s.DiesAt, s.RevokedAt = r.State, r.Verdict, r.DiesAt, r.Ended
		if s.RevokedAt.IsZero() {
			s.RevokedAt = r.Sent
		}
		if r.State == RevocationQueued {
			s.Next = r.Next
		}
	}
}
