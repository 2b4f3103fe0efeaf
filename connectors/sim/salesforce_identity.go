package sim

import "net/http"

// userinfo is the identity call of OpenID Connect; it needs an identity scope.
func (f *salesforce) userinfo(c *call) {
	if !f.authorized(c) || !f.allowed(c, "id", "openid", "profile", "email", "full") {
		return
	}
	u, a := c.cred.user, c.cred.account
	c.json(http.StatusOK, obj{
		"sub": f.identityURL(c.cred), "user_id": u.ID, "organization_id": a.ID,
		"preferred_username": u.Email, "nickname": u.Name, "name": u.Name, "email": u.Email, "email_verified": true,
		"zoneinfo": a.Zone, "active": true, "urls": f.serviceURLs(),
	})
}

// identity is the page behind the id URL of the token answer.
func (f *salesforce) identity(c *call) {
	if !f.authorized(c) || !f.allowed(c, "id", "openid", "profile", "email", "full") {
		return
	}
	u, a := c.cred.user, c.cred.account
	if c.r.PathValue("org") != a.ID || c.r.PathValue("user") != u.ID {
		f.restError(c, http.StatusForbidden, "INSUFFICIENT_ACCESS", "this identity belongs to another session")
		return
	}
	c.json(http.StatusOK, obj{
		"id": f.identityURL(c.cred), "asserted_user": true, "user_id": u.ID, "organization_id": a.ID,
		"username": u.Email, "display_name": u.Name, "nick_name": u.Name, "email": u.Email, "email_verified": true,
		"urls": f.serviceURLs(), "active": true, "timezone": a.Zone,
	})
}

func (f *salesforce) serviceURLs() obj {
	data := f.base + "/services/data/v{version}/"
	return obj{"rest": data, "query": data + "query/", "sobjects": data + "sobjects/"}
}

func (f *salesforce) discovery(c *call) {
	at := f.base + "/services/oauth2/"
	c.json(http.StatusOK, obj{
		"issuer": f.base, "authorization_endpoint": at + "authorize", "token_endpoint": at + "token",
		"revocation_endpoint": at + "revoke", "introspection_endpoint": at + "introspect",
		"userinfo_endpoint": at + "userinfo", "jwks_uri": f.base + "/id/keys",
		"scopes_supported":                      []string{"api", "refresh_token", "offline_access", "id", "openid", "profile", "email", "full", "web"},
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	})
}

func (f *salesforce) keys(c *call) {
	set, err := f.sim.signer.jwks()
	if err != nil {
		f.failed(c, http.StatusInternalServerError)
		return
	}
	c.json(http.StatusOK, set)
}
