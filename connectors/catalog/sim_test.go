package catalog_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/sim"
)

// caller calls one simulated provider as the catalogue says.
type caller struct {
	*testing.T
	p    *connectors.Provider
	base string
	auth [2]string // header and value
}

// call makes "GET /path" and decodes the answer.
func (c *caller) call(request, body string) any {
	c.Helper()
	verb, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(c.Context(), verb, c.base+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set(c.auth[0], c.auth[1])
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return c.answer(http.DefaultClient.Do(r))
}

func (c *caller) answer(r *http.Response, err error) any {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		c.Fatalf("%s: %s %v", r.Request.URL, r.Status, err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		c.Fatal(err)
	}
	return v
}

// has asks for a path in an answer; an empty path is not told.
func (c *caller) has(v any, where, path string) {
	c.Helper()
	if _, ok := connectors.Lookup(v, path); path != "" && !ok {
		c.Errorf("%s: no %s in the answer", where, path)
	}
}

// credential is a key where there are keys, else an access token got by refreshing.
func (c *caller) credential(e sim.Endpoint) {
	c.Helper()
	c.base = c.p.API.BaseURL
	if e.APIKey != "" {
		k := c.p.Keys[0]
		value := strings.Replace(k.Format, "{key}", e.APIKey, 1)
		if k.Format == "Basic" {
			value = "Basic " + base64.StdEncoding.EncodeToString([]byte(e.APIKey+":"))
		}
		c.auth = [2]string{k.Header, value}
		return
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {e.RefreshToken},
		"client_id": {e.ClientID}, "client_secret": {e.ClientSecret}}
	v := c.answer(http.PostForm(c.p.Endpoints.Token, form))
	token, _ := connectors.LookupString(v, "access_token")
	c.auth = [2]string{c.p.API.Header, strings.Replace(c.p.API.Format, "{token}", token, 1)}
	if from := c.p.Tenancy.InstanceFrom; from != "" {
		c.base, _ = connectors.LookupString(v, from)
	}
}

// What the catalogue says of calls, pages and fields holds at the simulated CRMs, which
// were written from the same documentation by other hands; and the files that point a
// provider at a simulation are clean.
func TestCatalogueMeetsSimulation(t *testing.T) {
	s, err := sim.Start(t.Context(), sim.Config{Contacts: 2500, Quota: "off"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := t.TempDir()
	if err := s.WriteProviders(filepath.Join(dir, "providers")); err != nil {
		t.Fatal(err)
	}
	known, err := catalog.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Endpoints() {
		t.Run(e.Provider, func(t *testing.T) {
			p, err := known.Provider(e.Provider)
			if err != nil {
				t.Fatal(err)
			}
			c := &caller{T: t, p: p}
			c.credential(e)
			who := c.call(p.Identity.Request, "")
			for _, path := range []string{p.Identity.Alive, p.Identity.AccountID, p.Identity.AccountName, p.Identity.User, p.Identity.AccountKind} {
				c.has(who, "identity", path)
			}
			for _, o := range p.Objects {
				c.object(o)
			}
		})
	}
}

func (c *caller) object(o connectors.Object) {
	c.Helper()
	page := c.call(o.Request, "")
	c.has(page, o.Name, o.Records+".0")
	c.has(page, o.Name, o.Total)
	c.has(page, o.Name, o.Page.MorePath)
	if o.Name == "contacts" {
		c.has(page, o.Name, o.Page.NextPath)
	}
	record, _ := connectors.Lookup(page, o.Records+".0")
	for _, path := range o.Sample {
		c.has(record, o.Name, path)
	}
	if o.Count != nil {
		c.has(c.call(o.Count.Request, o.Count.Body), o.Name+" count", o.Count.Path)
	}
}
