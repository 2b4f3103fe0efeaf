package lifecycle

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Fields of sealed values, as they are bound (store.Binding).
const (
	FieldAccess       = "access"
	FieldRefresh      = "refresh"
	FieldKey          = "key"
	FieldClientSecret = "client_secret"
)

// ErrInstance: the answer names an API root that the provider's closed list does not hold.
var ErrInstance = errors.New("the answer names a host that is not the provider's")

// Seed is what a new grant is made of, besides the credential. Profile may be zero for keys.
type Seed struct {
	ID, Family store.ID
	Provider   *connectors.Provider
	Method     store.Method
	Client     store.ID
	Params     store.Params
	Profile    oauth.Profile
	AccountID  string
	Now        time.Time
	How        store.HowMade // where the credential came from
	By         string        // who made the record, see Origin
}

// NewGrant makes the record of a grant that was just consented to. The refresh token
// may go to the profile's secret hosts only, the access token to the API root and those.
// ErrInstance: the answer must not be trusted; revoke it.
func NewGrant(v store.Vault, s Seed, a oauth.Answer) (store.Grant, error) {
	g := store.Grant{
		ID: s.ID, Family: s.Family, Provider: s.Provider.ID, Issuer: s.Profile.Issuer, Method: s.Method, Client: s.Client,
		TokenURL: s.Profile.TokenURL, RevokeURL: s.Profile.RevokeURL, AccountID: s.AccountID, Created: s.Now,
	}
	root, err := rootOf(s.Provider, s.Params, a.Fields)
	if err != nil {
		return store.Grant{}, err
	}
	g.BaseURL = root
	secretHosts := s.Profile.SecretHosts
	if len(secretHosts) == 0 {
		secretHosts = s.Profile.Hosts()
	}
	hosts, err := accessHosts(root, secretHosts)
	if err != nil {
		return store.Grant{}, err
	}
	if err := sealAnswer(v, s.Provider, &g, a, hosts, secretHosts); err != nil {
		return store.Grant{}, err
	}
	g.Refreshed = time.Time{}
	g.Remember(s.Now, s.How, s.By)
	return g, nil
}

// NewKeyGrant makes the record of an API key. made is zero when nobody knows.
func NewKeyGrant(v store.Vault, s Seed, kind string, key secret.Value, made time.Time) (store.Grant, error) {
	root, err := crm.Base(s.Provider, s.Params, "")
	if err != nil {
		return store.Grant{}, err
	}
	host, err := guard.Host(root)
	if err != nil {
		return store.Grant{}, fmt.Errorf("reading the address of %s: %w", s.Provider.ID, err)
	}
	sealed, err := v.Seal(store.Binding{Owner: s.ID, Field: FieldKey}, 1, []string{host}, key)
	if err != nil {
		return store.Grant{}, fmt.Errorf("sealing the key: %w", err)
	}
	rec := &store.APIKeyRecord{Sealed: sealed, Fingerprint: v.Fingerprint(key), Kind: kind, Made: made, MadeKnown: !made.IsZero()}
	if made.IsZero() {
		rec.Made = s.Now
	}
	if k, ok := s.Provider.Key(kind); ok && k.Last4 && key.Len() >= 12 {
		text := key.Reveal()
		rec.Last4 = text[len(text)-4:]
	}
	g := store.Grant{
		ID: s.ID, Family: s.Family, Provider: s.Provider.ID, Method: s.Method, Generation: 1, BaseURL: root,
		Key: rec, AccountID: s.AccountID, Created: s.Now,
	}
	g.Remember(s.Now, s.How, s.By)
	return g, nil
}

// Change is what an answer changed in a grant.
type Change struct {
	Added, Lost []string // scopes; only where the provider says
	Rotated     bool     // the refresh token is a new one
	Moved       string   // the API root changed to this one
	Refused     string   // the answer named this host, which was not adopted
}

// ApplyAnswer puts a refresh answer into the grant: both tokens, the next generation,
// scopes if they were told, and a moved API root if the provider's list holds its host
// (for the access token only; everything else keeps the hosts that the record has). The
// caller stores g in one transaction.
func ApplyAnswer(v store.Vault, p *connectors.Provider, g *store.Grant, a oauth.Answer, now time.Time) (Change, error) {
	var c Change
	hosts := hostsOf(g.Access)
	refreshHosts := hostsOf(g.Refresh)
	if told := a.Fields[p.Tenancy.InstanceFrom]; p.Tenancy.InstanceFrom != "" && told != "" && !sameRoot(told, g.BaseURL) {
		if root, err := rootOf(p, nil, a.Fields); err == nil {
			moved, err := accessHosts(root, refreshHosts)
			if err != nil {
				return c, err
			}
			hosts, g.BaseURL, c.Moved = moved, root, root
		} else {
			c.Refused = hostOf(told)
		}
	}
	before, known := g.Granted, g.GrantedKnown
	old := ""
	if g.Refresh != nil {
		old = g.Refresh.Fingerprint
	}
	if err := sealAnswer(v, p, g, a, hosts, refreshHosts); err != nil {
		return c, err
	}
	if c.Rotated = g.Refresh != nil && old != "" && g.Refresh.Fingerprint != old; c.Rotated {
		g.Rotations++
	}
	if known && g.GrantedKnown {
		c.Added, c.Lost = minus(g.Granted, before), minus(before, g.Granted)
	}
	g.Refreshed = now
	g.Refreshes++
	return c, nil
}

