package lifecycle_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// each calls fn with a connection of every kind that can be tested.
func each(t *testing.T, w *world, fn func(t *testing.T, c store.Connection)) {
	conns := []store.Connection{w.oauth(sim.HubSpot, "hubspot", false), w.oauth(sim.Salesforce, "salesforce", false)}
	k, _ := w.key(sim.HubSpot, "hubspot-key", "service_key")
	c, _ := w.key(sim.Close, "close-key", "")
	for _, c := range append(conns, k, c) {
		t.Run(c.Name, func(t *testing.T) { fn(t, c) })
	}
}

func TestSyncReadsEverything(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 1234, Quota: "off"})
	each(t, w, func(t *testing.T, c store.Connection) {
		var last lifecycle.TestProgress
		shown := 0
		run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, func(p lifecycle.TestProgress) { last = p; shown++ })
		if err != nil {
			t.Fatal(err)
		}
		if run.Outcome != lifecycle.OutcomeOK || len(run.Objects) != 3 || run.Objects[0].Records != 1234 {
			t.Fatalf("got %+v", run)
		}
		for _, o := range run.Objects {
			if o.Outcome != lifecycle.OutcomeOK || o.Total >= 0 && o.Total != o.Records || len(o.Sample) == 0 || len(o.Proved) == 0 {
				t.Errorf("got %+v", o)
			}
		}
		if !last.Done || last.Requests != run.Requests || last.Objects[0].Records != 1234 || last.Objects[0].P95 == 0 || len(last.Rates) == 0 {
			t.Errorf("the last picture is %+v", last)
		}
		conn := w.connection(c.ID)
		if len(conn.Tests) != 1 || len(conn.Proven) == 0 || len(w.events(c, store.ActTest)) != 1 {
			t.Errorf("stored: %d tests, proven %v", len(conn.Tests), conn.Proven)
		}
	})
}

// Personal data is masked to first letter and length.
func TestSyncMasksSamples(t *testing.T) {
	w := newWorld(t, sim.Config{})
	each(t, w, func(t *testing.T, c store.Connection) {
		run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range run.Objects[0].Sample {
			if !strings.Contains(row, "·") || !strings.Contains(row, "@") {
				t.Errorf("sample %q", row)
			}
			for _, word := range strings.FieldsFunc(row, func(r rune) bool { return r == ' ' || r == '@' || r == '.' || r == '·' }) {
				if len([]rune(word)) > 1 && word != "example" && word != "test" {
					t.Errorf("sample %q shows %q", row, word)
				}
			}
		}
	})
}

// RS-5: a test sync sends nothing but reads: GET, and the counting search where a provider has one.
func TestSyncOnlyReads(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 250})
	var mu sync.Mutex
	var seen []string
	for _, id := range []string{sim.HubSpot, sim.Salesforce, sim.Close} {
		w.record(id, func(r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, r.Method+" "+r.URL.Path)
		})
	}
	each(t, w, func(t *testing.T, c store.Connection) {
		mu.Lock()
		seen = slices.DeleteFunc(seen, func(r string) bool { return strings.HasSuffix(r, "/token") }) // from setting up
		mu.Unlock()
		for _, all := range []bool{false, true} {
			if _, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: all}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Cost(context.Background(), c.ID); err != nil {
			t.Fatal(err)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if len(seen) < 12 {
		t.Fatalf("only %d requests were seen", len(seen))
	}
	for _, r := range seen {
		if !strings.HasPrefix(r, "GET ") && !(strings.HasPrefix(r, "POST /crm/v3/objects/") && strings.HasSuffix(r, "/search")) {
			t.Errorf("sent %s", r)
		}
	}
}

// record puts a recording proxy before a provider's API; what is set up later goes through it.
func (w *world) record(provider string, see func(*http.Request)) {
	w.front(provider, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		see(r)
		next.ServeHTTP(rw, r)
	})
}

// A sample reads at most ten pages of an object, and a twentieth of what is left of a day's quota.
func TestSyncSample(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 5000})
	c := w.oauth(sim.HubSpot, "a", false)
	run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	if err != nil || run.Objects[0].Outcome != lifecycle.OutcomeSampled || run.Objects[0].Pages != 10 || run.Objects[0].Total != 5000 {
		t.Fatalf("got %+v, %v", run, err)
	}
	s := newWorld(t, sim.Config{Contacts: 50_000, Quota: "0.0005"})
	c = s.oauth(sim.Salesforce, "a", false)
	run, err = s.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := run.Objects[0].Pages; n != 1 || run.Objects[2].Pages != 1 {
		t.Errorf("with little quota left %d pages were read", n)
	}
}

