package doctor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"crmdeck/store"
	"crmdeck/store/audit"
)

// key says whether the store is open for the checks that need it.
func (x *examination) key(context.Context) error {
	switch {
	case x.Store == nil:
	case x.KeyErr != nil:
		x.find(Bad, "key_wrong", "said", x.KeyErr.Error())
	default:
		if _, err := x.Store.Vault(); err != nil {
			x.find(Unknown, "key_none")
			return nil
		}
		x.find(Fine, "key")
	}
	return nil
}

// recovery is the label of the slot that is made for the safe.
const recovery = "recovery"

// slots looks at the ways to the data key, and what guessing a passphrase costs (SE-5).
func (x *examination) slots(ctx context.Context) error {
	if x.Store == nil {
		return nil
	}
	in, err := x.Store.Info(ctx)
	if err != nil {
		return err
	}
	var kinds []string
	safe := false
	for _, s := range in.Slots {
		kinds = append(kinds, s.Kind)
		safe = safe || s.Label == recovery || s.Kind == store.SlotRecipient
	}
	facts := []string{"count", strconv.Itoa(len(in.Slots)), "kinds", strings.Join(kinds, ", ")}
	before := len(x.found)
	switch {
	case len(in.Slots) < 2:
		x.find(Warn, "slots_one", facts...)
	case !safe:
		x.find(Warn, "slots_no_recovery", facts...)
	}
	if c, ok := x.Store.(store.Checkup); ok {
		costs, err := c.SlotCosts(ctx)
		if err != nil {
			return err
		}
		for _, s := range costs {
			if s.Low {
				x.find(Warn, "slot_cheap", "slot", s.ID, "label", s.Label,
					"cost", fmt.Sprintf("%d MiB, %d passes", s.Memory>>10, s.Passes))
			}
		}
	}
	if len(x.found) == before {
		x.find(Fine, "slots", facts...)
	}
	return nil
}

// maxNamed is how many damaged values or connections are named one by one.
const maxNamed = 10

// sealed tries every sealed value.
func (x *examination) sealed(ctx context.Context) error {
	c, ok := x.Store.(store.Checkup)
	if !ok || x.locked() {
		return nil
	}
	bad, values := 0, 0
	err := c.CheckSealed(ctx, func(p store.SealedProgress) error {
		x.progress(p.Records, p.All)
		values = p.Values
		for _, d := range p.Refused {
			if bad++; bad <= maxNamed {
				x.refused(ctx, d)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	switch {
	case bad == 0:
		x.find(Fine, "sealed", "count", strconv.Itoa(values))
	case bad > maxNamed:
		x.find(Bad, "sealed_more", "count", strconv.Itoa(bad-maxNamed))
	}
	return nil
}

// refused names the connections whose value does not open.
func (x *examination) refused(ctx context.Context, d *store.DamageError) {
	names := x.connectionsOf(ctx, d.Owner)
	facts := []string{"what", d.What, "problem", d.Problem, "next", d.Next, "names", strings.Join(names, ", ")}
	switch {
	case d.Wide || len(names) == 0:
		x.find(Bad, "sealed_wide", facts...)
	case d.Field == store.FieldClientSecret:
		x.find(Bad, "sealed_client", append(facts, "name", names[0])...)
	default:
		x.find(Bad, "sealed_bad", append(facts, "name", names[0])...)
	}
}

// connectionsOf names the connections that use a grant or client; what can't be read names none.
func (x *examination) connectionsOf(ctx context.Context, owner store.ID) (names []string) {
	if owner == "" {
		return nil
	}
	_ = x.Store.Read(ctx, func(r store.Reader) error {
		grants := []store.ID{owner}
		list, _ := r.GrantsOf(owner)
		for _, g := range list {
			grants = append(grants, g.ID)
		}
		for _, id := range grants {
			conns, _ := r.ConnectionsOf(id)
			for _, c := range conns {
				names = append(names, c.Name)
			}
		}
		return nil
	})
	return names
}

// audit checks the chain of the audit log.
func (x *examination) audit(ctx context.Context) error {
	log, ok := x.Store.(audit.Log)
	if !ok || x.locked() {
		return nil
	}
	r, err := audit.Check(ctx, log, nil, func(done, all uint64) { x.progress(int(done), int(all)) })
	var broken *audit.BrokenError
	var torn *store.UnreadableEventError
	switch {
	case err == nil:
		x.find(Fine, "audit", "count", strconv.FormatUint(r.Head.Seq, 10))
	case errors.As(err, &broken):
		x.find(Bad, "audit_broken", "at", strconv.FormatUint(broken.Seq, 10), "said", broken.Reason)
	case errors.As(err, &torn):
		x.find(Bad, "audit_broken", "at", strconv.FormatUint(torn.Seq, 10), "said", "it can't be read")
	default:
		return err
	}
	return nil
}

// place looks whether this is the store that it was, or a copy (RF-14).
func (x *examination) place(ctx context.Context) error {
	p, ok := x.Store.(store.Placer)
	if !ok {
		return nil
	}
	at, err := p.Place(ctx)
	if err != nil {
		return err
	}
	if at.Suspect == nil {
		x.find(Fine, "place", "since", day(at.Since))
		return nil
	}
	x.find(Bad, "place_"+string(at.Suspect.Why), "seen", day(at.Suspect.Seen), "from", day(at.Suspect.From))
	return nil
}
