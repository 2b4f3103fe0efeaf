package sim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/sim/records"
)

// Salesforce's query page sizes.
const (
	soqlMinBatch = 200
	soqlMaxBatch = 2000
	// API versions that the paths may name; older ones are retired, newer ones not yet there.
	salesforceOldest, salesforceNewest = 31, 67
)

func (f *salesforce) routesData() {
	f.route("GET /services/data", "versions", kindOAuth, f.versions)
	f.route("GET /services/data/{$}", "versions", kindOAuth, f.versions)
	for _, p := range []string{"/services/data/{version}/limits", "/services/data/{version}/limits/{$}"} {
		f.route("GET "+p, "limits", kindAPI, f.limits)
	}
	for _, p := range []string{"/services/data/{version}/query", "/services/data/{version}/query/{$}"} {
		f.route("GET "+p, "query", kindAPI, f.query)
	}
	f.route("GET /services/data/{version}/query/{locator}", "query", kindAPI, f.queryMore)
}

func (f *salesforce) versions(c *call) {
	var out []obj
	for v := salesforceOldest; v <= salesforceNewest; v++ {
		n := strconv.Itoa(v) + ".0"
		out = append(out, obj{"label": "Release " + n, "url": "/services/data/v" + n, "version": n})
	}
	c.json(http.StatusOK, out)
}

// ready checks session, scope and version; every data call begins with it.
func (f *salesforce) ready(c *call) bool {
	if !f.authorized(c) || !f.allowed(c, "api", "full") {
		return false
	}
	v := c.r.PathValue("version")
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(v, "v"), ".0"))
	if err != nil || v != fmt.Sprintf("v%d.0", n) || n < salesforceOldest || n > salesforceNewest {
		f.missing(c)
		return false
	}
	f.limitInfo(c)
	return true
}

func (f *salesforce) limits(c *call) {
	if !f.ready(c) {
		return
	}
	l := f.daily(c.cred.account)
	left, _ := f.meter.remaining(f.sim, l)
	c.json(http.StatusOK, obj{
		"DailyApiRequests": obj{"Max": l.scaled(f.sim), "Remaining": left},
		"DataStorageMB":    obj{"Max": 10240, "Remaining": 9001},
	})
}

// soql is the part of the query language that is understood: fields of one
// object, or COUNT(), with an order and a limit.
var soql = regexp.MustCompile(`(?i)^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)(?:\s+ORDER\s+BY\s+\w+(?:\s+(?:ASC|DESC))?)?(?:\s+LIMIT\s+(\d{1,9}))?\s*$`)

// cursor is a query under way. It travels in the locator, so that the server
// keeps nothing.
type cursor struct {
	kind   records.Kind
	fields []string
	total  int
	from   int
}

func (f *salesforce) query(c *call) {
	if !f.ready(c) {
		return
	}
	q := c.r.URL.Query().Get("q")
	m := soql.FindStringSubmatch(q)
	if m == nil {
		f.restError(c, http.StatusBadRequest, "MALFORMED_QUERY", "the query is malformed, or uses what this simulation does not know (WHERE, joins, aggregates)")
		return
	}
	if strings.EqualFold(m[2], "Organization") {
		f.organization(c)
		return
	}
	kind, ok := records.SalesforceKind(m[2])
	if !ok {
		f.restError(c, http.StatusBadRequest, "INVALID_TYPE", "sObject type '"+m[2]+"' is not supported.")
		return
	}
	cur := cursor{kind: kind, total: f.records(c.cred.account).Count(kind)}
	if m[3] != "" {
		n, _ := strconv.Atoi(m[3])
		cur.total = min(cur.total, n)
	}
	if isCount(m[1]) {
		c.json(http.StatusOK, obj{"totalSize": cur.total, "done": true, "records": []obj{}})
		return
	}
	for field := range strings.SplitSeq(m[1], ",") {
		name, ok := records.SalesforceField(kind, strings.TrimSpace(field))
		if !ok {
			f.restError(c, http.StatusBadRequest, "INVALID_FIELD", "No such column '"+strings.TrimSpace(field)+"' on entity '"+m[2]+"'.")
			return
		}
		cur.fields = append(cur.fields, name)
	}
	f.page(c, cur)
}

// endpointOf names a query after its records, so that counters and faults have
// the same names at all providers.
func (f *salesforce) endpointOf(c *call) string {
	if c.endpoint != "query" {
		return c.endpoint
	}
	names := []string{"contacts", "companies", "deals"}
	if l := c.r.PathValue("locator"); l != "" && c.cred != nil {
		if cur, ok := f.readLocator(l, c.cred.account); ok {
			return names[cur.kind]
		}
		return c.endpoint
	}
	m := soql.FindStringSubmatch(c.r.URL.Query().Get("q"))
	if m == nil {
		return c.endpoint
	}
	kind, ok := records.SalesforceKind(m[2])
	switch {
	case isCount(m[1]):
		return "count"
	case ok:
		return names[kind]
	}
	return c.endpoint
}

