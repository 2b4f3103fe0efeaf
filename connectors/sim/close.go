package sim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// closeCRM speaks as Close does: keys over Basic, one scope for everything, and
// a slash at the end of every path.
type closeCRM struct{ *site }

// KeyClose is Close's only kind of key.
const KeyClose = "api_key"

// startClose makes the site Close.
func startClose(s *site) {
	s.id, s.name = Close, "Close"
	s.rules = rules{
		accessTTL: time.Hour, codeTTL: 10 * time.Minute, alwaysRotates: true, httpsOnly: true,
		appScopes:      []string{"all.full_access", "offline_access"},
		standingScopes: []string{"all.full_access", "offline_access"},
		meaning: map[string]string{
			"all.full_access": "Do everything that you can do", "offline_access": "Do so at any time, without you",
		},
		offline: func(scopes []string) bool { return contains(scopes, "offline_access") },
		newClient: func(s *Sim) (string, string, error) {
			id, err := s.word(22)
			if err != nil {
				return "", "", err
			}
			secret, err := s.word(44)
			return "oa2client_" + id, secret, err
		},
		newAccess:  func(s *Sim, _ *Account) (string, error) { return s.opaque(48) },
		newRefresh: func(s *Sim, _ *Account) (string, error) { return s.opaque(48) },
		newKey: func(s *Sim, _ string) (string, error) {
			w, err := s.word(44)
			if err != nil {
				return "", err
			}
			return "api_" + w[:22] + "." + w[22:], nil
		},
		keyKinds:      []string{KeyClose},
		authorizePath: "/oauth2/authorize/", tokenPath: "/oauth2/token/", revokePath: "/oauth2/revoke/",
		whoamiPath: "/api/v1/me/", deniedText: "the user denied access", apiRoot: "/api/v1",
	}
	s.accounts = accounts(
		func(n int, _ house) string { return fmt.Sprintf("orga_simulated%08dExample", n) },
		func(n, u int) string { return fmt.Sprintf("user_simulated%08dExample", 100*n+u) },
	)
	k := &closeCRM{s}
	s.dialect = k
	k.routesOAuth()
	k.routesData()
	s.common()
}

// slash serves a path that has to end with a slash. Without it a GET is sent to
// the right place, and a POST, whose body would be lost on the way, is not found.
func (s *site) slash(method, path, endpoint string, kind routeKind, h func(*call)) {
	s.route(method+" "+path+"{$}", endpoint, kind, h)
	bare := func(c *call) { s.dialect.missing(c) }
	if method == http.MethodGet {
		bare = func(c *call) {
			u := *c.r.URL
			u.Path += "/"
			http.Redirect(c.w, c.r, u.RequestURI(), http.StatusMovedPermanently)
		}
	}
	s.route(method+" "+strings.TrimSuffix(path, "/"), "slash", kindPage, bare)
}

func (k *closeCRM) plainError(c *call, status int, message string) {
	c.json(status, obj{"error": message})
}

func (k *closeCRM) missing(c *call) {
	k.plainError(c, http.StatusNotFound, "The requested URL was not found. Paths end with a slash.")
}

func (k *closeCRM) failed(c *call, status int) {
	k.plainError(c, status, "An unexpected error occurred.")
}

// tooMany is a 429 with Retry-After in seconds. The numbers in its body are
// deprecated, so they are there and rounded.
func (k *closeCRM) tooMany(c *call, _ string, retry int) {
	reset := k.rateHeader(c)
	if retry == 0 {
		retry = max(1, reset)
	}
	retryAfter(c.w, retry)
	c.json(http.StatusTooManyRequests, obj{"error": obj{
		"message": "API call count exceeded.", "rate_limit": closeLimit, "rate_window": int(closeWindow.Seconds()), "rate_reset": retry,
	}})
}

func (k *closeCRM) oauthError(c *call, word string) {
	switch word {
	case "invalid_client":
		c.json(http.StatusUnauthorized, obj{"error": "invalid_client"})
	case "ip_blocked":
		k.plainError(c, http.StatusForbidden, "Access from this address is not allowed.")
	case "busy": // Close documents no such answer
		k.plainError(c, http.StatusConflict, "Another request is being processed.")
	default:
		c.json(http.StatusBadRequest, obj{"error": "invalid_grant"})
	}
}

// identify reads a key as Basic user with an empty password, or a bearer token.
func (k *closeCRM) identify(c *call) *credential {
	if user, pass, ok := c.r.BasicAuth(); ok {
		if cr := k.lookup(user); cr != nil && cr.grant == nil && pass == "" {
			return cr
		}
		return nil
	}
	if cr := k.lookup(c.bearer()); cr != nil && cr.grant != nil {
		return cr
	}
	return nil
}

func (k *closeCRM) authorized(c *call) bool {
	if c.cred != nil && c.cred.alive(k.sim.now()) {
		if c.cred.grant != nil && !c.cred.has("all.full_access") {
			k.plainError(c, http.StatusForbidden, "This token lacks the scope all.full_access.")
			return false
		}
		return true
	}
	k.plainError(c, http.StatusUnauthorized, "The request could not be authenticated.")
	return false
}

// closeLimit is the number of calls in closeWindow for each key and endpoint
// group; an organization has three times as much. Close fixes neither in its
// pages: clients have to read the header.
const (
	closeLimit  = 100
	closeWindow = 5 * time.Second
)

func (k *closeCRM) quotas(c *call) []limit {
	if c.cred == nil {
		return nil
	}
	return []limit{
		{key: "key " + c.cred.secret + c.endpoint, max: closeLimit, period: closeWindow},
		{key: "org " + c.cred.account.ID + c.endpoint, max: 3 * closeLimit, period: closeWindow},
	}
}

// rateHeader reports the tighter of the two limits and returns its reset in seconds.
func (k *closeCRM) rateHeader(c *call) int {
	var out string
	reset, least := 0, -1
	for _, l := range k.quotas(c) {
		left, after := k.meter.remaining(k.sim, l)
		if least < 0 || left < least {
			least = left
			reset = int((after + time.Second - 1) / time.Second)
			out = fmt.Sprintf("limit=%d, remaining=%d, reset=%d", l.scaled(k.sim), left, reset)
		}
	}
	if out != "" {
		c.w.Header()["RateLimit"] = []string{out}
	}
	return reset
}
