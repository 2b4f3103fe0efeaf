package lifecycle

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
)

// Styles of quota headers (connectors.Quota).
const (
	quotaHubSpot    = "hubspot"
	quotaSalesforce = "sforce_limit_info"
	quotaRateLimit  = "ratelimit"
)

func unknownQuota() QuotaView { return QuotaView{Used: -1, Max: -1, DayUsed: -1, DayMax: -1} }

// read takes in what the headers of one answer say; what they leave out stays. wait
// is when a spent window opens again, 0 if they don't tell.
func (q *QuotaView) read(spec connectors.Quota, h http.Header) (wait time.Duration) {
	switch spec.Style {
	case quotaHubSpot:
		return q.readHubSpot(h)
	case quotaSalesforce:
		q.readSalesforce(h.Get("Sforce-Limit-Info"))
	case quotaRateLimit:
		return q.readRateLimit(h.Get("RateLimit"))
	}
	return 0
}

func (q *QuotaView) readHubSpot(h http.Header) time.Duration {
	if most, left, ok := pair(h.Get("X-HubSpot-RateLimit-Max"), h.Get("X-HubSpot-RateLimit-Remaining")); ok {
		q.Max, q.Used = most, most-left
	}
	if ms, ok := figure(h.Get("X-HubSpot-RateLimit-Interval-Milliseconds")); ok {
		q.Window = time.Duration(ms) * time.Millisecond
	}
	if most, left, ok := pair(h.Get("X-HubSpot-RateLimit-Daily"), h.Get("X-HubSpot-RateLimit-Daily-Remaining")); ok {
		q.DayMax, q.DayUsed = most, most-left
	}
	if q.Max > 0 && q.Used >= q.Max {
		return min(q.Window, longestWait) // a rolling window: free again after its length at the latest
	}
	return 0
}

// readSalesforce reads "api-usage=18/15000", perhaps one of several fields.
func (q *QuotaView) readSalesforce(v string) {
	for part := range strings.SplitSeq(v, ";") {
		usage, ok := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !ok {
			continue
		}
		used, most, _ := strings.Cut(usage, "/")
		u, ok1 := figure(used)
		m, ok2 := figure(most)
		if ok1 && ok2 {
			q.DayUsed, q.DayMax = u, m
		}
	}
}

// readRateLimit reads "limit=100, remaining=50, reset=5".
func (q *QuotaView) readRateLimit(v string) time.Duration {
	field := map[string]int{}
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, ok := figure(value); ok {
			field[strings.ToLower(name)] = n
		}
	}
	most, ok1 := field["limit"]
	left, ok2 := field["remaining"]
	if ok1 && ok2 && left <= most {
		q.Max, q.Used = most, most-left
	}
	reset, ok := field["reset"]
	if !ok {
		return 0
	}
	q.Window = min(time.Duration(reset)*time.Second, longestWait)
	return q.Window
}

func pair(most, left string) (int, int, bool) {
	m, ok1 := figure(most)
	l, ok2 := figure(left)
	return m, l, ok1 && ok2 && l <= m
}

// figure reads a count as a provider sends it; odd ones are none.
func figure(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n >= 0 && n <= 1<<40
}

// dayLeft is what remains of the day's quota, -1 if nobody told.
func (q QuotaView) dayLeft() int {
	if q.DayMax < 0 || q.DayUsed < 0 {
		return -1
	}
	return max(0, q.DayMax-q.DayUsed)
}
