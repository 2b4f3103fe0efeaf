package sim

import (
	"strconv"
	"time"
)

// hubspot speaks as HubSpot does.
type hubspot struct{ *site }

// HubSpot's kinds of static keys.
const (
	KeyPrivateApp = "private_app_token"
	KeyService    = "service_key"
)

// hubspotV1Ends is when HubSpot retires its v1 token endpoints.
var hubspotV1Ends = time.Date(2027, 2, 16, 0, 0, 0, 0, time.UTC)

func hubspotMeanings() map[string]string {
	return map[string]string{
		"oauth":                       "See which account this is",
		"crm.objects.contacts.read":   "Read contacts",
		"crm.objects.contacts.write":  "Create, change and delete contacts",
		"crm.objects.companies.read":  "Read companies",
		"crm.objects.companies.write": "Create, change and delete companies",
		"crm.objects.deals.write":     "Create, change and delete deals",
		"crm.objects.deals.read":      "Read deals and amounts",
		"crm.objects.owners.read":     "See which person owns a record",
		"crm.schemas.contacts.read":   "Read the definitions of contact properties",
		"crm.schemas.companies.read":  "Read the definitions of company properties",
		"crm.schemas.deals.read":      "Read the definitions of deal properties",
		"crm.lists.read":              "Read lists and their members",
		"crm.export":                  "Export all records",
		"automation":                  "Create and run workflows",
	}
}

// startHubSpot makes the site HubSpot.
func startHubSpot(s *site) {
	s.id, s.name = HubSpot, "HubSpot"
	s.rules = rules{
		accessTTL: 30 * time.Minute, codeTTL: 10 * time.Minute,
		sharesGrant: true, optionalDrops: true,
		appScopes: []string{"oauth", "crm.objects.contacts.read"},
		appConditional: []string{
			"crm.objects.companies.read", "crm.objects.deals.read", "crm.objects.owners.read", "crm.schemas.contacts.read",
			"crm.objects.contacts.write", "crm.objects.companies.write", "crm.objects.deals.write",
		},
		standingScopes: []string{
			"oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read",
			"crm.objects.owners.read", "crm.schemas.contacts.read",
		},
		appOptional: []string{"crm.lists.read", "crm.schemas.companies.read", "crm.schemas.deals.read", "automation"},
		meaning:     hubspotMeanings(),
		offline:     func([]string) bool { return true },
		newClient: func(s *Sim) (string, string, error) {
			id, err := s.uuid()
			if err != nil {
				return "", "", err
			}
			secret, err := s.uuid()
			return id, secret, err
		},
		newAccess:     hubspotAccess,
		newRefresh:    hubspotRefresh,
		newKey:        hubspotKey,
		keyKinds:      []string{KeyPrivateApp, KeyService},
		authorizePath: "/oauth/authorize", tokenPath: "/oauth/v3/token", revokePath: "/oauth/v3/token/revoke",
		introspectPath: "/oauth/v3/token/introspect", whoamiPath: "/account-info/v3/details",
		deniedText: "the user denied the request",
	}
	s.accounts = accounts(
		func(n int, _ house) string { return strconv.Itoa(4_100_000 + 1117*n) },
		func(n, u int) string { return strconv.Itoa(71_000_000 + 100*n + u) },
	)
	for n, a := range s.accounts {
		// Smaller tiers: what they lack is dropped when it is optional, and
		// blocks the installation when it is required.
		switch {
		case n == len(s.accounts)-1:
			a.Lacks = []string{"automation", "crm.schemas.contacts.read"}
		case a.Sandbox:
			a.Lacks = []string{"automation"}
		}
	}
	h := &hubspot{s}
	s.dialect = h
	h.routesOAuth()
	h.routesData()
	s.common()
}

// hubspotAccess is opaque and long: HubSpot tells clients to allow for 300
// characters and more.
func hubspotAccess(s *Sim, _ *Account) (string, error) {
	tok, err := s.opaque(225)
	return "CM" + tok, err
}

func hubspotRefresh(s *Sim, a *Account) (string, error) {
	id, err := s.uuid()
	return a.region() + "-" + id, err
}

// hubspotKey makes a static key. The form of a private app token is known; that
// of a service key is not documented, so it has no prefix to rely on.
func hubspotKey(s *Sim, kind string) (string, error) {
	if kind == KeyService {
		return s.opaque(40)
	}
	id, err := s.uuid()
	return "pat-na1-" + id, err
}

// region is where HubSpot keeps the account's data.
func (a *Account) region() string {
	if a.Zone == "Europe/Berlin" || a.Zone == "Europe/Dublin" {
		return "eu1"
	}
	return "na1"
}
