package lifecycle

import (
	"net/http"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/store"
)

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                          "A··",
		"Ada Lovelace":                 "A·· L·······",
		"ada.l@imagine.example":        "a····@i······.example",
		"Imagine GmbH":                 "I······ G···",
		"Éa":                           "É·",
		"(x)":                          "···",
		"":                             "",
		"1234.50":                      "1······",
		"a@localhost":                  "a@l········",
		"abcdefghijklmnopqrstuvwxyz12": "a·······················",
	} {
		if got := mask(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	row := maskRow([]byte(`{"p":{"first":"Eve\u001b[31m","n":12},"emails":[{"email":"e@x.example"}]}`), []string{"p.first", "p.n", "emails.0.email", "emails.7.email", "no"})
	if row != "E·· ····   1·   e@x.example" {
		t.Errorf("row %q", row)
	}
}

func TestQuotaHeaders(t *testing.T) {
	head := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return h
	}
	rows := []struct {
		style string
		h     http.Header
		want  QuotaView
		wait  time.Duration
	}{
		{quotaHubSpot, head("X-HubSpot-RateLimit-Max", "110", "X-HubSpot-RateLimit-Remaining", "0", "X-HubSpot-RateLimit-Interval-Milliseconds", "10000"),
			QuotaView{110, 110, 10 * time.Second, -1, -1}, 10 * time.Second},
		{quotaHubSpot, head("X-HubSpot-RateLimit-Daily", "650000", "X-HubSpot-RateLimit-Daily-Remaining", "645882"), QuotaView{-1, -1, 0, 4118, 650000}, 0},
		{quotaSalesforce, head("Sforce-Limit-Info", "api-usage=18/15000"), QuotaView{-1, -1, 0, 18, 15000}, 0},
		{quotaSalesforce, head("Sforce-Limit-Info", "per-app-api-usage=1/2(x); api-usage=18/15000"), QuotaView{-1, -1, 0, 18, 15000}, 0},
		{quotaSalesforce, head("Sforce-Limit-Info", "api-usage=-1/zzz"), unknownQuota(), 0},
		{quotaRateLimit, head("RateLimit", "limit=100, remaining=50, reset=5"), QuotaView{50, 100, 5 * time.Second, -1, -1}, 5 * time.Second},
		{quotaRateLimit, head("RateLimit", "limit=100, remaining=0, reset=99999999"), QuotaView{100, 100, longestWait, -1, -1}, longestWait},
		{"none", head("RateLimit", "limit=1"), unknownQuota(), 0},
	}
	for _, r := range rows {
		q := unknownQuota()
		if wait := q.read(connectors.Quota{Style: r.style}, r.h); q != r.want || wait != r.wait {
			t.Errorf("%v: got %+v, wait %s", r.h, q, wait)
		}
	}
}

// RS-2: a link stays on the host, port and scheme that the credential is for.
func TestFollow(t *testing.T) {
	const from = "https://acme.my.salesforce.com/services/data/v67.0/query?q=x"
	good := map[string]string{
		"/services/data/v67.0/query/01g-2000":       "https://acme.my.salesforce.com/services/data/v67.0/query/01g-2000",
		"https://acme.my.salesforce.com/services/x": "https://acme.my.salesforce.com/services/x",
		"https://ACME.my.salesforce.com:443/x":      "https://ACME.my.salesforce.com:443/x",
		"?q=y":                                      "https://acme.my.salesforce.com/services/data/v67.0/query?q=y",
	}
	for link, want := range good {
		if got, err := follow(from, link); err != nil || got != want {
			t.Errorf("%s: %s, %v", link, got, err)
		}
	}
	for _, link := range []string{
		"https://evil.example/x", "//evil.example/x", "http://acme.my.salesforce.com/x", "https://acme.my.salesforce.com:8443/x",
		"https://x.acme.my.salesforce.com/", "https://acme.my.salesforce.com@evil.example/", "javascript:alert(1)", "https://acme.my.salesforce.com.evil.example/",
		"file:///etc/passwd", "https://u:p@acme.my.salesforce.com/", "\x00", "https://acme.my.salesforce.com/#x",
	} {
		if got, err := follow(from, link); err == nil {
			t.Errorf("%q was followed to %s", link, got)
		}
	}
}

// What the scheduler does by itself follows from a summary alone.
func TestDue(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	base := store.Summary{Grant: "g", HasAccess: true, HasRefresh: true, Consented: now, Refreshed: now, Access: now.Add(30 * time.Minute), Generation: 1}
	with := func(f func(*store.Summary)) store.Summary { s := base; f(&s); return s }
	rows := map[string]struct {
		s        store.Summary
		task     task
		from, to time.Duration
	}{
		"ahead":         {base, renew, 22 * time.Minute, 24 * time.Minute},
		"paused":        {with(func(s *store.Summary) { s.Paused = true }), idle, 0, 0},
		"dead":          {with(func(s *store.Summary) { s.Class = store.Dead }), idle, 0, 0},
		"config":        {with(func(s *store.Summary) { s.Class = store.Config }), idle, 0, 0},
		"key":           {with(func(s *store.Summary) { s.HasKey, s.HasRefresh = true, false }), idle, 0, 0},
		"backs off":     {with(func(s *store.Summary) { s.Class, s.Next = store.Transient, now.Add(25*time.Minute) }), renew, 25 * time.Minute, 25 * time.Minute},
		"absurd":        {with(func(s *store.Summary) { s.Class, s.Next = store.Transient, now.AddDate(10, 0, 0) }), renew, 22 * time.Minute, 24 * time.Minute},
		"uncertain":     {with(func(s *store.Summary) { s.Intent, s.IntentLost = true, true }), renew, 30 * time.Minute, 30 * time.Minute},
		"in the middle": {with(func(s *store.Summary) { s.Intent, s.IntentBegun = true, now }), renew, 70 * time.Second, 70 * time.Second},
		"from tomorrow": {with(func(s *store.Summary) { s.Refreshed = now.Add(time.Hour) }), renew, 0, 0},
		"keep alive":    {with(func(s *store.Summary) { s.Access, s.Idle = now.AddDate(1, 0, 0), now.AddDate(0, 0, 30) }), renew, 17 * 24 * time.Hour, 20 * 24 * time.Hour},
		"dying":         {with(func(s *store.Summary) { s.Revocation, s.DiesAt = store.RevocationDying, now.Add(time.Minute) }), workOff, 90 * time.Second, 90 * time.Second},
		"queued":        {with(func(s *store.Summary) { s.Revocation, s.Next = store.RevocationQueued, now.Add(time.Minute) }), workOff, time.Minute, time.Minute},
		"over":          {with(func(s *store.Summary) { s.Revocation = store.RevocationDone }), idle, 0, 0},
	}
	for name, r := range rows {
		got, at := due(&r.s, 0, now)
		if got != r.task || got != idle && (at.Before(now.Add(r.from)) || at.After(now.Add(r.to))) {
			t.Errorf("%s: task %d in %s", name, got, at.Sub(now))
		}
	}
}
