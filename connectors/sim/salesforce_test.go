package sim_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
)

func TestSalesforceTokenAnswer(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	w.want(tok, 200, "token_type", "Bearer")
	w.want(tok, 200, "instance_url", e.BaseURL)
	if _, has := tok.doc["expires_in"]; has {
		t.Error("there is an expires_in")
	}
	if tok.text("issued_at") != strconv.FormatInt(w.clock.now().UnixMilli(), 10) {
		t.Errorf("issued_at is %v", tok.doc["issued_at"])
	}
	m := hmac.New(sha256.New, []byte(a.secret))
	m.Write([]byte(tok.text("id") + tok.text("issued_at")))
	w.want(tok, 200, "signature", base64.StdEncoding.EncodeToString(m.Sum(nil)))
	if !strings.HasPrefix(tok.text("access_token"), "00D") || !strings.Contains(tok.text("access_token"), "!") {
		t.Error("the access token has another shape")
	}
	w.want(w.get(tok.text("id"), tok.text("access_token")), 200, "id", tok.text("id"))
	info := w.get(e.WhoamiURL, tok.text("access_token"))
	w.want(info, 200, "sub", tok.text("id"))
	w.want(info, 200, "preferred_username", "crm-admin@amber-kettle.example")
	again := w.renew(sim.Salesforce, a, tok.text("refresh_token"))
	w.want(again, 200, "", "")
	if _, has := again.doc["refresh_token"]; has {
		t.Error("a refresh without rotation carries a refresh token")
	}
}

func TestSalesforceIDToken(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok := w.connect(sim.Salesforce, a, sim.ConsentOptions{}, "scope", "openid api")
	if strings.Count(tok.text("id_token"), ".") != 2 || tok.text("refresh_token") != "" {
		t.Errorf("answer %s", tok.body)
	}
	doc := w.get(w.at(sim.Salesforce).DiscoveryURL, "")
	w.want(doc, 200, "issuer", w.at(sim.Salesforce).BaseURL)
	if keys := w.get(doc.text("jwks_uri"), ""); keys.doc["keys"] == nil {
		t.Errorf("keys are %s", keys.body)
	}
}

func TestSalesforceAuthorizeRefusals(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	rows := []struct{ name, key, value, code string }{
		{"no pkce", "code_challenge", "", "invalid_request"},
		{"plain pkce", "code_challenge_method", "plain", "invalid_request"},
		{"foreign scope", "scope", "api web", "invalid_scope"},
		{"no response type", "response_type", "", "unsupported_response_type"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if q := w.decide(w.authorizeURL(sim.Salesforce, a, r.key, r.value), sim.ConsentOptions{}); q.Get("error") != r.code || q.Get("state") != "st-1" {
				t.Errorf("redirect carries %v, want %s", q, r.code)
			}
		})
	}
	for key, value := range map[string]string{"client_id": "nobody", "redirect_uri": a.redirect + "x"} {
		if got := w.get(w.authorizeURL(sim.Salesforce, a, key, value), ""); got.status != 400 || got.header.Get("Location") != "" {
			t.Errorf("a wrong %s is answered with %d to %q", key, got.status, got.header.Get("Location"))
		}
	}
	old := w.app(sim.Salesforce, sim.ClientOptions{NoPKCE: true})
	if q := w.decide(w.authorizeURL(sim.Salesforce, old, "code_challenge", "", "code_challenge_method", ""), sim.ConsentOptions{}); q.Get("code") == "" {
		t.Errorf("an app without PKCE got %v", q)
	}
	all := w.connect(sim.Salesforce, a, sim.ConsentOptions{}, "scope", "")
	if !strings.Contains(all.text("scope"), "refresh_token") || !strings.Contains(all.text("scope"), "email") {
		t.Errorf("without scope the app got %q", all.text("scope"))
	}
	if q := w.decide(w.authorizeURL(sim.Salesforce, a), sim.ConsentOptions{Deny: true}); q.Get("error_description") != "end-user denied authorization" {
		t.Errorf("denial reads %v", q)
	}
}

