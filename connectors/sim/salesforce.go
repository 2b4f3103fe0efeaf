package sim

import (
	"fmt"
	"time"
)

// salesforce speaks as Salesforce does. Login host and every org's instance are
// one listener here; sandboxes are orgs of their own.
type salesforce struct{ *site }

// startSalesforce makes the site Salesforce.
func startSalesforce(s *site) {
	s.id, s.name = Salesforce, "Salesforce"
	s.rules = rules{
		// The session policy: two hours, extended by use. A code's 15 minutes are quoted, not documented.
		accessTTL: 2 * time.Hour, codeTTL: 15 * time.Minute, sliding: true,
		approvals: 5, idle: 30 * 24 * time.Hour,
		appScopes:      []string{"api", "refresh_token", "offline_access", "id", "openid", "profile", "email"},
		standingScopes: []string{"api", "refresh_token", "id"},
		meaning: map[string]string{
			"api": "Read and change everything this user may, over the API", "refresh_token": "Do so at any time, without you",
			"id": "See who you are", "openid": "Confirm your identity", "profile": "See your profile", "email": "See your email address",
			"full": "All data and actions of this user", "web": "Open a browser session as you",
		},
		offline: func(scopes []string) bool { return contains(scopes, "refresh_token") },
		newClient: func(s *Sim) (string, string, error) {
			id, err := s.word(76)
			if err != nil {
				return "", "", err
			}
			secret, err := s.bytes(32)
			return "3MVG9" + id, fmt.Sprintf("%X", secret), err
		},
		newAccess: func(s *Sim, a *Account) (string, error) {
			tok, err := s.word(96)
			return a.ID[:15] + "!" + tok, err
		},
		newRefresh: func(s *Sim, _ *Account) (string, error) {
			tok, err := s.word(80)
			return "5Aep861" + tok, err
		},
		authorizePath: "/services/oauth2/authorize", tokenPath: "/services/oauth2/token",
		revokePath: "/services/oauth2/revoke", introspectPath: "/services/oauth2/introspect",
		whoamiPath: "/services/oauth2/userinfo", discoveryPath: "/.well-known/openid-configuration",
		deniedText: "end-user denied authorization", instanceHost: true,
	}
	s.accounts = accounts(
		func(n int, _ house) string { return fmt.Sprintf("00D5e00000000%02dEAA", n) },
		func(n, u int) string { return fmt.Sprintf("0055e00000%02d%03dAAA", n, u) },
	)
	f := &salesforce{s}
	s.dialect, s.rules.endpoint = f, f.endpointOf
	f.routesOAuth()
	f.routesData()
	s.names = append(s.names, "contacts", "companies", "deals", "count")
	s.common()
}
