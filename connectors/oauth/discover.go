package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"crmdeck/connectors/guard"
	"crmdeck/store"
)

// Metadata is what an issuer says of itself (RFC 8414, OpenID Connect Discovery), as
// far as it is used here. Every address in it is one that this program may talk to.
type Metadata struct {
	Issuer     string
	Authorize  string
	Token      string
	Revoke     string
	Introspect string
	Userinfo   string
	Iss        bool     // answers carry iss (RFC 9207)
	PKCE       []string // code_challenge_methods_supported; empty: not told
	Styles     []string // token_endpoint_auth_methods_supported; empty: not told
	Scopes     []string
}

// Discover reads an issuer's metadata: at the place of RFC 8414 section 3.1, else at that of
// OpenID Connect Discovery. A document that names another issuer is discarded whole
// (RFC 8414 section 3.3), and so is one with an address that is not https.
func (c *Client) Discover(ctx context.Context, issuer string) (Metadata, error) {
	places, err := wellKnown(issuer)
	if err != nil {
		return Metadata{}, below(err)
	}
	var last error
	for _, place := range places {
		m, err := c.metadata(ctx, issuer, place)
		if err == nil {
			return m, nil
		}
		if e, ok := err.(*Error); !ok || e.HTTP == 0 || e.Code == "issuer" || e.Code == "bad_metadata" {
			return Metadata{}, err
		}
		last = err
	}
	return Metadata{}, last
}

// wellKnown lists where metadata may lie.
func wellKnown(issuer string) ([]string, error) {
	if _, err := guard.Host(issuer); err != nil {
		return nil, err
	}
	u, err := url.Parse(issuer)
	if err != nil || u.RawQuery != "" || u.ForceQuery {
		return nil, &guard.Error{Kind: guard.KindRefused, Note: "an issuer has no query"}
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	root := u.Scheme + "://" + u.Host
	places := []string{root + "/.well-known/oauth-authorization-server" + path, root + path + "/.well-known/openid-configuration"}
	return places, nil
}

func (c *Client) metadata(ctx context.Context, issuer, place string) (Metadata, error) {
	host, _ := guard.Host(place)
	r, err := c.http.Do(ctx, guard.Request{Method: http.MethodGet, URL: place})
	if err != nil {
		return Metadata{}, below(err)
	}
	bad := func(code string) error {
		return &Error{Class: store.Config, Code: code, HTTP: r.Status, Host: host}
	}
	if r.Status != http.StatusOK {
		return Metadata{}, bad("no_metadata")
	}
	o, err := parseObject(r.Body)
	if err != nil {
		return Metadata{}, bad(string(notOAuth))
	}
	m, ok := readMetadata(o)
	switch {
	case !ok:
		return Metadata{}, bad("bad_metadata")
	case m.Issuer != issuer:
		return Metadata{}, bad("issuer")
	}
	return m, nil
}

// readMetadata checks every address; without a token endpoint it is no use.
func readMetadata(o object) (Metadata, bool) {
	m := Metadata{
		Issuer: word(o, "issuer"), Authorize: word(o, "authorization_endpoint"), Token: word(o, "token_endpoint"),
		Revoke: word(o, "revocation_endpoint"), Introspect: word(o, "introspection_endpoint"), Userinfo: word(o, "userinfo_endpoint"),
		PKCE: words(o["code_challenge_methods_supported"]), Styles: words(o["token_endpoint_auth_methods_supported"]),
	}
	m.Iss, _ = o["authorization_response_iss_parameter_supported"].(bool)
	m.Scopes, _ = scopeList(o["scopes_supported"], "")
	for _, u := range []string{m.Authorize, m.Token, m.Revoke, m.Introspect, m.Userinfo} {
		if _, err := guard.Host(u); u != "" && err != nil {
			return Metadata{}, false
		}
	}
	return m, m.Token != "" && m.Authorize != ""
}

func words(v any) []string {
	list, _ := scopeList(v, "")
	return list
}

// Fill puts what the issuer says where the profile says nothing. What the profile says
// stays; that answers carry iss is never taken back. A list of hosts for secrets that was
// sealed is never made longer by what a server says.
func (m Metadata) Fill(p *Profile) {
	for _, x := range []struct {
		to   *string
		from string
	}{
		{&p.Issuer, m.Issuer}, {&p.AuthorizeURL, m.Authorize}, {&p.TokenURL, m.Token},
		{&p.RevokeURL, m.Revoke}, {&p.IntrospectURL, m.Introspect},
	} {
		if *x.to == "" {
			*x.to = x.from
		}
	}
	p.IssRequired = p.IssRequired || m.Iss
	if len(p.SecretHosts) == 0 {
		p.SecretHosts = p.Hosts()
	}
}
