package sim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
)

func (w *world) fault(name string) {
	w.Helper()
	f, err := sim.ParseFault(name)
	if err != nil {
		w.Fatal(err)
	}
	if err := w.sim.Inject(f); err != nil {
		w.Fatal(err)
	}
}

func TestParseFault(t *testing.T) {
	rows := map[string]sim.Fault{
		"hubspot.token.500*3":                     {Provider: "hubspot", Endpoint: "token", Kind: "500", Count: 3},
		"*.contacts.429(7)":                       {Endpoint: "contacts", Kind: "429", RetryAfter: 7},
		"salesforce.token.refresh.latency(1.5s)":  {Provider: "salesforce", Endpoint: "token.refresh", Kind: "latency", Delay: 1500 * time.Millisecond},
		"close.*.truncated*1@some-client.id":      {Provider: "close", Kind: "truncated", Count: 1, ClientID: "some-client.id"},
		"salesforce.token.drop_after_rotate*1":    {Provider: "salesforce", Endpoint: "token", Kind: "drop_after_rotate", Count: 1},
		"hubspot.introspect.503(30)*2@1234567890": {Provider: "hubspot", Endpoint: "introspect", Kind: "503", RetryAfter: 30, Count: 2, ClientID: "1234567890"},
	}
	for name, want := range rows {
		if got, err := sim.ParseFault(name); err != nil || got != want {
			t.Errorf("%s reads %+v, %v", name, got, err)
		}
	}
	for _, bad := range []string{"", "hubspot", "hubspot.token", "hubspot.token.explode", "hubspot.token.500*0", "hubspot.token.latency", "hubspot.token.429(x)"} {
		if _, err := sim.ParseFault(bad); !errors.Is(err, sim.ErrUnknownFault) {
			t.Errorf("%q was read: %v", bad, err)
		}
	}
	for _, lost := range []string{"nowhere.token.500", "hubspot.tokens.500", "close.introspect.500"} {
		if s, err := sim.Start(t.Context(), sim.Config{Faults: []string{lost}}); err == nil {
			_ = s.Close()
			t.Errorf("%s was accepted, and would never come", lost)
		}
	}
}

// Each row: what a fault at the token endpoint looks like to a client.
func TestFaultsAtTheTokenEndpoint(t *testing.T) {
	rows := []struct {
		provider, fault string
		status          int
		field, value    string
		retryAfter      string
	}{
		{sim.HubSpot, "500", 500, "status", "error", ""},
		{sim.HubSpot, "503(30)", 503, "status", "error", "30"},
		{sim.HubSpot, "429", 429, "errorType", "RATE_LIMIT", "10"},
		{sim.HubSpot, "invalid_client", 400, "error", "invalid_client", ""},
		{sim.HubSpot, "invalid_grant", 400, "status", "BAD_REFRESH_TOKEN", ""},
		{sim.HubSpot, "html200", 200, "", "", ""},
		{sim.Salesforce, "502", 502, "errorCode", "UNKNOWN_EXCEPTION", ""},
		{sim.Salesforce, "429", 429, "error", "rate_limited", ""},
		{sim.Salesforce, "busy", 400, "error_description", "Token request is already being processed", ""},
		{sim.Salesforce, "ip_blocked", 400, "error_description", "ip restricted", ""},
		{sim.Salesforce, "invalid_grant", 400, "error_description", "expired access/refresh token", ""},
		{sim.Close, "429", 429, "", "", "1"},
		{sim.Close, "invalid_client", 401, "error", "invalid_client", ""},
	}
	w := start(t, sim.Config{})
	for _, r := range rows {
		t.Run(r.provider+" "+r.fault, func(t *testing.T) {
			a := w.app(r.provider, sim.ClientOptions{Reviewed: true})
			tok := w.connect(r.provider, a, sim.ConsentOptions{})
			w.fault(r.provider + ".token." + r.fault + "*1@" + a.id)
			got := w.renew(r.provider, a, tok.text("refresh_token"))
			w.want(got, r.status, r.field, r.value)
			if got.header.Get("Retry-After") != r.retryAfter {
				t.Errorf("Retry-After is %q, want %q", got.header.Get("Retry-After"), r.retryAfter)
			}
			w.want(w.renew(r.provider, a, tok.text("refresh_token")), 200, "", "")
		})
	}
}

func TestFaultsOnData(t *testing.T) {
	w := start(t, sim.Config{})
	hub, cl := w.at(sim.HubSpot), w.at(sim.Close)
	contacts := hub.BaseURL + "/crm/v3/objects/contacts"
	w.fault("hubspot.contacts.429*1")
	if got := w.get(contacts, hub.APIKey); got.status != 429 || got.header.Get("Retry-After") != "" {
		t.Errorf("HubSpot says %d with %v", got.status, got.header)
	}
	w.fault("close.contacts.429*1")
	if got := w.basic("GET", cl.BaseURL+"/api/v1/contact/", cl.APIKey, "", ""); got.status != 429 || got.header.Get("Retry-After") == "" {
		t.Errorf("Close says %d with %v", got.status, got.header)
	}
	a := w.app(sim.Salesforce, sim.ClientOptions{})
	tok := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	query := w.at(sim.Salesforce).BaseURL + "/services/data/v67.0/query?q=SELECT+Id+FROM+Contact"
	w.fault("salesforce.contacts.429*1")
	w.want(w.get(query, tok.text("access_token")), 403, "errorCode", "REQUEST_LIMIT_EXCEEDED")
	w.fault("hubspot.contacts.truncated*1")
	if got := w.get(contacts, hub.APIKey); got.status != 200 || got.err == nil || len(got.body) == 0 {
		t.Errorf("a truncated page came as %d, %d bytes, error %v", got.status, len(got.body), got.err)
	}
	w.fault("hubspot.contacts.html200*1")
	if got := w.get(contacts, hub.APIKey); got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("got %d %s", got.status, got.header.Get("Content-Type"))
	}
	w.want(w.get(contacts, hub.APIKey), 200, "", "")
}