func TestSalesforceTokenRefusals(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	rows := []struct{ name, field, value, err, text string }{
		{"unknown client", "client_id", "nobody", "invalid_client_id", "client identifier invalid"},
		{"wrong secret", "client_secret", "wrong", "invalid_client", "invalid client credentials"},
		{"other redirect", "redirect_uri", "http://localhost:1/x", "redirect_uri_mismatch", "redirect_uri must match configuration"},
		{"wrong verifier", "code_verifier", verifier + "x", "invalid_grant", "invalid code verifier"},
		{"unknown code", "code", "nonsense", "invalid_grant", "invalid authorization code"},
		{"other grant", "grant_type", "password", "unsupported_grant_type", "grant type not supported"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			code := w.decide(w.authorizeURL(sim.Salesforce, a), sim.ConsentOptions{}).Get("code")
			f := a.form("grant_type", "authorization_code", "code", code, "redirect_uri", a.redirect, "code_verifier", verifier)
			f.Set(r.field, r.value)
			got := w.post(w.at(sim.Salesforce).TokenURL, f)
			w.want(got, 400, "error", r.err)
			w.want(got, 400, "error_description", r.text)
		})
	}
}

// A spent refresh token that comes again ends the family, access tokens included.
func TestSalesforceReuseKillsTheFamily(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{Rotate: true})
	first := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	second := w.renew(sim.Salesforce, a, first.text("refresh_token"))
	if second.text("refresh_token") == "" || second.text("refresh_token") == first.text("refresh_token") {
		t.Fatalf("no rotation: %s", second.body)
	}
	e := w.at(sim.Salesforce)
	w.want(w.get(e.WhoamiURL, second.text("access_token")), 200, "", "")
	w.want(w.renew(sim.Salesforce, a, first.text("refresh_token")), 400, "error", "invalid_grant")
	w.want(w.renew(sim.Salesforce, a, second.text("refresh_token")), 400, "error", "invalid_grant")
	for _, tok := range []answer{first, second} {
		w.want(w.get(e.WhoamiURL, tok.text("access_token")), 401, "errorCode", "INVALID_SESSION_ID")
	}
}

// RF-1: of two refreshes of one token that overlap, one is told to wait.
func TestSalesforceBusy(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{Rotate: true})
	tok := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	// The first one is held until all others have their answer.
	w.fault("salesforce.token.refresh.latency(1h)*1")
	got := make(chan answer, 8)
	for range 8 {
		go func() { got <- w.renew(sim.Salesforce, a, tok.text("refresh_token")) }()
	}
	for range 7 {
		w.want(<-got, 400, "error_description", "Token request is already being processed")
	}
	w.sim.ClearFaults()
	next := <-got
	w.want(next, 200, "", "")
	w.want(w.renew(sim.Salesforce, a, next.text("refresh_token")), 200, "", "")
}

// RF-10: an admin ends the sessions; the refresh token lives.
func TestSalesforceEndedSessions(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	if err := w.sim.EndSessions(sim.Salesforce, a.id, "", ""); err != nil {
		t.Fatal(err)
	}
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 401, "errorCode", "INVALID_SESSION_ID")
	w.want(w.renew(sim.Salesforce, a, tok.text("refresh_token")), 200, "", "")
}

func TestSalesforceSessionSlides(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	for range 3 {
		w.clock.add(90 * time.Minute)
		w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
	}
	seen := w.post(e.IntrospectURL, a.form("token", tok.text("access_token")))
	if exp := int64(seen.doc["exp"].(float64)); exp != w.clock.now().Add(2*time.Hour).Unix() {
		t.Errorf("exp is %d", exp)
	}
	w.clock.add(2 * time.Hour)
	dead := w.get(e.WhoamiURL, tok.text("access_token"))
	w.want(dead, 401, "errorCode", "INVALID_SESSION_ID")
	if len(dead.list) != 1 {
		t.Error("the REST error is no array")
	}
	if seen := w.post(e.IntrospectURL, a.form("token", tok.text("access_token"))); seen.doc["active"] != false {
		t.Errorf("introspection says %s", seen.body)
	}
}

