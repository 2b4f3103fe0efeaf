package catalog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func acme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/acme.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The example of the README is complete and clean.
func TestExampleIsClean(t *testing.T) {
	problems, err := LintFile("testdata/acme.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// Each mistake, put into the clean example, is found at its field and line.
func TestLint(t *testing.T) {
	for _, c := range []struct{ name, old, new, field, text string }{
		{"unknown field", "summary =", "sumary =", "sumary", "no field"},
		{"unknown field in a list", `risk = "medium"`, `rsk = "medium"`, "scopes.rsk", "no field"},
		{"wrong type", "size = 100", `size = "100"`, "", ""},
		{"broken syntax", "[quota]", "[quota", "", ""},
		{"id", `id = "acme"`, `id = "Acme Corp"`, "id", "lower-case"},
		{"file name", `id = "acme"`, `id = "acme2"`, "id", "ID.toml"},
		{"kind", `kind = "generic"`, `kind = "crn"`, "kind", "one of crm"},
		{"unknown method", `id = "authorization_code"`, `id = "magic"`, "methods[magic].id", "one of"},
		{"implicit", `id = "authorization_code"`, `id = "implicit"`, "methods[implicit].id", "RFC 9700 section 2.1.2"},
		{"password grant", `id = "authorization_code"`, `id = "password"`, "methods[password].id", "RFC 9700 section 2.4"},
		{"supported", `supported = "yes"`, `supported = "maybe"`, "methods[authorization_code].supported", "one of"},
		{"not built", `supported = "yes"`, "supported = \"no\"\nbuilt = true", "methods[authorization_code].built", "not so"},
		// IS-10: no address but https, or http to loopback, without user or fragment.
		{"plain http", `"https://login.acme.example"`, `"http://login.acme.example"`, "endpoints.issuer", "https"},
		{"javascript", `"https://login.acme.example"`, `"javascript:alert(1)"`, "endpoints.issuer", "host"},
		{"user in url", `"https://login.acme.example"`, `"https://u@login.acme.example"`, "endpoints.issuer", "user"},
		{"fragment", `"https://login.acme.example"`, `"https://login.acme.example#x"`, "endpoints.issuer", "fragment"},
		{"issuer query", `"https://login.acme.example"`, `"https://login.acme.example?x=1"`, "endpoints.issuer", "RFC 8414"},
		{"no endpoints", "discovery = true", "discovery = false", "endpoints.token", "missing"},
		{"unknown placeholder", `base_url = "https://crm.acme.example/api"`, `base_url = "https://{tenant}.acme.example"`, "api.base_url", "{tenant}"},
		{"free host", `[client]`, "[[tenancy.params]]\nid = \"t\"\nlabel = \"T\"\n[console]\napps = \"https://{t}.acme.example/\"\n[client]", "console.apps", "choices or a pattern"},
		{"bad pattern", `[client]`, "[[tenancy.params]]\nid = \"t\"\nlabel = \"T\"\npattern = \"(\"\n[client]", "tenancy.params[t].pattern", "regular"},
		{"bad default", `[client]`, "[[tenancy.params]]\nid = \"t\"\nlabel = \"T\"\npattern = \"a+\"\ndefault = \"b\"\n[client]", "tenancy.params[t].default", "none of"},
		{"open instance", `[client]`, "[tenancy]\ninstance_from = \"instance_url\"\n[client]", "tenancy.host_suffixes", "closed list"},
		{"style", `"client_secret_basic"`, `"query"`, "client.style", "one of"},
		{"own state", `pkce = "S256"`, "pkce = \"S256\"\nparams = { state = \"fixed\" }", "authorize.params.state", "crmdeck itself"},
		{"plain pkce", `pkce = "S256"`, `pkce = "plain"`, "authorize.pkce", "one of"},
		{"separator", `scope_separator = " "`, `scope_separator = ""`, "authorize.scope_separator", "missing"},
		{"expiry", `expiry = "expires_in"`, `expiry = "assumed"`, "tokens.access_lifetime_s", "assumed"},
		{"rotates", `rotates = "optional"`, `rotates = "sometimes"`, "tokens.rotates", "one of"},
		{"risk", `risk = "medium"`, `risk = "mild"`, "scopes[contacts.read].risk", "one of"},
		{"unknown scope in a set", `scopes = ["contacts.read", "offline_access"]`, `scopes = ["contacts.reed"]`, "scope_sets.read_only.scopes", "contacts.reed"},
		{"required and optional", `scopes = ["contacts.read", "offline_access"]`, "scopes = [\"contacts.read\"]\noptional = [\"contacts.read\"]", "scope_sets.read_only.optional", "at once"},
		{"no reading set", "[scope_sets.read_only]", "[scope_sets.reading]", "scope_sets.read_only", "missing"},
		{"header format", `format = "Bearer {token}"`, `format = "Bearer"`, "api.format", "{token}"},
		{"header name", `header = "Authorization"`, `header = "Cookie"`, "api.header", "credential"},
		{"request verb", `"GET /me"`, `"DELETE /me"`, "identity.request", "GET or POST"},
		{"request host", `"GET /me"`, `"GET //evil.example/me"`, "identity.request", "plain path"},
		{"json path", `"organization.id"`, `"$.organization.id"`, "identity.account_id", "without $"},
		{"object", `name = "contacts"`, `name = "leads"`, "objects[leads].name", "one of"},
		{"page style", `style = "cursor"`, `style = "magic"`, "objects[contacts].page.style", "one of"},
		{"page size", "size = 100", "size = 0", "objects[contacts].page.size", "above 0"},
		{"proves", `proves = ["contacts.read"]`, `proves = ["contacts.list"]`, "objects[contacts].proves", "contacts.list"},
		{"quota", `style = "ratelimit"`, `style = "retry"`, "quota.style", "one of"},
		{"error class", `class = "dead"`, `class = "bad"`, "errors[invalid_grant].class", "one of"},
		{"error action", `action = "reconnect"`, `action = "panic"`, "errors[invalid_grant].action", "one of"},
		{"error without class", `action = "refresh"`, `action = "wait"`, "errors[expired_token].class", "missing"},
		{"revoke", `oauth = "rfc7009"`, `oauth = "post"`, "revoke.oauth", "one of"},
		{"console page", `oauth = "rfc7009"`, `oauth = "console"`, "console", "missing the page"},
		{"twice", `name = "contacts.write"`, `name = "contacts.read"`, "scopes[contacts.read]", "twice"},
		{"date", "[quota]", "[[lifecycle]]\ndate = \"soon\"\nfact = \"x\"\n[quota]", "lifecycle[0].date", "no date"},
		{"loose end", "[quota]", "[[lifecycle]]\ndate = \"2027\"\nfact = \"x\"\nends = true\n[quota]", "lifecycle[0].date", "a day"},
		{"confidence", `[quota]`, "[quota]\nconf = \"sure\"", "quota.conf", "one of"},
		{"unknown source", `[quota]`, "[quota]\nsrc = [\"nowhere\"]", "quota.src", "nowhere"},
		{"official without source", `[quota]`, "[quota]\nconf = \"official\"", "quota.conf", "official"},
		{"escape sequence", `name = "Acme CRM"`, `name = "Acme \u001b[2J"`, "name", "control"},
		{"direction", `name = "Acme CRM"`, `name = "Acme \u202ECRM"`, "name", "control"},
		// LK-15: no secret has a place in a provider file.
		{"inline secret", "[authorize]", "client_secret = \"hunter2hunter2\"\n[authorize]", "client.client_secret", "is a secret"},
		{"secret as parameter", `pkce = "S256"`, "pkce = \"S256\"\nparams = { api_key = \"hunter2hunter2\" }", "authorize.params.api_key", "is a secret"},
		{"secret in a request", `"GET /me"`, `"GET /me?api_key=hunter2hunter2"`, "identity.request", "looks like a secret"},
		{"secret by its looks", `name = "Acme CRM"`, `name = "pat-na1-0123456789abcdef0123-hunter2"`, "name", "looks like a secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := strings.Replace(acme(t), c.old, c.new, 1)
			if body == acme(t) {
				t.Fatal("the example has no such place")
			}
			problems := Lint("acme.toml", []byte(body))
			for _, p := range problems {
				if strings.Contains(p.String(), "hunter2") {
					t.Fatalf("the secret is repeated: %s", p)
				}
			}
			for _, p := range problems {
				if c.field == "" && p.Line > 0 {
					return // the TOML reader has its own words
				}
				if p.Field == c.field && strings.Contains(p.Text, c.text) {
					checkLine(t, body, c.new, p)
					return
				}
			}
			t.Errorf("no %s: …%s… among %v", c.field, c.text, problems)
		})
	}
}

// checkLine checks that a problem stands in the lines of the mistake, where it is a value that is wrong
// and not one that is missing.
func checkLine(t *testing.T, body, mistake string, p Problem) {
	t.Helper()
	if p.File != "acme.toml" {
		t.Errorf("file %q", p.File)
	}
	if strings.Contains(p.Text, "missing") || strings.Contains(p.Text, "twice") {
		return
	}
	first := 1 + strings.Count(body[:strings.Index(body, mistake)], "\n")
	last := first + strings.Count(mistake, "\n")
	if p.Line < first || p.Line > last {
		t.Errorf("line %d, the mistake is in %d to %d: %s", p.Line, first, last, p)
	}
}

// One mistake hides no other: a field that nobody knows, values of the wrong type and
// values that are wrong are all told in one go, each at its line and once.
func TestMistakesHideNoOthers(t *testing.T) {
	body := "nmae = \"x\"\n" + acme(t)
	for old, now := range map[string]string{
		`kind = "generic"`: `kind = "crn"`, `name = "Acme CRM"`: `name = 5`, `size = 100`: `size = 0`,
		`header = "Authorization"`: "header = \"A\\nb\"", `retry_after = true`: `retry_after = "yes"`,
		`request = "GET /me"`: `request = "GET https://crm.acme.example/me"`,
	} {
		if !strings.Contains(body, old) {
			t.Fatalf("the example has no %s", old)
		}
		body = strings.Replace(body, old, now, 1)
	}
	found := map[string]Problem{}
	for _, p := range Lint("acme.toml", []byte(body)) {
		if _, twice := found[p.Field]; twice {
			t.Errorf("told twice: %s", p)
		}
		found[p.Field] = p
	}
	for field, line := range map[string]string{
		"nmae": "nmae = ", "kind": `kind = "crn"`, "name": "name = 5", "objects[contacts].page.size": "size = 0",
		"api.header": "header = ", "quota.retry_after": `retry_after = "yes"`, "identity.request": "GET https",
	} {
		p, ok := found[field]
		if want := 1 + strings.Count(body[:strings.Index(body, line)], "\n"); !ok || p.Line != want {
			t.Errorf("%s: line %d, want %d", field, p.Line, want)
		}
		if strings.Contains(p.Text, "connectors.Provider") {
			t.Errorf("words of the reader, not of people: %s", p)
		}
	}
	if len(found) != 7 {
		t.Errorf("%d problems: %v", len(found), found)
	}
}

// RL-5: a huge file is refused before it is parsed.
func TestHugeFileRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "acme.toml")
	body := append([]byte(acme(t)), bytes.Repeat([]byte("# padding\n"), MaxFile/10)...)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	problems, err := LintFile(path)
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, "1 MiB") {
		t.Errorf("%v, %v", problems, err)
	}
}

