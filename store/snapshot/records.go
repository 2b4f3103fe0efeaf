package snapshot

import (
	"time"

	"crmdeck/store"
)

// The records as they stand in the file. Each is what a person may see of its record.

type connection struct {
	ID          store.ID     `json:"id"`
	Name        string       `json:"name"`
	Provider    string       `json:"provider"`
	Environment string       `json:"environment,omitempty"`
	Method      store.Method `json:"method"`
	Grant       store.ID     `json:"grant"`
	Owner       string       `json:"owner,omitempty"`
	Purpose     string       `json:"purpose,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
	Sensitive   bool         `json:"sensitive,omitempty"`
	Unattended  bool         `json:"unattended,omitempty"`
	Params      store.Params `json:"params,omitempty"`
	Account     account      `json:"account"`
	Asked       []string     `json:"scopes_requested,omitempty"`
	Proven      []string     `json:"scopes_proven,omitempty"`
	Risky       int          `json:"scopes_risky,omitempty"`
	KeyDays     int          `json:"key_policy_days,omitempty"`
	Paused      bool         `json:"paused,omitempty"`
	Tests       []testRun    `json:"tests,omitempty"`
	Uses        []use        `json:"uses,omitempty"`
	Decision    *decision    `json:"decision,omitempty"`
	Consented   time.Time    `json:"consented,omitzero"`
	Created     time.Time    `json:"created,omitzero"`
	Updated     time.Time    `json:"updated,omitzero"`
}

type account struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	User string `json:"user,omitempty"`
	Kind string `json:"kind,omitempty"`
}

type testRun struct {
	At       time.Time    `json:"at"`
	Took     int64        `json:"took_ms"`
	Outcome  string       `json:"outcome"`
	Objects  []testObject `json:"objects,omitempty"`
	Requests int          `json:"requests"`
	Retries  int          `json:"retries,omitempty"`
	All      bool         `json:"all,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Message  string       `json:"message,omitempty"`
}

