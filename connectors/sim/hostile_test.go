package sim_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"

	"crmdeck/connectors/sim"
)

// Nothing that a client sends may break off a connection: what is wrong is told.
func TestHostileInput(t *testing.T) {
	w := start(t, sim.Config{Quota: "off"})
	hub, cl, sf := w.at(sim.HubSpot), w.at(sim.Close), w.at(sim.Salesforce)
	standing := app{id: sf.ClientID, secret: sf.ClientSecret}
	session := w.renew(sim.Salesforce, standing, sf.RefreshToken).text("access_token")
	huge := fmt.Sprint(math.MaxInt)
	bits := []string{"", "0", "-1", huge, "-" + huge, "1e9", "null", "\x00", "%", "'; DROP", strings.Repeat("x", 5000), "{}", "[]", `"`, "|", "0r8-", "0r8fHx8-1"}
	for _, b := range bits {
		q, b64 := url.QueryEscape(b), base64.StdEncoding.EncodeToString([]byte(b))
		answers := map[string]answer{
			"list":    w.get(hub.BaseURL+"/crm/v3/objects/contacts?limit="+q+"&after="+q+"&properties="+q, hub.APIKey),
			"cursor":  w.get(hub.BaseURL+"/crm/v3/objects/contacts?after="+url.QueryEscape(b64), hub.APIKey),
			"search":  w.send("POST", hub.BaseURL+"/crm/v3/objects/contacts/search", "Bearer "+hub.APIKey, "application/json", `{"after":"`+b+`","limit":`+b+`}`),
			"after":   w.send("POST", hub.BaseURL+"/crm/v3/objects/deals/search", "Bearer "+hub.APIKey, "application/json", `{"after":"`+b+`"}`),
			"skip":    w.basic("GET", cl.BaseURL+"/api/v1/contact/?_skip="+q+"&_limit="+q+"&_fields="+q, cl.APIKey, "", ""),
			"data":    w.basic("POST", cl.BaseURL+"/api/v1/data/search/", cl.APIKey, "", `{"cursor":"`+b+`","query":{"type":"object_type","object_type":"lead"}}`),
			"soql":    w.get(sf.BaseURL+"/services/data/v67.0/query?q="+q, session),
			"limit":   w.get(sf.BaseURL+"/services/data/v67.0/query?q="+url.QueryEscape("SELECT Id FROM Contact LIMIT "+b), session),
			"locator": w.get(sf.BaseURL+"/services/data/v67.0/query/"+url.PathEscape("0r8"+b), session),
			"version": w.get(sf.BaseURL+"/services/data/v"+url.PathEscape(b)+"/limits", session),
			"token":   w.post(hub.TokenURL, url.Values{"grant_type": {b}, "client_id": {b}, "code": {b}}),
			"revoke":  w.post(sf.RevokeURL, url.Values{"token": {b}}),
			"page":    w.get(hub.AuthorizeURL+"?client_id="+q+"&scope="+q+"&redirect_uri="+q, ""),
			"consent": w.post(hub.AuthorizeURL, url.Values{"request": {b}, "account": {b}, "scope": {b}, "decision": {b}}),
			"console": w.post(hub.BaseURL+"/_console/keys", url.Values{"account": {b}, "act": {b}, "key": {b}}),
			"fault":   w.send("POST", hub.BaseURL+"/_sim/faults", "", "application/json", `{"name":"`+b+`"}`),
			"keyinfo": w.send("POST", hub.BaseURL+"/oauth/v2/private-apps/get/access-token-info", "", "application/json", b),
		}
		for name, a := range answers {
			if a.err != nil || a.status >= 500 {
				t.Errorf("%s with %.20q: status %d, error %v", name, b, a.status, a.err)
			}
		}
	}
	if got := w.send("POST", hub.TokenURL, "", "application/x-www-form-urlencoded", strings.Repeat("a", 2<<20)); got.err == nil && got.status != 413 {
		t.Errorf("a body of 2 MiB got %d", got.status)
	}
}