// sealAnswer seals the tokens of an answer as the next generation.
func sealAnswer(v store.Vault, p *connectors.Provider, g *store.Grant, a oauth.Answer, hosts, refreshHosts []string) error {
	access, err := sealToken(v, g.ID, FieldAccess, g.Access, hosts, a.Access)
	if err != nil {
		return err
	}
	access.Type, access.Issued, access.Expires, access.Assumed, access.Claims = a.TokenType, a.Issued, a.Expires, a.Assumed, a.Claims
	if !a.Refresh.IsZero() {
		fresh, err := sealToken(v, g.ID, FieldRefresh, g.Refresh, refreshHosts, a.Refresh)
		if err != nil {
			return err
		}
		if g.Refresh != nil && g.Refresh.Fingerprint == fresh.Fingerprint {
			fresh.Issued, fresh.Expires = g.Refresh.Issued, g.Refresh.Expires
		} else {
			fresh.Issued = a.Issued
			if s := p.Tokens.RefreshLifetime; s > 0 {
				fresh.Expires = a.Issued.Add(time.Duration(s) * time.Second)
			}
		}
		g.Refresh = fresh
	}
	if s := p.Tokens.RefreshIdle; s > 0 && g.Refresh != nil {
		g.Refresh.IdleExpires = a.Issued.Add(time.Duration(s) * time.Second)
	}
	g.Access = access
	g.Generation++
	g.Skew = a.Skew
	if a.ScopesKnown {
		g.Granted, g.GrantedKnown = slices.Clone(a.Scopes), true
	}
	return nil
}

func sealToken(v store.Vault, owner store.ID, field string, old *store.Token, hosts []string, val secret.Value) (*store.Token, error) {
	gen := uint64(1)
	if old != nil {
		gen = old.Sealed.Gen + 1
	}
	sealed, err := v.Seal(store.Binding{Owner: owner, Field: field}, gen, hosts, val)
	if err != nil {
		return nil, fmt.Errorf("sealing the %s token: %w", field, err)
	}
	return &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(val)}, nil
}

// SealClientSecret puts a secret into a client registration; hosts is where it may go.
func SealClientSecret(v store.Vault, c *store.Client, hosts []string, val secret.Value) error {
	sealed, err := v.Seal(store.Binding{Owner: c.ID, Field: FieldClientSecret}, c.Secret.Gen+1, hosts, val)
	if err != nil {
		return fmt.Errorf("sealing the client secret: %w", err)
	}
	c.Secret, c.Fingerprint = sealed, v.Fingerprint(val)
	return nil
}

// ClientSecret opens the secret of a registration; zero for a public client.
func ClientSecret(v store.Vault, c store.Client) (secret.Value, error) {
	if c.Secret.IsZero() {
		return secret.Value{}, nil
	}
	return v.Open(store.Binding{Owner: c.ID, Field: FieldClientSecret}, c.Secret)
}

// rootOf is the API root that an answer leads to: the provider's own address, or the
// learnt instance if its host is in the closed list.
func rootOf(p *connectors.Provider, params store.Params, fields map[string]string) (string, error) {
	instance := ""
	if p.Tenancy.InstanceFrom != "" {
		instance = fields[p.Tenancy.InstanceFrom]
		if !crm.Admits(p, instance) {
			return "", ErrInstance
		}
	}
	return crm.Base(p, params, instance)
}

func accessHosts(root string, secretHosts []string) ([]string, error) {
	host, err := guard.Host(root)
	if err != nil {
		return nil, fmt.Errorf("reading the API root: %w", err)
	}
	hosts := []string{host}
	for _, h := range secretHosts {
		if h != host {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// sameRoot compares roots as far as they matter: scheme, host and path.
func sameRoot(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// hostOf is the host of an address for a message, empty if it has none.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}

// minus lists what a has and b has not.
func minus(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// hostsOf are the hosts that a stored token may go to.
func hostsOf(t *store.Token) []string {
	if t == nil {
		return nil
	}
	return slices.Clone(t.Sealed.Hosts)
}
