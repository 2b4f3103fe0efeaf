package policy

import (
	"time"

	"crmdeck/connectors"
	"crmdeck/store"
)

const day = 24 * time.Hour

// Thresholds are the moments at which clocks become warnings. Durations are
// before the end.
type Thresholds struct {
	AccessCritical  time.Duration // the warning is the margin of refreshing ahead
	RefreshWarn     time.Duration // refresh token, absolute or idle
	RefreshCritical time.Duration
	KeyWarn         int // percent of the policy; at 100 it is overdue
	SecretWarn      time.Duration
	SecretCritical  time.Duration
	EndWarn         time.Duration // the provider ends the method
	EndCritical     time.Duration
	IntentPatience  time.Duration // a refresh unanswered for longer is uncertain: its POST gives up at 30 s
	Tombstone       time.Duration // how long a revoked connection stays on the deck
}

// DefaultThresholds are the thresholds unless policy changes them.
func DefaultThresholds() Thresholds {
	return Thresholds{
		AccessCritical: time.Minute,
		RefreshWarn:    7 * day, RefreshCritical: day,
		KeyWarn:    80,
		SecretWarn: 30 * day, SecretCritical: 7 * day,
		EndWarn: 180 * day, EndCritical: 30 * day,
		IntentPatience: time.Minute,
		Tombstone:      day,
	}
}

// Policies for the age of keys and secrets, in days, where neither the connection nor
// the provider's facts name one.
const (
	DefaultKeyDays    = 90
	DefaultSecretDays = 180
)

// ProviderFacts are what judging a connection needs of its provider. The zero value
// stands for a provider that is not in the catalogue any more.
type ProviderFacts struct {
	KeyDays     int           // policy for API keys
	SecretDays  int           // policy for client secrets
	Margin      time.Duration // of refreshing ahead; 0: worked out
	AccessLife  time.Duration // 0: unknown
	RefreshLife time.Duration // 0: no end or unknown
	RefreshIdle time.Duration
	End         time.Time // the method stops working
}

// Facts takes what judging needs from a provider. keyKind may be empty: then the
// provider's first kind of key counts.
func Facts(p *connectors.Provider, m store.Method, keyKind string) ProviderFacts {
	if p == nil {
		return ProviderFacts{}
	}
	seconds := func(s int64) time.Duration { return time.Duration(s) * time.Second }
	return ProviderFacts{
		KeyDays:     KeyDays(p, store.APIKey, keyKind),
		SecretDays:  KeyDays(p, store.AuthorizationCode, ""),
		Margin:      seconds(p.Tokens.MarginS),
		AccessLife:  seconds(p.Tokens.AccessLifetime),
		RefreshLife: seconds(p.Tokens.RefreshLifetime),
		RefreshIdle: seconds(p.Tokens.RefreshIdle),
		End:         p.End(m, keyKind),
	}
}

// KeyDays is the policy for the age of a new connection's key or client secret, in
// days, as the provider's facts advise.
func KeyDays(p *connectors.Provider, m store.Method, keyKind string) int {
	if m != store.APIKey {
		if p.Client.SecretDays > 0 {
			return p.Client.SecretDays
		}
		return DefaultSecretDays
	}
	for _, k := range p.Keys {
		if (k.ID == keyKind || keyKind == "") && k.PolicyDays > 0 {
			return k.PolicyDays
		}
	}
	return DefaultKeyDays
}
