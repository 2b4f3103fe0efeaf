package sim

import (
	"net/url"
	"slices"
	"time"
)

// Endpoint is where a simulated provider is and how to enter it. Fields that a
// provider does not have are empty.
type Endpoint struct {
	Provider      string   `json:"provider"`
	BaseURL       string   `json:"base_url"`
	APIURL        string   `json:"api_url"` // root of data calls: at Close below base_url
	AuthorizeURL  string   `json:"authorize_url"`
	TokenURL      string   `json:"token_url"`
	RevokeURL     string   `json:"revoke_url"`
	IntrospectURL string   `json:"introspect_url,omitempty"`
	WhoamiURL     string   `json:"whoami_url"`
	DiscoveryURL  string   `json:"discovery_url,omitempty"`
	ConsoleURL    string   `json:"console_url"`
	ClientID      string   `json:"client_id"`
	ClientSecret  string   `json:"client_secret"`
	RedirectURIs  []string `json:"redirect_uris"`
	// APIKey is empty at Salesforce, which has none.
	APIKey string `json:"api_key"`
	// RefreshToken is a standing grant of the first login in the first account.
	RefreshToken string `json:"refresh_token"`
	Account      string `json:"account"` // that the key and the grant belong to
	Login        string `json:"login"`
	CountersURL  string `json:"counters_url"`
}

// Endpoints returns one entry for each provider. It holds secrets, of use in
// the simulation only.
func (s *Sim) Endpoints() []Endpoint {
	var out []Endpoint
	for _, st := range s.sites {
		e := st.standing
		e.RedirectURIs = slices.Clone(e.RedirectURIs)
		out = append(out, e)
	}
	return out
}

// Endpoint returns the entry of one provider.
func (s *Sim) Endpoint(provider string) (Endpoint, error) {
	st, err := s.site(provider)
	if err != nil {
		return Endpoint{}, err
	}
	return st.standing, nil
}

// seed makes the standing client, key and grant of a site.
func (s *site) seed() error {
	a, err := s.register(ClientOptions{})
	if err != nil {
		return err
	}
	acct := s.accounts[0]
	user := acct.Logins[0]
	g, err := s.openGrant(a, acct, user, slices.Clone(s.rules.standingScopes))
	if err != nil {
		return err
	}
	e := Endpoint{
		Provider: s.id, BaseURL: s.base, APIURL: s.base + s.rules.apiRoot,
		AuthorizeURL: s.url(s.rules.authorizePath, nil), TokenURL: s.url(s.rules.tokenPath, nil),
		RevokeURL: s.url(s.rules.revokePath, nil), IntrospectURL: s.url(s.rules.introspectPath, nil),
		WhoamiURL: s.url(s.rules.whoamiPath, nil), DiscoveryURL: s.url(s.rules.discoveryPath, nil),
		ConsoleURL: s.url(consolePath, url.Values{"account": {acct.ID}}),
		ClientID:   a.id, ClientSecret: a.secret, RedirectURIs: a.RedirectURIs,
		RefreshToken: g.refresh, Account: acct.ID, Login: user.Email,
		CountersURL: s.url("/_sim/counters", nil),
	}
	if len(s.rules.keyKinds) > 0 {
		k, err := s.newKey(KeyOptions{Label: "Nightly sync", Created: s.sim.now().Add(-90 * 24 * time.Hour)})
		if err != nil {
			return err
		}
		e.APIKey = k.secret
	}
	s.standing = e
	return nil
}
