package oauth

import (
	"context"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth/assertion"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// ClientCredentials asks for a token of the client's own (RFC 6749 section 4.4), with
// exactly one request. A refresh token that a server sends with it is ignored: the client
// can ask again. Errors are *Error.
func (c *Client) ClientCredentials(ctx context.Context, p Profile) (Answer, error) {
	if p.Secret.IsZero() && p.Style != connectors.PrivateKeyJWT {
		return Answer{}, &Error{Class: store.Config, Code: "no_secret"}
	}
	k := &call{p: &p, url: p.TokenURL, client: true}
	k.add("grant_type", "client_credentials")
	k.add("scope", p.join(p.Scopes))
	return c.alone(ctx, k)
}

// JWTBearer asks for a token by a signed assertion (RFC 7523 section 2.1), with exactly
// one request. iss is the client, subject whom the token acts for, and audience what the
// provider wants, in most cases its issuer. Each call signs anew. Errors are *Error, or
// those of the assertion.
func (c *Client) JWTBearer(ctx context.Context, p Profile, s *assertion.Signer, subject, audience string) (Answer, error) {
	signed, err := s.Sign(assertion.Claims{Issuer: p.ClientID, Subject: subject, Audience: audience, Life: assertion.GrantLife}, c.clock.Now(), c.rand)
	if err != nil {
		return Answer{}, err
	}
	k := &call{p: &p, url: p.TokenURL}
	k.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
	k.addSecret("assertion", signed)
	k.add("scope", p.join(p.Scopes))
	return c.alone(ctx, k)
}

// alone reads an answer of a grant that has no refresh token (RFC 6749 section 4.4.3).
func (c *Client) alone(ctx context.Context, k *call) (Answer, error) {
	a, err := c.token(ctx, k, true)
	a.Refresh.Wipe()
	a.Refresh = secret.Value{}
	return a, err
}