func TestSalesforceIntrospectWithBasic(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	req, _ := http.NewRequest("POST", e.IntrospectURL, strings.NewReader(url.Values{"token": {tok.text("refresh_token")}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(a.id, a.secret)
	w.want(w.do(req), 200, "token_type", "refresh_token")
	other := w.app(sim.Salesforce, sim.ClientOptions{})
	if foreign := w.post(e.IntrospectURL, other.form("token", tok.text("access_token"))); foreign.doc["active"] != false {
		t.Errorf("another app reads %s", foreign.body)
	}
}

func TestSalesforceFiveApprovals(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	var toks []answer
	for range 6 {
		toks = append(toks, w.connect(sim.Salesforce, a, sim.ConsentOptions{}))
	}
	w.want(w.renew(sim.Salesforce, a, toks[0].text("refresh_token")), 400, "error_description", "expired access/refresh token")
	for _, tok := range toks[1:] {
		w.want(w.renew(sim.Salesforce, a, tok.text("refresh_token")), 200, "", "")
	}
}

func TestSalesforceIdleEnd(t *testing.T) {
	w := start(t, sim.Config{})
	covered, plain := w.app(sim.Salesforce, sim.ClientOptions{Rotate: true}), w.app(sim.Salesforce, sim.ClientOptions{})
	c, p := w.connect(sim.Salesforce, covered, sim.ConsentOptions{}), w.connect(sim.Salesforce, plain, sim.ConsentOptions{})
	w.clock.add(29 * 24 * time.Hour)
	c = w.renew(sim.Salesforce, covered, c.text("refresh_token"))
	w.want(c, 200, "", "")
	w.clock.add(30 * 24 * time.Hour)
	w.want(w.renew(sim.Salesforce, covered, c.text("refresh_token")), 400, "error", "invalid_grant")
	w.want(w.renew(sim.Salesforce, plain, p.text("refresh_token")), 200, "", "")
}

// RV-1, RV-10
func TestSalesforceRevoke(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	second := w.renew(sim.Salesforce, a, tok.text("refresh_token"))
	w.want(w.post(e.RevokeURL, url.Values{"token": {tok.text("access_token")}}), 200, "", "")
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 401, "", "")
	w.want(w.get(e.WhoamiURL, second.text("access_token")), 200, "", "")
	w.want(w.get(e.RevokeURL+"?token="+url.QueryEscape(tok.text("refresh_token")), ""), 200, "", "")
	w.want(w.get(e.WhoamiURL, second.text("access_token")), 401, "", "")
	for _, dead := range []string{tok.text("refresh_token"), "nonsense", ""} {
		w.want(w.post(e.RevokeURL, url.Values{"token": {dead}}), 400, "error", "invalid_token")
	}
}

func TestSalesforceQueryToTheEnd(t *testing.T) {
	w := start(t, sim.Config{Contacts: 4500})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	access := tok.text("access_token")
	query := func(q string) string { return e.BaseURL + "/services/data/v67.0/query?q=" + url.QueryEscape(q) }
	seen, pages, next := map[string]bool{}, 0, query("SELECT Id, FirstName, lastname, Email FROM Contact")
	for next != "" {
		got := w.get(next, access)
		w.want(got, 200, "", "")
		pages++
		for _, r := range got.doc["records"].([]any) {
			seen[r.(map[string]any)["Id"].(string)] = true
		}
		next = ""
		if got.doc["done"] == false {
			next = e.BaseURL + got.text("nextRecordsUrl")
		}
		if got.header.Get("Sforce-Limit-Info") == "" {
			t.Error("no Sforce-Limit-Info")
		}
	}
	if len(seen) != 4500 || pages != 3 {
		t.Errorf("read %d in %d pages, want 4500 in 3", len(seen), pages)
	}
	count := w.get(query("SELECT COUNT() FROM Opportunity"), access)
	if count.doc["totalSize"] != 1500.0 || len(count.doc["records"].([]any)) != 0 {
		t.Errorf("count says %s", count.body)
	}
	for q, code := range map[string]string{
		"SELECT Id FROM Contact WHERE Name = 'x'": "MALFORMED_QUERY", "SELECT Id FROM Secret": "INVALID_TYPE", "SELECT Nope FROM Contact": "INVALID_FIELD",
	} {
		w.want(w.get(query(q), access), 400, "errorCode", code)
	}
	w.want(w.get(e.BaseURL+"/services/data/v67.0/query/0r8nonsense-10", access), 400, "errorCode", "INVALID_QUERY_LOCATOR")
	w.want(w.get(e.BaseURL+"/services/data/v99.0/query?q=x", access), 404, "errorCode", "NOT_FOUND")
	for size, want := range map[string]int{"200": 200, "50": 200, "9000": 2000} {
		req, _ := http.NewRequest("GET", query("SELECT Id FROM Contact"), nil)
		req.Header.Set("Authorization", "Bearer "+access)
		req.Header.Set("Sforce-Query-Options", "batchSize="+size)
		if got := w.do(req); len(got.doc["records"].([]any)) != want {
			t.Errorf("batchSize %s gave %d", size, len(got.doc["records"].([]any)))
		}
	}
}

func TestSalesforceQuotaIsForbidden(t *testing.T) {
	w := start(t, sim.Config{Quota: "0.00003"}) // 3 calls
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok, e := w.connect(sim.Salesforce, a, sim.ConsentOptions{}), w.at(sim.Salesforce)
	limits := e.BaseURL + "/services/data/v67.0/limits"
	for range 3 {
		w.want(w.get(limits, tok.text("access_token")), 200, "", "")
	}
	over := w.get(limits, tok.text("access_token"))
	w.want(over, 403, "errorCode", "REQUEST_LIMIT_EXCEEDED")
	if over.header.Get("Retry-After") != "" || over.header.Get("Sforce-Limit-Info") != "api-usage=3/3" {
		t.Errorf("headers %v", over.header)
	}
	w.want(w.get(e.WhoamiURL, tok.text("access_token")), 200, "", "")
	w.clock.add(25 * time.Hour)
	next := w.renew(sim.Salesforce, a, tok.text("refresh_token"))
	w.want(w.get(limits, next.text("access_token")), 200, "", "")
}

func TestSalesforceStatesOfAdmins(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	account := w.at(sim.Salesforce).Account
	if err := w.sim.LockUser(sim.Salesforce, "crm-admin@amber-kettle.example", true); err != nil {
		t.Fatal(err)
	}
	w.want(w.renew(sim.Salesforce, a, tok.text("refresh_token")), 400, "error", "inactive_user")
	if err := w.sim.LockUser(sim.Salesforce, "crm-admin@amber-kettle.example", false); err != nil {
		t.Fatal(err)
	}
	w.want(w.renew(sim.Salesforce, a, tok.text("refresh_token")), 200, "", "")
	if err := w.sim.UninstallApp(sim.Salesforce, a.id, account); err != nil {
		t.Fatal(err)
	}
	if q := w.decide(w.authorizeURL(sim.Salesforce, a), sim.ConsentOptions{}); q.Get("error") != "OAUTH_APPROVAL_ERROR_GENERIC" {
		t.Errorf("an uninstalled app got %v", q)
	}
	if err := w.sim.InstallApp(sim.Salesforce, a.id, account); err != nil {
		t.Fatal(err)
	}
	again := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	secret, err := w.sim.RotateSecret(sim.Salesforce, a.id)
	if err != nil {
		t.Fatal(err)
	}
	w.want(w.renew(sim.Salesforce, a, again.text("refresh_token")), 400, "error", "invalid_client")
	a.secret = secret
	w.want(w.renew(sim.Salesforce, a, again.text("refresh_token")), 200, "", "")
	if err := w.sim.RevokeGrant(sim.Salesforce, a.id, "", ""); err != nil {
		t.Fatal(err)
	}
	w.want(w.renew(sim.Salesforce, a, again.text("refresh_token")), 400, "error", "invalid_grant")
}
