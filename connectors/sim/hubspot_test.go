package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
)

func TestHubSpotCodeAndContacts(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	tok := w.connect(sim.HubSpot, a, sim.ConsentOptions{})
	w.want(tok, 200, "token_type", "bearer")
	if tok.doc["expires_in"] != 1800.0 || tok.doc["hub_id"] == nil || tok.doc["user_id"] == nil {
		t.Errorf("token answer %s", tok.body)
	}
	if scopes, ok := tok.doc["scopes"].([]any); !ok || len(scopes) != 6 {
		t.Errorf("scopes are %v, want a list of six", tok.doc["scopes"])
	}
	if len(tok.text("access_token")) < 300 {
		t.Error("access token is shorter than HubSpot's can be")
	}
	base := w.at(sim.HubSpot).BaseURL
	w.want(w.get(base+"/account-info/v3/details", tok.text("access_token")), 200, "accountType", "STANDARD")
	seen, pages, after := map[string]bool{}, 0, ""
	for {
		a := w.get(base+"/crm/v3/objects/contacts?limit=100&properties=email,firstname,lastname&after="+url.QueryEscape(after), tok.text("access_token"))
		w.want(a, 200, "", "")
		pages++
		for _, r := range a.doc["results"].([]any) {
			seen[r.(map[string]any)["id"].(string)] = true
		}
		paging, more := a.doc["paging"].(map[string]any)
		if !more {
			break
		}
		after = paging["next"].(map[string]any)["after"].(string)
	}
	if len(seen) != 250 || pages != 3 {
		t.Errorf("read %d contacts in %d pages, want 250 in 3", len(seen), pages)
	}
	w.clock.add(30 * time.Minute)
	w.want(w.get(base+"/account-info/v3/details", tok.text("access_token")), 401, "category", "EXPIRED_AUTHENTICATION")
	next := w.renew(sim.HubSpot, a, tok.text("refresh_token"))
	w.want(next, 200, "refresh_token", tok.text("refresh_token"))
	w.want(w.get(base+"/account-info/v3/details", next.text("access_token")), 200, "accountType", "STANDARD")
}

