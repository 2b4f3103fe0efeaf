package oauth

import (
	"context"
	"net/http"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// Introspection is what a server says of a token (RFC 7662 section 2.2). All but
// Active is optional.
type Introspection struct {
	Active      bool
	Expires     time.Time // zero: not told
	Scopes      []string
	ScopesKnown bool
	Fields      map[string]string // further fields, cleaned
	Skew        time.Duration     // provider's clock minus ours; 0 under 60 s
}

// Introspect asks what a token is, with exactly one request. Active false means that the
// token is dead; an *Error means that nothing was learnt.
func (c *Client) Introspect(ctx context.Context, p Profile, token secret.Value, hint string) (Introspection, error) {
	if p.IntrospectURL == "" {
		return Introspection{}, &Error{Class: store.Config, Code: "no_endpoint"}
	}
	if token.IsZero() {
		return Introspection{}, &Error{Class: store.Config, Code: "no_token"}
	}
	if err := p.checkClient(); err != nil {
		return Introspection{}, err
	}
	k := &call{p: &p, url: p.IntrospectURL, client: true}
	k.addSecret("token", token)
	k.add("token_type_hint", hint)
	r, err := c.send(ctx, k)
	if err != nil {
		return Introspection{}, err
	}
	if r.Status != http.StatusOK {
		return Introspection{}, k.failure(r)
	}
	o, err := decode(&p, r.Header.Get("Content-Type"), r.Body)
	if err != nil {
		return Introspection{}, unaccepted(err, r)
	}
	active, ok := o["active"].(bool)
	if !ok {
		if word(o, "error") != "" {
			return Introspection{}, k.failure(r)
		}
		return Introspection{}, unaccepted(notOAuth, r)
	}
	out := Introspection{Active: active, Skew: r.skew}
	if !active {
		return out, nil // what a server says of a dead token is not for us
	}
	out.Scopes, out.ScopesKnown = p.granted(o, false)
	out.Fields = furtherFields(o, Answer{Access: token})
	if exp, ok := lifetime(o["exp"]); ok {
		out.Expires = clampTime(time.Unix(int64(exp.Seconds()), 0).UTC().Add(-r.skew), r.issued)
	} else if d, ok := lifetime(o["expires_in"]); ok {
		out.Expires = r.issued.Add(min(d, maxLifetime))
	}
	return out, nil
}
