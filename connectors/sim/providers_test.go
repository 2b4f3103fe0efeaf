package sim_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"crmdeck/connectors/sim"
)

func TestWriteProviders(t *testing.T) {
	w := start(t, sim.Config{})
	dir := filepath.Join(t.TempDir(), "providers")
	if err := w.sim.WriteProviders(dir); err != nil {
		t.Fatal(err)
	}
	for _, e := range w.sim.Endpoints() {
		b, err := os.ReadFile(filepath.Join(dir, e.Provider+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			ID        string            `toml:"id"`
			Endpoints map[string]string `toml:"endpoints"`
			API       map[string]string `toml:"api"`
			Console   map[string]string `toml:"console"`
			Tenancy   struct {
				Suffixes []string `toml:"host_suffixes"`
			} `toml:"tenancy"`
		}
		if err := toml.Unmarshal(b, &doc); err != nil {
			t.Fatalf("%s: %v", e.Provider, err)
		}
		if doc.ID != e.Provider || doc.Endpoints["authorize"] != e.AuthorizeURL || doc.Endpoints["token"] != e.TokenURL ||
			doc.Endpoints["revoke"] != e.RevokeURL || doc.Endpoints["introspect"] != e.IntrospectURL {
			t.Errorf("%s has %+v", e.Provider, doc)
		}
		if doc.API["base_url"] == "" && len(doc.Tenancy.Suffixes) == 0 {
			t.Errorf("%s does not say where its data is", e.Provider)
		}
		console := strings.Replace(doc.Console["keys"], "{account}", e.Account, 1)
		w.want(w.get(console, ""), 200, "", "")
		for _, secret := range []string{e.ClientSecret, e.APIKey, e.RefreshToken} {
			if secret != "" && strings.Contains(string(b), secret) {
				t.Errorf("the file of %s holds a secret", e.Provider)
			}
		}
	}
}

// The standing client, key and grant work as they are handed out.
func TestStandingEntries(t *testing.T) {
	w := start(t, sim.Config{})
	for _, e := range w.sim.Endpoints() {
		t.Run(e.Provider, func(t *testing.T) {
			a := app{id: e.ClientID, secret: e.ClientSecret, redirect: e.RedirectURIs[0]}
			tok := w.renew(e.Provider, a, e.RefreshToken)
			w.want(tok, 200, "", "")
			w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
			w.want(w.connect(e.Provider, a, sim.ConsentOptions{}), 200, "", "")
			if (e.APIKey == "") != (e.Provider == sim.Salesforce) {
				t.Error("there is a key where there is none, or none where there is one")
			}
		})
	}
}

func TestConsentFromAnotherProcess(t *testing.T) {
	w := start(t, sim.Config{})
	var query string
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { query = r.URL.RawQuery }))
	defer listener.Close()
	a := w.app(sim.Salesforce, sim.ClientOptions{RedirectURIs: []string{listener.URL + "/callback"}})
	order := func(target string) answer {
		body := strings.ReplaceAll(`{"url":"URL","login":"sales-ops@tin-whistle.example"}`, "URL", target)
		return w.send("POST", w.at(sim.Salesforce).BaseURL+"/_sim/consent", "", "application/json", body)
	}
	w.want(order(w.authorizeURL(sim.Salesforce, a)), 204, "", "")
	if !strings.Contains(query, "code=") {
		t.Errorf("the listener saw %q", query)
	}
	w.want(order("http://127.0.0.1:1/services/oauth2/authorize"), 400, "", "")
}
