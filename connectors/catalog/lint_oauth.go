package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"crmdeck/connectors"
	"crmdeck/store"
)

// knownMethods are the methods that a provider can name.
var knownMethods = [...]store.Method{store.AuthorizationCode, store.DeviceCode, store.ClientCredentials,
	store.JWTBearer, store.APIKey, store.TBA}

// buildable are the methods that this version carries out.
var buildable = []store.Method{store.AuthorizationCode, store.APIKey}

// refusedMethods are never used, whatever a provider offers.
var refusedMethods = map[store.Method]string{
	"implicit": "is refused: it hands the token to the browser's address line (RFC 9700 section 2.1.2)",
	"password": "is refused: it hands the person's password to the client (RFC 9700 section 2.4)",
}

func (l *linter) methods(p *connectors.Provider) {
	if len(p.Methods) == 0 {
		l.add("methods", "is missing: name at least one")
	}
	for _, m := range p.Methods {
		f := "methods[" + string(m.ID) + "]"
		if why, refused := refusedMethods[m.ID]; refused {
			l.add(f+".id", why)
			continue
		}
		if !slices.Contains(knownMethods[:], m.ID) {
			oneOf(l, f+".id", m.ID, knownMethods[:]...)
			continue
		}
		l.need(f+".name", m.Name)
		oneOf(l, f+".supported", m.Supported, "yes", "limited", "legacy", "no")
		if m.Built && (m.Supported == "no" || !slices.Contains(buildable, m.ID)) {
			l.add(f+".built", "is not so: this version cannot do it, or the provider does not have it")
		}
		if m.Supported == "no" {
			continue
		}
		l.methodNeeds(p, m.ID)
	}
}

// methodNeeds notes what a method cannot do without.
func (l *linter) methodNeeds(p *connectors.Provider, m store.Method) {
	if m == store.APIKey {
		if len(p.Keys) == 0 {
			l.add("keys", "is missing: the method api_key needs a kind of key")
		}
		oneOf(l, "revoke.key", p.Revoke.Key, connectors.RevokeConsole, connectors.RevokeNone)
		return
	}
	if m == store.TBA {
		return
	}
	e := p.Endpoints
	if e.Token == "" && !discovers(p) {
		l.addf("endpoints.token", "is missing: %s needs it, or issuer with discovery = true", m)
	}
	oneOf(l, "client.style", p.Client.Style, connectors.SecretPost, connectors.SecretBasic, connectors.NoSecret)
	l.tokens(p)
	oneOf(l, "revoke.oauth", p.Revoke.OAuth, connectors.RevokeRFC7009, connectors.RevokeConsole, connectors.RevokeNone)
	if m == store.AuthorizationCode {
		if e.Authorize == "" && !discovers(p) {
			l.add("endpoints.authorize", "is missing: authorization_code needs it, or issuer with discovery = true")
		}
		l.authorize(p)
	}
}

func discovers(p *connectors.Provider) bool { return p.Endpoints.Discovery && p.Endpoints.Issuer != "" }

func (l *linter) authorize(p *connectors.Provider) {
	a := p.Authorize
	if a.ScopeSeparator == "" {
		l.add("authorize.scope_separator", `is missing: " " unless the provider says otherwise`)
	}
	oneOf(l, "authorize.pkce", a.PKCE, "S256", "none")
	l.need("client.where", p.Client.Where)
	for name := range a.Params {
		if slices.Contains(ownParams[:], name) {
			l.add("authorize.params."+name, "is set by crmdeck itself")
		}
	}
	if a.RedirectHost != "" && !connectors.Loopback(a.RedirectHost) {
		l.add("authorize.redirect_host", "must be localhost, 127.0.0.1 or ::1 (RFC 8252 section 7.3)")
	}
}

// ownParams of an authorization request are never fixed by a profile: a fixed state or
// challenge would be no protection.
var ownParams = [...]string{"client_id", "client_secret", "redirect_uri", "response_type", "scope", "state",
	"code_challenge", "code_challenge_method", "nonce"}

func (l *linter) tokens(p *connectors.Provider) {
	t := p.Tokens
	oneOf(l, "tokens.expiry", t.Expiry, connectors.ExpiryField, connectors.ExpiryIntrospect, connectors.ExpiryJWT,
		connectors.ExpiryAssumed, connectors.ExpiryNone)
	oneOf(l, "tokens.rotates", t.Rotates, connectors.RotatesNever, connectors.RotatesOptional, connectors.RotatesAlways)
	oneOf(l, "tokens.scopes_from", t.Scopes, connectors.ScopesField, connectors.ScopesArray,
		connectors.ScopesIntrospect, connectors.ScopesUnknown)
	guesses := t.Expiry == connectors.ExpiryAssumed || t.Expiry == connectors.ExpiryIntrospect
	if guesses && t.AccessLifetime <= 0 {
		l.add("tokens.access_lifetime_s", "is missing: it is assumed where the provider does not say")
	}
	asks := t.Expiry == connectors.ExpiryIntrospect || t.Scopes == connectors.ScopesIntrospect
	if asks && p.Endpoints.Introspect == "" && !discovers(p) {
		l.add("endpoints.introspect", "is missing: expiry or scopes_from is introspect")
	}
	for field, n := range map[string]int64{"access_lifetime_s": t.AccessLifetime, "grace_s": t.GraceS,
		"refresh_lifetime_s": t.RefreshLifetime, "refresh_idle_s": t.RefreshIdle, "refresh_margin_s": t.MarginS} {
		if n < 0 {
			l.add("tokens."+field, "must not be negative")
		}
	}
}

