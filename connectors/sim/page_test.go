package sim_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"crmdeck/connectors/sim"
)

// The consent page shows what a client says, and runs none of it.
func TestConsentPageIsInert(t *testing.T) {
	w := start(t, sim.Config{})
	evil := `<script>alert(1)</script>"'>`
	a := w.app(sim.HubSpot, sim.ClientOptions{Name: evil, OptionalScopes: []string{"automation"}, Scopes: []string{"oauth"}})
	page := w.get(w.authorizeURL(sim.HubSpot, a, "scope", "oauth", "optional_scope", "automation", "state", evil), "")
	w.want(page, 200, "", "")
	body := string(page.body)
	if strings.Contains(body, "<script") || !strings.Contains(body, "&lt;script&gt;") {
		t.Error("the app's name is not escaped")
	}
	csp := page.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self' http://localhost:59999") {
		t.Errorf("policy is %q", csp)
	}
	if page.header.Get("Cache-Control") != "no-store" || !strings.Contains(strings.ToLower(body), "simulated") {
		t.Error("the page may be cached, or does not say that it is simulated")
	}
	for _, part := range []string{`type="radio"`, `name="scope" value="automation"`, `value="deny"`, `value="allow"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the page has no %s", part)
		}
	}
	refused := w.get(w.authorizeURL(sim.HubSpot, a, "scope", evil), "")
	if refused.status != 400 || strings.Contains(string(refused.body), "<script") {
		t.Errorf("the refusal is %d %s", refused.status, refused.body)
	}
	style := w.get(w.at(sim.HubSpot).BaseURL+"/_sim/style.css", "")
	if style.status != 200 || !strings.Contains(string(style.body), "prefers-color-scheme: dark") {
		t.Error("there is no style for dark screens")
	}
}

func TestConsentPageIsUsedOnce(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	number := func() string {
		page := w.get(w.authorizeURL(sim.HubSpot, a), "")
		return regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(string(page.body))[1]
	}
	e := w.at(sim.HubSpot)
	form := url.Values{"request": {number()}, "decision": {"allow"}, "account": {e.Account + "/71000000"}}
	w.want(w.post(e.AuthorizeURL, form), 303, "", "")
	w.want(w.post(e.AuthorizeURL, form), 400, "", "")
	form.Set("request", number())
	form.Set("account", e.Account+"/1")
	w.want(w.post(e.AuthorizeURL, form), 400, "", "")
	foreign := url.Values{"request": {number()}, "decision": {"allow"}, "account": {e.Account + "/71000000"}}
	if got := w.sendFrom("http://evil.example", e.AuthorizeURL, foreign); got.status != 400 {
		t.Errorf("a foreign form got %d", got.status)
	}
}

func (w *world) sendFrom(origin, target string, form url.Values) answer {
	w.Helper()
	req, err := newForm(target, form)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	return w.do(req)
}

// A person deletes and replaces keys on the console page, without scripts.
func TestConsolePage(t *testing.T) {
	for _, provider := range []string{sim.HubSpot, sim.Close} {
		t.Run(provider, func(t *testing.T) {
			w := start(t, sim.Config{})
			e := w.at(provider)
			alive := func(key string) bool {
				if provider == sim.Close {
					return w.basic("GET", e.WhoamiURL, key, "", "").status == 200
				}
				return w.get(e.WhoamiURL, key).status == 200
			}
			page := w.get(e.ConsoleURL, "")
			w.want(page, 200, "", "")
			body := string(page.body)
			if !strings.Contains(body, "…"+e.APIKey[len(e.APIKey)-4:]) || strings.Contains(body, e.APIKey) {
				t.Error("the key is not listed by its last four characters")
			}
			id := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(body)[1]
			console := strings.SplitN(e.ConsoleURL, "?", 2)[0]
			fresh := w.post(console, url.Values{"account": {e.Account}, "act": {"new"}})
			made := regexp.MustCompile(`class="secret">([^<]+)<`).FindStringSubmatch(string(fresh.body))
			if made == nil || !alive(made[1]) || !alive(e.APIKey) {
				t.Fatal("a new key does not work beside the old one")
			}
			w.want(w.sendFrom("http://evil.example", console, url.Values{"account": {e.Account}, "act": {"delete"}, "key": {id}}), 403, "", "")
			w.want(w.post(console, url.Values{"account": {e.Account}, "act": {"delete"}, "key": {"nonsense"}}), 404, "", "")
			w.want(w.post(console, url.Values{"account": {e.Account}, "act": {"delete"}, "key": {id}}), 303, "", "")
			if alive(e.APIKey) || !alive(made[1]) {
				t.Error("deleting one key ended the other one, or neither")
			}
			w.want(w.post(console, url.Values{"account": {e.Account}, "act": {"remove"}, "app": {e.ClientID}}), 303, "", "")
			standing := app{id: e.ClientID, secret: e.ClientSecret}
			w.want(w.renew(provider, standing, e.RefreshToken), 400, "error", "invalid_grant")
		})
	}
}
