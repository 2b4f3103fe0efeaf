package oauth

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// rules asks a provider's own error rules.
type rules struct{ p *connectors.Provider }

var _ Classifier = rules{}

// ClassifyToken implements Classifier.
func (r rules) ClassifyToken(status int, body []byte) (store.Class, string, bool) {
	rule, ok := r.p.Classify(connectors.AtToken, status, body, http.Header{})
	return rule.Class, rule.Case, ok
}

// ProfileOf makes the profile of a client at a provider. secretHosts is the sealed list
// of hosts that its secrets may go to; nil takes those of the provider's own endpoints,
// which is right only before anything was sealed. For a provider with discovery the endpoints that it
// leaves out are filled by Metadata.Fill.
func ProfileOf(p *connectors.Provider, clientID string, clientSecret secret.Value, secretHosts []string,
	redirectURI string, params map[string]string, scopes []string) (Profile, error) {
	out := Profile{
		Provider: p.ID, Issuer: p.Endpoints.Issuer, IssRequired: p.Authorize.IssRequired,
		ClientID: clientID, Secret: clientSecret, Style: p.Client.Style, RawBasic: p.Client.RawBasic,
		RedirectURI: redirectURI, Scopes: slices.Clone(scopes),
		OptionalScopeKey: p.Authorize.OptionalScopeKey, ScopeSeparator: p.Authorize.ScopeSeparator,
		AuthorizeParams: p.Authorize.Params, PKCE: p.Authorize.PKCE != "none", LoopbackAnyPort: p.Authorize.LoopbackAnyPort,
		Expiry: p.Tokens.Expiry, AccessLifetime: time.Duration(p.Tokens.AccessLifetime) * time.Second,
		ScopesFrom: p.Tokens.Scopes, FormAnswer: p.Tokens.FormAnswer,
		RevokeAuth: p.Revoke.ClientAuth, AlreadyDead: p.Revoke.AlreadyDead, Rules: rules{p},
	}
	for _, e := range []struct {
		name, template string
		to             *string
	}{
		{"issuer", p.Endpoints.Issuer, &out.Issuer}, {"authorize", p.Endpoints.Authorize, &out.AuthorizeURL},
		{"token", p.Endpoints.Token, &out.TokenURL}, {"revoke", p.Endpoints.Revoke, &out.RevokeURL},
		{"introspect", p.Endpoints.Introspect, &out.IntrospectURL},
	} {
		if e.template == "" {
			continue
		}
		u, err := connectors.Expand(e.template, params)
		if err != nil {
			return Profile{}, fmt.Errorf("filling the %s address of %s: %w", e.name, p.ID, err)
		}
		*e.to = u
	}
	if out.SecretHosts = slices.Clone(secretHosts); out.SecretHosts == nil {
		out.SecretHosts = out.Hosts()
	}
	return out, nil
}

// Hosts lists the hosts of the endpoints that get secrets, in the form in which they
// are sealed. Addresses that nobody would talk to are left out.
func (p *Profile) Hosts() []string {
	var hosts []string
	for _, u := range []string{p.TokenURL, p.RevokeURL, p.IntrospectURL} {
		if h, err := guard.Host(u); err == nil && !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// check refuses a profile that cannot get a token before anything is sent.
func (p *Profile) check() error {
	if err := p.checkClient(); err != nil {
		return err
	}
	if _, err := guard.Host(p.TokenURL); err != nil {
		return below(err)
	}
	return nil
}

// checkClient refuses a profile that does not say how its client proves itself: to try
// is to send a secret or a code twice.
func (p *Profile) checkClient() error {
	switch {
	case p.ClientID == "":
		return &Error{Class: store.Config, Code: "no_client"}
	case p.Style == connectors.PrivateKeyJWT && (p.Signer == nil || p.Audience == ""):
		return &Error{Class: store.Config, Code: "client_auth", Description: "a key and an audience are needed to sign"}
	case !knownStyle(p.Style):
		return &Error{Class: store.Config, Code: "client_auth", Description: "the style of client authentication is not one that is known"}
	}
	return nil
}
