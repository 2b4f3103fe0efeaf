package sim_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"crmdeck/connectors/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A common OAuth library, told nothing of this simulation, gets through.
func TestCommonLibrary(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Salesforce, sim.Close} {
		t.Run(provider, func(t *testing.T) {
			w := start(t, sim.Config{})
			a, e := w.app(provider, sim.ClientOptions{Rotate: true}), w.at(provider)
			cfg := oauth2.Config{
				ClientID: a.id, ClientSecret: a.secret, RedirectURL: a.redirect, Scopes: []string{scopesOf(provider)},
				Endpoint: oauth2.Endpoint{AuthURL: e.AuthorizeURL, TokenURL: e.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
			}
			secret := oauth2.GenerateVerifier()
			q := w.decide(cfg.AuthCodeURL("st", oauth2.S256ChallengeOption(secret)), sim.ConsentOptions{})
			tok, err := cfg.Exchange(t.Context(), q.Get("code"), oauth2.VerifierOption(secret))
			if err != nil {
				t.Fatal(err)
			}
			old := &oauth2.Token{RefreshToken: tok.RefreshToken}
			next, err := cfg.TokenSource(t.Context(), old).Token()
			if err != nil {
				t.Fatal(err)
			}
			w.want(w.get(e.WhoamiURL, next.AccessToken), 200, "", "")
			if rotated := next.RefreshToken != tok.RefreshToken; rotated == (provider == sim.HubSpot) {
				t.Errorf("rotated: %t", rotated)
			}
			n, err := w.sim.Counters(provider)
			if err != nil || n["token.authorization_code"] != 1 || n["token.refresh"] != 1 || n["authorize"] != 1 {
				t.Errorf("counted %v, %v", n, err)
			}
		})
	}
}

func TestClockAndLifetimes(t *testing.T) {
	w := start(t, sim.Config{AccessTTL: 7 * time.Minute})
	for _, provider := range []string{sim.HubSpot, sim.Close} {
		a := w.app(provider, sim.ClientOptions{})
		tok := w.connect(provider, a, sim.ConsentOptions{})
		if tok.doc["expires_in"] != 420.0 {
			t.Errorf("%s: expires_in is %v", provider, tok.doc["expires_in"])
		}
		if got := tok.header.Get("Date"); got != "Tue, 24 Nov 2026 12:00:00 GMT" {
			t.Errorf("%s: Date is %q", provider, got)
		}
	}
}

func TestCodeFloor(t *testing.T) {
	w := start(t, sim.Config{CodeFloor: time.Hour})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	q := w.decide(w.authorizeURL(sim.Salesforce, a), sim.ConsentOptions{})
	w.clock.add(30 * 24 * time.Hour)
	w.want(w.post(w.at(sim.Salesforce).TokenURL, a.form("grant_type", "authorization_code", "code", q.Get("code"),
		"redirect_uri", a.redirect, "code_verifier", verifier)), 200, "token_type", "Bearer")
}

func TestAccountsDiffer(t *testing.T) {
	w := start(t, sim.Config{Contacts: 1000})
	accounts, err := w.sim.Accounts(sim.HubSpot)
	if err != nil || len(accounts) < 6 {
		t.Fatalf("%d accounts, %v", len(accounts), err)
	}
	seen := map[string]string{}
	for _, a := range accounts {
		key, err := w.sim.NewKey(sim.HubSpot, sim.KeyOptions{Account: a.ID})
		if err != nil {
			t.Fatal(err)
		}
		e := w.at(sim.HubSpot)
		first := w.get(e.BaseURL+"/crm/v3/objects/contacts?limit=5", key)
		if other, same := seen[string(first.body)]; same {
			t.Errorf("%s and %s hold the same first contacts", a.Name, other)
		}
		seen[string(first.body)] = a.Name
		total := w.send("POST", e.BaseURL+"/crm/v3/objects/contacts/search", "Bearer "+key, "application/json", `{"limit":1}`)
		if want := map[bool]float64{false: 1000, true: 50}[a.Sandbox]; total.doc["total"] != want {
			t.Errorf("%s holds %v contacts, want %v", a.Name, total.doc["total"], want)
		}
		info := w.get(e.WhoamiURL, key)
		w.want(info, 200, "accountType", map[bool]string{false: "STANDARD", true: "SANDBOX"}[a.Sandbox])
	}
}
