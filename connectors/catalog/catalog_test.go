package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crmdeck/connectors"
	"crmdeck/store"
)

// lintBuiltIn lints an embedded file with every rule, provenance included.
func lintBuiltIn(t *testing.T, id string) []Problem {
	t.Helper()
	data, ok := builtIn(id)
	if !ok {
		t.Fatalf("no built-in provider %s", id)
	}
	return Lint(id+".toml", data)
}

func TestBuiltInsAreClean(t *testing.T) {
	for _, id := range builtInIDs() {
		for _, p := range lintBuiltIn(t, id) {
			t.Error(p)
		}
	}
}

func TestBuiltInsSayWhatIsBuilt(t *testing.T) {
	c := load(t, "")
	want := map[string][]store.Method{
		"hubspot":    {store.AuthorizationCode, store.APIKey},
		"salesforce": {store.AuthorizationCode},
		"close":      {store.APIKey},
	}
	for id, methods := range want {
		p := provider(t, c, id)
		var built []store.Method
		for _, m := range p.Methods {
			if m.Built {
				built = append(built, m.ID)
			}
		}
		if !slices.Equal(built, methods) {
			t.Errorf("%s: built %v, want %v", id, built, methods)
		}
		if p.Origin != BuiltIn || len(p.Objects) != 3 || p.ScopeSets["read_only"].Label == "" {
			t.Errorf("%s: origin %q, %d objects, sets %v", id, p.Origin, len(p.Objects), p.ScopeSets)
		}
	}
	if token := provider(t, c, "hubspot").Endpoints.Token; !strings.HasSuffix(token, "/oauth/v3/token") {
		t.Errorf("HubSpot's token endpoint is %s", token)
	}
}

func load(t *testing.T, dir string) *Catalog {
	t.Helper()
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func provider(t *testing.T, c *Catalog, id string) *connectors.Provider {
	t.Helper()
	p, err := c.Provider(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// home makes a DIR whose providers are the given files.
func home(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "providers"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, "providers", name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOverride(t *testing.T) {
	c := load(t, home(t, map[string]string{"hubspot.toml": `
[api]
base_url = "http://127.0.0.1:4711"
[endpoints]
token = "http://127.0.0.1:4711/oauth/v3/token"
[[scopes]]
name = "crm.lists.read"
risk = "medium"
[[scopes]]
name = "tickets"
risk = "high"
meaning = "read and write tickets"
use = ["write"]
[[keys]]
id = "service_key"
prefixes = ["svc-"]
[[notes]]
text = "ours"
`}))
	p := provider(t, c, "hubspot")
	if p.API.BaseURL != "http://127.0.0.1:4711" || p.API.Format != "Bearer {token}" {
		t.Errorf("tables merge field by field: %+v", p.API)
	}
	if p.Endpoints.Token != "http://127.0.0.1:4711/oauth/v3/token" || p.Endpoints.Revoke == "" {
		t.Errorf("endpoints: %+v", p.Endpoints)
	}
	if s := p.Scope("crm.lists.read"); s.Risk != connectors.Medium || s.Meaning == "" {
		t.Errorf("named entries merge: %+v", s)
	}
	if s := p.Scopes[len(p.Scopes)-1]; s.Name != "tickets" {
		t.Errorf("new entries follow: %+v", s)
	}
	if k, _ := p.Key("service_key"); !slices.Equal(k.Prefixes, []string{"svc-"}) || k.Where == "" {
		t.Errorf("plain lists replace: %+v", k)
	}
	if len(p.Notes) != 1 || p.Notes[0].Text != "ours" {
		t.Errorf("lists without names replace: %+v", p.Notes)
	}
	if !strings.HasSuffix(p.Origin, "hubspot.toml") || !p.Methods[0].Built {
		t.Errorf("origin %q, methods %+v", p.Origin, p.Methods)
	}
}

func TestOwnProvider(t *testing.T) {
	acme, err := os.ReadFile("testdata/acme.toml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, home(t, map[string]string{"acme.toml": string(acme), "broken.toml": "id = \"broken\"\n", "readme.txt": "no provider"}))
	if ids := c.IDs(); !slices.Equal(ids, []string{"acme", "broken", "close", "hubspot", "salesforce"}) {
		t.Errorf("ids: %v", ids)
	}
	p := provider(t, c, "acme")
	if m, ok := p.Method(store.AuthorizationCode); !ok || !m.Built || !p.Endpoints.Discovery {
		t.Errorf("acme: %+v %+v", m, p.Endpoints)
	}
	var lint *LintError
	if _, err := c.Provider("broken"); !errors.As(err, &lint) || len(lint.Problems) < 5 {
		t.Errorf("broken: %v", err)
	}
	all, err := c.All()
	if len(all) != 4 || !errors.As(err, &lint) {
		t.Errorf("a broken file hides nothing else: %d providers, %v", len(all), err)
	}
}

func TestUnknownProvider(t *testing.T) {
	c := load(t, t.TempDir())
	for _, id := range []string{"nobody", "", "../../etc/passwd", "HubSpot"} {
		if _, err := c.Provider(id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// IS-7: two providers of one issuer must not disagree about where codes go.
func TestSharedIssuer(t *testing.T) {
	acme, err := os.ReadFile("testdata/acme.toml")
	if err != nil {
		t.Fatal(err)
	}
	twin := strings.Replace(string(acme), `id = "acme"`, `id = "twin"`, 1)
	dir := home(t, map[string]string{"acme.toml": string(acme), "twin.toml": twin})
	if _, err := load(t, dir).All(); err != nil {
		t.Errorf("the same issuer and endpoints: %v", err)
	}
	other := strings.Replace(twin, "discovery = true", "discovery = true\ntoken = \"https://evil.example/token\"", 1)
	dir = home(t, map[string]string{"acme.toml": string(acme), "twin.toml": other})
	if _, err := load(t, dir).All(); err == nil || !strings.Contains(err.Error(), "same issuer") {
		t.Errorf("other endpoints: %v", err)
	}
}

func BenchmarkProvider(b *testing.B) {
	for b.Loop() {
		c, err := Load("")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Provider("hubspot"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOverride(b *testing.B) {
	dir := b.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "providers"), 0o700); err != nil {
		b.Fatal(err)
	}
	body := []byte("[api]\nbase_url = \"http://127.0.0.1:4711\"\n")
	if err := os.WriteFile(filepath.Join(dir, "providers", "hubspot.toml"), body, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := Load(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Provider("hubspot"); err != nil {
			b.Fatal(err)
		}
	}
}
