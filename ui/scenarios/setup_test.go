package scenarios_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/ui/uitest"
)

// size is a screen.
type size struct{ w, h int }

var sizes = []size{{80, 24}, {120, 36}}

// hubspot sets HubSpot up by OAuth as far as the consent.
func hubspot(t *testing.T, w *world, x *uitest.Terminal) {
	t.Helper()
	id, secret := w.app(sim.HubSpot)
	x.Press("n")
	x.Want("Which CRM?")
	wantOneBar(t, x)
	x.Type("hub")
	x.WantNot("Salesforce")
	x.Press("enter")
	x.Want("does a person consent?", "does it run unattended?")
	wantOneBar(t, x)
	x.Press("enter")
	x.Want("OAuth, authorization code + PKCE", "advised", "because")
	wantOneBar(t, x)
	x.Press("enter")
	x.Want("The app at HubSpot", "/callback/hubspot")
	wantOneBar(t, x)
	x.Type(id)
	x.Press("enter")
	x.Paste(" " + secret + "\n")
	x.Want("characters, hidden")
	x.WantNot(secret)
	x.Press("enter")
	x.Want("Where does the grant come from?")
	x.Press("enter")
	x.Want("What may it do?", "✓ crm.objects.contacts.read")
	wantOneBar(t, x)
	x.Press("enter")
	x.Until("browser opened")
	x.Want("Waiting for consent", "gives up in", "client_id="+id[:8])
	wantOneBar(t, x)
}

func TestSetUpByOAuth(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := w.open(s.w, s.h)
		x.Want("No connections yet.")
		hubspot(t, w, x)
		w.consent(sim.ConsentOptions{})
		x.Until("Is this the right account?")
		x.Want("account", "granted", "6 of 6 scopes")
		if n, _, _ := w.stored(); n != 0 {
			t.Fatalf("%d connections are stored before the account was confirmed", n)
		}
		x.Press("e")
		x.Press("ctrl+u")
		x.Type("hubspot-crm")
		x.Press("tab")
		x.Type("mira")
		wantOneBar(t, x)
		x.Press("enter")
		x.Until("✓ hubspot-crm works")
		x.Want("230", "crm.objects.contacts.read")
		wantOneBar(t, x)
		x.Press("enter")
		x.Until("● healthy")
		x.Want("hubspot-crm")
		c, g := w.connection("hubspot-crm")
		if c.Owner != "mira" || len(c.Tests) != 1 || g.Access == nil || g.Refresh == nil || c.Decision == nil {
			t.Errorf("stored %+v", c)
		}
		if _, clients, drafts := w.stored(); clients != 1 || drafts != 0 {
			t.Errorf("%d clients, %d drafts", clients, drafts)
		}
	}
}

// The registration is remembered and offered for the next connection.
func TestSetUpWithARememberedApp(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{})
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	x.Press("enter")
	x.Press("n")
	x.Type("hub")
	x.Press("enter", "enter", "enter")
	x.Want("Which app at HubSpot?", "used by hubspot-", "another app")
	x.Press("enter", "enter", "enter")
	x.Until("browser opened")
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[1].Name})
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	if n, clients, _ := w.stored(); n != 2 || clients != 1 {
		t.Errorf("%d connections, %d clients", n, clients)
	}
}

func TestSetUpByKey(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := w.open(s.w, s.h)
		key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
		must(t, err)
		x.Press("n")
		x.Type("clo")
		x.Press("enter", "enter")
		x.Want("How should it authenticate?", "API key")
		for !strings.Contains(focused(x), "API key") {
			x.Press("down")
		}
		x.Press("enter")
		x.Want("The key from Close")
		x.Paste("api_wrong.key")
		x.Press("enter")
		x.Until("× Close does not accept this key")
		x.Press("ctrl+u")
		x.Paste(key)
		x.Press("tab")
		x.Type("2020-13-01")
		x.Press("enter")
		x.Want("The day is written 2026-01-31")
		wantOneBar(t, x)
		x.Press("ctrl+u")
		x.Type("2026-01-31")
		x.Press("enter")
		x.Until("Is this the right account?")
		x.WantNot(key)
		x.Press("enter")
		x.Until("objects read in")
		x.Press("enter")
		x.Until("close-")
		if n, _, _ := w.stored(); n != 1 {
			t.Errorf("%d connections", n)
		}
	}
}

