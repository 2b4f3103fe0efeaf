package setup

import (
	"context"
	"fmt"
	"slices"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
)

// join makes what is proven of a refresh token that a grant here holds already: nothing is
// sent. Sending it would spend it behind the back of whoever refreshes that grant, and where
// refresh tokens are replaced that ends the grant for all. nil: it is known to none. An access
// token that is over is an InputError "access_over" with the name of a connection to refresh.
func (s *Setup) join(ctx context.Context, p oauth.Profile) (*proven, error) {
	v, err := s.d.Store.Vault()
	if err != nil {
		return nil, err
	}
	var g store.Grant
	var name string
	err = s.d.Store.Read(ctx, func(r store.Reader) error {
		known, err := r.GrantsByFingerprint(v.Fingerprint(s.refresh))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(known, func(x store.Grant) bool {
			return x.Provider == s.p.ID && x.Revocation == nil && x.Handed == nil && x.Trouble == nil && living(x.Access)
		})
		if at < 0 {
			return nil
		}
		g = known[at]
		conns, err := r.ConnectionsOf(g.ID)
		if len(conns) > 0 {
			name = conns[0].Name
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the same refresh token: %w", err)
	}
	if g.ID == "" {
		return nil, nil
	}
	if e := g.Access.Expires; !e.IsZero() && !e.After(s.d.Clock.Now()) {
		return nil, &InputError{Step: stepRefresh, Field: FieldRefreshToken, Code: "access_over", Detail: name}
	}
	access, err := v.Open(store.Binding{Owner: g.ID, Field: lifecycle.FieldAccess}, g.Access.Sealed)
	if err != nil {
		return nil, fmt.Errorf("opening the access token: %w", err)
	}
	a := oauth.Answer{
		Access: access, Refresh: s.refresh, TokenType: g.Access.Type, Issued: g.Access.Issued, Expires: g.Access.Expires,
		Assumed: g.Access.Assumed, Scopes: g.Granted, ScopesKnown: g.GrantedKnown,
	}
	if from := s.p.Tenancy.InstanceFrom; from != "" {
		a.Fields = map[string]string{from: g.BaseURL}
	}
	return &proven{profile: p, answer: a, kept: true, joined: true}, nil
}
