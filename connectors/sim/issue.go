package sim

import "slices"

import "net/url"

// issued is what a token request yields.
type issued struct {
	access  *credential
	grant   *grant
	refresh string // to be sent: "" when the provider sends none this time
}

// exchange turns a redeemed code into a grant and its first tokens.
func (s *site) exchange(c *call, k *authCode) (*issued, error) {
	g, err := s.openGrant(k.app, k.account, k.user, k.scopes)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	access, err := s.mint(g, c.trim(k.scopes))
	if err != nil {
		return nil, err
	}
	return &issued{access: access, grant: g, refresh: g.refresh}, nil
}

// Unasked is the scope that the fault extended_scopes adds.
const Unasked = "unasked.scope"

// trim applies the faults reduced_scopes and extended_scopes.
func (c *call) trim(scopes []string) []string {
	if c.extended {
		return append(slices.Clone(scopes), Unasked)
	}
	if c.reduced && len(scopes) > 1 {
		return scopes[:1]
	}
	return scopes
}

// renewFault says why a refresh token is refused.
type renewFault int

const (
	renewGood renewFault = iota
	renewUnknown
	renewOtherClient
	renewReused // a spent one: the family is dead from now on
	renewDead
	renewIdle
	renewLocked
	renewUninstalled
)

// renew spends a refresh token. A token that was rotated away kills its whole
// family, access tokens included: whoever holds it may have stolen it.
func (s *site) renew(c *call, a *app, form url.Values) (*issued, renewFault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.refresh[form.Get("refresh_token")]
	if fault := s.renewable(a, t); fault != renewGood {
		return nil, fault, nil
	}
	g, out := t.grant, &issued{grant: t.grant}
	access, err := s.mint(g, c.trim(g.scopes))
	if err != nil {
		return nil, renewGood, err
	}
	out.access = access
	if a.Rotate {
		if err := s.newRefresh(g); err != nil {
			return nil, renewGood, err
		}
		out.refresh = g.refresh
	}
	if s.rules.sharesGrant {
		out.refresh = g.refresh // HubSpot sends the same one again
	}
	return out, renewGood, nil
}

// renewable judges a refresh token. Called with mu held.
func (s *site) renewable(a *app, t *refreshToken) renewFault {
	switch {
	case t == nil:
		return renewUnknown
	case t.grant.app != a:
		return renewOtherClient
	case t.spent:
		s.kill(t.grant, true)
		return renewReused
	case t.grant.dead:
		return renewDead
	case s.locked[t.grant.user.ID]:
		return renewLocked
	case a.uninstalled[t.grant.account.ID]:
		return renewUninstalled
	}
	if idle := s.rules.idle; idle > 0 && a.Rotate && s.sim.now().Sub(t.grant.touched) >= idle {
		t.grant.dead = true
		return renewIdle
	}
	return renewGood
}