// focused is the line with the focus bar.
func focused(x *uitest.Terminal) string {
	for _, l := range x.Lines() {
		if strings.Contains(l, "▌") {
			return l
		}
	}
	return ""
}

func TestCancelledConsentStoresNothing(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	x.Press("esc")
	x.Until("What may it do?")
	x.Press("esc")
	x.Until("kept as a draft")
	n, clients, drafts := w.stored()
	if n != 0 || clients != 0 || drafts != 1 {
		t.Errorf("%d connections, %d clients, %d drafts", n, clients, drafts)
	}
	// The draft goes on where it was; what is secret is asked for again.
	x.Press("n")
	x.Want("A set-up was left before its end", "HubSpot")
	x.Press("down", "enter")
	x.Until("The app at HubSpot")
	x.Want("client id")
	x.Press("esc")
	x.Until("No connections yet.")
	x.Press("n", "down", "D")
	x.UntilNot("left now")
	if _, _, drafts := w.stored(); drafts != 0 {
		t.Error("the draft is still there")
	}
}

// A denial comes back to the step before, and says so.
func TestDeniedConsent(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{Deny: true})
	x.Until("What may it do?")
	for _, s := range []size{{80, 24}, {40, 12}, {120, 36}} {
		x.Resize(s.w, s.h)
		x.Want("× Consent was not given at HubSpot.")
		wantOneBar(t, x)
	}
	x.Press("enter")
	x.Until("browser opened")
	w.consent(sim.ConsentOptions{})
	x.Until("Is this the right account?")
}

// The wrong account is answered with no: the grant is taken back at once.
func TestWrongAccountIsTakenBack(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{})
	x.Until("Is this the right account?")
	x.Press("esc")
	x.Until("What may it do?")
	counters, err := w.sim.Counters(sim.HubSpot)
	must(t, err)
	if counters["revoke"] == 0 {
		t.Errorf("the grant was not revoked: %v", counters)
	}
	if n, _, _ := w.stored(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

// SC-7: reconnecting with another account needs a confirmation of its own.
func TestReconnect(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[0].Name})
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	x.Press("enter")
	x.Want("● healthy")
	name := ""
	must(t, w.st.Read(t.Context(), func(r store.Reader) error {
		all, err := r.Summaries()
		name = all[0].Name
		return err
	}))
	_, before := w.connection(name)
	x.Press("c")
	x.Until("browser opened")
	x.Want("reconnect")
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[1].Name})
	x.Until("Is this the right account?")
	x.Want("was connected to", "store it although the account is another")
	wantOneBar(t, x)
	x.Press("enter")
	x.Want("confirm that first")
	x.Press("esc")
	x.Until("What may it do?")
	x.Press("enter")
	x.Until("browser opened")
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[0].Name})
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("works again")
	if n, _, _ := w.stored(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if _, after := w.connection(name); after.Family == before.Family {
		t.Error("the grant is the old one")
	}
}

// Every step can be gone back to, and what was answered is still there.
func TestGoingBack(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	x.Press("n")
	x.Type("sales")
	x.Press("enter")
	x.Press("down", "space")
	x.Want("yes   ✓ no")
	x.Press("enter")
	x.Until("How should it authenticate?")
	x.Press("w")
	x.Want("in all")
	x.Press("shift+tab")
	x.Until("is the data personal?")
	x.Want("yes   ✓ no")
	x.Press("shift+tab")
	x.Until("Which CRM?")
	wantOneBar(t, x)
	x.Press("enter", "enter", "enter")
	x.Until("Which Salesforce?")
	x.Want("✓ production", "sandbox", "another")
	x.Press("right", "right", "down")
	x.Type("lightning.force.com")
	x.Press("enter")
	x.Want("This does not look right")
	x.Press("ctrl+u")
	x.Type("https://acme.my.salesforce.com/")
	x.Press("enter")
	x.Until("The app at Salesforce")
	x.Press("shift+tab")
	x.Until("Which Salesforce?")
}

