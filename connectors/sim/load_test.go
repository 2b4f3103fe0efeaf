package sim_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"crmdeck/connectors/sim"
)

func newForm(target string, form url.Values) (*http.Request, error) {
	body := form.Encode()
	req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, err
}

// A million contacts are there without being held.
func TestMillionContacts(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	w := start(t, sim.Config{Contacts: sim.MaxContacts, Quota: "off"})
	e := w.at(sim.HubSpot)
	page := func(from int) answer {
		after := base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(from)))
		return w.get(e.BaseURL+"/crm/v3/objects/contacts?limit=100&after="+url.QueryEscape(after), e.APIKey)
	}
	deep := page(999_900)
	w.want(deep, 200, "", "")
	rows := deep.doc["results"].([]any)
	if _, more := deep.doc["paging"]; more || len(rows) != 100 || rows[99].(map[string]any)["id"] != "1000100" {
		t.Errorf("the last page has %d rows", len(rows))
	}
	if first, again := page(500_000), page(500_000); string(first.body) != string(again.body) {
		t.Error("a page is not the same twice")
	}
	for from := 0; from < sim.MaxContacts; from += 10_007 {
		w.want(page(from), 200, "", "")
	}
	if after := heap(); after > before+32<<20 {
		t.Errorf("heap grew from %d to %d bytes", before, after)
	}
}

func TestLatencyAndQuotaSettings(t *testing.T) {
	for _, q := range []string{"fast", "0", "-1", "NaN"} {
		if s, err := sim.Start(t.Context(), sim.Config{Quota: q}); err == nil {
			_ = s.Close()
			t.Errorf("quota %q was accepted", q)
		}
	}
	w := start(t, sim.Config{Quota: "off"})
	for range 200 {
		w.want(w.get(w.at(sim.HubSpot).WhoamiURL, w.at(sim.HubSpot).APIKey), 200, "", "")
	}
}

// benchmarkPages reads pages of full size and reports records a second; server
// and client share the machine.
func benchmarkPages(b *testing.B, provider string, page func(e sim.Endpoint, token string, i int) *http.Request, size int) {
	s, err := sim.Start(b.Context(), sim.Config{Contacts: sim.MaxContacts, Quota: "off"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	e, err := s.Endpoint(provider)
	if err != nil {
		b.Fatal(err)
	}
	token := ""
	if provider == sim.Salesforce {
		token = standingAccess(b, e)
	}
	for i := 0; b.Loop(); i++ {
		resp, err := http.DefaultClient.Do(page(e, token, i))
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != 200 {
			b.Fatalf("status %d, %v", resp.StatusCode, err)
		}
		b.SetBytes(n)
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func standingAccess(b *testing.B, e sim.Endpoint) string {
	resp, err := http.PostForm(e.TokenURL, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {e.RefreshToken}, "client_id": {e.ClientID}, "client_secret": {e.ClientSecret},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var doc struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil || doc.AccessToken == "" {
		b.Fatalf("no access token: %v", err)
	}
	return doc.AccessToken
}

func request(target string) *http.Request {
	req, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return &http.Request{}
	}
	return req
}

func BenchmarkHubSpotPages(b *testing.B) {
	benchmarkPages(b, sim.HubSpot, func(e sim.Endpoint, _ string, i int) *http.Request {
		after := base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(i * 100 % 999_000)))
		req := request(e.BaseURL + "/crm/v3/objects/contacts?limit=100&properties=email,firstname,lastname&after=" + url.QueryEscape(after))
		req.Header.Set("Authorization", "Bearer "+e.APIKey)
		return req
	}, 100)
}

func BenchmarkSalesforcePages(b *testing.B) {
	benchmarkPages(b, sim.Salesforce, func(e sim.Endpoint, token string, _ int) *http.Request {
		req := request(e.BaseURL + "/services/data/v67.0/query?q=SELECT+Id,FirstName,LastName,Email+FROM+Contact")
		req.Header.Set("Authorization", "Bearer "+token)
		return req
	}, 2000)
}

func BenchmarkClosePages(b *testing.B) {
	benchmarkPages(b, sim.Close, func(e sim.Endpoint, _ string, i int) *http.Request {
		req := request(e.BaseURL + "/api/v1/contact/?_limit=100&_fields=id,name,emails,phones,lead_id&_skip=" + strconv.Itoa(i*100%100_000))
		req.SetBasicAuth(e.APIKey, "")
		return req
	}, 100)
}
