package setup

import (
	"context"
	"fmt"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// proven is a credential that works and is not stored yet.
type proven struct {
	profile oauth.Profile
	answer  oauth.Answer // zero for a key
	account store.Account
	made    time.Time // of a key; zero: unknown
	kept    bool      // taken over and unchanged: it is not ours to revoke
	joined  bool      // it is the credential of a grant here, as that has it: nothing was sent
	notes   []string

	fingerprint string     // of the refresh token or key; empty: none
	shared      []store.ID // grants here that hold the same
}

// prove finds out what a token answer is worth: which API root, which scopes, whose
// account. What does not get through is taken back at once.
func (s *Setup) prove(ctx context.Context, p oauth.Profile, a oauth.Answer) (*proven, error) {
	g := &proven{profile: p, answer: a}
	if err := s.examine(ctx, g); err != nil {
		s.got = g
		_ = s.takeBack(ctx) // recorded there; what made it necessary is what is told
		return nil, err
	}
	return g, nil
}

func (s *Setup) examine(ctx context.Context, g *proven) error {
	instance := ""
	if from := s.p.Tenancy.InstanceFrom; from != "" {
		if instance = g.answer.Fields[from]; !crm.Admits(s.p, instance) {
			return lifecycle.ErrInstance // SF-1
		}
	}
	base, err := crm.Base(s.p, s.a.Params, instance)
	if err != nil {
		return err
	}
	told := s.introspect(ctx, g)
	if s.p.Identity.Request != "" {
		host, err := guard.Host(base)
		if err != nil {
			return fmt.Errorf("reading the API root: %w", err)
		}
		cred := crm.Credential(s.p, "", g.answer.Access, []string{host})
		if g.account, err = crm.Identify(ctx, s.d.HTTP, s.p, base, cred, g.answer.Fields, told); err != nil {
			return fmt.Errorf("asking whose grant it is: %w", err)
		}
	}
	return s.compare(ctx, g, g.answer.Refresh)
}

// introspect asks for the scopes and the end of the token where the provider tells
// them in no other way. What it does not tell stays unknown.
func (s *Setup) introspect(ctx context.Context, g *proven) map[string]string {
	t := s.p.Tokens
	if g.profile.IntrospectURL == "" || t.Scopes != connectors.ScopesIntrospect && t.Expiry != connectors.ExpiryIntrospect {
		return nil
	}
	in, err := s.d.OAuth.Introspect(ctx, g.profile, g.answer.Access, oauth.HintAccess)
	if err != nil || !in.Active {
		return nil
	}
	if in.ScopesKnown {
		g.answer.Scopes, g.answer.ScopesKnown = in.Scopes, true
	}
	if !in.Expires.IsZero() && (g.answer.Expires.IsZero() || g.answer.Assumed) {
		g.answer.Expires, g.answer.Assumed = in.Expires, false
	}
	return in.Fields
}

// proveRefresh takes a grant over: one refresh shows that its token works. Where that
// gives a new refresh token, the old one is spent, so the new one is what is tried next.
func (s *Setup) proveRefresh(ctx context.Context) (*proven, error) {
	p, err := s.profile(ctx)
	if err != nil {
		return nil, err
	}
	if g, err := s.join(ctx, p); g != nil || err != nil {
		if err == nil {
			err = s.examine(ctx, g)
		}
		return g, err
	}
	a, err := s.d.OAuth.Refresh(ctx, p, s.refresh)
	if err != nil {
		return nil, fmt.Errorf("taking the grant over: %w", err)
	}
	kept := a.Refresh.IsZero() || a.Refresh.Equal(s.refresh)
	if a.Refresh.IsZero() {
		a.Refresh = s.refresh
	}
	s.refresh = a.Refresh
	g := &proven{profile: p, answer: a, kept: kept}
	if err := s.examine(ctx, g); err != nil {
		return nil, err
	}
	return g, nil
}

// proveKey makes the one cheap call that shows whose key it is (GR-4).
func (s *Setup) proveKey(ctx context.Context) (*proven, error) {
	base, err := crm.Base(s.p, s.a.Params, "")
	if err != nil {
		return nil, err
	}
	host, err := guard.Host(base)
	if err != nil {
		return nil, fmt.Errorf("reading the API root: %w", err)
	}
	g := &proven{}
	cred := crm.Credential(s.p, s.a.KeyKind, s.key, []string{host})
	if g.account, err = crm.Identify(ctx, s.d.HTTP, s.p, base, cred, nil); err != nil {
		return nil, fmt.Errorf("asking whose key it is: %w", err)
	}
	if s.a.KeyMade != "" {
		if g.made, err = time.Parse(time.DateOnly, s.a.KeyMade); err != nil {
			return nil, err
		}
	}
	if k, ok := s.p.Key(s.a.KeyKind); ok {
		if !hasPrefix(k.Prefixes, s.key) {
			g.notes = append(g.notes, NoteOddKey)
		}
		if k.Ending != "" {
			g.notes = append(g.notes, k.Ending)
		}
	}
	return g, s.compare(ctx, g, s.key)
}

// NoteOddKey is a note of the identity step: the key begins otherwise than keys of
// its kind do. It works, so it is no refusal.
const NoteOddKey = "odd_key"

// hasPrefix reports whether a key begins as it should; without a rule every key does.
func hasPrefix(prefixes []string, key secret.Value) bool {
	for _, p := range prefixes {
		if key.Len() >= len(p) && string(key.Bytes()[:len(p)]) == p {
			return true
		}
	}
	return len(prefixes) == 0
}

// compare looks for the same credential in the store, by keyed fingerprint.
func (s *Setup) compare(ctx context.Context, g *proven, v secret.Value) error {
	if v.IsZero() {
		return nil
	}
	vault, err := s.d.Store.Vault()
	if err != nil {
		return err
	}
	g.fingerprint = vault.Fingerprint(v)
	err = s.d.Store.Read(ctx, func(r store.Reader) error {
		same, err := r.GrantsByFingerprint(g.fingerprint)
		for _, x := range same {
			if s.old == nil || x.ID != s.old.Grant {
				g.shared = append(g.shared, x.ID)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for the same credential: %w", err)
	}
	return nil
}
