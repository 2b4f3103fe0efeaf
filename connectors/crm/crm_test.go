package crm_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/secret"
)

func provider(t *testing.T, id string) *connectors.Provider {
	t.Helper()
	c, err := catalog.Load("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Provider(id)
	if err != nil {
		t.Fatal(err)
	}
	out := *p
	return &out
}

func TestIdentifyKeys(t *testing.T) {
	s, err := sim.Start(context.Background(), sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := guard.New(guard.Options{})
	defer client.Close()
	for id, path := range map[string]string{sim.HubSpot: "", sim.Close: "/api/v1"} {
		e, err := s.Endpoint(id)
		if err != nil {
			t.Fatal(err)
		}
		p := provider(t, id)
		base := e.BaseURL + path
		host, err := guard.Host(base)
		if err != nil {
			t.Fatal(err)
		}
		cred := crm.Credential(p, p.Keys[0].ID, secret.FromString(e.APIKey), []string{host})
		a, err := crm.Identify(context.Background(), client, p, base, cred, map[string]string{"hub_id": "9", "user_id": "8"}, map[string]string{"hub_domain": "x.example", "user": "u@x.example"})
		if err != nil || a.ID != e.Account {
			t.Errorf("%s: got %+v, %v", id, a, err)
		}
		if id == sim.HubSpot && (a.Kind != "production" || a.Name != "x.example" || a.User != "u@x.example") {
			t.Errorf("what the call does not tell comes from elsewhere: %+v", a)
		}
		// RV-10: the same call is the proof of death.
		if err := s.DeleteKey(id, e.APIKey); err != nil {
			t.Fatal(err)
		}
		_, err = crm.Probe(context.Background(), client, p, base, cred)
		if r := crm.AsRefused(err); r == nil || !r.Unauthorized() || r.Class != store.Dead {
			t.Errorf("%s: got %v", id, err)
		}
		// RS-1: the credential goes to the hosts of its record only.
		cred.Hosts = []string{"api.example"}
		if _, err := crm.Probe(context.Background(), client, p, base, cred); err == nil || crm.AsRefused(err) != nil {
			t.Errorf("%s: sent to another host: %v", id, err)
		}
	}
}

// SF-1, SF-2: only what ends in the provider's suffixes, label by label.
func TestAdmits(t *testing.T) {
	p := &connectors.Provider{Tenancy: connectors.Tenancy{HostSuffixes: []string{"my.salesforce.com", "127.0.0.1:4711"}}}
	for _, good := range []string{"https://acme.my.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com/", "https://ACME.my.salesforce.com", "http://127.0.0.1:4711"} {
		if !crm.Admits(p, good) {
			t.Errorf("%s was refused", good)
		}
	}
	for _, bad := range []string{
		"", "acme.my.salesforce.com", "http://acme.my.salesforce.com", "https://acme.my.salesforce.com:8443", "https://evilmy.salesforce.com",
		"https://my.salesforce.com.evil.example", "https://a@my.salesforce.com", "https://acme.my.salesforce.com/path", "https://acme.my.salesforce.com?x",
		"https://acme.my.salesforce.com#x", "https://acme.my.salesforce.com.", "https://acme%00.my.salesforce.com", "https://10.0.0.1", "https://xn--e1afmkfd.my.salesforce.com",
		"https://acme.my.salesforce.com\n", "https://acme\t.my.salesforce.com", "javascript:alert(1)", "http://127.0.0.1:4712", "https://[::1]", "https://аcme.my.salesforce.com",
	} {
		if crm.Admits(p, bad) {
			t.Errorf("%q was admitted", bad)
		}
	}
}

func TestReadSortsRefusals(t *testing.T) {
	rows := []struct {
		provider, body string
		status         int
		kind           string
		class          store.Class
		unauthorized   bool
		code           string
	}{
		{sim.HubSpot, `{"category":"EXPIRED_AUTHENTICATION","message":"old"}`, 401, "expired_token", "", true, "EXPIRED_AUTHENTICATION"},
		{sim.HubSpot, `{"category":"INVALID_AUTHENTICATION"}`, 401, "revoked_token", store.Dead, true, "INVALID_AUTHENTICATION"},
		{sim.HubSpot, `{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.x\u001b[1m"]}}]}`, 403, "bad_scope", store.Config, false, "MISSING_SCOPES"},
		{sim.HubSpot, `{"errorType":"RATE_LIMIT","policyName":"DAILY"}`, 429, "rate_limit_daily", store.Throttled, false, "RATE_LIMIT"},
		{sim.Salesforce, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`, 401, "expired_token", "", true, "INVALID_SESSION_ID"},
		{sim.Salesforce, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, 403, "rate_limit", store.Throttled, false, "REQUEST_LIMIT_EXCEEDED"},
		{sim.Salesforce, `Bad_OAuth_Token`, 403, "bad_oauth_token", "", true, ""},
		{sim.Close, `{"error":"nothing here"}`, 401, "expired_token", "", true, ""},
		{sim.Close, `<html>`, 502, crm.CaseServer, store.Transient, false, ""},
		{sim.Close, `<html>`, 200, crm.CaseNotJSON, store.Transient, false, ""},
		{sim.Close, ``, 418, crm.CaseOther, store.Config, false, ""},
	}
	for _, r := range rows {
		err := crm.Read(provider(t, r.provider), guard.Response{Status: r.status, Body: []byte(r.body), Header: http.Header{"Retry-After": {"7"}}}, false)
		got := crm.AsRefused(err)
		if got == nil || got.Case != r.kind || got.Class != r.class || got.Unauthorized() != r.unauthorized || got.Code != r.code {
			t.Errorf("%s %d %s: got %+v", r.provider, r.status, r.body, got)
		}
		if got != nil && got.Class == store.Throttled && got.Wait != 7*time.Second {
			t.Errorf("waits %s", got.Wait)
		}
		if got != nil && (slices.ContainsFunc(got.Missing, func(s string) bool { return strings.Contains(s, "\x1b") }) || strings.Contains(got.Error(), "<html>")) {
			t.Errorf("not cleaned: %+v", got)
		}
	}
	if err := crm.Read(provider(t, sim.Close), guard.Response{Status: 200, Body: []byte(" {}")}, false); err != nil {
		t.Error(err)
	}
}

func TestCallStaysUnderTheRoot(t *testing.T) {
	for _, bad := range []string{"", "GET", "GET https://evil.example/", "GET //evil.example/", "GET x"} {
		if m, u, err := crm.Call("https://api.example", bad); err == nil {
			t.Errorf("%q gives %s %s", bad, m, u)
		}
	}
	if _, u, err := crm.Call("https://api.example/v1/", "GET /me/"); err != nil || u != "https://api.example/v1/me/" {
		t.Errorf("%s, %v", u, err)
	}
	p := provider(t, sim.Salesforce)
	if b, err := crm.Base(p, nil, "https://acme.my.salesforce.com/"); err != nil || b != "https://acme.my.salesforce.com" {
		t.Errorf("%s, %v", b, err)
	}
	if _, err := crm.Base(p, nil, ""); err == nil {
		t.Error("a root without its instance")
	}
}
