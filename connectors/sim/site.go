package sim

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// rules are what differs between providers and can be said as data.
type rules struct {
	accessTTL     time.Duration
	codeTTL       time.Duration
	sliding       bool // each call extends the session
	sharesGrant   bool // one refresh token for each app and account
	alwaysRotates bool
	approvals     int           // refresh tokens for each person and app; 0 is no limit
	idle          time.Duration // of refresh tokens that rotate; 0 is none
	httpsOnly     bool          // redirect URIs
	optionalDrops bool          // the consent page lets a person drop optional scopes

	appScopes, appConditional, appOptional []string // of an app registered without any
	standingScopes                         []string // of the grant that exists from the start, and of keys
	meaning                                map[string]string

	endpoint func(*call) string // a closer name of a request, for counters and faults; may be nil

	offline    func(scopes []string) bool // whether a refresh token is handed out
	newClient  func(*Sim) (id, secret string, err error)
	newAccess  func(*Sim, *Account) (string, error)
	newRefresh func(*Sim, *Account) (string, error)
	newKey     func(s *Sim, kind string) (string, error)
	keyKinds   []string // the first is the usual one

	authorizePath, tokenPath, revokePath, introspectPath, whoamiPath, discoveryPath string
	deniedText                                                                      string // error_description when a person denies
	apiRoot                                                                         string // of data calls, below the base
	instanceHost                                                                    bool   // data calls go to a host that the token answer names
}

// dialect is how a provider speaks: the forms of its refusals.
type dialect interface {
	// identify finds the credential of an API call, nil when it brings none that is known.
	identify(c *call) *credential
	// tooMany answers a call over the quota; retry is in whole seconds, 0 for what the provider sends by itself.
	tooMany(c *call, policy string, retry int)
	// failed answers a server error.
	failed(c *call, status int)
	// oauthError answers a token endpoint error. The word is one of RFC 6749 section 5.2 or "ip_blocked", "busy".
	oauthError(c *call, word string)
	// missing answers a path that does not exist.
	missing(c *call)
	// quotas are the limits that an API call counts against.
	quotas(c *call) []limit
	// suits checks whether the account that a person chose may be connected.
	suits(r *authRequest, a *Account) *refusal
	// admit checks an authorization request beyond what all providers check.
	admit(r *authRequest) *refusal
}

// site is one simulated provider on one listener.
type site struct {
	sim     *Sim
	id      string
	name    string
	base    string // http://127.0.0.1:port
	rules   rules
	dialect dialect
	mux     *http.ServeMux

	accounts []*Account
	standing Endpoint // what Endpoints reports
	names    []string // of endpoints, as counters and faults know them

	counters counters
	faults   faults
	meter    meter

	mu      sync.RWMutex // guards what follows, and what it points to
	apps    map[string]*app
	pending map[string]*authRequest
	codes   map[string]*authCode
	grants  []*grant
	refresh map[string]*refreshToken
	creds   map[string]*credential
	sweepAt int
	locked  map[string]bool // user ids that may not log in
}

func newSite(s *Sim, addr string) *site {
	st := &site{
		sim: s, base: "http://" + addr, mux: http.NewServeMux(), sweepAt: 1024,
		apps: map[string]*app{}, pending: map[string]*authRequest{}, codes: map[string]*authCode{},
		refresh: map[string]*refreshToken{}, creds: map[string]*credential{}, locked: map[string]bool{},
	}
	return st
}

// kinds of routes: which limits, faults and delays reach them.
type routeKind int

const (
	kindPage  routeKind = iota // consent and console pages, read by people
	kindOAuth                  // token, revoke, introspect
	kindAPI                    // data and identity, under the quota
)

// route serves a pattern of http.ServeMux under an endpoint name, which
// counters and faults use.
func (s *site) route(pattern, endpoint string, kind routeKind, h func(*call)) {
	s.names = append(s.names, endpoint)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, endpoint, kind, h)
	})
}

// ServeHTTP refuses names that are not this machine and hands on to the routes.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Date"] = []string{s.sim.now().Format(http.TimeFormat)}
	if !loopbackHost(r.Host) {
		http.Error(w, "this host is not served", http.StatusMisdirectedRequest)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// common adds the routes that every provider has.
func (s *site) common() {
	s.names = append(s.names, "token.refresh", "token.authorization_code")
	if path := s.rules.authorizePath; strings.HasSuffix(path, "/") {
		s.slash("GET", path, "authorize", kindPage, s.showConsent)
		s.slash("POST", path, "consent", kindPage, s.takeConsent)
	} else {
		s.route("GET "+path, "authorize", kindPage, s.showConsent)
		s.route("POST "+path, "consent", kindPage, s.takeConsent)
	}
	s.route("GET "+consolePath, "console", kindPage, s.showConsole)
	s.route("POST "+consolePath, "console", kindPage, s.actConsole)
	s.route("GET /_sim/style.css", "style", kindPage, s.serveStyle)
	s.mux.HandleFunc("GET /_sim/counters", s.serveCounters)
	s.mux.HandleFunc("POST /_sim/faults", s.serveFaults)
	s.mux.HandleFunc("DELETE /_sim/faults", s.serveFaults)
	s.mux.HandleFunc("POST /_sim/clients", s.serveClients)
	s.mux.HandleFunc("POST /_sim/consent", s.serveConsent)
	s.route("/", "other", kindOAuth, func(c *call) { s.dialect.missing(c) })
}

// url joins a path of this provider.
func (s *site) url(path string, query url.Values) string {
	if path == "" {
		return ""
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return s.base + path
}
