package connectors_test

import (
	"net/http"
	"slices"
	"testing"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/store"
)

func TestClassify(t *testing.T) {
	c, err := catalog.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		provider, where string
		status          int
		body            string
		want            string // case; empty: no rule
		class           store.Class
	}{
		{"hubspot", "api", 401, `{"status":"error","category":"EXPIRED_AUTHENTICATION"}`, "expired_token", ""},
		{"hubspot", "api", 401, `{"status":"error","category":"INVALID_AUTHENTICATION"}`, "revoked_token", store.Dead},
		{"hubspot", "key", 401, `{"status":"error","category":"INVALID_AUTHENTICATION"}`, "revoked_token", store.Dead},
		{"hubspot", "api", 403, `{"category":"MISSING_SCOPES"}`, "bad_scope", store.Config},
		{"hubspot", "token", 400, `{"status":"BAD_REFRESH_TOKEN","error":"invalid_grant"}`, "bad_refresh_token", store.Dead},
		{"hubspot", "token", 400, `{"error":"invalid_grant"}`, "invalid_grant", store.Dead},
		{"hubspot", "token", 400, `{"status":"EXPIRED_AUTH_CODE"}`, "bad_code", store.Config},
		{"hubspot", "api", 429, `{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`, "rate_limit", store.Throttled},
		{"hubspot", "api", 429, `{"errorType":"RATE_LIMIT","policyName":"DAILY"}`, "rate_limit_daily", store.Throttled},
		{"hubspot", "api", 500, `<html>`, "", ""},
		{"salesforce", "api", 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, "expired_token", ""},
		{"salesforce", "api", 403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, "rate_limit", store.Throttled},
		{"salesforce", "api", 403, `[{"errorCode":"API_DISABLED_FOR_ORG"}]`, "bad_scope", store.Config},
		{"salesforce", "api", 403, "Bad_OAuth_Token\n", "bad_oauth_token", ""},
		{"salesforce", "api", 403, `[]`, "", ""},
		{"salesforce", "token", 400, `{"error":"invalid_grant","error_description":"Token request is already being processed"}`, "busy", store.Busy},
		{"salesforce", "token", 400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, "invalid_grant", store.Dead},
		{"salesforce", "token", 400, `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`, "user_not_approved", store.Config},
		{"salesforce", "token", 400, `{"error":"inactive_org"}`, "inactive", store.Dead},
		{"salesforce", "api", 400, `{"error":"invalid_grant"}`, "", ""},
		{"close", "key", 401, `{"error":"no"}`, "revoked_key", store.Dead},
		{"close", "api", 401, ``, "expired_token", ""},
		{"close", "key", 429, `{}`, "rate_limit", store.Throttled},
		{"close", "key", 400, `{"errors":[],"field-errors":{"name":["x"]}}`, "validation", store.Config},
	} {
		p, err := c.Provider(x.provider)
		if err != nil {
			t.Fatal(err)
		}
		r, ok := p.Classify(x.where, x.status, []byte(x.body), nil)
		if ok != (x.want != "") || r.Case != x.want || r.Class != x.class {
			t.Errorf("%s %s %d %s: %s %s, want %s %s", x.provider, x.where, x.status, x.body, r.Case, r.Class, x.want, x.class)
		}
	}
}

// Whatever the order of rules, the one that says more about the answer is taken.
func TestClassifyTakesTheParticular(t *testing.T) {
	rules := []connectors.ErrorRule{
		{Case: "any", HTTP: 400},
		{Case: "there", HTTP: 400, Match: map[string]string{"error": "*"}},
		{Case: "exact", HTTP: 400, Match: map[string]string{"error": "invalid_grant"}},
		{Case: "header", Match: map[string]string{"header:WWW-Authenticate": "*invalid_token*"}},
		{Case: "begins", Match: map[string]string{"error": "slow_*"}},
	}
	for range 2 {
		slices.Reverse(rules)
		p := &connectors.Provider{Errors: rules}
		for body, want := range map[string]string{`{"error":"invalid_grant"}`: "exact", `{"error":"other"}`: "there",
			`{"error":{"x":1}}`: "there", `{}`: "any", `{"error":"slow_down"}`: "begins", `{"error":null}`: "any"} {
			if r, _ := p.Classify("token", 400, []byte(body), nil); r.Case != want {
				t.Errorf("%s: %s, want %s", body, r.Case, want)
			}
		}
		h := http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}}
		if r, _ := p.Classify("api", 401, nil, h); r.Case != "header" {
			t.Errorf("header: %s", r.Case)
		}
	}
}

func TestMissingScopes(t *testing.T) {
	r := connectors.ErrorRule{Missing: "errors.0.context.requiredGranularScopes"}
	body := []byte(`{"errors":[{"context":{"requiredGranularScopes":["crm.objects.contacts.read",7]}}]}`)
	if got := r.MissingScopes(body); !slices.Equal(got, []string{"crm.objects.contacts.read"}) {
		t.Errorf("got %q", got)
	}
	for _, body := range []string{``, `{}`, `{"errors":"x"}`} {
		if got := r.MissingScopes([]byte(body)); got != nil {
			t.Errorf("%s: %q", body, got)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(401, []byte(`[{"errorCode":"INVALID_SESSION_ID"}]`))
	f.Add(400, []byte(`{"error":"invalid_grant"`))
	f.Add(403, []byte("Bad_OAuth_Token"))
	c, err := catalog.Load("")
	if err != nil {
		f.Fatal(err)
	}
	p, err := c.Provider("salesforce")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if r, ok := p.Classify("api", status, body, nil); ok && r.HTTP != 0 && r.HTTP != status {
			t.Errorf("%d matched %s", status, r.Case)
		}
	})
}
