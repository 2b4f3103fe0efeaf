package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth/assertion"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// minSkew is the difference of clocks that is worth telling.
const minSkew = time.Minute

// call is one request to an endpoint of the authorization server.
type call struct {
	p       *Profile
	url     string
	fields  []guard.Field
	client  bool           // the client authenticates itself
	secrets []secret.Value // what must not come back out of an error's words
}

// reply is what came back, with the two times that matter.
type reply struct {
	guard.Response
	issued time.Time
	skew   time.Duration
	host   string
}

// add appends a field unless it is empty.
func (k *call) add(name, value string) {
	if value != "" {
		k.fields = append(k.fields, guard.Field{Name: name, Value: value})
	}
}

// addSecret appends a secret field.
func (k *call) addSecret(name string, v secret.Value) {
	k.fields = append(k.fields, guard.Field{Name: name, Secret: v})
	k.secrets = append(k.secrets, v)
}

// request is the whole request. The client proves itself in one way alone (RFC 6749
// section 2.3); one without a secret sends its id and no empty password.
func (k *call) request() guard.Request {
	p := k.p
	r := guard.Request{Method: http.MethodPost, URL: k.url}
	switch {
	case !k.client, p.Style == connectors.PrivateKeyJWT: // sign has proved the client
	case p.Secret.IsZero() || p.Style == connectors.NoSecret:
		k.add("client_id", p.ClientID)
	case p.Style == connectors.SecretBasic:
		user, password := url.QueryEscape(p.ClientID), guard.FormEncode(p.Secret)
		if p.RawBasic {
			user, password = p.ClientID, p.Secret
		}
		r.Credential = &guard.Credential{Header: "Authorization", Format: "Basic", BasicUser: user, Secret: password, Hosts: p.SecretHosts}
		k.secrets = append(k.secrets, p.Secret, password)
	case p.Style == connectors.SecretPost:
		k.add("client_id", p.ClientID)
		k.addSecret("client_secret", p.Secret)
	}
	r.Form = &guard.Form{Fields: k.fields, Hosts: p.SecretHosts}
	return r
}

// sign adds the client's assertion where the client proves itself by one (RFC 7523
// section 2.2). It is made for one request and no other.
func (c *Client) sign(k *call) error {
	if !k.client || k.p.Style != connectors.PrivateKeyJWT {
		return nil
	}
	id := k.p.ClientID
	v, err := k.p.Signer.Sign(assertion.Claims{Issuer: id, Subject: id, Audience: k.p.Audience, Life: assertion.ClientLife}, c.clock.Now(), c.rand)
	if err != nil {
		return &Error{Class: store.Config, Code: "client_auth", Description: "the client's assertion cannot be signed", cause: err}
	}
	k.add("client_id", id)
	k.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	k.addSecret("client_assertion", v)
	return nil
}

// send sends the call once and reads its answer.
func (c *Client) send(ctx context.Context, k *call) (reply, error) {
	if err := c.sign(k); err != nil {
		return reply{}, err
	}
	r := k.request()
	out := reply{issued: c.clock.Now()}
	out.host, _ = guard.Host(k.url)
	var err error
	if out.Response, err = c.http.Do(ctx, r); err != nil {
		return out, below(err)
	}
	if !out.Date.IsZero() {
		if d := out.Date.Sub(c.clock.Now()); d > minSkew || d < -minSkew {
			out.skew = d
		}
	}
	return out, nil
}

// below makes an Error of a failure below HTTP. What left the machine and was not
// answered is unknown, whatever ended it.
func below(err error) *Error {
	g, ok := asGuard(err)
	if !ok {
		return &Error{Class: store.Transient, Code: "failed", Unknown: true, cause: err}
	}
	e := &Error{Class: store.Transient, Code: string(g.Kind), Description: g.Note, Host: g.Host, Unknown: g.Sent, cause: g}
	switch g.Kind {
	case guard.KindRefused:
		e.Class = store.Config
	case guard.KindRedirect:
		// The server has answered: it did not act, it pointed elsewhere.
		e.Class, e.Unknown = store.Config, false
	}
	return e
}

// knownStyle reports a style of client authentication that this package speaks.
func knownStyle(s string) bool {
	return s == connectors.SecretPost || s == connectors.SecretBasic || s == connectors.PrivateKeyJWT || s == connectors.NoSecret
}

// join writes scopes as the provider wants them.
func (p *Profile) join(scopes []string) string {
	sep := p.ScopeSeparator
	if sep == "" {
		sep = " "
	}
	return strings.Join(scopes, sep)
}