// A mistake that an override makes is told in the override, at its line.
func TestOverrideMistake(t *testing.T) {
	body := "[endpoints]\ntoken = \"https://api.hubapi.com/oauth/v3/token\"\nrevoke = \"http://evil.example/revoke\"\n"
	problems := Lint("hubspot.toml", []byte(body))
	if len(problems) != 1 || problems[0].String() != "hubspot.toml:3: endpoints.revoke: must be https (http is for loopback only)" {
		t.Errorf("%v", problems)
	}
	if problems = Lint("hubspot.toml", []byte("[[scopes]]\nname = \"oauth\"\nrisk = \"none\"\n")); len(problems) != 1 || problems[0].Line != 3 {
		t.Errorf("%v", problems)
	}
}

// Facts without a source are refused in a file that names sources.
func TestProvenance(t *testing.T) {
	data, _ := builtIn("close")
	body := strings.Replace(string(data), "[tokens]", "[tokens]\n", 1)
	body = strings.Replace(body, "refresh_proves = [\"offline_access\"]\nsrc = [\"oauth_doc\"]", "refresh_proves = [\"offline_access\"]", 1)
	problems := Lint("close.toml", []byte(body))
	// laid over the built-in file, the field keeps its source; alone it has none
	alone := strings.Replace(body, `id = "close"`, `id = "closer"`, 1)
	if len(problems) != 0 {
		t.Errorf("an override inherits sources: %v", problems)
	}
	problems = Lint("closer.toml", []byte(alone))
	if len(problems) != 2 || problems[0].Field != "tokens.src" || problems[1].Field != "tokens.conf" {
		t.Errorf("%v", problems)
	}
}

func TestHostSuffixes(t *testing.T) {
	for suffix, ok := range map[string]bool{
		"my.salesforce.com": true, "hubapi.com": true, "127.0.0.1:4711": true, "[::1]:4711": false, "localhost:80": true,
		"com": false, "co.uk": false, ".salesforce.com": false, "*.salesforce.com": false, "salesforce.com.": false,
		"Salesforce.com": false, "salesforce.com:443": false, "10.0.0.1": false, "xn--slesforce-66a.com": false, "": false,
	} {
		if why := badSuffix(suffix); (why == "") != ok {
			t.Errorf("%q: %q", suffix, why)
		}
	}
}

// FZ-10: a provider file is refused with places, or taken; nothing in it panics.
func FuzzLint(f *testing.F) {
	for _, id := range builtInIDs() {
		data, _ := builtIn(id)
		f.Add(data)
	}
	data, err := os.ReadFile("testdata/acme.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("methods = [[]]\nscopes = [1]\n"))
	f.Add([]byte("[[a.b]]\n[a.b.c]\nd.e = {f = [{g = 1}]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, problems := lintOwn("acme.toml", data)
		if p == nil && len(problems) == 0 {
			t.Error("neither a provider nor a problem")
		}
	})
}
