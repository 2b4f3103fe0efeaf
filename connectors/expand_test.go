package connectors_test

import (
	"strings"
	"testing"

	"crmdeck/connectors"
)

func TestExpand(t *testing.T) {
	params := map[string]string{
		"login_host": "login.salesforce.com", "instance_url": "https://acme.my.salesforce.com/", "account": "48/21?x#y",
		"port": "127.0.0.1:4711",
	}
	for template, want := range map[string]string{
		"https://{login_host}/services/oauth2/token": "https://login.salesforce.com/services/oauth2/token",
		"{instance_url}/services/oauth2/userinfo":    "https://acme.my.salesforce.com/services/oauth2/userinfo",
		"http://{port}/token":                        "http://127.0.0.1:4711/token",
		"https://app.example/apps/{account}/list":    "https://app.example/apps/48%2F21%3Fx%23y/list",
		"https://app.example/?a={account}":           "https://app.example/?a=48%2F21%3Fx%23y",
		"https://app.example/":                       "https://app.example/",
	} {
		if got, err := connectors.Expand(template, params); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", template, got, err, want)
		}
	}
}

// SF-1, SF-2: a value ends neither the host early nor names another one.
func TestExpandRefuses(t *testing.T) {
	for _, v := range []string{
		"evil.example/", "evil.example#", "evil.example?", "a@evil.example", "evil.example\\", "evil .example",
		"evil.example%00", "evil.example.", "évil.example", "evil.example\t", "evil.example\n", "", "evil..example",
		"[::1", "-evil.example", "host:port",
	} {
		if got, err := connectors.Expand("https://{h}/token", map[string]string{"h": v}); err == nil {
			t.Errorf("host %q became %q", v, got)
		}
	}
	for _, v := range []string{
		"http://acme.example", "javascript:alert(1)", "https://a@evil.example", "https://acme.example#x", "https://",
		"https://acme.example?x=1", "file:///etc/passwd", "//evil.example", "https://acme.example/\x1b[0m", "https://acme.example.",
	} {
		if got, err := connectors.Expand("{instance_url}/x", map[string]string{"instance_url": v}); err == nil {
			t.Errorf("root %q became %q", v, got)
		}
	}
	for _, template := range []string{"https://x.example/{nobody}", "https://x.example/{"} {
		if _, err := connectors.Expand(template, nil); err == nil {
			t.Errorf("%s expanded", template)
		}
	}
	if _, err := connectors.Expand("https://x.example/a/{p}/b", map[string]string{"p": ".."}); err == nil {
		t.Error("a path was climbed")
	}
}

func TestCheckURL(t *testing.T) {
	for _, u := range []string{"https://a.example/x?y=1", "http://127.0.0.1:80/", "http://[::1]:8080/x", "http://localhost/x"} {
		if err := connectors.CheckURL(u); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
	for _, u := range []string{"http://a.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "ftp://a.example",
		"https:///x", "a.example", "https://u:secret@a.example", "https://a.example/#f", "https://a.example/\u202e"} {
		err := connectors.CheckURL(u)
		if err == nil {
			t.Errorf("%s passed", u)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the address is repeated: %v", err)
		}
	}
}

func TestParams(t *testing.T) {
	p := &connectors.Provider{Name: "X", Tenancy: connectors.Tenancy{Params: []connectors.Param{{
		ID: "login_host", Pattern: `[a-z]+\.my\.example`, Choices: []connectors.Choice{{Value: "login.example"}},
	}}}}
	for v, ok := range map[string]bool{"login.example": true, "acme.my.example": true, "acme.my.example.evil": false,
		"evil/acme.my.example": false, "": false} {
		if err := p.CheckParams(map[string]string{"login_host": v}); (err == nil) != ok {
			t.Errorf("%q: %v", v, err)
		}
	}
	if p.CheckParams(nil) == nil || p.CheckParams(map[string]string{"login_host": "login.example", "other": "x"}) == nil {
		t.Error("a missing or unknown answer passed")
	}
}
