package store

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"
)

// ID names a record: 26 characters of base32, random, never reused.
type ID string

// NewID draws an ID of 128 random bits.
func NewID(rand io.Reader) (ID, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("drawing an id: %w", err)
	}
	return ID(strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))), nil
}

// Method is how a connection authenticates, in the words of the standards.
type Method string

// The methods.
const (
	AuthorizationCode Method = "authorization_code"
	DeviceCode        Method = "device_code"
	ClientCredentials Method = "client_credentials"
	JWTBearer         Method = "jwt_bearer"
	APIKey            Method = "api_key"
	TBA               Method = "tba"
)

// Connection is one named link to one account of a provider. On disk: CBOR,
// bucket connections, key ID. Names are unique among connections.
type Connection struct {
	ID          ID        `cbor:"1,keyasint"`
	Version     uint64    `cbor:"2,keyasint"`
	Name        string    `cbor:"3,keyasint"`
	Provider    string    `cbor:"4,keyasint"`
	Environment string    `cbor:"5,keyasint,omitempty"` // prod, sbx, test, dev
	Method      Method    `cbor:"6,keyasint"`
	Grant       ID        `cbor:"7,keyasint"`
	Owner       string    `cbor:"8,keyasint,omitempty"`
	Purpose     string    `cbor:"9,keyasint,omitempty"`
	Tags        []string  `cbor:"10,keyasint,omitempty"`
	Sensitive   bool      `cbor:"11,keyasint,omitempty"` // the data is personal
	Unattended  bool      `cbor:"12,keyasint,omitempty"` // jobs use it without a person
	Params      Params    `cbor:"13,keyasint,omitempty"` // answers about the tenant, e.g. login_host
	Account     Account   `cbor:"14,keyasint"`
	Asked       []string  `cbor:"15,keyasint,omitempty"` // scopes asked for at the last consent
	Proven      []string  `cbor:"16,keyasint,omitempty"` // scopes that a test sync used with success
	Risky       int       `cbor:"17,keyasint,omitempty"` // granted scopes of high or critical risk
	KeyDays     int       `cbor:"18,keyasint,omitempty"` // key or secret age policy in days; 0: the default
	Paused      bool      `cbor:"19,keyasint,omitempty"`
	Tests       []TestRun `cbor:"20,keyasint,omitempty"` // oldest first, at most 30
	Uses        []Use     `cbor:"21,keyasint,omitempty"` // one a job
	Decision    *Decision `cbor:"22,keyasint,omitempty"`
	Consented   time.Time `cbor:"23,keyasint,omitzero"`
	Created     time.Time `cbor:"24,keyasint"`
	Updated     time.Time `cbor:"25,keyasint"`
}

// Params are a connection's answers about its tenant; never secret.
type Params map[string]string

// Account says whose data a connection reaches, as the provider told it (cleaned).
type Account struct {
	ID   string `cbor:"1,keyasint"`           // portal, org or organization id; what reconnecting compares
	Name string `cbor:"2,keyasint,omitempty"` // display name
	User string `cbor:"3,keyasint,omitempty"` // who consented, or whose key it is
	Kind string `cbor:"4,keyasint,omitempty"` // production, sandbox …
}

// Decision records why the connection uses its method.
type Decision struct {
	Method  Method    `cbor:"1,keyasint"`
	Advised Method    `cbor:"2,keyasint"`
	Reasons []string  `cbor:"3,keyasint,omitempty"`
	By      string    `cbor:"4,keyasint,omitempty"`
	At      time.Time `cbor:"5,keyasint"`
}

// Use is one job that asked for tokens.
type Use struct {
	Job   string    `cbor:"1,keyasint"`
	Last  time.Time `cbor:"2,keyasint"`
	Day   string    `cbor:"3,keyasint"` // the UTC day that Today counts, 2006-01-02
	Today int       `cbor:"4,keyasint"`
	Gen   uint64    `cbor:"5,keyasint"` // generation it got last
}

// TestRun is one test sync.
type TestRun struct {
	At       time.Time     `cbor:"1,keyasint"`
	Took     time.Duration `cbor:"2,keyasint"`
	Outcome  string        `cbor:"3,keyasint"` // ok, partial, failed, cancelled
	Objects  []TestObject  `cbor:"4,keyasint"`
	Requests int           `cbor:"5,keyasint"`
	Retries  int           `cbor:"6,keyasint,omitempty"`
	All      bool          `cbor:"7,keyasint,omitempty"` // read everything, not a sample
	Reason   string        `cbor:"8,keyasint,omitempty"` // stable word of what failed first
	Message  string        `cbor:"9,keyasint,omitempty"`
}

// TestObject is one kind of record in a test sync.
type TestObject struct {
	Name    string   `cbor:"1,keyasint"`           // contacts, companies, deals
	Outcome string   `cbor:"2,keyasint"`           // ok, ceiling, sampled, failed, skipped, cancelled
	Records int      `cbor:"3,keyasint"`           //
	Total   int      `cbor:"4,keyasint"`           // -1: unknown
	Pages   int      `cbor:"5,keyasint"`           //
	Proved  []string `cbor:"6,keyasint,omitempty"` // scopes that this proves
	Sample  []string `cbor:"7,keyasint,omitempty"` // masked rows
	Reason  string   `cbor:"8,keyasint,omitempty"`
	Message string   `cbor:"9,keyasint,omitempty"` // what the provider said, cleaned
}

// Draft is a set-up that was left before its end; it never holds credentials.
type Draft struct {
	ID      ID        `cbor:"1,keyasint"`
	Version uint64    `cbor:"2,keyasint"`
	Label   string    `cbor:"3,keyasint"`
	Data    []byte    `cbor:"4,keyasint"`
	Updated time.Time `cbor:"5,keyasint"`
}
