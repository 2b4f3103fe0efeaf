package sim

import (
	"net/http"
	"slices"
	"strings"
)

func (h *hubspot) routesOAuth() {
	for _, v := range []string{"v3", "2026-03", "2026-09"} {
		h.route("POST /oauth/"+v+"/token", "token", kindOAuth, h.bodyOnly(h.token))
		h.route("POST /oauth/"+v+"/token/revoke", "revoke", kindOAuth, h.bodyOnly(h.revoke))
		h.route("POST /oauth/"+v+"/token/introspect", "introspect", kindOAuth, h.bodyOnly(h.introspect))
	}
	h.route("POST /oauth/v1/token", "token", kindOAuth, h.v1(h.token))
	h.route("GET /oauth/v1/access-tokens/{token}", "introspect", kindOAuth, h.v1(h.legacyAccess))
	h.route("GET /oauth/v1/refresh-tokens/{token}", "introspect", kindOAuth, h.v1(h.legacyRefresh))
	h.route("DELETE /oauth/v1/refresh-tokens/{token}", "revoke", kindOAuth, h.v1(h.legacyDelete))
	h.route("POST /oauth/v2/private-apps/get/access-token-info", "introspect", kindOAuth, h.keyInfo)
	h.route("DELETE /appinstalls/v3/external-install", "uninstall", kindAPI, h.uninstall)
}

// bodyOnly refuses what v3 and later refuse: parameters in the query string.
func (h *hubspot) bodyOnly(next func(*call)) func(*call) {
	return func(c *call) {
		if c.r.URL.RawQuery != "" {
			h.tokenError(c, http.StatusBadRequest, "INVALID_REQUEST", "parameters belong in the request body, not in the query string", "invalid_request")
			return
		}
		next(c)
	}
}

// v1 serves the old generation until its end, and takes its parameters from
// the query string as well.
func (h *hubspot) v1(next func(*call)) func(*call) {
	return func(c *call) {
		if !h.sim.now().Before(hubspotV1Ends) {
			h.missing(c)
			return
		}
		for k, v := range c.r.URL.Query() {
			if !c.form.Has(k) {
				c.form[k] = v
			}
		}
		next(c)
	}
}

// tokenError is HubSpot's own form with the words of RFC 6749 beside it.
func (h *hubspot) tokenError(c *call, status int, word, message, oauth string) {
	c.json(status, obj{
		"status": word, "message": message, "correlationId": h.correlation(),
		"error": oauth, "error_description": message,
	})
}

