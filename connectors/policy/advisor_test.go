package policy_test

import (
	"slices"
	"testing"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/policy"
	"crmdeck/store"
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
	return p
}

func TestAdvise(t *testing.T) {
	const y, n = true, false
	for _, c := range []struct {
		provider string
		answers  policy.Answers
		want     store.Method // empty: nothing can be recommended
		keyKind  string
	}{
		{"hubspot", policy.Answers{Consent: y, Personal: y, Unattended: y}, store.AuthorizationCode, ""},
		{"hubspot", policy.Answers{Consent: y, Personal: n, Unattended: y}, store.AuthorizationCode, ""},
		{"hubspot", policy.Answers{Consent: n, Personal: y, Unattended: y}, store.APIKey, "service_key"},
		{"hubspot", policy.Answers{Consent: n, Personal: n, Unattended: n}, store.APIKey, "service_key"},
		{"salesforce", policy.Answers{Consent: y, Personal: y, Unattended: y}, store.AuthorizationCode, ""},
		{"salesforce", policy.Answers{Consent: n, Personal: y, Unattended: y}, "", ""},
		{"close", policy.Answers{Consent: y, Personal: y, Unattended: y}, store.APIKey, "api_key"},
		{"close", policy.Answers{}, store.APIKey, "api_key"},
	} {
		list := policy.Advise(provider(t, c.provider), c.answers)
		var got store.Method
		var kind string
		for i, a := range list {
			if a.Recommended && (i > 0 || !a.Built) {
				t.Errorf("%s %+v: recommends %+v", c.provider, c.answers, a)
			}
			if a.Recommended {
				got, kind = a.Method, a.KeyKind
			}
			if a.Label == "" || (a.Built && len(a.Because)+len(a.Against) == 0) {
				t.Errorf("%s: %s says nothing for itself", c.provider, a.Method)
			}
		}
		if got != c.want || kind != c.keyKind {
			t.Errorf("%s %+v: recommends %s %s, want %s %s", c.provider, c.answers, got, kind, c.want, c.keyKind)
		}
	}
}

func TestAdviseSaysWhy(t *testing.T) {
	list := policy.Advise(provider(t, "hubspot"), policy.Answers{Consent: true, Personal: true, Unattended: true})
	code := func(c policy.Criterion) string { return c.Code }
	var because []string
	for _, c := range list[0].Because {
		because = append(because, code(c))
		if c.Code == "short_access" && c.Seconds != 1800 {
			t.Errorf("short access of %d s", c.Seconds)
		}
	}
	for _, want := range []string{"person_grants", "person_named", "narrow_scopes", "short_access", "revoked_by_api"} {
		if !slices.Contains(because, want) {
			t.Errorf("%q is missing in %q", want, because)
		}
	}
	i := slices.IndexFunc(list, func(a policy.Advice) bool { return a.KeyKind == "private_app_token" })
	if i < 0 || list[i].Ending == "" || list[i].Recommended {
		t.Errorf("private app tokens are closing: %+v", list[i])
	}
	for _, a := range list {
		if a.Method == store.DeviceCode {
			t.Error("a method that the provider does not have is advised")
		}
	}
}

// SC: a test that only reads proves no right to write.
func TestScopes(t *testing.T) {
	p := provider(t, "hubspot")
	asked := []string{"crm.objects.deals.read", "oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.lists.read", "made.up"}
	granted := []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.lists.read", "crm.objects.contacts.sensitive.read", "made.up"}
	proven := []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"}
	rows := map[string]policy.ScopeRow{}
	list := policy.Scopes(p, asked, granted, true, proven)
	for _, r := range list {
		rows[r.Name] = r
	}
	for name, want := range map[string]policy.ScopeRow{
		"oauth":                               {Asked: true, Granted: policy.GrantedYes, Proven: true, Risk: connectors.Low},
		"crm.objects.contacts.read":           {Asked: true, Granted: policy.GrantedYes, Proven: true, Risk: connectors.Medium},
		"crm.objects.deals.read":              {Asked: true, Granted: policy.GrantedNo, Risk: connectors.Medium, Word: policy.WordNotGranted},
		"crm.lists.read":                      {Asked: true, Granted: policy.GrantedYes, Risk: connectors.Low, Word: policy.WordNeverUsed},
		"crm.objects.contacts.write":          {Asked: true, Granted: policy.GrantedYes, Risk: connectors.High, Word: policy.WordTestReads},
		"crm.export":                          {Granted: policy.GrantedNo, Risk: connectors.Critical, Word: policy.WordNeverAsked},
		"crm.objects.contacts.sensitive.read": {Granted: policy.GrantedYes, Risk: connectors.Critical, Word: policy.WordNotAsked},
		"made.up":                             {Asked: true, Granted: policy.GrantedYes, Risk: connectors.High, Word: policy.WordNeverUsed},
	} {
		got := rows[name]
		if got.Asked != want.Asked || got.Granted != want.Granted || got.Proven != want.Proven || got.Risk != want.Risk || got.Word != want.Word {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if list[0].Name != "oauth" || list[len(asked)].Name != "crm.objects.contacts.sensitive.read" {
		t.Errorf("asked first, then granted unasked: %s, %s", list[0].Name, list[len(asked)].Name)
	}
	sf := provider(t, "salesforce")
	for _, r := range policy.Scopes(sf, sf.ScopeSets["read_only"].Scopes, nil, false, []string{"api", "id"}) {
		switch {
		case r.Asked && r.Granted != policy.GrantedUnknown:
			t.Errorf("%s: %s, though nobody told", r.Name, r.Granted)
		case r.Name == "refresh_token" && r.Word != policy.WordForRefresh:
			t.Errorf("refresh_token: %q", r.Word)
		case r.Name == "api" && !r.Proven:
			t.Error("api is proven by reading with it")
		}
	}
}

func TestKeyDays(t *testing.T) {
	p := provider(t, "hubspot")
	for kind, want := range map[string]int{"service_key": 90, "private_app_token": 180, "": 90, "other": policy.DefaultKeyDays} {
		if got := policy.KeyDays(p, store.APIKey, kind); got != want {
			t.Errorf("%q: %d, want %d", kind, got, want)
		}
	}
	if got := policy.KeyDays(p, store.AuthorizationCode, ""); got != policy.DefaultSecretDays {
		t.Errorf("secret: %d", got)
	}
	if f := policy.Facts(p, store.AuthorizationCode, ""); f.AccessLife.Minutes() != 30 || !f.End.IsZero() {
		t.Errorf("facts: %+v", f)
	}
	if f := policy.Facts(nil, store.APIKey, ""); f != (policy.ProviderFacts{}) {
		t.Errorf("no provider: %+v", f)
	}
}