type testObject struct {
	Name    string   `json:"name"`
	Outcome string   `json:"outcome"`
	Records int      `json:"records"`
	Total   int      `json:"total"`
	Pages   int      `json:"pages"`
	Proved  []string `json:"proved,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Message string   `json:"message,omitempty"`
}

type use struct {
	Job        string    `json:"job,omitempty"`
	Last       time.Time `json:"last"`
	Day        string    `json:"day,omitempty"`
	Today      int       `json:"today"`
	Generation uint64    `json:"generation"`
}

type decision struct {
	Method  store.Method `json:"method"`
	Advised store.Method `json:"advised"`
	Reasons []string     `json:"reasons,omitempty"`
	By      string       `json:"by,omitempty"`
	At      time.Time    `json:"at"`
}

type grant struct {
	ID           store.ID     `json:"id"`
	Provider     string       `json:"provider"`
	Issuer       string       `json:"issuer,omitempty"`
	Method       store.Method `json:"method"`
	Client       store.ID     `json:"client,omitempty"`
	Generation   uint64       `json:"generation"`
	Family       store.ID     `json:"family,omitempty"`
	TokenURL     string       `json:"token_url,omitempty"`
	RevokeURL    string       `json:"revoke_url,omitempty"`
	BaseURL      string       `json:"base_url,omitempty"`
	Access       *token       `json:"access,omitempty"`
	Refresh      *token       `json:"refresh,omitempty"`
	Key          *key         `json:"key,omitempty"`
	Granted      []string     `json:"scopes_granted,omitempty"`
	GrantedKnown bool         `json:"scopes_granted_known,omitempty"`
	AccountID    string       `json:"account_id,omitempty"`
	Refreshed    time.Time    `json:"refreshed,omitzero"`
	Refreshes    int          `json:"refreshes,omitempty"`
	Rotations    int          `json:"rotations,omitempty"`
	Skew         int64        `json:"skew_ms,omitempty"`
	Intent       *intent      `json:"intent,omitempty"`
	Trouble      *trouble     `json:"trouble,omitempty"`
	Revocation   *revocation  `json:"revocation,omitempty"`
	Handed       *handed      `json:"handed_over,omitempty"`
	Restored     time.Time    `json:"restored,omitzero"`
	Copied       time.Time    `json:"copied,omitzero"`
	History      []credential `json:"history,omitempty"`
	Created      time.Time    `json:"created,omitzero"`
}

type handed struct {
	To    string    `json:"to"`
	Begun time.Time `json:"begun"`
	Done  time.Time `json:"done,omitzero"`
}

// credential is one that a grant has had, as its history tells.
type credential struct {
	Generation  uint64        `json:"generation"`
	At          time.Time     `json:"at"`
	How         store.HowMade `json:"how"`
	Fingerprint string        `json:"fingerprint,omitempty"`
	By          string        `json:"by,omitempty"`
}

// token is a token without the token.
type token struct {
	Fingerprint string    `json:"fingerprint,omitempty"`
	Type        string    `json:"type,omitempty"`
	Issued      time.Time `json:"issued,omitzero"`
	Expires     time.Time `json:"expires,omitzero"`
	IdleExpires time.Time `json:"idle_expires,omitzero"`
	Assumed     bool      `json:"assumed,omitempty"`
}

// key is an API key without the key.
type key struct {
	Fingerprint string    `json:"fingerprint,omitempty"`
	Kind        string    `json:"kind,omitempty"`
	Made        time.Time `json:"made,omitzero"`
	MadeKnown   bool      `json:"made_known,omitempty"`
}

type intent struct {
	Generation uint64    `json:"generation"`
	Begun      time.Time `json:"begun"`
	Retried    bool      `json:"retried,omitempty"`
	Lost       bool      `json:"lost,omitempty"`
}

type trouble struct {
	Class    store.Class `json:"class"`
	Reason   string      `json:"reason,omitempty"`
	Message  string      `json:"message,omitempty"`
	HTTP     int         `json:"http,omitempty"`
	Since    time.Time   `json:"since,omitzero"`
	Last     time.Time   `json:"last,omitzero"`
	Attempts int         `json:"attempts,omitempty"`
	Next     time.Time   `json:"next,omitzero"`
	Where    string      `json:"where,omitempty"`
	Cause    store.Cause `json:"cause,omitempty"`
}

type revocation struct {
	State    string        `json:"state"`
	Verdict  store.Verdict `json:"verdict,omitempty"`
	Asked    time.Time     `json:"asked,omitzero"`
	By       string        `json:"by,omitempty"`
	Sent     time.Time     `json:"sent,omitzero"`
	DiesAt   time.Time     `json:"dies_at,omitzero"`
	Ended    time.Time     `json:"ended,omitzero"`
	Next     time.Time     `json:"next,omitzero"`
	Attempts int           `json:"attempts,omitempty"`
	Steps    []step        `json:"steps,omitempty"`
}

type step struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	HTTP int       `json:"http,omitempty"`
	Note string    `json:"note,omitempty"`
}

type client struct {
	ID          store.ID     `json:"id"`
	Provider    string       `json:"provider"`
	ClientID    string       `json:"client_id"`
	RedirectURI string       `json:"redirect_uri,omitempty"`
	HasSecret   bool         `json:"has_secret,omitempty"`
	Fingerprint string       `json:"fingerprint,omitempty"`
	SecretMade  time.Time    `json:"secret_made,omitzero"`
	MadeKnown   bool         `json:"secret_made_known,omitempty"`
	SecretEnds  time.Time    `json:"secret_ends,omitzero"`
	Params      store.Params `json:"params,omitempty"`
	Created     time.Time    `json:"created,omitzero"`
}

// event is an audit event without its place in the chain, which nobody can check here.
type event struct {
	Seq          uint64    `json:"seq"`
	At           time.Time `json:"at"`
	Actor        string    `json:"actor"`
	Host         string    `json:"host"`
	Act          store.Act `json:"act"`
	Connection   string    `json:"connection,omitempty"`
	ConnectionID store.ID  `json:"connection_id,omitempty"`
	Outcome      string    `json:"outcome"`
	Evidence     string    `json:"evidence,omitempty"`
	Op           store.ID  `json:"op,omitempty"`
}
