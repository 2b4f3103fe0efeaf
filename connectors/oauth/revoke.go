package oauth

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Kinds of token, as hints for revocation and introspection (RFC 7009 section 2.1).
const (
	HintAccess  = "access_token"
	HintRefresh = "refresh_token"
)

// Revoke ends a token, with exactly one request (RFC 7009). nil means that the server
// has confirmed it, or that its answer is one the profile counts as "already dead". Errors
// are *Error; unsupported_token_type says that this kind cannot be revoked here.
func (c *Client) Revoke(ctx context.Context, p Profile, token secret.Value, hint string) error {
	if p.RevokeURL == "" {
		return &Error{Class: store.Config, Code: "no_endpoint"}
	}
	if token.IsZero() {
		return &Error{Class: store.Config, Code: "no_token"}
	}
	if err := p.checkClient(); p.RevokeAuth && err != nil {
		return err
	}
	k := &call{p: &p, url: p.RevokeURL, client: p.RevokeAuth}
	k.addSecret("token", token)
	k.add("token_type_hint", hint)
	if err := c.sign(k); err != nil {
		return err
	}
	r := reply{issued: c.clock.Now()}
	r.host, _ = guard.Host(k.url)
	done := false
	err := c.http.Stream(ctx, k.request(), func(status int, header http.Header, body io.Reader) error {
		// The body of a success is not read: nothing in it matters (RFC 7009 section 2.2).
		if done = status >= 200 && status <= 299; done {
			return nil
		}
		r.Status, r.Header = status, header
		var b bytes.Buffer
		_, err := b.ReadFrom(io.LimitReader(body, maxErrorBody))
		r.Body = b.Bytes()
		return err
	})
	switch {
	case err != nil:
		return below(err)
	case done || p.alreadyDead(r.Body):
		return nil
	}
	return k.failure(r)
}

// maxErrorBody is how much of an error's body is looked at.
const maxErrorBody = 64 << 10

// alreadyDead reports an error that means "no such token any more".
func (p *Profile) alreadyDead(body []byte) bool {
	o, err := parseObject(firstElement(body))
	if err != nil || len(p.AlreadyDead) == 0 {
		return false
	}
	for path, want := range p.AlreadyDead {
		if got, ok := connectors.LookupString(o, path); !ok || got != want {
			return false
		}
	}
	return true
}
