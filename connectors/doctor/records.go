package doctor

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// day writes a moment for people, to the day.
func day(t time.Time) string {
	if t.IsZero() {
		return "the beginning"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// dataKey looks how old the data key is, and whether a new one waits to be put in use (SE-11).
func (x *examination) dataKey(ctx context.Context) error {
	if x.Store == nil {
		return nil
	}
	in, err := x.Store.Info(ctx)
	if err != nil {
		return err
	}
	age := x.Clock.Now().Sub(in.KeyMade)
	days := strconv.Itoa(int(age / (24 * time.Hour)))
	switch {
	case in.Rekeying:
		x.find(Warn, "data_key_running")
	case in.KeyMade.IsZero():
		x.find(Unknown, "data_key_unknown")
	case age > store.KeyAge:
		x.find(Warn, "data_key_old", "days", days)
	default:
		x.find(Fine, "data_key", "days", days)
	}
	return nil
}

// wanting are the states that a person should see to, each with its code.
var wanting = []struct {
	state policy.State
	code  string
}{
	{policy.Stolen, "conns_reconnect"}, {policy.Reconnect, "conns_reconnect"}, {policy.Blocked, "conns_blocked"}, {policy.Uncertain, "conns_uncertain"},
	{policy.Overdue, "conns_overdue"}, {policy.Due, "conns_due"},
}

// connections judges every connection as the deck does.
func (x *examination) connections(ctx context.Context) error {
	if x.Store == nil {
		return nil
	}
	var sums []store.Summary
	err := x.Store.Read(ctx, func(r store.Reader) (err error) {
		sums, err = r.Summaries()
		return err
	})
	if err != nil {
		return err
	}
	facts := map[string]policy.ProviderFacts{}
	names := map[policy.State][]string{}
	for _, s := range sums {
		k := s.Provider + "\x00" + string(s.Method)
		f, ok := facts[k]
		if !ok {
			f = policy.Facts(x.provider(s.Provider), s.Method, "")
			facts[k] = f
		}
		a := policy.Assess(s, f, x.Clock.Now(), policy.DefaultThresholds())
		names[a.State] = append(names[a.State], s.Name)
	}
	before := len(x.found)
	for _, w := range wanting {
		if list := names[w.state]; len(list) > 0 {
			slices.Sort(list)
			x.find(Warn, w.code, "count", strconv.Itoa(len(list)), "name", list[0], "names", few(list))
		}
	}
	if len(x.found) == before {
		x.find(Fine, "conns", "count", strconv.Itoa(len(sums)))
	}
	return nil
}

// few names at most five.
func few(list []string) string {
	if len(list) <= 5 {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:5], ", ") + " and " + strconv.Itoa(len(list)-5) + " more"
}

func (x *examination) provider(id string) *connectors.Provider {
	if x.Catalog == nil {
		return nil
	}
	p, err := x.Catalog.Provider(id)
	if err != nil {
		return nil // providers says so
	}
	return p
}

// revocations looks for those that have not ended.
func (x *examination) revocations(ctx context.Context) error {
	if x.Store == nil {
		return nil
	}
	waits := map[string][]string{}
	err := x.Store.Read(ctx, func(r store.Reader) error {
		grants, err := r.GrantsPending()
		for _, g := range grants {
			conns, e := r.ConnectionsOf(g.ID)
			err = errors.Join(err, e)
			for _, c := range conns {
				waits[g.Revocation.State] = append(waits[g.Revocation.State], c.Name)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(waits) == 0 {
		x.find(Fine, "revocations")
		return nil
	}
	for _, state := range slices.Sorted(mapKeys(waits)) {
		list := waits[state]
		slices.Sort(list)
		x.find(Warn, "revocation_"+state, "count", strconv.Itoa(len(list)), "name", list[0], "names", few(list))
	}
	return nil
}
