package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
)

// basic calls Close with a key as user name.
func (w *world) basic(method, target, user, pass, body string) answer {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, target, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.SetBasicAuth(user, pass)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return w.do(req)
}

func TestCloseKey(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.Close)
	me := w.basic("GET", e.WhoamiURL, e.APIKey, "", "")
	w.want(me, 200, "email", "crm-admin@amber-kettle.example")
	if len(me.doc["organizations"].([]any)) != 1 {
		t.Errorf("me is %s", me.body)
	}
	w.want(w.basic("GET", e.WhoamiURL, e.APIKey, "password", ""), 401, "", "")
	w.want(w.basic("GET", e.WhoamiURL, "", e.APIKey, ""), 401, "", "")
	w.want(w.get(e.WhoamiURL, e.APIKey), 401, "", "") // a key is no bearer token
	w.want(w.get(e.WhoamiURL, ""), 401, "", "")
	second, err := w.sim.NewKey(sim.Close, sim.KeyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.sim.DeleteKey(sim.Close, e.APIKey); err != nil {
		t.Fatal(err)
	}
	w.want(w.basic("GET", e.WhoamiURL, e.APIKey, "", ""), 401, "", "")
	w.want(w.basic("GET", e.WhoamiURL, second, "", ""), 200, "", "")
}

func TestCloseSlashes(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.Close)
	bare := w.basic("GET", strings.TrimSuffix(e.WhoamiURL, "/")+"?_fields=id", e.APIKey, "", "")
	w.want(bare, 301, "", "")
	if bare.header.Get("Location") != "/api/v1/me/?_fields=id" {
		t.Errorf("sent to %q", bare.header.Get("Location"))
	}
	w.want(w.basic("POST", e.BaseURL+"/api/v1/data/search", e.APIKey, "", `{}`), 404, "", "")
	w.want(w.post(strings.TrimSuffix(e.TokenURL, "/"), nil), 404, "", "")
}

func TestCloseLists(t *testing.T) {
	w := start(t, sim.Config{SkipCeiling: 200})
	e := w.at(sim.Close)
	list := func(query string) answer { return w.basic("GET", e.BaseURL+"/api/v1/"+query, e.APIKey, "", "") }
	seen, skip := map[string]bool{}, 0
	for more := true; more; skip += 100 {
		got := list(fmt.Sprintf("contact/?_limit=100&_skip=%d&_fields=id,name", skip))
		w.want(got, 200, "", "")
		for _, r := range got.doc["data"].([]any) {
			row := r.(map[string]any)
			if len(row) != 2 {
				t.Fatalf("fields are %v", row)
			}
			seen[row["id"].(string)] = true
		}
		more = got.doc["has_more"].(bool)
		if _, has := got.doc["total_results"]; has {
			t.Fatal("the contact list tells a total")
		}
	}
	if len(seen) != 250 {
		t.Errorf("read %d contacts", len(seen))
	}
	if lead := list("lead/?_limit=1"); lead.doc["total_results"] != 63.0 {
		t.Errorf("lead total %v", lead.doc["total_results"])
	}
	if deal := list("opportunity/?_limit=1"); deal.doc["total_results"] != 84.0 || deal.doc["count_by_value_period"] == nil {
		t.Errorf("opportunities %s", deal.body)
	}
	for _, q := range []string{"_limit=101", "_limit=0", "_skip=201", "_skip=-1"} {
		w.want(list("contact/?"+q), 400, "", "")
	}
}

