package oauth

import (
	"context"
	"net/http"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// Refresh spends a refresh token, with exactly one request. Errors are *Error: Unknown
// tells that the token may have been spent although no answer was stored. No scope is
// sent, so that the grant stays as it is (RFC 6749 section 6).
func (c *Client) Refresh(ctx context.Context, p Profile, refresh secret.Value) (Answer, error) {
	if refresh.IsZero() {
		return Answer{}, &Error{Class: store.Config, Code: "no_refresh_token"}
	}
	k := &call{p: &p, url: p.TokenURL, client: true}
	k.add("grant_type", "refresh_token")
	k.addSecret("refresh_token", refresh)
	return c.token(ctx, k, false)
}

// exchange turns a code into tokens, with exactly one request: a code that is sent twice
// makes a server revoke what the first gave (RFC 6749 section 4.1.2).
func (c *Client) exchange(ctx context.Context, p *Profile, code, verifier secret.Value) (Answer, error) {
	k := &call{p: p, url: p.TokenURL, client: true}
	k.add("grant_type", "authorization_code")
	k.addSecret("code", code)
	k.add("redirect_uri", p.RedirectURI)
	if !verifier.IsZero() {
		k.addSecret("code_verifier", verifier)
	}
	return c.token(ctx, k, true)
}

// token sends a token request and reads its answer.
func (c *Client) token(ctx context.Context, k *call, first bool) (Answer, error) {
	if err := k.p.check(); err != nil {
		return Answer{}, err
	}
	r, err := c.send(ctx, k)
	if err != nil {
		return Answer{}, err
	}
	defer clear(r.Body)
	if r.Status != http.StatusOK && (r.Status < 200 || r.Status > 299) {
		return Answer{}, k.failure(r)
	}
	if r.Status != http.StatusOK {
		return Answer{}, unaccepted(notOAuth, r)
	}
	o, err := decode(k.p, r.Header.Get("Content-Type"), r.Body)
	if err != nil {
		return Answer{}, unaccepted(err, r)
	}
	if word(o, "error") != "" {
		return Answer{}, k.failure(r)
	}
	a, err := accept(k.p, o, r.issued, r.skew, first)
	if err != nil {
		return Answer{}, unaccepted(err, r)
	}
	return a, nil
}