// RF-6: the server rotates, the client never hears of it.
func TestDropAfterRotate(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.Salesforce, sim.ClientOptions{Rotate: true})
	tok := w.connect(sim.Salesforce, a, sim.ConsentOptions{})
	w.fault("salesforce.token.refresh.drop_before*1")
	if got := w.renew(sim.Salesforce, a, tok.text("refresh_token")); got.err == nil {
		t.Errorf("an answer came: %d", got.status)
	}
	next := w.renew(sim.Salesforce, a, tok.text("refresh_token"))
	w.want(next, 200, "", "") // nothing was processed
	w.fault("salesforce.token.refresh.drop_after_rotate*1")
	if got := w.renew(sim.Salesforce, a, next.text("refresh_token")); got.err == nil {
		t.Errorf("an answer came: %d", got.status)
	}
	w.want(w.renew(sim.Salesforce, a, next.text("refresh_token")), 400, "error", "invalid_grant")
	n, err := w.sim.Counters(sim.Salesforce)
	if err != nil || n["token.refresh"] != 4 {
		t.Errorf("counted %v, %v", n, err)
	}
}

func TestFaultTargets(t *testing.T) {
	w := start(t, sim.Config{})
	a := w.app(sim.HubSpot, sim.ClientOptions{})
	one := w.connect(sim.HubSpot, a, sim.ConsentOptions{})
	two := w.connect(sim.HubSpot, a, sim.ConsentOptions{Login: "sales-ops@tin-whistle.example"})
	for _, f := range []sim.Fault{
		{Provider: sim.HubSpot, Kind: "500", Login: "sales-ops@tin-whistle.example"},
		{Provider: sim.HubSpot, Endpoint: "token", Kind: "500", Account: "Tin Whistle Freight"},
	} {
		w.sim.ClearFaults()
		if err := w.sim.Inject(f); err != nil {
			t.Fatal(err)
		}
		w.want(w.renew(sim.HubSpot, a, one.text("refresh_token")), 200, "", "")
		w.want(w.renew(sim.HubSpot, a, two.text("refresh_token")), 500, "", "")
	}
	w.sim.ClearFaults()
	w.fault("hubspot.token.refresh.reduced_scopes*1")
	if got := w.renew(sim.HubSpot, a, two.text("refresh_token")); len(got.doc["scopes"].([]any)) != 1 {
		t.Errorf("scopes are %v", got.doc["scopes"])
	}
	if got := w.renew(sim.HubSpot, a, two.text("refresh_token")); len(got.doc["scopes"].([]any)) != 6 {
		t.Errorf("scopes are %v", got.doc["scopes"])
	}
}

func TestRemoteControl(t *testing.T) {
	w := start(t, sim.Config{})
	base := w.at(sim.HubSpot).BaseURL
	w.want(w.send("POST", base+"/_sim/faults", "", "application/json", `{"name":"hubspot.whoami.500*1"}`), 204, "", "")
	w.want(w.get(w.at(sim.HubSpot).WhoamiURL, w.at(sim.HubSpot).APIKey), 500, "", "")
	w.want(w.send("POST", base+"/_sim/faults", "", "application/json", `{"endpoint":"whoami","kind":"503"}`), 204, "", "")
	w.want(w.get(w.at(sim.HubSpot).WhoamiURL, w.at(sim.HubSpot).APIKey), 503, "", "")
	w.want(w.send("DELETE", base+"/_sim/faults", "", "", ""), 204, "", "")
	w.want(w.get(w.at(sim.HubSpot).WhoamiURL, w.at(sim.HubSpot).APIKey), 200, "", "")
	w.want(w.send("POST", base+"/_sim/faults", "", "text/plain", `{"kind":"500"}`), 415, "", "")
	w.want(w.send("POST", base+"/_sim/faults", "", "application/json", `{"kind":"explode"}`), 400, "", "")
	made := w.send("POST", base+"/_sim/clients", "", "application/json", `{"redirect_uris":["http://localhost:4711/callback/hubspot"]}`)
	w.want(made, 201, "", "")
	if made.text("client_id") == "" || made.text("client_secret") == "" {
		t.Errorf("client is %s", made.body)
	}
	var counts map[string]int
	if err := json.Unmarshal(w.get(base+"/_sim/counters", "").body, &counts); err != nil || counts["whoami"] != 3 || counts["revoke"] != 0 {
		t.Errorf("counters are %v, %v", counts, err)
	}
	req, _ := http.NewRequest("GET", base+"/_sim/counters", nil)
	req.Host = "rebound.example"
	if got := w.do(req); got.status != http.StatusMisdirectedRequest {
		t.Errorf("a foreign host got %d", got.status)
	}
}
