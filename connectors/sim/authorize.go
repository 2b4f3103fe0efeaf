package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authRequest is an authorization request that passed the checks and waits for
// a person. The page carries only its number, so no field can be bent on the way.
type authRequest struct {
	id        string
	app       *app
	redirect  string
	state     string
	hasState  bool
	required  []string
	optional  []string
	challenge string
	hint      string
	asked     url.Values
	born      time.Time
}

// refusal of an authorization request. With page it is shown to the person,
// because the redirect URI cannot be trusted or the provider answers so;
// else it goes to the redirect URI.
type refusal struct {
	page        bool
	code        string
	description string
}

// authCode is a code that waits for its exchange.
type authCode struct {
	app       *app
	account   *Account
	user      Login
	redirect  string
	challenge string
	scopes    []string
	expires   time.Time
	floor     time.Time // on the wall clock, see Config.CodeFloor
	used      bool
}

// pendingMax bounds the requests that wait for a person; the oldest give way.
// There is no time limit: under a fast clock it would beat any reader.
const pendingMax = 1000

// authorizeRequest checks the query of the authorization endpoint.
func (s *site) authorizeRequest(q url.Values) (*authRequest, *refusal) {
	r := &authRequest{asked: q, redirect: q.Get("redirect_uri"), state: q.Get("state"), hasState: q.Has("state"), hint: q.Get("login_hint"), born: s.sim.now()}
	for k, v := range q {
		if len(v) > 1 {
			return nil, &refusal{page: true, code: "invalid_request", description: "the parameter " + k + " came twice"}
		}
	}
	if r.app = s.appByID(q.Get("client_id")); r.app == nil {
		return nil, &refusal{page: true, code: "invalid_client_id", description: "client identifier invalid"}
	}
	if !slices.Contains(r.app.RedirectURIs, r.redirect) {
		return nil, &refusal{page: true, code: "redirect_uri_mismatch", description: "redirect_uri must match configuration"}
	}
	if t := q.Get("response_type"); t != "code" && (t != "" || s.id != HubSpot) {
		return r, &refusal{code: "unsupported_response_type", description: "response type not supported"}
	}
	r.required = strings.Fields(q.Get("scope"))
	r.challenge = q.Get("code_challenge")
	if m := q.Get("code_challenge_method"); r.challenge != "" && m != "S256" {
		return r, &refusal{code: "invalid_request", description: "code_challenge_method must be S256"}
	}
	if r.challenge != "" && len(r.challenge) != 43 {
		return r, &refusal{code: "invalid_request", description: "invalid code challenge"}
	}
	return r, s.dialect.admit(r)
}

// pend keeps the request until a person has decided.
func (s *site) pend(r *authRequest) error {
	id, err := s.sim.opaque(24)
	if err != nil {
		return err
	}
	r.id = id
	s.mu.Lock()
	defer s.mu.Unlock()
	var oldest *authRequest
	if len(s.pending) >= pendingMax {
		for _, p := range s.pending {
			if oldest == nil || p.born.Before(oldest.born) {
				oldest = p
			}
		}
		delete(s.pending, oldest.id)
	}
	s.pending[id] = r
	return nil
}

// unpend takes a request out; a page can be answered once.
func (s *site) unpend(id string) *authRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.pending[id]
	delete(s.pending, id)
	return r
}

// issueCode makes the code that the redirect carries.
func (s *site) issueCode(r *authRequest, acct *Account, user Login, scopes []string) (string, error) {
	code, err := s.sim.opaque(30)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sim.now()
	for k, c := range s.codes {
		if now.Sub(c.expires) > time.Hour {
			delete(s.codes, k)
		}
	}
	s.codes[code] = &authCode{
		app: r.app, account: acct, user: user, redirect: r.redirect, challenge: r.challenge,
		scopes: scopes, expires: now.Add(s.rules.codeTTL), floor: time.Now().Add(s.sim.cfg.CodeFloor),
	}
	return code, nil
}

// codeFault says why a code is refused.
type codeFault int

const (
	codeGood codeFault = iota
	codeUnknown
	codeUsed
	codeExpired
	codeOtherClient
	codeOtherRedirect
	codeBadVerifier
)

// redeem uses a code up. It is spent by the first exchange that names it with
// the right client, whatever else is wrong with that request.
func (s *site) redeem(a *app, form url.Values, needRedirect bool) (*authCode, codeFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.codes[form.Get("code")]
	switch {
	case k == nil:
		return nil, codeUnknown
	case k.app != a:
		return nil, codeOtherClient
	case k.used:
		return nil, codeUsed
	}
	k.used = true
	switch {
	case !s.sim.now().Before(k.expires) && !time.Now().Before(k.floor):
		return nil, codeExpired
	case (needRedirect || form.Has("redirect_uri")) && form.Get("redirect_uri") != k.redirect:
		return nil, codeOtherRedirect
	case k.challenge != "" && challengeOf(form.Get("code_verifier")) != k.challenge:
		return nil, codeBadVerifier
	}
	return k, codeGood
}

// challengeOf is S256 of RFC 7636 section 4.2; a verifier of a wrong length has none.
func challengeOf(verifier string) string {
	if len(verifier) < 43 || len(verifier) > 128 {
		return "-"
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// answerRedirect sends the person back to the client.
func answerRedirect(c *call, r *authRequest, params url.Values) {
	u, err := url.Parse(r.redirect)
	if err != nil {
		http.Error(c.w, "redirect_uri cannot be read", http.StatusBadRequest)
		return
	}
	q := u.Query()
	for k, v := range params {
		q[k] = v
	}
	if r.hasState {
		q.Set("state", r.state)
	}
	u.RawQuery = q.Encode()
	h := c.w.Header()
	h.Set("Location", u.String())
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	c.w.WriteHeader(http.StatusSeeOther)
}