// RS-3: 429 is waited out as the provider asks, on the clock that is given; Salesforce says 403.
func TestSyncWaitsAsAsked(t *testing.T) {
	rows := []struct {
		provider, fault string
		least, most     time.Duration
		waits           int
	}{
		{sim.HubSpot, "429(7)*2", 7 * time.Second, 9 * time.Second, 2},
		{sim.HubSpot, "429*1", time.Second / 2, 12 * time.Second, 1},
		{sim.Salesforce, "429*1", time.Second / 2, 2 * time.Second, 1},
		{sim.Close, "429(3)*1", 3 * time.Second, 5 * time.Second, 1},
		{sim.HubSpot, "500*1", time.Second / 2, 2 * time.Second, 1},
		{sim.HubSpot, "truncated*1", time.Second / 2, 2 * time.Second, 1},
		{sim.HubSpot, "html200*1", time.Second / 2, 2 * time.Second, 1},
	}
	for _, r := range rows {
		t.Run(r.provider+" "+r.fault, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Config{})
			c := w.any(r.provider)
			w.fault(r.provider + ".companies." + r.fault)
			e, j := w.jumping(nil)
			reason := ""
			run, err := e.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, func(p lifecycle.TestProgress) {
				if p.WaitReason != "" {
					reason = p.WaitReason
				}
			})
			if err != nil || run.Outcome != lifecycle.OutcomeOK || run.Retries != r.waits || reason == "" || len(j.slept) != r.waits {
				t.Fatalf("got %+v, %v, waited %v for %q", run, err, j.slept, reason)
			}
			for _, d := range j.slept {
				if d < r.least || d > r.most {
					t.Errorf("waited %s", d)
				}
			}
		})
	}
	// A provider that asks for more and more ends after a quarter of an hour in all.
	w := newWorld(t, sim.Config{})
	c := w.any(sim.HubSpot)
	w.fault("hubspot.contacts.429(400)")
	e, j := w.jumping(nil)
	_, err := e.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, nil)
	failure(t, err, lifecycle.FailUnavailable)
	if len(j.slept) != 2 {
		t.Errorf("waited %v", j.slept)
	}
}

// any is a connection at the provider.
func (w *world) any(provider string) store.Connection {
	w.Helper()
	if provider == sim.Close {
		c, _ := w.key(provider, "a", "")
		return c
	}
	return w.oauth(provider, "a", false)
}

