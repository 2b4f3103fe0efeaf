package live

import (
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/ui/widget"
)

// Look is how a connection looks at one moment: what a row shows of it besides
// its own facts, taken from its assessment. It changes by itself at Until.
type Look struct {
	State  policy.State
	Reason policy.Reason
	Group  widget.Group
	Sign   widget.Sign
	// Access and Next are the two clock columns.
	Access, Next policy.Clock
	// Policy is that of the key's age; KeyLevel how far the age is.
	Policy   time.Duration
	KeyLevel policy.Level
	// Mends is the id of the action that helps; "" if none does.
	Mends string
	// Gone: a tombstone that left the deck; a filter finds it.
	Gone bool
	// Until is when the look changes by itself; zero: never.
	Until time.Time

	rank   int
	within int64
}

// Finder finds providers; a lifecycle.Catalog is one.
type Finder interface {
	Provider(id string) (*connectors.Provider, error)
}

// groups maps the groups of policy to those that are drawn.
var groups = map[policy.Group]widget.Group{
	policy.NeedYou: widget.NeedYou, policy.Soon: widget.Soon, policy.InHand: widget.InHand, policy.Fine: widget.Fine,
	policy.Over: widget.Done,
}

// Judge says how connections look, with connectors/policy and the facts of a
// catalogue, which are looked up once for each provider and method. It is used
// by one goroutine.
type Judge struct {
	catalog Finder
	facts   map[factKey]policy.ProviderFacts
	limits  policy.Thresholds
}

// factKey is what the facts of a provider depend on.
type factKey struct {
	provider string
	method   store.Method
}

// NewJudge makes a judge; catalog may be nil.
func NewJudge(catalog Finder) *Judge {
	return &Judge{catalog: catalog, facts: map[factKey]policy.ProviderFacts{}, limits: policy.DefaultThresholds()}
}

// Assess is everything that is to be said of a connection at a moment.
func (j *Judge) Assess(s *store.Summary, now time.Time) policy.Assessment {
	k := factKey{s.Provider, s.Method}
	f, ok := j.facts[k]
	if !ok {
		f = policy.Facts(find(j.catalog, s.Provider), s.Method, "")
		j.facts[k] = f
	}
	return policy.Assess(*s, f, now, j.limits)
}

// look is what a row shows of it.
func (j *Judge) look(s *store.Summary, now time.Time) Look {
	a := j.Assess(s, now)
	return lookOf(&a)
}

// find is a provider, or nil for one that is not in the catalogue any more.
func find(catalog Finder, id string) *connectors.Provider {
	if catalog == nil {
		return nil
	}
	p, err := catalog.Provider(id)
	if err != nil {
		return nil
	}
	return p
}

// lookOf takes from an assessment what a row shows.
func lookOf(a *policy.Assessment) Look {
	sign, _, _ := widget.StateSign(string(a.State))
	l := Look{
		State: a.State, Reason: a.Reason, Group: groups[a.Group], Sign: sign, Access: a.AccessClock, Next: a.NextClock,
		Policy: time.Duration(a.KeyAge.Of) * 24 * time.Hour, Mends: a.Key, Gone: a.Gone, Until: a.NextChange,
	}
	for _, c := range a.Clocks() {
		if c.Kind == policy.ClockKey {
			l.KeyLevel = c.Level
		}
	}
	l.rank, l.within = a.Urgency()
	return l
}

// Names is the display name of each provider, looked up once.
func Names(catalog Finder) func(provider string) string {
	names := map[string]string{}
	return func(id string) string {
		name, ok := names[id]
		if !ok {
			name = id
			if p := find(catalog, id); p != nil {
				name = p.Name
			}
			names[id] = name
		}
		return name
	}
}

// Wait is a duration on the program's clock.
type Wait time.Duration

// Change is what happened to the rows.
type Change struct {
	// Any: some row changed, came or went.
	Any bool
	// IDs are the rows that changed, came or went; All if none is named.
	IDs []store.ID
	All bool
}

// Touches reports whether a row may be among what changed.
func (c Change) Touches(id store.ID) bool {
	if c.All {
		return true
	}
	for _, x := range c.IDs {
		if x == id {
			return true
		}
	}
	return false
}