// Each row is one refusal of a token endpoint; the form starts as a good one.
func TestHubSpotTokenRefusals(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	other := w.app(sim.HubSpot, sim.ClientOptions{})
	fresh := func() string {
		return w.decide(w.authorizeURL(sim.HubSpot, a), sim.ConsentOptions{}).Get("code")
	}
	spent := fresh()
	good := func(code string) url.Values {
		return a.form("grant_type", "authorization_code", "code", code, "redirect_uri", a.redirect, "code_verifier", verifier)
	}
	w.want(w.post(w.at(sim.HubSpot).TokenURL, good(spent)), 200, "", "")
	rows := []struct{ name, field, value, status, oauth string }{
		{"spent code", "code", spent, "BAD_AUTH_CODE", "invalid_grant"},
		{"unknown code", "code", "nonsense", "BAD_AUTH_CODE", "invalid_grant"},
		{"other redirect", "redirect_uri", a.redirect + "/", "BAD_REDIRECT_URI", "invalid_grant"},
		{"no redirect", "redirect_uri", "", "BAD_REDIRECT_URI", "invalid_grant"},
		{"wrong verifier", "code_verifier", verifier + "x", "BAD_AUTH_CODE", "invalid_grant"},
		{"no verifier", "code_verifier", "", "BAD_AUTH_CODE", "invalid_grant"},
		{"unknown client", "client_id", "nobody", "BAD_CLIENT_ID", "invalid_client"},
		{"wrong secret", "client_secret", "wrong", "BAD_CLIENT_SECRET", "invalid_client"},
		{"unknown grant type", "grant_type", "password", "BAD_GRANT_TYPE", "unsupported_grant_type"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			f := good(fresh())
			f.Set(r.field, r.value)
			got := w.post(w.at(sim.HubSpot).TokenURL, f)
			w.want(got, 400, "status", r.status)
			w.want(got, 400, "error", r.oauth)
			if got.text("correlationId") == "" || got.text("error_description") == "" {
				t.Errorf("incomplete error %s", got.body)
			}
		})
	}
	f := good(fresh())
	f.Set("client_id", other.id)
	f.Set("client_secret", other.secret)
	w.want(w.post(w.at(sim.HubSpot).TokenURL, f), 400, "status", "BAD_AUTH_CODE")
	late := fresh()
	w.clock.add(11 * time.Minute)
	w.want(w.post(w.at(sim.HubSpot).TokenURL, good(late)), 400, "status", "EXPIRED_AUTH_CODE")
	w.want(w.renew(sim.HubSpot, a, "nonsense"), 400, "status", "BAD_REFRESH_TOKEN")
	basic := a.form("grant_type", "refresh_token", "refresh_token", "x")
	basic.Del("client_id")
	basic.Del("client_secret")
	req, _ := http.NewRequest("POST", w.at(sim.HubSpot).TokenURL, strings.NewReader(basic.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(a.id, a.secret)
	w.want(w.do(req), 400, "status", "BAD_CLIENT_ID")
}

func TestHubSpotTokenGenerations(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	tok := w.connect(sim.HubSpot, a, sim.ConsentOptions{})
	base, form := w.at(sim.HubSpot).BaseURL, a.form("grant_type", "refresh_token", "refresh_token", tok.text("refresh_token"))
	for _, v := range []string{"v3", "2026-03", "2026-09"} {
		got := w.post(base+"/oauth/"+v+"/token", form)
		w.want(got, 200, "token_use", "access_token")
		w.want(w.post(base+"/oauth/"+v+"/token?grant_type=refresh_token", form), 400, "error", "invalid_request")
	}
	got := w.post(base+"/oauth/v1/token?"+form.Encode(), nil)
	w.want(got, 200, "token_type", "bearer")
	if _, has := got.doc["scopes"]; has {
		t.Error("v1 lists scopes in the token answer")
	}
	w.want(w.get(base+"/oauth/v1/access-tokens/"+got.text("access_token"), ""), 200, "token_type", "access")
	w.want(w.get(base+"/oauth/v1/refresh-tokens/"+tok.text("refresh_token"), ""), 200, "token_type", "refresh")
	w.clock.add(time.Date(2027, 2, 16, 0, 0, 0, 0, time.UTC).Sub(w.clock.now()))
	w.want(w.post(base+"/oauth/v1/token", form), 404, "status", "error")
	w.want(w.post(base+"/oauth/v3/token", form), 200, "", "")
}

func TestHubSpotSharesOneRefreshToken(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	first := w.connect(sim.HubSpot, a, sim.ConsentOptions{})
	second := w.connect(sim.HubSpot, a, sim.ConsentOptions{Login: "integration@amber-kettle.example"})
	w.want(second, 200, "refresh_token", first.text("refresh_token"))
	elsewhere := w.connect(sim.HubSpot, a, sim.ConsentOptions{Account: "Paper Lantern Supply"})
	if elsewhere.text("refresh_token") == first.text("refresh_token") {
		t.Error("two accounts share a refresh token")
	}
}

// RV-10: revocation kills the refresh token only.
func TestHubSpotRevocation(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	tok, e := w.connect(sim.HubSpot, a, sim.ConsentOptions{}), w.at(sim.HubSpot)
	w.want(w.post(e.RevokeURL, url.Values{"token": {tok.text("refresh_token")}}), 400, "error", "invalid_client")
	w.want(w.post(e.RevokeURL, a.form("token", tok.text("access_token"))), 400, "error", "unsupported_token_type")
	for range 2 { // the second time is no error
		w.want(w.post(e.RevokeURL, a.form("token", tok.text("refresh_token"), "token_type_hint", "refresh_token")), 200, "", "")
	}
	w.want(w.renew(sim.HubSpot, a, tok.text("refresh_token")), 400, "status", "BAD_REFRESH_TOKEN")
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
	w.clock.add(30 * time.Minute)
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 401, "category", "EXPIRED_AUTHENTICATION")
	again := w.connect(sim.HubSpot, a, sim.ConsentOptions{})
	if again.text("refresh_token") == tok.text("refresh_token") {
		t.Error("a new consent handed out the revoked token")
	}
	gone := w.send("DELETE", e.BaseURL+"/oauth/v1/refresh-tokens/"+again.text("refresh_token"), "", "", "")
	w.want(gone, 204, "", "")
	w.want(w.renew(sim.HubSpot, a, again.text("refresh_token")), 400, "status", "BAD_REFRESH_TOKEN")
}