func isCount(fields string) bool {
	return strings.EqualFold(strings.ReplaceAll(fields, " ", ""), "count()")
}

func (f *salesforce) queryMore(c *call) {
	if !f.ready(c) {
		return
	}
	cur, ok := f.readLocator(c.r.PathValue("locator"), c.cred.account)
	if !ok {
		f.restError(c, http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
		return
	}
	f.page(c, cur)
}

func (f *salesforce) page(c *call, cur cursor) {
	set := f.records(c.cred.account)
	to := min(cur.from+batchSize(c.r.Header.Get("Sforce-Query-Options")), cur.total)
	version := c.r.PathValue("version")
	buf := f.sim.buffer()
	defer f.sim.release(buf)
	b := append((*buf)[:0], `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(cur.total), 10)
	b = append(b, `,"done":`...)
	b = strconv.AppendBool(b, to >= cur.total)
	if to < cur.total {
		b = append(b, `,"nextRecordsUrl":"/services/data/`...)
		b = append(b, version...)
		b = append(b, `/query/`...)
		b = append(b, locator(cur, to, c.cred.account)...)
		b = append(b, '"')
	}
	b = append(b, `,"records":[`...)
	for i := cur.from; i < to; i++ {
		if i > cur.from {
			b = append(b, ',')
		}
		b = f.sim.gen.AppendSalesforce(b, set, cur.kind, i, cur.fields, version)
	}
	b = append(b, `]}`...)
	c.bytes(http.StatusOK, "application/json;charset=UTF-8", b)
	*buf = b
}

// batchSize reads "batchSize=500"; sizes outside 200..2000 are moved into it, as
// the header is a wish only.
func batchSize(header string) int {
	_, v, ok := strings.Cut(header, "batchSize=")
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if !ok || err != nil {
		return soqlMaxBatch
	}
	return min(max(n, soqlMinBatch), soqlMaxBatch)
}

func locator(cur cursor, from int, a *Account) string {
	text := strings.Join([]string{a.ID, strconv.Itoa(int(cur.kind)), strconv.Itoa(cur.total), strings.Join(cur.fields, ",")}, "|")
	return "0r8" + base64.RawURLEncoding.EncodeToString([]byte(text)) + "-" + strconv.Itoa(from)
}

// readLocator checks everything, since the locator comes from outside.
func (f *salesforce) readLocator(text string, a *Account) (cursor, bool) {
	body, from, ok := cutLast(text, "-")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(body, "0r8"))
	parts := strings.Split(string(raw), "|")
	if !ok || err != nil || len(parts) != 4 || parts[0] != a.ID {
		return cursor{}, false
	}
	var cur cursor
	kind, err1 := strconv.Atoi(parts[1])
	total, err2 := strconv.Atoi(parts[2])
	at, err3 := strconv.Atoi(from)
	if err1 != nil || err2 != nil || err3 != nil || kind < 0 || kind > int(records.Deal) {
		return cursor{}, false
	}
	cur.kind, cur.from = records.Kind(kind), at
	cur.total = min(total, f.records(a).Count(cur.kind))
	for field := range strings.SplitSeq(parts[3], ",") {
		name, ok := records.SalesforceField(cur.kind, field)
		if !ok {
			return cursor{}, false
		}
		cur.fields = append(cur.fields, name)
	}
	return cur, at >= 0 && at <= cur.total
}

// organization answers the one query that tells a sandbox from production.
func (f *salesforce) organization(c *call) {
	a := c.cred.account
	kind := "Enterprise Edition"
	c.json(http.StatusOK, obj{"totalSize": 1, "done": true, "records": []obj{{
		"attributes": obj{"type": "Organization", "url": "/services/data/" + c.r.PathValue("version") + "/sobjects/Organization/" + a.ID},
		"Id":         a.ID, "Name": a.Name, "IsSandbox": a.Sandbox, "OrganizationType": kind,
	}}})
}

// daily is the quota of an org: 100,000 calls and 1,000 for each of its 25
// licences in rolling 24 h; a full sandbox has 5,000,000.
func (f *salesforce) daily(a *Account) limit {
	l := limit{key: "day " + a.ID, policy: "REQUEST_LIMIT_EXCEEDED", max: 125_000, period: 24 * time.Hour}
	if a.Sandbox {
		l.max = 5_000_000
	}
	return l
}

func (f *salesforce) quotas(c *call) []limit {
	if c.cred == nil || c.endpoint == "whoami" || c.endpoint == "identity" {
		return nil
	}
	return []limit{f.daily(c.cred.account)}
}

// limitInfo is the header of every data answer.
func (f *salesforce) limitInfo(c *call) {
	l := f.daily(c.cred.account)
	left, _ := f.meter.remaining(f.sim, l)
	total := l.scaled(f.sim)
	c.w.Header()["Sforce-Limit-Info"] = []string{"api-usage=" + strconv.Itoa(total-left) + "/" + strconv.Itoa(total)}
}
