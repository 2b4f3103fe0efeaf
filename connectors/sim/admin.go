package sim

import "fmt"

// What follows is done by people at a provider, outside of any client: the demo
// and the tests use it to bring connections into every state.

// RevokeGrant ends the grants of an app in an account, as an admin does in the
// provider's own pages: refresh tokens are refused from now on. Access tokens
// die with them where the provider ends sessions (all but HubSpot). An empty
// clientID means every app, an empty login every person.
func (s *Sim) RevokeGrant(provider, clientID, account, login string) error {
	st, err := s.site(provider)
	if err != nil {
		return err
	}
	return st.eachGrant(clientID, account, login, func(g *grant) { st.kill(g, st.id != HubSpot) })
}

// EndSessions ends the access tokens of an app in an account and leaves its
// refresh tokens alone: the next call is refused, the next refresh works.
func (s *Sim) EndSessions(provider, clientID, account, login string) error {
	st, err := s.site(provider)
	if err != nil {
		return err
	}
	return st.eachGrant(clientID, account, login, func(g *grant) {
		for _, c := range st.creds {
			if c.grant == g {
				c.revoked = true
			}
		}
	})
}

// eachGrant does something to the grants that match, with mu held; none is ErrNotFound.
func (s *site) eachGrant(clientID, account, login string, do func(*grant)) error {
	acct, _, err := s.person(account, "")
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, g := range s.grants {
		if g.account != acct || clientID != "" && g.app.id != clientID {
			continue
		}
		if login == "" || login == g.user.Email || login == g.user.ID {
			do(g)
			n++
		}
	}
	if n == 0 {
		return fmt.Errorf("finding the grant: %w", ErrNotFound)
	}
	return nil
}

// RevokeFamily ends the whole family of a refresh token, its access tokens
// included, as a provider does that suspects theft.
func (s *Sim) RevokeFamily(provider, refreshToken string) error {
	st, err := s.site(provider)
	if err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	t := st.refresh[refreshToken]
	if t == nil {
		return fmt.Errorf("revoking a family: %w", ErrNotFound)
	}
	st.kill(t.grant, true)
	return nil
}

// UninstallApp removes an app from an account with all its tokens. HubSpot
// installs it again with the next consent; at Salesforce it stays blocked until
// InstallApp.
func (s *Sim) UninstallApp(provider, clientID, account string) error {
	st, a, acct, err := s.installation(provider, clientID, account)
	if err != nil {
		return err
	}
	st.removeApp(a, acct)
	return nil
}

// InstallApp lifts the block of UninstallApp; tokens do not come back.
func (s *Sim) InstallApp(provider, clientID, account string) error {
	st, a, acct, err := s.installation(provider, clientID, account)
	if err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	delete(a.uninstalled, acct.ID)
	return nil
}

func (s *Sim) installation(provider, clientID, account string) (*site, *app, *Account, error) {
	st, err := s.site(provider)
	if err != nil {
		return nil, nil, nil, err
	}
	a := st.appByID(clientID)
	if a == nil {
		return nil, nil, nil, fmt.Errorf("finding the app: %w", ErrNotFound)
	}
	acct, _, err := st.person(account, "")
	return st, a, acct, err
}

func (s *site) removeApp(a *app, acct *Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.uninstalled[acct.ID] = s.id == Salesforce
	for _, g := range s.grants {
		if g.app == a && g.account == acct {
			s.kill(g, true)
		}
	}
}

// LockUser makes a person inactive, or active again: consent and refresh are
// refused meanwhile. The login is an address or a user id.
func (s *Sim) LockUser(provider, login string, locked bool) error {
	st, err := s.site(provider)
	if err != nil {
		return err
	}
	_, u, err := st.person("", login)
	if err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.locked[u.ID] = locked
	return nil
}