func TestHubSpotUninstallEndsEverything(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	tok, e := w.connect(sim.HubSpot, a, sim.ConsentOptions{}), w.at(sim.HubSpot)
	w.want(w.send("DELETE", e.BaseURL+"/appinstalls/v3/external-install", "Bearer "+tok.text("access_token"), "", ""), 204, "", "")
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 401, "category", "INVALID_AUTHENTICATION")
	w.want(w.renew(sim.HubSpot, a, tok.text("refresh_token")), 400, "status", "BAD_REFRESH_TOKEN")
	w.want(w.connect(sim.HubSpot, a, sim.ConsentOptions{}), 200, "", "")
}

func TestHubSpotIntrospection(t *testing.T) {
	w := start(t, sim.Config{})
	a, other := w.app(sim.HubSpot, sim.ClientOptions{}), w.app(sim.HubSpot, sim.ClientOptions{})
	tok, e := w.connect(sim.HubSpot, a, sim.ConsentOptions{}), w.at(sim.HubSpot)
	w.clock.add(10 * time.Minute)
	got := w.post(e.IntrospectURL, a.form("token", tok.text("access_token")))
	w.want(got, 200, "token_use", "access_token")
	if got.doc["active"] != true || got.doc["expires_in"] != 1200.0 || got.text("user") == "" || got.doc["hub_id"] == nil {
		t.Errorf("introspection says %s", got.body)
	}
	if foreign := w.post(e.IntrospectURL, other.form("token", tok.text("access_token"))); foreign.doc["active"] != false {
		t.Errorf("another app reads %s", foreign.body)
	}
	w.want(w.post(e.IntrospectURL, url.Values{"token": {"x"}}), 400, "error", "invalid_client")
}

func TestHubSpotScopes(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{Scopes: []string{"oauth", "crm.objects.contacts.read"}, OptionalScopes: []string{"automation", "crm.objects.deals.read"}})
	for _, scope := range []string{"oauth", "oauth crm.objects.contacts.read crm.export", ""} {
		if _, err := w.sim.Decide(t.Context(), w.authorizeURL(sim.HubSpot, a, "scope", scope), sim.ConsentOptions{}); err == nil {
			t.Errorf("scope %q was accepted", scope)
		}
	}
	ask := []string{"scope", "crm.objects.contacts.read oauth", "optional_scope", "automation crm.objects.deals.read crm.unknown"}
	full := w.connect(sim.HubSpot, a, sim.ConsentOptions{}, ask...)
	if n := len(full.doc["scopes"].([]any)); n != 4 {
		t.Errorf("granted %v", full.doc["scopes"])
	}
	dropped := w.connect(sim.HubSpot, a, sim.ConsentOptions{DropScopes: []string{"crm.objects.deals.read"}}, ask...)
	if n := len(dropped.doc["scopes"].([]any)); n != 3 {
		t.Errorf("granted %v", dropped.doc["scopes"])
	}
	base := w.at(sim.HubSpot).BaseURL
	w.want(w.get(base+"/crm/v3/objects/deals", full.text("access_token")), 200, "", "")
	w.want(w.get(base+"/crm/v3/objects/deals", dropped.text("access_token")), 403, "category", "MISSING_SCOPES")
	small := w.connect(sim.HubSpot, a, sim.ConsentOptions{Account: "Amber Kettle Works (sandbox)"}, ask...)
	if n := len(small.doc["scopes"].([]any)); n != 3 {
		t.Errorf("a tier without automation granted %v", small.doc["scopes"])
	}
	needy := w.app(sim.HubSpot, sim.ClientOptions{Scopes: []string{"oauth", "automation"}})
	if _, err := w.sim.Decide(t.Context(), w.authorizeURL(sim.HubSpot, needy, "scope", "oauth automation"), sim.ConsentOptions{Account: "Amber Kettle Works (sandbox)"}); err == nil {
		t.Error("a required scope that the tier lacks was granted")
	}
}

