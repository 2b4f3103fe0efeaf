package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrNoKeys is returned where a provider has no static keys (Salesforce).
var ErrNoKeys = errors.New("this provider has no keys")

// ErrNotFound is returned when a key, app, account or login does not exist.
var ErrNotFound = errors.New("not found")

// KeyOptions describe a static key. The zero value is the provider's usual
// kind, in the first account, of its first login, with scopes to read.
type KeyOptions struct {
	Account string   // id or name
	Login   string   // address or user id
	Kind    string   // KeyPrivateApp or KeyService at HubSpot
	Scopes  []string // HubSpot; Close knows none
	Label   string
	Created time.Time // zero: now
}

// NewKey makes a key, as a person would in the provider's console.
func (s *Sim) NewKey(provider string, o KeyOptions) (string, error) {
	st, err := s.site(provider)
	if err != nil {
		return "", err
	}
	k, err := st.newKey(o)
	if err != nil {
		return "", err
	}
	return k.secret, nil
}

func (s *site) newKey(o KeyOptions) (*credential, error) {
	if len(s.rules.keyKinds) == 0 {
		return nil, fmt.Errorf("making a key at %s: %w", s.id, ErrNoKeys)
	}
	acct, user, err := s.person(o.Account, o.Login)
	if err != nil {
		return nil, err
	}
	kind := o.Kind
	if kind == "" {
		kind = s.rules.keyKinds[0]
	}
	if !slices.Contains(s.rules.keyKinds, kind) {
		return nil, fmt.Errorf("making a key of kind %q: %w", kind, ErrNotFound)
	}
	secret, err := s.rules.newKey(s.sim, kind)
	if err != nil {
		return nil, err
	}
	id, err := s.sim.word(12)
	if err != nil {
		return nil, err
	}
	scopes := o.Scopes
	if scopes == nil {
		scopes = slices.DeleteFunc(slices.Clone(s.rules.standingScopes), func(x string) bool { return x == "oauth" })
	}
	k := &credential{
		secret: secret, kind: kind, account: acct, user: user, scopes: scopes, id: id,
		label: o.Label, issued: o.Created,
	}
	if k.issued.IsZero() {
		k.issued = s.sim.now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.number = 2_000_000 + len(s.creds)
	s.creds[secret] = k
	return k, nil
}

// person finds an account and a login in it; empty names are the first ones.
func (s *site) person(account, login string) (*Account, Login, error) {
	acct := s.accounts[0]
	if account != "" {
		a, ok := s.account(account)
		if !ok {
			return nil, Login{}, fmt.Errorf("finding account %q: %w", account, ErrNotFound)
		}
		acct = a
	}
	if login == "" {
		return acct, acct.Logins[0], nil
	}
	if u, ok := acct.login(login); ok {
		return acct, u, nil
	}
	if account == "" {
		for _, a := range s.accounts {
			if u, ok := a.login(login); ok {
				return a, u, nil
			}
		}
	}
	return nil, Login{}, fmt.Errorf("finding login %q: %w", login, ErrNotFound)
}

// DeleteKey deletes a key: it is refused from now on.
func (s *Sim) DeleteKey(provider, key string) error {
	st, err := s.site(provider)
	if err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	k := st.creds[key]
	if k == nil || k.grant != nil {
		return fmt.Errorf("deleting a key: %w", ErrNotFound)
	}
	k.revoked = true
	return nil
}

// ReplaceKey makes a new key in the place of an old one, which then works for
// the overlap: HubSpot offers none or 7 days, Close has no end to it (negative).
func (s *Sim) ReplaceKey(provider, key string, overlap time.Duration) (string, error) {
	st, err := s.site(provider)
	if err != nil {
		return "", err
	}
	st.mu.RLock()
	old := st.creds[key]
	st.mu.RUnlock()
	if old == nil || old.grant != nil {
		return "", fmt.Errorf("replacing a key: %w", ErrNotFound)
	}
	k, err := st.replaceKey(old, overlap)
	if err != nil {
		return "", err
	}
	return k.secret, nil
}

func (s *site) replaceKey(old *credential, overlap time.Duration) (*credential, error) {
	k, err := s.newKey(KeyOptions{
		Account: old.account.ID, Login: old.user.ID, Kind: old.kind, Scopes: old.scopes, Label: old.label,
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case overlap == 0:
		old.revoked = true
	case overlap > 0:
		old.expires = s.sim.now().Add(overlap)
	}
	return k, nil
}

// keysOf lists the living keys of an account, oldest first.
func (s *site) keysOf(a *Account) []credential {
	now := s.sim.now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []credential
	for _, c := range s.creds {
		if c.grant == nil && c.account == a && c.alive(now) {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(x, y credential) int {
		if d := x.issued.Compare(y.issued); d != 0 {
			return d
		}
		return strings.Compare(x.id, y.id)
	})
	return out
}
