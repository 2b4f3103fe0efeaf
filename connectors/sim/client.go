package sim

import (
	"crypto/subtle"
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// ClientOptions describe an app registered at a provider. The zero value is a
// usable app: the provider's usual scopes and generated redirect URIs.
type ClientOptions struct {
	Name         string   `json:"name"`
	RedirectURIs []string `json:"redirect_uris"`
	// Scopes the app may ask for; at HubSpot those it declares as required, so
	// that scope has to hold all of them.
	Scopes []string `json:"scopes"`
	// ConditionalScopes are what scope may hold beside them (HubSpot).
	ConditionalScopes []string `json:"conditional_scopes"`
	// OptionalScopes are those that HubSpot takes in optional_scope, beside the conditional ones.
	OptionalScopes []string `json:"optional_scopes"`
	// Rotate makes refresh tokens single use (Salesforce; Close always does).
	// Salesforce's rotating apps also get its 30 idle days.
	Rotate bool `json:"rotate"`
	// NoPKCE lets a Salesforce app do without, as older apps may.
	NoPKCE bool `json:"no_pkce"`
	// Reviewed lets a Close app work in every organization, not only in its own.
	Reviewed bool `json:"reviewed"`
	// Organization that owns a Close app, by id or name; "" is the first one.
	Organization string `json:"organization"`
	// Public apps have no secret and must use PKCE (Salesforce).
	Public bool `json:"public"`
}

// app is a registered client.
type app struct {
	ClientOptions
	number      int
	id, secret  string
	uninstalled map[string]bool // account ids that refuse this app
}

// NewClient registers an app and returns its id and secret. It refuses redirect
// URIs that the provider refuses: all but HTTPS, and plain HTTP to localhost at
// HubSpot and Salesforce.
func (s *Sim) NewClient(provider string, o ClientOptions) (clientID, secret string, err error) {
	st, err := s.site(provider)
	if err != nil {
		return "", "", err
	}
	a, err := st.register(o)
	if err != nil {
		return "", "", err
	}
	return a.id, a.secret, nil
}

func (s *site) register(o ClientOptions) (*app, error) {
	if len(o.RedirectURIs) == 0 {
		uris, err := s.redirects()
		if err != nil {
			return nil, err
		}
		o.RedirectURIs = uris
	}
	for _, u := range o.RedirectURIs {
		if err := s.checkRedirect(u); err != nil {
			return nil, err
		}
	}
	if len(o.Scopes) == 0 {
		o.Scopes = slices.Clone(s.rules.appScopes)
		o.ConditionalScopes = append(o.ConditionalScopes, s.rules.appConditional...)
		o.OptionalScopes = append(o.OptionalScopes, s.rules.appOptional...)
	}
	if o.Name == "" {
		o.Name = "Deck of connections"
	}
	id, secret, err := s.rules.newClient(s.sim)
	if err != nil {
		return nil, err
	}
	if o.Public {
		secret = ""
	}
	o.Rotate = o.Rotate && !s.rules.sharesGrant || s.rules.alwaysRotates
	a := &app{ClientOptions: o, id: id, secret: secret, uninstalled: map[string]bool{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.number = 1_000_000 + len(s.apps)
	s.apps[id] = a
	return a, nil
}

// redirects generates what a client of a command line program would register.
func (s *site) redirects() ([]string, error) {
	if s.rules.httpsOnly {
		return []string{"https://app.example/callback/" + s.id}, nil
	}
	var out []string
	for range 2 {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		out = append(out, "http://localhost:"+strconv.Itoa(port)+"/callback/"+s.id)
	}
	return out, nil
}

func (s *site) checkRedirect(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return fmt.Errorf("registering %q: not an absolute redirect uri", raw)
	}
	local := u.Scheme == "http" && loopbackHost(u.Host) && !s.rules.httpsOnly
	if u.Scheme != "https" && !local {
		return fmt.Errorf("registering %q: redirect uri must be https", raw)
	}
	return nil
}

// secretOf is the app's secret of this moment.
func (s *site) secretOf(a *app) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return a.secret
}

// authentic reports whether the secret is the app's. A public app has none.
func (s *site) authentic(a *app, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(s.secretOf(a)), []byte(secret)) == 1
}

// appByID returns a registered app, or nil.
func (s *site) appByID(id string) *app {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.apps[id]
}

// RotateSecret replaces the secret of an app; the old one is refused at once.
func (s *Sim) RotateSecret(provider, clientID string) (secret string, err error) {
	st, err := s.site(provider)
	if err != nil {
		return "", err
	}
	_, secret, err = st.rules.newClient(s)
	if err != nil {
		return "", err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	a := st.apps[clientID]
	if a == nil {
		return "", fmt.Errorf("rotating a secret: no client with that id at %s", provider)
	}
	a.secret = secret
	return secret, nil
}
