package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (f *salesforce) routesOAuth() {
	f.route("POST /services/oauth2/token", "token", kindOAuth, f.token)
	f.route("POST /services/oauth2/revoke", "revoke", kindOAuth, f.revoke)
	f.route("GET /services/oauth2/revoke", "revoke", kindOAuth, f.revoke)
	f.route("POST /services/oauth2/introspect", "introspect", kindOAuth, f.introspect)
	f.route("GET /services/oauth2/userinfo", "whoami", kindAPI, f.userinfo)
	f.route("GET /id/{org}/{user}", "identity", kindAPI, f.identity)
	f.route("GET /id/keys", "keys", kindOAuth, f.keys)
	f.route("GET /.well-known/openid-configuration", "discovery", kindOAuth, f.discovery)
}

// refuse400 is the object form of OAuth errors; REST errors are arrays.
func (f *salesforce) refuse400(c *call, word, description string) {
	c.json(http.StatusBadRequest, obj{"error": word, "error_description": description})
}

func (f *salesforce) oauthError(c *call, word string) {
	switch word {
	case "busy":
		f.refuse400(c, "invalid_request", "Token request is already being processed")
	case "invalid_client":
		f.refuse400(c, "invalid_client", "invalid client credentials")
	case "ip_blocked":
		// The word is that of a dead grant, though only the address is refused.
		f.refuse400(c, "invalid_grant", "ip restricted")
	default:
		f.refuse400(c, "invalid_grant", "expired access/refresh token")
	}
}

// oauthClient checks the client: id and secret in the body, or as Basic where
// that is accepted (introspection).
func (f *salesforce) oauthClient(c *call, basic bool) *app {
	id, secret := c.form.Get("client_id"), c.form.Get("client_secret")
	if user, pass, ok := c.r.BasicAuth(); ok && basic && id == "" {
		id, secret = user, pass
	}
	a := f.appByID(id)
	if a == nil {
		f.refuse400(c, "invalid_client_id", "client identifier invalid")
		return nil
	}
	if !f.authentic(a, secret) {
		f.refuse400(c, "invalid_client", "invalid client credentials")
		return nil
	}
	return a
}

func (f *salesforce) token(c *call) {
	// The other flows exist at Salesforce but are not simulated.
	if g := c.form.Get("grant_type"); g != "authorization_code" && g != "refresh_token" {
		f.refuse400(c, "unsupported_grant_type", "grant type not supported")
		return
	}
	a := f.oauthClient(c, false)
	if a == nil {
		return
	}
	if c.form.Get("grant_type") == "refresh_token" {
		f.renewToken(c, a)
		return
	}
	k, fault := f.redeem(a, c.form, true)
	switch fault {
	case codeGood:
	case codeOtherRedirect:
		f.refuse400(c, "redirect_uri_mismatch", "redirect_uri must match configuration")
		return
	case codeBadVerifier:
		f.refuse400(c, "invalid_grant", "invalid code verifier")
		return
	case codeUnknown, codeOtherClient:
		f.refuse400(c, "invalid_grant", "invalid authorization code")
		return
	default:
		f.refuse400(c, "invalid_grant", "expired authorization code")
		return
	}
	is, err := f.exchange(c, k)
	if err != nil {
		f.failed(c, http.StatusInternalServerError)
		return
	}
	f.answerToken(c, is)
}

func (f *salesforce) renewToken(c *call, a *app) {
	is, fault, err := f.renew(c, a, c.form)
	switch {
	case err != nil:
		f.failed(c, http.StatusInternalServerError)
	case fault == renewGood:
		f.answerToken(c, is)
	case fault == renewLocked:
		f.refuse400(c, "inactive_user", "user is locked or inactive")
	case fault == renewUninstalled:
		f.refuse400(c, "invalid_client", "app must be installed into org")
	default:
		f.refuse400(c, "invalid_grant", "expired access/refresh token")
	}
}

