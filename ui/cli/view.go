package cli

import (
	"context"
	"fmt"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// connJSON is a connection as JSON. Fields are only ever added. It holds no secret.
type connJSON struct {
	Name        string       `json:"name"`
	ID          store.ID     `json:"id"`
	Provider    string       `json:"provider"`
	Environment string       `json:"environment"`
	Method      store.Method `json:"method"`
	State       policy.State `json:"state"`
	Why         string       `json:"why,omitempty"`    // code of the cause
	Reason      string       `json:"reason,omitempty"` // the provider's own code
	Account     accountJSON  `json:"account"`
	Owner       string       `json:"owner"`
	Purpose     string       `json:"purpose,omitempty"`
	Tags        []string     `json:"tags"`
	Sensitive   bool         `json:"sensitive"`
	Unattended  bool         `json:"unattended"`
	Paused      bool         `json:"paused"`

	Requested []string `json:"scopes_requested"`
	Granted   []string `json:"scopes_granted"` // null: the provider does not say
	Proven    []string `json:"scopes_proven"`
	Risky     int      `json:"scopes_risky"`

	AccessExpires *string    `json:"access_expires_at"` // null: no token, or one without an end
	Assumed       bool       `json:"access_expiry_assumed"`
	NextClock     *clockJSON `json:"next_clock"`
	KeyAge        *int       `json:"key_age_days"`
	KeyAgeKnown   bool       `json:"key_age_known"`
	KeyPolicy     *int       `json:"key_policy_days"`
	Fingerprint   string     `json:"fingerprint"`
	Generation    uint64     `json:"generation"`
	LastTest      *testJSON  `json:"last_test"`
	Refreshed     *string    `json:"refreshed_at"`
	Consented     *string    `json:"consented_at"`
	Created       *string    `json:"created_at"`
	Verdict       string     `json:"verdict,omitempty"`
	History       []madeJSON `json:"history,omitempty"`  // credentials that the grant has had, oldest first
	Cause         string     `json:"cause,omitempty"`    // of a refusal, besides the provider's code
	Snapshot      *pastJSON  `json:"snapshot,omitempty"` // with --view: what it was then
}

type accountJSON struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	User string `json:"user,omitempty"`
	Kind string `json:"kind,omitempty"`
}

type clockJSON struct {
	Kind string `json:"kind"`
	At   string `json:"at"`
}

// madeJSON is one credential of a grant.
type madeJSON struct {
	Generation  uint64        `json:"generation"`
	At          string        `json:"at"`
	How         store.HowMade `json:"how"`
	Fingerprint string        `json:"fingerprint,omitempty"`
	By          string        `json:"by,omitempty"`
}

func history(g store.Grant) []madeJSON {
	out := make([]madeJSON, len(g.History))
	for i, m := range g.History {
		out[i] = madeJSON{m.Generation, m.At.UTC().Format(time.RFC3339), m.How, m.Fingerprint, m.By}
	}
	return out
}

type testJSON struct {
	At      string `json:"at"`
	Outcome string `json:"outcome"`
}

// row is one connection with all that is told of it.
type row struct {
	conn  store.Connection
	grant store.Grant
	sum   store.Summary
	judge policy.Assessment
	past  *pastJSON // nil for a living store
}

// rows reads all connections and judges them.
func (s *session) rows(ctx context.Context, whole bool) ([]row, error) {
	var out []row
	now := s.app.deps.Clock.Now()
	err := s.st.Read(ctx, func(r store.Reader) error {
		all, err := r.Summaries()
		if err != nil {
			return err
		}
		out = make([]row, len(all))
		for i, sum := range all {
			out[i].sum = sum
			if !whole {
				continue
			}
			if err := out[i].fill(r); err != nil {
				return fmt.Errorf("reading %s: %w", sum.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	facts := map[string]policy.ProviderFacts{}
	for i := range out {
		out[i].judge = policy.Assess(out[i].sum, s.facts(facts, out[i].sum), now, policy.DefaultThresholds())
		out[i].past = s.past(out[i].sum.Name)
	}
	return out, nil
}

func (x *row) fill(r store.Reader) (err error) {
	if x.conn, err = r.Connection(x.sum.ID); err != nil {
		return err
	}
	x.grant, err = r.Grant(x.conn.Grant)
	return err
}

// facts are those of a summary's provider and method, looked up once each.
func (s *session) facts(known map[string]policy.ProviderFacts, sum store.Summary) policy.ProviderFacts {
	k := sum.Provider + "\x00" + string(sum.Method)
	f, ok := known[k]
	if !ok {
		f = policy.Facts(s.provider(sum.Provider), sum.Method, "")
		known[k] = f
	}
	return f
}

// one reads and judges one connection.
func (s *session) one(ctx context.Context, name string) (row, error) {
	var x row
	c, err := s.find(ctx, name)
	if err != nil {
		return x, err
	}
	err = s.st.Read(ctx, func(r store.Reader) (err error) {
		if x.sum, err = r.Summary(c.ID); err != nil {
			return err
		}
		return x.fill(r)
	})
	if err != nil {
		return x, err
	}
	kind := ""
	if x.grant.Key != nil {
		kind = x.grant.Key.Kind
	}
	x.judge = policy.Assess(x.sum, policy.Facts(s.provider(c.Provider), c.Method, kind), s.app.deps.Clock.Now(), policy.DefaultThresholds())
	x.past = s.past(c.Name)
	return x, nil
}

// json is the connection as JSON.
func (x *row) json() connJSON {
	c, g, s := x.conn, x.grant, x.sum
	out := connJSON{
		Name: c.Name, ID: c.ID, Provider: c.Provider, Environment: c.Environment, Method: c.Method,
		State: x.judge.State, Why: string(x.judge.Reason.Code), Reason: s.Reason,
		Account: accountJSON{c.Account.ID, c.Account.Name, c.Account.User, c.Account.Kind},
		Owner:   c.Owner, Purpose: c.Purpose, Tags: list(c.Tags), Sensitive: c.Sensitive, Unattended: c.Unattended,
		Paused: c.Paused, Requested: list(c.Asked), Proven: list(c.Proven), Risky: c.Risky,
		AccessExpires: accessEnds(s), Assumed: s.AccessAssumed, Fingerprint: s.Fingerprint, Generation: s.Generation,
		Refreshed: moment(s.Refreshed), Consented: moment(s.Consented), Created: moment(s.Created), Verdict: string(s.Verdict),
		Cause: string(s.Cause), Snapshot: x.past,
	}
	if g.GrantedKnown {
		out.Granted = list(g.Granted)
	}
	if n := x.judge.NextClock; !n.IsZero() {
		out.NextClock = &clockJSON{string(n.Kind), n.At.UTC().Format(time.RFC3339)}
	}
	if a := x.judge.KeyAge; a.Of > 0 {
		out.KeyAge, out.KeyPolicy, out.KeyAgeKnown = &a.Days, &a.Of, a.Known
	}
	if !s.TestAt.IsZero() {
		out.LastTest = &testJSON{s.TestAt.UTC().Format(time.RFC3339), s.TestOutcome}
	}
	return out
}

// accessEnds is when the access token ends; one that is proven dead has no end to come.
func accessEnds(s store.Summary) *string {
	if s.Verdict == store.VerdictDead {
		return nil
	}
	return moment(s.Access)
}

// list makes nil an empty list: scripts should not have to tell them apart.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
