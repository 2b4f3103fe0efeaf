package sim

import (
	"slices"
	"time"
)

// grant is what one person consented to for one app in one account, with the
// family of tokens that came from it.
type grant struct {
	app      *app
	account  *Account
	user     Login
	scopes   []string
	refresh  string    // the one that works now; "" when none was handed out
	touched  time.Time // consent or last refresh: the idle clock
	dead     bool
	inFlight int // refresh requests under way
}

// refreshToken finds the grant of a token that was handed out once, spent or not.
type refreshToken struct {
	grant *grant
	spent bool
}

// credential is anything that opens the API: an access token or a key.
type credential struct {
	secret  string
	kind    string // "access" or the kind of a key
	grant   *grant // nil for keys
	account *Account
	user    Login
	scopes  []string
	issued  time.Time
	expires time.Time // zero: never
	sliding time.Duration
	revoked bool
	id      string // of a key, for the console page
	label   string // of a key
	number  int    // app number that HubSpot reports for keys
}

// alive reports whether the provider still takes it.
func (c *credential) alive(now time.Time) bool {
	return !c.revoked && !c.expired(now)
}

func (c *credential) expired(now time.Time) bool {
	return !c.expires.IsZero() && !now.Before(c.expires)
}

func (c *credential) has(scope string) bool { return slices.Contains(c.scopes, scope) }

// openGrant makes a grant, or hands back the one that the app already has in
// the account where the provider shares it (HubSpot).
func (s *site) openGrant(a *app, acct *Account, user Login, scopes []string) (*grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sim.now()
	if s.rules.sharesGrant {
		for _, g := range s.grants {
			if g.app == a && g.account == acct && !g.dead {
				g.user, g.scopes, g.touched = user, scopes, now
				return g, nil
			}
		}
	}
	g := &grant{app: a, account: acct, user: user, scopes: scopes, touched: now}
	if s.rules.offline(scopes) {
		if err := s.newRefresh(g); err != nil {
			return nil, err
		}
	}
	s.grants = append(s.grants, g)
	s.limitApprovals(g)
	return g, nil
}

// limitApprovals lets the oldest refresh token die when one person has approved
// one app too often. Nobody is told, as at Salesforce. Called with mu held.
func (s *site) limitApprovals(latest *grant) {
	if s.rules.approvals == 0 || latest.refresh == "" {
		return
	}
	var live []*grant
	for _, g := range s.grants {
		if g.app == latest.app && g.account == latest.account && g.user.ID == latest.user.ID && g.refresh != "" && !g.dead {
			live = append(live, g)
		}
	}
	for len(live) > s.rules.approvals {
		live[0].dead = true
		live = live[1:]
	}
}

// newRefresh gives the grant a new refresh token and marks the old one spent.
// Called with mu held.
func (s *site) newRefresh(g *grant) error {
	tok, err := s.rules.newRefresh(s.sim, g.account)
	if err != nil {
		return err
	}
	if old := s.refresh[g.refresh]; old != nil {
		old.spent = true
	}
	g.refresh = tok
	s.refresh[tok] = &refreshToken{grant: g}
	return nil
}

// mint makes an access token of the grant. Called with mu held.
func (s *site) mint(g *grant, scopes []string) (*credential, error) {
	tok, err := s.rules.newAccess(s.sim, g.account)
	if err != nil {
		return nil, err
	}
	now := s.sim.now()
	s.sweep(now)
	c := &credential{
		secret: tok, kind: "access", grant: g, account: g.account, user: g.user,
		scopes: scopes, issued: now, expires: now.Add(s.ttl()),
	}
	if s.rules.sliding {
		c.sliding = s.ttl()
	}
	g.touched = now
	s.creds[tok] = c
	return c, nil
}

func (s *site) ttl() time.Duration {
	if s.sim.cfg.AccessTTL > 0 {
		return s.sim.cfg.AccessTTL
	}
	return s.rules.accessTTL
}

// keepExpired is how long an ended access token is remembered: so long HubSpot
// says since when it is expired.
const keepExpired = 14 * 24 * time.Hour

// sweep forgets access tokens that ended long ago. It runs when the map has
// doubled, so that it costs little.
func (s *site) sweep(now time.Time) {
	if len(s.creds) < s.sweepAt {
		return
	}
	for k, c := range s.creds {
		if c.grant != nil && (c.revoked || !now.Before(c.expires.Add(keepExpired))) {
			delete(s.creds, k)
		}
	}
	s.sweepAt = max(1024, 2*len(s.creds))
}

// kill ends a grant; withAccess ends its access tokens too. Called with mu held.
func (s *site) kill(g *grant, withAccess bool) {
	g.dead = true
	if !withAccess {
		return
	}
	for _, c := range s.creds {
		if c.grant == g {
			c.revoked = true
		}
	}
}

// lookup finds a live or dead credential and extends a sliding one. It returns
// a copy, so that a handler reads it without the lock.
func (s *site) lookup(secret string) *credential {
	s.mu.RLock()
	c := s.creds[secret]
	if c == nil {
		s.mu.RUnlock()
		return nil
	}
	out := *c
	s.mu.RUnlock()
	if out.sliding == 0 {
		return &out
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.sim.now(); c.alive(now) {
		c.expires = now.Add(c.sliding)
	}
	out = *c
	return &out
}
