package lifecycle

import (
	"context"
	"fmt"

	"crmdeck/connectors"
	"crmdeck/store"
)

// PlanRevoke implements Lifecycle. It asks nobody: it reads what the store knows.
func (e *Engine) PlanRevoke(ctx context.Context, id store.ID) (RevokePlan, error) {
	var plan RevokePlan
	var rec record
	err := e.cfg.Store.Read(ctx, func(r store.Reader) error {
		var err error
		if rec, err = read(r, id); err != nil {
			return err
		}
		plan = RevokePlan{Connection: rec.conn, Grant: rec.grant}
		return plan.hanging(r, rec)
	})
	if err != nil {
		return RevokePlan{}, fmt.Errorf("reading what hangs on it: %w", err)
	}
	p, err := e.provider(rec)
	if err != nil {
		return RevokePlan{}, err
	}
	plan.How = howToRevoke(p, rec.grant)
	if plan.How != connectors.RevokeRFC7009 {
		plan.ConsoleURL = consoleURL(p, rec)
	}
	if k := rec.grant.Key; k != nil {
		plan.Last4 = k.Last4
	}
	if a := rec.grant.Access; a != nil && (p.Revoke.RefreshOnly || !p.Tokens.AccessRevocable) {
		plan.AccessEnds = a.Expires
	}
	return plan, nil
}

// hanging collects the connections that die too and the jobs of all of them.
func (plan *RevokePlan) hanging(r store.Reader, rec record) error {
	conns, err := r.ConnectionsOf(rec.grant.ID)
	if err != nil {
		return err
	}
	plan.Jobs = append(plan.Jobs, rec.conn.Uses...)
	for _, c := range conns {
		if c.ID != rec.conn.ID {
			plan.SameGrant = append(plan.SameGrant, c)
			plan.Jobs = append(plan.Jobs, c.Uses...)
		}
	}
	twins, err := twins(r, rec.grant)
	if err != nil {
		return err
	}
	for _, g := range twins {
		conns, err := r.ConnectionsOf(g.ID)
		if err != nil {
			return err
		}
		for _, c := range conns {
			plan.SameKey = append(plan.SameKey, c)
			plan.Jobs = append(plan.Jobs, c.Uses...)
		}
	}
	return nil
}

// fingerprint is that of the credential that lives longest.
func fingerprint(g store.Grant) string {
	switch {
	case g.Key != nil:
		return g.Key.Fingerprint
	case g.Refresh != nil:
		return g.Refresh.Fingerprint
	}
	return ""
}

// twins are other grants of the same provider with the same key or refresh token that
// are not revoked themselves.
func twins(r store.Reader, g store.Grant) ([]store.Grant, error) {
	fp := fingerprint(g)
	if fp == "" {
		return nil, nil
	}
	list, err := r.GrantsByFingerprint(fp)
	if err != nil {
		return nil, err
	}
	var out []store.Grant
	for _, x := range list {
		if x.ID != g.ID && x.Provider == g.Provider && x.Revocation == nil {
			out = append(out, x)
		}
	}
	return out, nil
}

// howToRevoke is the strategy for the grant's credential.
func howToRevoke(p *connectors.Provider, g store.Grant) string {
	how := p.Revoke.OAuth
	if g.Key != nil {
		how = p.Revoke.Key
	}
	if how == connectors.RevokeRFC7009 && g.RevokeURL == "" && p.Endpoints.Revoke == "" || how == "" {
		return connectors.RevokeConsole
	}
	return how
}

// consoleURL is the page where a person ends the credential; empty if there is none.
func consoleURL(p *connectors.Provider, rec record) string {
	page := p.Console.Grants
	if rec.grant.Key != nil {
		page = p.Console.Keys
	}
	fill := map[string]string{"account": rec.conn.Account.ID}
	for k, v := range rec.conn.Params {
		fill[k] = v
	}
	u, err := connectors.Expand(page, fill)
	if err != nil || connectors.CheckURL(u) != nil {
		return ""
	}
	return u
}