func (l *linter) endpoints(p *connectors.Provider) {
	e := p.Endpoints
	for field, u := range map[string]string{"issuer": e.Issuer, "authorize": e.Authorize, "token": e.Token,
		"revoke": e.Revoke, "introspect": e.Introspect, "userinfo": e.Userinfo} {
		l.url(p, "endpoints."+field, u)
	}
	if strings.ContainsAny(e.Issuer, "?#") {
		l.add("endpoints.issuer", "must have neither query nor fragment (RFC 8414 section 2)")
	}
	if e.Discovery && e.Issuer == "" {
		l.add("endpoints.issuer", "is missing: discovery needs it")
	}
	if strings.HasPrefix(e.Token, "{") || strings.HasPrefix(e.Revoke, "{") {
		l.add("endpoints", "token and revoke must not stand on a host learnt from an answer")
	}
}

// url checks an address that may hold placeholders; empty is for others to judge.
func (l *linter) url(p *connectors.Provider, field, template string) {
	if template == "" {
		return
	}
	sample := map[string]string{}
	for _, name := range connectors.Placeholders(template) {
		v, err := l.sampleValue(p, field, name)
		if err != nil {
			l.add(field, err.Error())
			return
		}
		sample[name] = v
	}
	for _, name := range connectors.HostPlaceholders(template) {
		i := slices.IndexFunc(p.Tenancy.Params, func(q connectors.Param) bool { return q.ID == name })
		if i >= 0 && len(p.Tenancy.Params[i].Choices) == 0 && p.Tenancy.Params[i].Pattern == "" {
			l.addf(field, "{%s} decides the host, so the question needs choices or a pattern", name)
		}
	}
	u, err := connectors.Expand(template, sample)
	if err == nil {
		err = connectors.CheckURL(u)
	}
	if err != nil {
		l.add(field, err.Error())
	}
}

// sampleValue is a value that a placeholder could have.
func (l *linter) sampleValue(p *connectors.Provider, field, name string) (string, error) {
	switch {
	case name == "instance_url" && p.Tenancy.InstanceFrom != "":
		return "https://tenant.example", nil
	case name == "account" && strings.HasPrefix(field, "console."):
		return "1", nil
	}
	for _, q := range p.Tenancy.Params {
		if q.ID == name {
			return "tenant", nil
		}
	}
	return "", fmt.Errorf("{%s} is no question of tenancy.params and no value that crmdeck has", name)
}

func (l *linter) tenancy(p *connectors.Provider) {
	for _, q := range p.Tenancy.Params {
		f := "tenancy.params[" + q.ID + "]"
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(q.ID) {
			l.add(f+".id", "must be lower-case letters, digits and _")
		}
		l.need(f+".label", q.Label)
		if _, err := regexp.Compile(q.Pattern); err != nil {
			l.add(f+".pattern", "is no regular expression")
			continue
		}
		if q.Default != "" && q.Check(q.Default) != nil {
			l.add(f+".default", "is none of the choices and does not match the pattern")
		}
		for _, c := range q.Choices {
			l.need(f+".choices", c.Value)
		}
	}
	if p.Tenancy.InstanceFrom != "" && len(p.Tenancy.HostSuffixes) == 0 {
		l.add("tenancy.host_suffixes", "is missing: a host learnt from an answer needs a closed list")
	}
	for _, s := range p.Tenancy.HostSuffixes {
		if why := badSuffix(s); why != "" {
			l.add("tenancy.host_suffixes", why)
		}
	}
}

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// badSuffix says why a host suffix is none. It must be narrow enough that one company
// owns it, or be this machine with a port.
func badSuffix(s string) string {
	if host, _, ok := strings.Cut(s, ":"); ok {
		if connectors.Loopback(host) && connectors.CheckURL("http://"+s) == nil {
			return ""
		}
		return "a port is for loopback only"
	}
	labels := strings.Split(s, ".")
	for _, x := range labels {
		if !label.MatchString(x) || strings.HasPrefix(x, "xn--") {
			return "must be a lower-case ASCII domain without dots at its ends, stars or punycode"
		}
	}
	last := labels[len(labels)-1]
	switch {
	case len(labels) < 2:
		return "is too wide: a whole top-level domain"
	case len(labels) == 2 && len(labels[0]) <= 3 && len(last) == 2:
		return "is too wide: a country's second level"
	case strings.Trim(last, "0123456789") == "":
		return "must not be an IP address"
	}
	return ""
}
