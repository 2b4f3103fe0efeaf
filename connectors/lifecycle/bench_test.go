package lifecycle_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// BenchmarkTokenFresh is handing out a fresh token within a process: one read of the store,
// one unsealing.
func BenchmarkTokenFresh(b *testing.B) {
	w := newWorld(b, sim.Config{})
	w.oauth(sim.HubSpot, "a", false)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Token(ctx, lifecycle.TokenRequest{Name: "a", Job: "bench"}); err != nil {
			b.Fatal(err)
		}
	}
}

// served is a simulation in a process of its own, without quotas.
func served(b *testing.B, contacts int) []sim.Endpoint {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVar+"="+fmt.Sprint(contacts))
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	in, err := cmd.StdinPipe() // it ends when this closes
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	var list []sim.Endpoint
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&list); err != nil {
		b.Fatal(err)
	}
	return list
}

const serveVar = "LIFECYCLE_SERVE"

// serve is the other side of served.
func serve(contacts string) error {
	n := 0
	if _, err := fmt.Sscan(contacts, &n); err != nil {
		return err
	}
	s, err := sim.Start(context.Background(), sim.Config{Contacts: n, Quota: "off"})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(s.Endpoints()); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

// BenchmarkSync compares a test sync of contacts, companies and deals with a bare loop of
// net/http and encoding/json over the same pages of the same server.
func BenchmarkSync(b *testing.B) {
	list := served(b, 20_000)
	for _, e := range list {
		b.Run(e.Provider+"/crmdeck", func(b *testing.B) { benchEngine(b, list, e) })
		b.Run(e.Provider+"/bare", func(b *testing.B) { benchBare(b, e) })
	}
}

func benchEngine(b *testing.B, list []sim.Endpoint, e sim.Endpoint) {
	w := newWorld(b, sim.Config{})
	w.clock.SetSpeed(1)
	w.clock.Advance(time.Since(begin))
	cat, err := simulated(list)
	if err != nil {
		b.Fatal(err)
	}
	w.cat = cat
	w.http = guard.New(guard.Options{})
	w.Engine = w.engine(w.store)
	var c store.Connection
	if e.APIKey != "" {
		c = w.keyed(e.Provider, "a", e.APIKey)
	} else {
		c = w.refreshedFrom(e)
	}
	records := 0
	for b.Loop() {
		run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, func(lifecycle.TestProgress) {})
		if err != nil || run.Outcome != lifecycle.OutcomeOK {
			b.Fatalf("%+v, %v", run, err)
		}
		for _, o := range run.Objects {
			records += o.Records
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

// refreshedFrom takes over the standing grant of a simulation.
func (w *world) refreshedFrom(e sim.Endpoint) store.Connection {
	w.Helper()
	tok := bareRefresh(w.TB, e)
	c := consent{secret: e.ClientSecret, provider: w.cat[e.Provider]}
	c.client = store.Client{ID: w.id(), Provider: e.Provider, ClientID: e.ClientID, RedirectURI: e.RedirectURIs[0]}
	c.answer = answerOf(w.clock.Now(), c.provider, tok, e.RefreshToken, e.BaseURL, 0)
	return w.add("a", c)
}

func bareRefresh(tb testing.TB, e sim.Endpoint) string {
	tb.Helper()
	resp, err := http.PostForm(e.TokenURL, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {e.RefreshToken}, "client_id": {e.ClientID}, "client_secret": {e.ClientSecret},
	})
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		tb.Fatal(err)
	}
	return a.AccessToken
}

// benchBare is what anybody would write: decode each page into typed records, follow the pages.
func benchBare(b *testing.B, e sim.Endpoint) {
	auth := "Basic " + ""
	get := func(u string, v any) {
		req, err := http.NewRequest(http.MethodGet, u, nil)
		if err != nil {
			b.Fatal(err)
		}
		switch e.Provider {
		case sim.Close:
			req.SetBasicAuth(e.APIKey, "")
		default:
			req.Header.Set("Authorization", auth)
		}
		req.Header.Set("Sforce-Query-Options", "batchSize=2000")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d", u, resp.StatusCode)
		}
		if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	if e.Provider == sim.HubSpot {
		auth = "Bearer " + e.APIKey
	} else if e.Provider == sim.Salesforce {
		auth = "Bearer " + bareRefresh(b, e)
	}
	records := 0
	for b.Loop() {
		records += bareAll(e, get)
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

func bareAll(e sim.Endpoint, get func(string, any)) int {
	n := 0
	switch e.Provider {
	case sim.HubSpot:
		for _, o := range []string{"contacts?properties=email,firstname,lastname", "companies?properties=name,domain", "deals?properties=dealname,amount,dealstage"} {
			next := ""
			for {
				var page struct {
					Results []struct {
						ID         string            `json:"id"`
						Properties map[string]string `json:"properties"`
					} `json:"results"`
					Paging struct {
						Next struct {
							After string `json:"after"`
						} `json:"next"`
					} `json:"paging"`
				}
				get(e.BaseURL+"/crm/v3/objects/"+o+"&limit=100"+next, &page)
				n += len(page.Results)
				if page.Paging.Next.After == "" {
					break
				}
				next = "&after=" + url.QueryEscape(page.Paging.Next.After)
			}
		}
	case sim.Salesforce:
		for _, q := range []string{"SELECT+Id,FirstName,LastName,Email+FROM+Contact", "SELECT+Id,Name,Website+FROM+Account", "SELECT+Id,Name,Amount,StageName+FROM+Opportunity"} {
			at := "/services/data/v67.0/query?q=" + q
			for at != "" {
				var page struct {
					Records []struct{ ID, FirstName, LastName, Email, Name string } `json:"records"`
					Next    string                                                  `json:"nextRecordsUrl"`
				}
				get(e.BaseURL+at, &page)
				n += len(page.Records)
				at = page.Next
			}
		}
	default:
		for _, o := range []string{"contact/?_fields=id,name,emails,lead_id", "lead/?_fields=id,display_name,url", "opportunity/?_fields=id,lead_name,value_formatted,status_label"} {
			for more, skip := true, 0; more; {
				var page struct {
					Data []struct {
						ID     string                         `json:"id"`
						Name   string                         `json:"name"`
						Emails []struct{ Email, Type string } `json:"emails"`
					} `json:"data"`
					More bool `json:"has_more"`
				}
				get(fmt.Sprintf("%s/api/v1/%s&_limit=100&_skip=%d", e.BaseURL, o, skip), &page)
				n, skip, more = n+len(page.Data), skip+len(page.Data), page.More
			}
		}
	}
	return n
}

// BenchmarkSchedule is one look at ten thousand connections: the store's summaries, and what
// is due next for each.
func BenchmarkSchedule(b *testing.B) {
	now := begin
	sums := make([]store.Summary, 10_000)
	for i := range sums {
		sums[i] = store.Summary{
			ID: store.ID(fmt.Sprintf("%026d", i)), Grant: store.ID(fmt.Sprintf("%026d", i)), Provider: sim.HubSpot, Generation: uint64(i),
			HasAccess: true, HasRefresh: true, Consented: now.Add(-time.Duration(i) * time.Millisecond), Access: now.Add(30 * time.Minute),
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if next := lifecycle.NextDue(sums, now); next.IsZero() {
			b.Fatal("nothing is due")
		}
	}
}