// oauthClient checks the client of a token, revoke or introspect request. The
// secret counts in the body alone: HubSpot documents no Basic scheme.
func (h *hubspot) oauthClient(c *call) *app {
	a := h.appByID(c.form.Get("client_id"))
	if a == nil {
		h.tokenError(c, http.StatusBadRequest, "BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
		return nil
	}
	if !h.authentic(a, c.form.Get("client_secret")) {
		h.tokenError(c, http.StatusBadRequest, "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")
		return nil
	}
	return a
}

func (h *hubspot) token(c *call) {
	grant := c.form.Get("grant_type")
	if grant != "authorization_code" && grant != "refresh_token" {
		h.tokenError(c, http.StatusBadRequest, "BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")
		return
	}
	a := h.oauthClient(c)
	if a == nil {
		return
	}
	if grant == "refresh_token" {
		h.renewToken(c, a)
		return
	}
	k, fault := h.redeem(a, c.form, true)
	switch fault {
	case codeGood:
	case codeExpired:
		h.tokenError(c, http.StatusBadRequest, "EXPIRED_AUTH_CODE", "the auth code has expired", "invalid_grant")
		return
	case codeOtherRedirect:
		h.tokenError(c, http.StatusBadRequest, "BAD_REDIRECT_URI", "redirect uri does not match the one of the authorization request", "invalid_grant")
		return
	default:
		h.tokenError(c, http.StatusBadRequest, "BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant")
		return
	}
	is, err := h.exchange(c, k)
	if err != nil {
		h.failed(c, http.StatusInternalServerError)
		return
	}
	h.answerToken(c, is)
}

func (h *hubspot) renewToken(c *call, a *app) {
	is, fault, err := h.renew(c, a, c.form)
	if err != nil {
		h.failed(c, http.StatusInternalServerError)
		return
	}
	if fault != renewGood {
		h.tokenError(c, http.StatusBadRequest, "BAD_REFRESH_TOKEN", "missing or unknown refresh token", "invalid_grant")
		return
	}
	h.answerToken(c, is)
}

// answerToken is the token answer; v1 has neither hub_id nor scopes in it.
func (h *hubspot) answerToken(c *call, is *issued) {
	o := obj{
		"token_type": "bearer", "access_token": is.access.secret, "refresh_token": is.refresh,
		"expires_in": int(h.ttl().Seconds()),
	}
	if !strings.HasPrefix(c.r.URL.Path, "/oauth/v1/") {
		o["hub_id"], o["user_id"] = number(is.access.account.ID), number(is.access.user.ID)
		o["scopes"], o["token_use"] = is.access.scopes, "access_token"
	}
	c.json(http.StatusOK, o)
}

// revoke removes the refresh token. Access tokens live on until they expire,
// and an access token cannot be revoked at all. A token that is unknown or was
// revoked before is no error, as RFC 7009 section 2.2 wants it.
func (h *hubspot) revoke(c *call) {
	a := h.oauthClient(c)
	if a == nil {
		return
	}
	tok := c.form.Get("token")
	if tok == "" {
		h.tokenError(c, http.StatusBadRequest, "INVALID_REQUEST", "missing token", "invalid_request")
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if cr := h.creds[tok]; cr != nil && cr.kind == "access" {
		h.tokenError(c, http.StatusBadRequest, "UNSUPPORTED_TOKEN_TYPE", "only refresh tokens can be revoked", "unsupported_token_type")
		return
	}
	if t := h.refresh[tok]; t != nil && t.grant.app == a {
		h.kill(t.grant, false)
	}
	c.bytes(http.StatusOK, "application/json;charset=utf-8", []byte("{}"))
}

func (h *hubspot) introspect(c *call) {
	a := h.oauthClient(c)
	if a == nil {
		return
	}
	tok := c.form.Get("token")
	h.mu.RLock()
	defer h.mu.RUnlock()
	if cr := h.creds[tok]; cr != nil && cr.grant != nil && cr.grant.app == a && cr.alive(h.sim.now()) {
		o := h.describe(cr.account, cr.user, a, cr.scopes)
		o["active"], o["token_use"], o["token_type"] = true, "access_token", "bearer"
		o["expires_in"] = int(cr.expires.Sub(h.sim.now()).Seconds())
		c.json(http.StatusOK, o)
		return
	}
	if t := h.refresh[tok]; t != nil && t.grant.app == a && !t.grant.dead {
		o := h.describe(t.grant.account, t.grant.user, a, t.grant.scopes)
		o["active"], o["token_use"] = true, "refresh_token"
		c.json(http.StatusOK, o)
		return
	}
	c.json(http.StatusOK, obj{"active": false})
}

// describe is what introspection and the v1 lookups say of a token.
func (h *hubspot) describe(acct *Account, user Login, a *app, scopes []string) obj {
	return obj{
		"hub_id": number(acct.ID), "user_id": number(user.ID), "user": user.Email, "hub_domain": domain(user.Email),
		"client_id": a.id, "app_id": a.number, "scopes": scopes, "is_private_distribution": false,
	}
}

func (h *hubspot) legacyAccess(c *call) {
	tok := c.r.PathValue("token")
	h.mu.RLock()
	defer h.mu.RUnlock()
	cr := h.creds[tok]
	if cr == nil || cr.grant == nil || !cr.alive(h.sim.now()) {
		h.plainError(c, http.StatusNotFound, "access token not found")
		return
	}
	o := h.describe(cr.account, cr.user, cr.grant.app, cr.scopes)
	o["token"], o["token_type"], o["expires_in"] = tok, "access", int(cr.expires.Sub(h.sim.now()).Seconds())
	c.json(http.StatusOK, o)
}

func (h *hubspot) legacyRefresh(c *call) {
	tok := c.r.PathValue("token")
	h.mu.RLock()
	defer h.mu.RUnlock()
	t := h.refresh[tok]
	if t == nil || t.grant.dead {
		h.plainError(c, http.StatusNotFound, "refresh token not found")
		return
	}
	o := h.describe(t.grant.account, t.grant.user, t.grant.app, t.grant.scopes)
	o["token"], o["token_type"] = tok, "refresh"
	c.json(http.StatusOK, o)
}

func (h *hubspot) legacyDelete(c *call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.refresh[c.r.PathValue("token")]
	if t == nil || t.grant.dead {
		h.plainError(c, http.StatusNotFound, "refresh token not found")
		return
	}
	h.kill(t.grant, false)
	c.w.WriteHeader(http.StatusNoContent)
}

// uninstall removes the app from the account whose token calls it: every token
// of that app and account is dead afterwards.
func (h *hubspot) uninstall(c *call) {
	if !h.authorized(c) {
		return
	}
	if c.cred.grant == nil {
		h.plainError(c, http.StatusForbidden, "only an app can uninstall itself")
		return
	}
	h.removeApp(c.cred.grant.app, c.cred.account)
	c.w.WriteHeader(http.StatusNoContent)
}

// admit checks the scopes of an authorization request: scope has to hold all
// that the app declares as required and nothing that it does not declare.
func (h *hubspot) admit(r *authRequest) *refusal {
	declared := append(slices.Clone(r.app.Scopes), r.app.ConditionalScopes...)
	if !subset(r.app.Scopes, r.required) || !subset(r.required, declared) {
		return &refusal{page: true, code: "scope_mismatch", description: "the scopes of the install link do not match those that the app declares as required"}
	}
	declared = append(declared, r.app.OptionalScopes...)
	for _, sc := range strings.Fields(r.asked.Get("optional_scope")) {
		// What the app never declared is dropped like what the account lacks.
		if contains(declared, sc) && !contains(r.required, sc) && !contains(r.optional, sc) {
			r.optional = append(r.optional, sc)
		}
	}
	return nil
}

// suits: a required scope that the account's tier lacks blocks the installation.
func (h *hubspot) suits(r *authRequest, a *Account) *refusal {
	for _, sc := range r.required {
		if contains(a.Lacks, sc) {
			return &refusal{page: true, code: "scope_mismatch", description: "this account cannot grant " + sc + ", so the app cannot be installed"}
		}
	}
	return nil
}