// answerToken has no expires_in, and a refresh_token only when one was made.
func (f *salesforce) answerToken(c *call, is *issued) {
	cr := is.access
	at := strconv.FormatInt(cr.issued.UnixMilli(), 10)
	id := f.identityURL(cr)
	o := obj{
		"access_token": cr.secret, "signature": signature(f.secretOf(is.grant.app), id+at), "scope": strings.Join(cr.scopes, " "),
		"instance_url": f.base, "id": id, "token_type": "Bearer", "issued_at": at,
	}
	if is.refresh != "" {
		o["refresh_token"] = is.refresh
	}
	if cr.has("openid") {
		tok, err := f.sim.signer.idToken(f.base, is.grant.app.id, id, cr.issued, cr.expires)
		if err != nil {
			f.failed(c, http.StatusInternalServerError)
			return
		}
		o["id_token"] = tok
	}
	c.json(http.StatusOK, o)
}

// signature is HMAC-SHA256 of the identity URL and issued_at under the client secret.
func signature(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func (f *salesforce) identityURL(cr *credential) string {
	return f.base + "/id/" + cr.account.ID + "/" + cr.user.ID
}

// revoke needs no client. An access token ends its own session, a refresh token
// all that came from it; what is unknown or dead is an error.
func (f *salesforce) revoke(c *call) {
	tok := c.form.Get("token")
	if tok == "" {
		tok = c.r.URL.Query().Get("token")
	}
	f.mu.Lock()
	done := f.revokeLocked(tok)
	f.mu.Unlock()
	if !done {
		f.refuse400(c, "invalid_token", "invalid token: revoked or unknown")
		return
	}
	c.w.Header().Set("Content-Length", "0")
	c.w.WriteHeader(http.StatusOK)
}

func (f *salesforce) revokeLocked(tok string) bool {
	if cr := f.creds[tok]; cr != nil && cr.alive(f.sim.now()) {
		cr.revoked = true
		return true
	}
	if t := f.refresh[tok]; t != nil && !t.spent && !t.grant.dead {
		f.kill(t.grant, true)
		return true
	}
	return false
}

// introspect says active:false also of tokens that belong to another app.
func (f *salesforce) introspect(c *call) {
	a := f.oauthClient(c, true)
	if a == nil {
		return
	}
	tok := c.form.Get("token")
	f.mu.RLock()
	defer f.mu.RUnlock()
	o := obj{"active": false}
	if cr := f.creds[tok]; cr != nil && cr.grant.app == a && cr.alive(f.sim.now()) {
		o = obj{
			"active": true, "scope": strings.Join(cr.scopes, " "), "client_id": a.id, "username": cr.user.Email,
			"sub": f.identityURL(cr), "token_type": "access_token",
			"exp": cr.expires.Unix(), "iat": cr.issued.Unix(), "nbf": cr.issued.Unix(),
		}
	} else if t := f.refresh[tok]; t != nil && t.grant.app == a && !t.spent && !t.grant.dead {
		g := t.grant
		o = obj{
			"active": true, "scope": strings.Join(g.scopes, " "), "client_id": a.id, "username": g.user.Email,
			"sub": f.base + "/id/" + g.account.ID + "/" + g.user.ID, "token_type": "refresh_token", "iat": g.touched.Unix(),
		}
	}
	c.json(http.StatusOK, o)
}

// admit: scopes have to be among the app's, none means all of them; PKCE is
// required unless the app does without.
func (f *salesforce) admit(r *authRequest) *refusal {
	if r.app.Public && r.challenge == "" || r.challenge == "" && !r.app.NoPKCE {
		return &refusal{code: "invalid_request", description: "missing required code challenge"}
	}
	if len(r.required) == 0 {
		r.required = slices.Clone(r.app.Scopes)
	}
	for i, sc := range r.required {
		if !contains(r.app.Scopes, sc) {
			return &refusal{code: "invalid_scope", description: "the requested scope is not allowed"}
		}
		if sc == "offline_access" {
			r.required[i] = "refresh_token"
		}
	}
	slices.Sort(r.required)
	r.required = slices.Compact(r.required)
	return nil
}

// suits: an app that was uninstalled is blocked until an admin installs it.
func (f *salesforce) suits(r *authRequest, a *Account) *refusal {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if r.app.uninstalled[a.ID] {
		return &refusal{code: "OAUTH_APPROVAL_ERROR_GENERIC", description: "An unexpected error has occurred during authentication. Please try again."}
	}
	return nil
}
