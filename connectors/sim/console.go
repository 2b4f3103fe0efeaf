package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// consolePath is the page that stands for a provider's own settings pages.
const consolePath = "/_console/keys"

// hubspotOverlap is how long an old key works on when it is not ended at once.
const hubspotOverlap = 7 * 24 * time.Hour

type keyRow struct {
	ID, Label, Tail, Made, Ends, Kind, Owner string
}

type consolePage struct {
	Provider, Mark, Theme, Action, Fresh string
	Account                              *Account
	Accounts                             []*Account
	Keys                                 []keyRow
	HasKeys, Overlap                     bool
	Apps                                 []appRow
}

type appRow struct{ ID, Name, User string }

// showConsole lists the keys and connected apps of one account. Keys are named
// by their last four characters, as in the real consoles.
func (s *site) showConsole(c *call) {
	acct, ok := s.account(c.r.URL.Query().Get("account"))
	if !ok {
		acct = s.accounts[0] // the others are a link away
	}
	s.drawConsole(c, acct, "")
}

func (s *site) drawConsole(c *call, acct *Account, fresh string) {
	p := consolePage{
		Provider: s.name, Mark: s.name[:1], Theme: s.id, Action: consolePath, Fresh: fresh,
		Account: acct, Accounts: s.accounts, HasKeys: len(s.rules.keyKinds) > 0, Overlap: s.id == HubSpot,
	}
	for _, k := range s.keysOf(acct) {
		r := keyRow{ID: k.id, Label: k.label, Tail: tail(k.secret), Made: k.issued.Format(time.DateOnly), Kind: strings.ReplaceAll(k.kind, "_", " "), Owner: k.user.Email}
		if !k.expires.IsZero() {
			r.Ends = k.expires.Format("2006-01-02 15:04")
		}
		p.Keys = append(p.Keys, r)
	}
	s.mu.RLock()
	for _, g := range s.grants {
		row := appRow{ID: g.app.id, Name: g.app.Name, User: g.user.Email}
		if g.account == acct && !g.dead && !slices.Contains(p.Apps, row) {
			p.Apps = append(p.Apps, row)
		}
	}
	s.mu.RUnlock()
	page(c, http.StatusOK, "console.html", p, "'self'")
}

// tail is the last four characters of a key.
func tail(secret string) string { return secret[max(0, len(secret)-4):] }

// actConsole takes the forms of the console page.
func (s *site) actConsole(c *call) {
	if o := c.r.Header.Get("Origin"); o != "" && o != "http://"+c.r.Host {
		s.turnAway(c, http.StatusForbidden, "This cannot be done", "", "this form belongs to another page")
		return
	}
	acct, _, err := s.person(c.form.Get("account"), "")
	if err != nil {
		s.dialect.missing(c)
		return
	}
	fresh, ok := s.consoleAct(acct, c.form)
	if !ok {
		s.turnAway(c, http.StatusNotFound, "This cannot be done", "", "there is no such key or app any more")
		return
	}
	if fresh != "" {
		// Shown once, in the answer itself, so that it is in no address.
		s.drawConsole(c, acct, fresh)
		return
	}
	c.w.Header().Set("Location", consolePath+"?"+url.Values{"account": {acct.ID}}.Encode())
	c.w.WriteHeader(http.StatusSeeOther)
}

// consoleAct does what a button says; fresh is a key to show once.
func (s *site) consoleAct(acct *Account, form url.Values) (fresh string, ok bool) {
	var k *credential
	var err error
	switch form.Get("act") {
	case "new":
		if len(s.rules.keyKinds) == 0 {
			return "", false
		}
		// The newest kind: HubSpot lets nobody make private apps since 2026-10-26.
		kind := s.rules.keyKinds[len(s.rules.keyKinds)-1]
		k, err = s.newKey(KeyOptions{Account: acct.ID, Label: "Made by hand", Kind: kind})
	case "remove":
		a := s.appByID(form.Get("app"))
		if a == nil {
			return "", false
		}
		s.removeApp(a, acct)
		return "", true
	default:
		old := s.keyByID(acct, form.Get("key"))
		if old == nil {
			return "", false
		}
		switch form.Get("act") {
		case "delete":
			s.mu.Lock()
			old.revoked = true
			s.mu.Unlock()
			return "", true
		case "replace":
			k, err = s.replaceKey(old, 0)
		case "overlap":
			k, err = s.replaceKey(old, hubspotOverlap)
		default:
			return "", false
		}
	}
	if err != nil {
		return "", false
	}
	return k.secret, true
}

func (s *site) keyByID(a *Account, id string) *credential {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range s.creds {
		if c.grant == nil && c.account == a && c.id == id && !c.revoked {
			return c
		}
	}
	return nil
}
