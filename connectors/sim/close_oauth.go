package sim

import (
	"net/http"
	"slices"
	"strings"
)

func (k *closeCRM) routesOAuth() {
	k.slash("POST", "/oauth2/token/", "token", kindOAuth, k.token)
	k.slash("POST", "/oauth2/revoke/", "revoke", kindOAuth, k.revoke)
}

func (k *closeCRM) oauthClient(c *call) *app {
	a := k.appByID(c.form.Get("client_id"))
	if a == nil || !k.authentic(a, c.form.Get("client_secret")) {
		k.oauthError(c, "invalid_client")
		return nil
	}
	return a
}

// token exchanges codes, whose documented request has no redirect_uri, and
// rotates refresh tokens strictly: the old one is dead at once.
func (k *closeCRM) token(c *call) {
	grant := c.form.Get("grant_type")
	if grant != "authorization_code" && grant != "refresh_token" {
		c.json(http.StatusBadRequest, obj{"error": "unsupported_grant_type"})
		return
	}
	a := k.oauthClient(c)
	if a == nil {
		return
	}
	var is *issued
	var err error
	if grant == "refresh_token" {
		var fault renewFault
		if is, fault, err = k.renew(c, a, c.form); err == nil && fault != renewGood {
			k.oauthError(c, "invalid_grant")
			return
		}
	} else {
		code, fault := k.redeem(a, c.form, false)
		if fault != codeGood {
			k.oauthError(c, "invalid_grant")
			return
		}
		is, err = k.exchange(c, code)
	}
	if err != nil {
		k.failed(c, http.StatusInternalServerError)
		return
	}
	o := obj{
		"token_type": "Bearer", "access_token": is.access.secret, "expires_in": int(k.ttl().Seconds()),
		"scope": strings.Join(is.access.scopes, " "), "organization_id": is.access.account.ID, "user_id": is.access.user.ID,
	}
	if is.refresh != "" {
		o["refresh_token"] = is.refresh
	}
	c.json(http.StatusOK, o)
}

// revoke ends the given token and no other: what becomes of its sibling is not stated.
func (k *closeCRM) revoke(c *call) {
	a := k.oauthClient(c)
	if a == nil {
		return
	}
	tok := c.form.Get("token")
	k.mu.Lock()
	if t := k.refresh[tok]; t != nil && t.grant.app == a && !t.spent {
		k.kill(t.grant, false)
	} else if cr := k.creds[tok]; cr != nil && cr.grant != nil && cr.grant.app == a {
		cr.revoked = true
	}
	k.mu.Unlock()
	c.bytes(http.StatusOK, "application/json", []byte("{}"))
}

// admit: the scopes are two, and leaving scope out asks for both.
func (k *closeCRM) admit(r *authRequest) *refusal {
	if len(r.required) == 0 {
		r.required = slices.Clone(k.rules.appScopes)
	}
	for _, sc := range r.required {
		if !contains(k.rules.appScopes, sc) {
			return &refusal{code: "invalid_scope", description: "unknown scope"}
		}
	}
	return nil
}

// suits: an app that Close has not reviewed works in its own organization only.
func (k *closeCRM) suits(r *authRequest, a *Account) *refusal {
	own := r.app.Organization
	if own == "" {
		own = k.accounts[0].ID
	}
	if !r.app.Reviewed && own != a.ID && own != a.Name {
		return &refusal{page: true, code: "access_denied", description: "this app is private to another organization"}
	}
	return nil
}