func TestHubSpotKeys(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.HubSpot)
	if !strings.HasPrefix(e.APIKey, "pat-na1-") {
		t.Errorf("private app token %q has another prefix", e.APIKey[:8])
	}
	w.want(w.get(e.WhoamiURL, e.APIKey), 200, "accountType", "STANDARD")
	info := w.send("POST", e.BaseURL+"/oauth/v2/private-apps/get/access-token-info", "", "application/json", `{"tokenKey":"`+e.APIKey+`"}`)
	w.want(info, 200, "", "")
	if info.doc["hubId"] == nil || info.doc["scopes"] == nil {
		t.Errorf("key info %s", info.body)
	}
	narrow, err := w.sim.NewKey(sim.HubSpot, sim.KeyOptions{Kind: sim.KeyService, Scopes: []string{"crm.objects.contacts.read"}})
	if err != nil {
		t.Fatal(err)
	}
	w.want(w.get(e.BaseURL+"/crm/v3/objects/contacts", narrow), 200, "", "")
	got := w.get(e.BaseURL+"/crm/v3/objects/companies", narrow)
	w.want(got, 403, "category", "MISSING_SCOPES")
	if !strings.Contains(string(got.body), `"requiredGranularScopes":["crm.objects.companies.read"]`) {
		t.Errorf("missing scopes are not named: %s", got.body)
	}
	next, err := w.sim.ReplaceKey(sim.HubSpot, narrow, 7*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(6 * 24 * time.Hour)
	w.want(w.get(e.WhoamiURL, narrow), 200, "", "")
	w.clock.add(24 * time.Hour)
	w.want(w.get(e.WhoamiURL, narrow), 401, "", "")
	w.want(w.get(e.WhoamiURL, next), 200, "", "")
	if err := w.sim.DeleteKey(sim.HubSpot, next); err != nil {
		t.Fatal(err)
	}
	w.want(w.get(e.WhoamiURL, next), 401, "category", "INVALID_AUTHENTICATION")
	short := w.get(e.WhoamiURL, "xyz")
	w.want(short, 401, "category", "EXPIRED_AUTHENTICATION") // an absurd age: malformed
}

func TestHubSpotPagesAndSearch(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.HubSpot)
	for _, q := range []string{"limit=101", "limit=0", "limit=x", "after=!!", "after=NTI1NTI1NTI1NTI1"} {
		w.want(w.get(e.BaseURL+"/crm/v3/objects/contacts?"+q, e.APIKey), 400, "status", "error")
	}
	one := w.get(e.BaseURL+"/crm/objects/2026-09/contacts?limit=1&properties=email", e.APIKey)
	props := one.doc["results"].([]any)[0].(map[string]any)["properties"].(map[string]any)
	if _, has := props["firstname"]; has || !strings.HasSuffix(props["email"].(string), ".example") {
		t.Errorf("properties are %v", props)
	}
	if def := w.get(e.BaseURL+"/crm/v3/objects/contacts", e.APIKey); len(def.doc["results"].([]any)) != 10 {
		t.Error("the default page does not hold ten")
	}
	search := e.BaseURL + "/crm/v3/objects/contacts/search"
	found := w.send("POST", search, "Bearer "+e.APIKey, "application/json", `{"limit":1}`)
	w.want(found, 200, "", "")
	if found.doc["total"] != 250.0 {
		t.Errorf("total is %v", found.doc["total"])
	}
	for _, body := range []string{`{"limit":201}`, `{"limit":100,"after":"9950"}`, `{`} {
		w.want(w.send("POST", search, "Bearer "+e.APIKey, "application/json", body), 400, "", "")
	}
}

func TestHubSpotQuota(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	tok, e := w.connect(sim.HubSpot, a, sim.ConsentOptions{}), w.at(sim.HubSpot)
	first := w.get(e.WhoamiURL, tok.text("access_token"))
	for name, want := range map[string]string{"Max": "110", "Remaining": "109", "Interval-Milliseconds": "10000"} {
		if got := first.header.Get("X-HubSpot-RateLimit-" + name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for range 109 {
		w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
	}
	over := w.get(e.WhoamiURL, tok.text("access_token"))
	w.want(over, 429, "policyName", "TEN_SECONDLY_ROLLING")
	w.want(over, 429, "errorType", "RATE_LIMIT")
	if over.header.Get("Retry-After") != "" {
		t.Error("a CRM call over the quota carries Retry-After")
	}
	w.want(w.get(e.WhoamiURL, e.APIKey), 200, "", "") // a key has its own
	w.clock.add(10 * time.Second)
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
	search := e.BaseURL + "/crm/v3/objects/contacts/search"
	for i := range 6 {
		got := w.send("POST", search, "Bearer "+e.APIKey, "application/json", `{"limit":1}`)
		if i < 5 {
			w.want(got, 200, "", "")
		} else {
			w.want(got, 429, "policyName", "SECONDLY")
		}
	}
}
