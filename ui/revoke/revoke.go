// Package revoke revokes connections with proof: it shows what hangs on a
// credential, asks for the name, sends nothing for ten seconds, and then shows
// each line of evidence until the verdict.
//
// It promises that only the first dialog has the double border, that it does
// nothing until what has to be typed matches, and that leaving never undoes what
// was asked for: what runs goes on, what waits for a person stays queued.
package revoke

import (
	"context"
	"fmt"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// item is one connection that is revoked.
type item struct {
	id    store.ID
	row   *live.Row
	name  string
	crm   string
	plan  lifecycle.RevokePlan
	news  news
	rev   store.Revocation
	began bool
	over  bool
	told  *words.Explanation
}

// byAPI reports a credential that a call revokes.
func (i *item) byAPI() bool { return i.plan.How == connectors.RevokeRFC7009 }

// dead reports that the provider was seen to refuse it.
func (i *item) dead() bool { return i.over && i.told == nil && i.rev.Verdict == store.VerdictDead }

// others are the connections that die with it.
func (i *item) others() []store.Connection {
	return append(append([]store.Connection(nil), i.plan.SameGrant...), i.plan.SameKey...)
}

// session is one revocation from the question to the verdict.
type session struct {
	items []*item
	slot  page.Slot
}

// Make is the page.Maker of a revocation. It is no page: its dialogs stand over
// the one that asked, which stays as it is.
func Make(e *page.Env, a page.Args) page.Page {
	ids := a.IDs
	if len(ids) == 0 {
		ids = []store.ID{a.ID}
	}
	s := &session{}
	for _, id := range ids {
		row, ok := e.Row(id)
		if !ok || row.Look.Group == widget.Done {
			continue
		}
		s.items = append(s.items, &item{id: id, row: row, name: row.S.Name, crm: row.CRM})
	}
	if len(s.items) == 0 {
		e.Note(words.WhyNoRow)
		return nil
	}
	s.look(e)
	return nil
}

// look finds out what hangs on the credentials, and then asks.
func (s *session) look(e *page.Env) {
	l, items := e.Deps.Lifecycle, s.items
	page.Go(e, &s.slot, func(ctx context.Context) ([]lifecycle.RevokePlan, error) {
		var plans []lifecycle.RevokePlan
		for _, i := range items {
			p, err := l.PlanRevoke(ctx, i.id)
			if err != nil {
				return nil, fmt.Errorf("looking at %s: %w", i.name, err)
			}
			plans = append(plans, p)
		}
		return plans, nil
	}, func(e *page.Env, plans []lifecycle.RevokePlan, err error) {
		if err != nil {
			e.Fail(err, items[0].row)
			return
		}
		for n := range plans {
			items[n].plan = plans[n]
		}
		e.Show(newAsk(e, s))
	})
}

// anyByAPI reports that something is sent without a person at a console.
func (s *session) anyByAPI() bool {
	for _, i := range s.items {
		if i.byAPI() {
			return true
		}
	}
	return false
}

// names are those of all.
func (s *session) names() []string {
	var out []string
	for _, i := range s.items {
		out = append(out, i.name)
	}
	return out
}
