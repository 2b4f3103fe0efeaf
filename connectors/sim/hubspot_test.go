package sim_test

import (
	"net/url"
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