func TestCloseSearchReadsToTheEnd(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.Close)
	seen, cursor := map[string]bool{}, "null"
	for {
		got := w.basic("POST", e.BaseURL+"/api/v1/data/search/", e.APIKey, "", `{"query":{"type":"and","queries":[{"type":"object_type","object_type":"contact"}]},
			"_limit":100,"include_counts":true,"_fields":{"contact":["id","emails"]},"cursor":`+cursor+`}`)
		w.want(got, 200, "", "")
		for _, r := range got.doc["data"].([]any) {
			row := r.(map[string]any)
			if row["__object_type"] != "contact" || row["emails"] == nil {
				t.Fatalf("row %v", row)
			}
			seen[row["id"].(string)] = true
		}
		if got.doc["count"].(map[string]any)["total"] != 250.0 {
			t.Fatalf("count %v", got.doc["count"])
		}
		if got.doc["cursor"] == nil {
			break
		}
		b, _ := json.Marshal(got.doc["cursor"])
		cursor = string(b)
	}
	if len(seen) != 250 {
		t.Errorf("found %d", len(seen))
	}
	bad := w.basic("POST", e.BaseURL+"/api/v1/data/search/", e.APIKey, "", `{"query":{"type":"object_type","object_type":"secret"}}`)
	if w.want(bad, 400, "", ""); bad.doc["field-errors"] == nil {
		t.Errorf("error is %s", bad.body)
	}
}

func TestCloseQuota(t *testing.T) {
	w := start(t, sim.Config{})
	e := w.at(sim.Close)
	first := w.basic("GET", e.WhoamiURL, e.APIKey, "", "")
	if got := first.header.Get("RateLimit"); got != "limit=100, remaining=99, reset=5" {
		t.Errorf("RateLimit is %q", got)
	}
	for range 99 {
		w.want(w.basic("GET", e.WhoamiURL, e.APIKey, "", ""), 200, "", "")
	}
	over := w.basic("GET", e.WhoamiURL, e.APIKey, "", "")
	w.want(over, 429, "", "")
	if over.header.Get("Retry-After") != "5" || !strings.Contains(over.header.Get("RateLimit"), "remaining=0") {
		t.Errorf("headers %v", over.header)
	}
	w.want(w.basic("GET", e.BaseURL+"/api/v1/contact/", e.APIKey, "", ""), 200, "", "") // another endpoint group
	w.clock.add(5 * time.Second)
	w.want(w.basic("GET", e.WhoamiURL, e.APIKey, "", ""), 200, "", "")
}

func TestCloseOAuthRotatesStrictly(t *testing.T) {
	w := start(t, sim.Config{})
	if _, _, err := w.sim.NewClient(sim.Close, sim.ClientOptions{RedirectURIs: []string{"http://localhost:1234/callback"}}); err == nil {
		t.Error("a redirect URI without HTTPS was registered")
	}
	a := w.app(sim.Close, sim.ClientOptions{})
	q := w.decide(w.authorizeURL(sim.Close, a, "scope", ""), sim.ConsentOptions{})
	first := w.post(w.at(sim.Close).TokenURL, a.form("grant_type", "authorization_code", "code", q.Get("code"), "code_verifier", verifier))
	w.want(first, 200, "scope", "all.full_access offline_access")
	if first.doc["expires_in"] != 3600.0 || !strings.HasPrefix(first.text("organization_id"), "orga_") {
		t.Errorf("answer %s", first.body)
	}
	e := w.at(sim.Close)
	second := w.renew(sim.Close, a, first.text("refresh_token"))
	w.want(second, 200, "", "")
	w.want(w.get(e.WhoamiURL, second.text("access_token")), 200, "", "")
	w.want(w.renew(sim.Close, a, first.text("refresh_token")), 400, "error", "invalid_grant")
	w.want(w.renew(sim.Close, a, second.text("refresh_token")), 400, "error", "invalid_grant")
	w.want(w.get(e.WhoamiURL, second.text("access_token")), 401, "", "")
	third := w.connect(sim.Close, a, sim.ConsentOptions{})
	w.want(w.post(e.RevokeURL, a.form("token", third.text("refresh_token"))), 200, "", "")
	w.want(w.renew(sim.Close, a, third.text("refresh_token")), 400, "error", "invalid_grant")
	w.want(w.get(e.WhoamiURL, third.text("access_token")), 200, "", "")
	w.want(w.post(e.RevokeURL, a.form("token", third.text("access_token"))), 200, "", "")
	w.want(w.get(e.WhoamiURL, third.text("access_token")), 401, "", "")
	if _, err := w.sim.Decide(t.Context(), w.authorizeURL(sim.Close, a), sim.ConsentOptions{Account: "Tin Whistle Freight"}); err == nil {
		t.Error("an unreviewed app was let into another organization")
	}
}