// Cancelling ends a test sync at once, also within a wait; the counts are kept.
func TestSyncCancelled(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 5000})
	c := w.oauth(sim.HubSpot, "a", false)
	w.fault("hubspot.companies.429(600)")
	ctx, cancel := context.WithCancel(context.Background())
	run, err := w.Test(ctx, c.ID, lifecycle.TestOptions{}, func(p lifecycle.TestProgress) {
		if p.Waiting > 0 { // the clock stands still: only cancelling ends this
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	got := []string{run.Outcome, run.Objects[0].Outcome, run.Objects[1].Outcome, run.Objects[2].Outcome}
	if !slices.Equal(got, []string{"cancelled", "sampled", "cancelled", "skipped"}) || run.Objects[0].Records != 1000 {
		t.Fatalf("got %v", got)
	}
	if tests := w.connection(c.ID).Tests; len(tests) != 1 || tests[0].Objects[0].Records != 1000 {
		t.Errorf("stored %+v", tests)
	}
}

// SC-6: a missing scope fails one object, is told, and makes no refresh.
func TestSyncMissingScope(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	w.fault("hubspot.token.reduced_scopes*1")
	if _, err := w.Refresh(context.Background(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	sent := w.count(sim.HubSpot, "token.refresh")
	run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	if run.Outcome != lifecycle.OutcomeFailed || err == nil && run.Reason == "" {
		t.Fatalf("got %+v, %v", run, err)
	}
	o := run.Objects[2]
	if o.Reason != "MISSING_SCOPES" || !strings.Contains(o.Message, "crm.objects.deals.read") {
		t.Errorf("got %+v", o)
	}
	if w.count(sim.HubSpot, "token.refresh") != sent {
		t.Error("a missing scope made a refresh")
	}
}

// RF-10: a token that the API refuses is refreshed once, the call is repeated once, then it ends.
func TestSyncRefusedToken(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", false)
	killed := w.token(c)
	if err := w.revokeAccess(sim.Salesforce, killed); err != nil {
		t.Fatal(err)
	}
	sent := w.count(sim.Salesforce, "token.refresh")
	run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	if err != nil || run.Outcome != lifecycle.OutcomeOK {
		t.Fatalf("got %+v, %v", run, err)
	}
	if n := w.count(sim.Salesforce, "token.refresh") - sent; n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	// Everything is refused for good: one refresh at most, then it stops.
	if err := w.sim.RevokeGrant(sim.Salesforce, "", "", ""); err != nil {
		t.Fatal(err)
	}
	sent = w.count(sim.Salesforce, "token.refresh")
	_, err = w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	failure(t, err, lifecycle.FailReconnect)
	if n := w.count(sim.Salesforce, "token.refresh") - sent; n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// A key that is refused is dead until it works again; the next hand-out says so.
func TestSyncDeadKey(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c, key := w.key(sim.Close, "a", "")
	if err := w.sim.DeleteKey(sim.Close, key); err != nil {
		t.Fatal(err)
	}
	_, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{}, nil)
	failure(t, err, lifecycle.FailReconnect)
	_, err = w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	failure(t, err, lifecycle.FailReconnect)
}

// A token that ends within a run is renewed between two pages.
func TestSyncRenewsBetweenPages(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 5000, Quota: "off"})
	pages := 0
	w.record(sim.HubSpot, func(r *http.Request) {
		if pages++; pages == 20 {
			w.clock.Advance(29*time.Minute + 30*time.Second)
		}
	})
	c := w.oauth(sim.HubSpot, "a", false)
	run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, nil)
	if err != nil || run.Outcome != lifecycle.OutcomeOK || run.Objects[0].Records != 5000 {
		t.Fatalf("got %+v, %v", run, err)
	}
	if w.grant(c).Generation != 2 {
		t.Errorf("generation %d", w.grant(c).Generation)
	}
}

// The end of a provider's offsets is a result, not a failure.
func TestSyncCeiling(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 3000, SkipCeiling: 1500, Quota: "off"})
	c, _ := w.key(sim.Close, "a", "")
	run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, nil)
	if err != nil || run.Outcome != lifecycle.OutcomeOK || run.Objects[0].Outcome != lifecycle.OutcomeCeiling || run.Objects[0].Records < 1500 {
		t.Fatalf("got %+v, %v", run, err)
	}
}

func TestCost(t *testing.T) {
	w := newWorld(t, sim.Config{Contacts: 1000})
	got, err := w.Cost(context.Background(), w.oauth(sim.HubSpot, "a", false).ID)
	if err != nil || got.Records < 1000 || got.Calls < 13 {
		t.Errorf("got %+v, %v", got, err)
	}
	k, _ := w.key(sim.Close, "k", "")
	if got, err = w.Cost(context.Background(), k.ID); err != nil || got.Calls != -1 {
		t.Errorf("contacts of Close cannot be counted: %+v, %v", got, err)
	}
}

// hostile serves pages that lead nowhere: RS-2, RS-4, TL-4.
func TestSyncHostilePages(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer other.Close()
	rows := map[string]struct {
		page func(n int) any
		want string
	}{
		"another host":  {func(int) any { return map[string]any{"nextRecordsUrl": other.URL + "/x", "records": []int{1}} }, "foreign_link"},
		"a sub-domain":  {func(int) any { return map[string]any{"nextRecordsUrl": "//a.127.0.0.1/x", "records": []int{1}} }, "foreign_link"},
		"the same page": {func(int) any { return map[string]any{"nextRecordsUrl": "/services/x", "records": []int{1}} }, "repeated_page"},
		"no end": {func(n int) any {
			return map[string]any{"nextRecordsUrl": fmt.Sprintf("/services/%d", n), "records": []int{}}
		}, "endless_pages"},
		"no list": {func(int) any { return map[string]any{"done": true} }, "no_records"},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sim.Config{})
			n := 0
			w.front(sim.Salesforce, func(rw http.ResponseWriter, req *http.Request, next http.Handler) {
				if strings.HasPrefix(req.URL.Path, "/services/oauth2") {
					next.ServeHTTP(rw, req)
					return
				}
				n++
				rw.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(rw).Encode(r.page(n))
			})
			c := w.oauth(sim.Salesforce, "a", false)
			run, err := w.Test(context.Background(), c.ID, lifecycle.TestOptions{All: true}, nil)
			if run.Objects[0].Outcome != lifecycle.OutcomeFailed || run.Objects[0].Reason != r.want {
				t.Fatalf("got %+v, %v", run.Objects[0], err)
			}
			if n > 20 {
				t.Errorf("%d requests", n)
			}
		})
	}
}
