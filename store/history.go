package store

import "time"

// MaxHistory is how many credentials of a grant are remembered: a month of hourly
// refreshes would be a record of its own, a day of them tells what is asked after.
const MaxHistory = 32

// Made is one credential that a grant has had. It holds no secret.
type Made struct {
	Generation  uint64    `cbor:"1,keyasint"`
	At          time.Time `cbor:"2,keyasint"`
	How         HowMade   `cbor:"3,keyasint"`
	Fingerprint string    `cbor:"4,keyasint,omitempty"` // keyed, of the refresh token or key
	By          string    `cbor:"5,keyasint,omitempty"` // host, process and job, as they name themselves
}

// HowMade says where a credential came from. A consent or key begins a new family.
type HowMade string

// Where credentials come from.
const (
	MadeByConsent   HowMade = "consent"
	MadeByKey       HowMade = "key"        // an API key was given
	MadeByTakeOver  HowMade = "taken_over" // a refresh token from elsewhere was given
	MadeByReconnect HowMade = "reconnect"  // a new consent for the same connection
	MadeByRefresh   HowMade = "refresh"
)

// Remember adds the credential that the grant has now to its history.
func (g *Grant) Remember(at time.Time, how HowMade, by string) {
	m := Made{Generation: g.Generation, At: at, How: how, By: by}
	switch {
	case g.Key != nil:
		m.Fingerprint = g.Key.Fingerprint
	case g.Refresh != nil:
		m.Fingerprint = g.Refresh.Fingerprint
	}
	kept := g.History
	if n := len(kept) - MaxHistory + 1; n > 0 {
		kept = kept[n:]
	}
	g.History = append(append(make([]Made, 0, len(kept)+1), kept...), m)
}