// An existing grant is taken over: nobody consents, its token is tried once.
func TestTakeOver(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	ep, err := w.sim.Endpoint(sim.HubSpot)
	must(t, err)
	x.Press("n")
	x.Type("hub")
	x.Press("enter", "enter", "enter")
	x.Want("The app at HubSpot")
	x.Type(ep.ClientID)
	x.Press("enter")
	x.Paste(ep.ClientSecret)
	x.Press("enter")
	x.Want("Where does the grant come from?")
	x.Press("down", "enter", "enter")
	x.Want("The refresh token that is handed over")
	x.Paste(ep.RefreshToken)
	x.WantNot(ep.RefreshToken)
	x.Press("enter")
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	if len(w.urls) != 0 {
		t.Error("a browser was opened")
	}
}

// Salesforce tells no lifetime, and asks where people sign in.
func TestSetUpSalesforce(t *testing.T) {
	w := newWorld(t)
	x := w.open(80, 24)
	id, secret := w.app(sim.Salesforce)
	x.Press("n")
	x.Type("sales")
	x.Press("enter", "enter", "enter")
	x.Until("Where do people sign in?")
	wantOneBar(t, x)
	x.Press("enter")
	x.Want("The app at Salesforce")
	x.Type(id)
	x.Press("tab")
	x.Paste(secret)
	x.Press("enter", "enter", "enter")
	x.Until("browser opened")
	w.consent(sim.ConsentOptions{})
	x.Until("Is this the right account?")
	x.Want("can be refreshed", "prod")
	x.Press("e", "tab", "tab", "ctrl+u")
	x.Type("live")
	x.Press("enter")
	x.Want("× The environment is prod")
	x.Press("ctrl+u")
	x.Type("prod")
	x.Press("enter")
	x.Until("objects read in")
}

// ctrl+c ends the wait, then the set-up, and never the program in the middle of one.
func TestInterrupt(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	hubspot(t, w, x)
	x.Press("ctrl+c")
	x.Until("What may it do?")
	x.Press("ctrl+c")
	x.Until("kept as a draft")
	if x.Ended() {
		t.Fatal("the program ended")
	}
}

// The demo's key lets the simulated person consent where no browser can be opened.
func TestSimulatedPersonConsents(t *testing.T) {
	w := newWorld(t)
	w.deps.OpenBrowser = func(string) error { return errNoBrowser }
	w.deps.Demo = person{w: w}
	x := w.open(120, 36)
	x.Press("n")
	id, secret := w.app(sim.HubSpot)
	x.Type("hub")
	x.Press("enter", "enter", "enter")
	x.Type(id)
	x.Press("enter")
	x.Paste(secret)
	x.Press("enter", "enter", "enter")
	x.Until("no browser could be opened here")
	x.Want("i let the simulated person consent")
	x.Press("i")
	x.Until("Is this the right account?")
}

// On a reconnect the simulated person is who consented before.
func TestSimulatedPersonKeepsTheAccount(t *testing.T) {
	w := newWorld(t)
	w.deps.Demo = person{w: w}
	x := w.open(120, 36)
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[2].Name})
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	x.Press("enter")
	x.Want("● healthy")
	x.Press("c")
	x.Until("browser opened")
	x.Press("i")
	x.Until("Is this the right account?")
	x.WantNot("was connected to")
	x.Press("esc")
	x.Until("nothing was stored; the new grant was taken back")
}

var errNoBrowser = errors.New("no browser")

// person is the demo's controls with a clock that stands.
type person struct {
	w   *world
	key string // that Retire deletes
}

func (person) Speed() float64   { return 1 }
func (person) SetSpeed(float64) {}
func (p person) Consent(ctx context.Context, url string, as store.Account) error {
	return p.w.sim.Consent(ctx, url, sim.ConsentOptions{Account: as.ID, Login: as.User})
}

func (p person) Retire(context.Context, store.ID) error {
	return p.w.sim.DeleteKey(sim.Close, p.key)
}
