package sim

import "strings"

// Account is one customer of a provider: a portal, org or organization. All
// names are invented.
type Account struct {
	ID      string `json:"id"`   // hub id, org id or organization id
	Name    string `json:"name"` // plainly fictional
	Sandbox bool   `json:"sandbox"`
	// Lacks are scopes that the account's tier cannot grant (HubSpot).
	Lacks  []string `json:"lacks,omitempty"`
	Zone   string   `json:"zone"`
	Logins []Login  `json:"logins"`

	ordinal int // seeds the records, so that accounts differ
}

// Login is a person of an account who can consent.
type Login struct {
	Email string `json:"email"`
	ID    string `json:"id"`
	Name  string `json:"name"`
}

// house is an invented customer of all three providers.
type house struct {
	name, domain string
	sandbox      bool
	zone         string
}

// houses are in the order in which consent pages list them: the first is what
// a person who only presses Allow picks.
func houses() []house {
	return []house{
		{"Amber Kettle Works", "amber-kettle.example", false, "Europe/Berlin"},
		{"Amber Kettle Works (sandbox)", "amber-kettle.example", true, "Europe/Berlin"},
		{"Paper Lantern Supply", "paper-lantern.example", false, "America/New_York"},
		{"Paper Lantern Supply (sandbox)", "paper-lantern.example", true, "America/New_York"},
		{"Tin Whistle Freight", "tin-whistle.example", false, "Europe/Dublin"},
		{"Velvet Anvil Foundry", "velvet-anvil.example", false, "Asia/Tokyo"},
		{"Quiet Lighthouse Media", "quiet-lighthouse.example", false, "Australia/Sydney"},
		{"Copper Pigeon Post", "copper-pigeon.example", false, "America/Chicago"},
	}
}

// staff are the roles that each house has a login for.
func staff() []struct{ local, name string } {
	return []struct{ local, name string }{
		{"crm-admin", "Ada Fictional"},
		{"integration", "Integration User"},
		{"sales-ops", "Sam Sample"},
	}
}

// accounts builds the customers of one provider. id names account n, userID
// login u of it.
func accounts(id func(n int, h house) string, userID func(n, u int) string) []*Account {
	var out []*Account
	for n, h := range houses() {
		a := &Account{ID: id(n, h), Name: h.name, Sandbox: h.sandbox, Zone: h.zone, ordinal: n}
		for u, p := range staff() {
			email := p.local + "@" + h.domain
			if h.sandbox {
				// A sandbox login is another user, spelled after its production twin.
				email += ".test"
			}
			a.Logins = append(a.Logins, Login{Email: email, ID: userID(n, u), Name: p.name})
		}
		out = append(out, a)
	}
	return out
}

// login finds a person by address or user id.
func (a *Account) login(name string) (Login, bool) {
	for _, l := range a.Logins {
		if strings.EqualFold(l.Email, name) || l.ID == name {
			return l, true
		}
	}
	return Login{}, false
}

// account finds one by id or name.
func (s *site) account(name string) (*Account, bool) {
	for _, a := range s.accounts {
		if a.ID == name || a.Name == name {
			return a, true
		}
	}
	return nil, false
}

// contactsOf is how many contacts an account holds.
func (s *site) contactsOf(a *Account) int {
	if a.Sandbox {
		return (s.sim.cfg.Contacts + 19) / 20
	}
	return s.sim.cfg.Contacts
}

// Accounts lists the customers and logins of a provider.
func (s *Sim) Accounts(provider string) ([]Account, error) {
	st, err := s.site(provider)
	if err != nil {
		return nil, err
	}
	var out []Account
	for _, a := range st.accounts {
		out = append(out, *a)
	}
	return out, nil
}
