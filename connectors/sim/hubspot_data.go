package sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crmdeck/connectors/sim/records"
)

// HubSpot's page sizes. The list maximum is what works in practice; the
// specification names none.
const (
	hubspotDefaultLimit = 10
	hubspotMaxLimit     = 100
	hubspotSearchLimit  = 200
	hubspotSearchEnd    = 10_000
)

func (h *hubspot) routesData() {
	h.route("GET /account-info/v3/details", "whoami", kindAPI, h.accountInfo)
	h.route("GET /account-info/2026-09/details", "whoami", kindAPI, h.accountInfo)
	for name, k := range map[string]records.Kind{"contacts": records.Contact, "companies": records.Company, "deals": records.Deal} {
		list := func(c *call) { h.list(c, name, k) }
		search := func(c *call) { h.search(c, name, k) }
		h.route("GET /crm/v3/objects/"+name, name, kindAPI, list)
		h.route("GET /crm/objects/2026-03/"+name, name, kindAPI, list)
		h.route("GET /crm/objects/2026-09/"+name, name, kindAPI, list)
		h.route("POST /crm/v3/objects/"+name+"/search", "search", kindAPI, search)
		h.route("POST /crm/objects/2026-03/"+name+"/search", "search", kindAPI, search)
		h.route("POST /crm/objects/2026-09/"+name+"/search", "search", kindAPI, search)
	}
}

// accountInfo needs the scope oauth of apps; keys open it without one.
func (h *hubspot) accountInfo(c *call) {
	if c.cred != nil && c.cred.grant == nil {
		if !h.authorized(c) {
			return
		}
	} else if !h.scoped(c, "oauth") {
		return
	}
	a := c.cred.account
	kind, ui := "STANDARD", "app.hubspot.example"
	if a.Sandbox {
		kind = "SANDBOX"
	}
	if a.region() != "na1" {
		ui = "app-" + a.region() + ".hubspot.example"
	}
	_, offset := h.sim.now().In(zone(a.Zone)).Zone()
	h.rateHeaders(c)
	c.json(http.StatusOK, obj{
		"portalId": number(a.ID), "accountType": kind, "timeZone": a.Zone, "companyCurrency": "EUR",
		"additionalCurrencies": []string{}, "utcOffset": offsetText(offset), "utcOffsetMilliseconds": offset * 1000,
		"uiDomain": ui, "dataHostingLocation": a.region(),
	})
}

func (h *hubspot) list(c *call, name string, k records.Kind) {
	if !h.scoped(c, "crm.objects."+name+".read") {
		return
	}
	q := c.r.URL.Query()
	limit, ok := between(q.Get("limit"), hubspotDefaultLimit, 1, hubspotMaxLimit)
	if !ok {
		h.categoryError(c, http.StatusBadRequest, "VALIDATION_ERROR", "limit must be between 1 and 100", nil)
		return
	}
	from, ok := cursorIndex(q.Get("after"))
	if !ok {
		h.categoryError(c, http.StatusBadRequest, "VALIDATION_ERROR", "after is not a cursor of this list", nil)
		return
	}
	set := h.records(c.cred.account)
	to := min(from+limit, set.Count(k))
	buf := h.sim.buffer()
	defer h.sim.release(buf)
	b := append((*buf)[:0], `{"results":[`...)
	b = h.results(b, set, k, from, to, properties(q["properties"], k))
	b = append(b, ']')
	if to < set.Count(k) {
		b = nextPage(b, cursorText(to), h.base+c.r.URL.Path, q)
	}
	b = append(b, '}')
	h.rateHeaders(c)
	c.bytes(http.StatusOK, "application/json;charset=utf-8", b)
	*buf = b
}

func (h *hubspot) results(b []byte, set records.Set, k records.Kind, from, to int, props []string) []byte {
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ',')
		}
		b = h.sim.gen.AppendHubSpot(b, set, k, i, props)
	}
	return b
}

// search reports the total and pages up to result 10,000. Filters are read and
// refused: simulated records have nothing to filter by.
func (h *hubspot) search(c *call, name string, k records.Kind) {
	if !h.scoped(c, "crm.objects."+name+".read") {
		return
	}
	var in struct {
		Limit        *int              `json:"limit"`
		After        json.RawMessage   `json:"after"`
		Properties   []string          `json:"properties"`
		FilterGroups []json.RawMessage `json:"filterGroups"`
	}
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(c.body, &in) != nil {
		h.categoryError(c, http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON", nil)
		return
	}
	limit := hubspotDefaultLimit
	if in.Limit != nil {
		limit = *in.Limit
	}
	from, ok := searchAfter(in.After)
	if limit < 0 || limit > hubspotSearchLimit || !ok || from > hubspotSearchEnd-limit || len(in.FilterGroups) > 0 {
		h.categoryError(c, http.StatusBadRequest, "VALIDATION_ERROR", "limit, after or filterGroups is not valid; searches end at 10,000 results", nil)
		return
	}
	set := h.records(c.cred.account)
	to := min(from+limit, set.Count(k))
	b := append([]byte(nil), `{"total":`...)
	b = strconv.AppendInt(b, int64(set.Count(k)), 10)
	b = append(b, `,"results":[`...)
	b = h.results(b, set, k, from, to, properties(in.Properties, k))
	b = append(b, ']')
	if to < set.Count(k) && to > from {
		b = append(b, `,"paging":{"next":{"after":"`...)
		b = append(strconv.AppendInt(b, int64(to), 10), `"}}`...)
	}
	h.rateHeaders(c)
	c.bytes(http.StatusOK, "application/json;charset=utf-8", append(b, '}'))
}

// searchAfter takes the cursor of a search, a number in or out of quotes.
func searchAfter(raw json.RawMessage) (int, bool) {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// properties flattens the query's lists; names that could not be written into
// JSON as they are do not exist anyway.
func properties(asked []string, k records.Kind) []string {
	var out []string
	for _, a := range asked {
		for p := range strings.SplitSeq(a, ",") {
			if p = strings.TrimSpace(p); plainName(p) && !contains(out, p) {
				out = append(out, p)
			}
		}
	}
	if len(asked) == 0 {
		return records.HubSpotDefaults(k)
	}
	return out
}

func plainName(p string) bool {
	return p != "" && strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// nextPage writes paging.next with the cursor and the whole link.
func nextPage(b []byte, after, path string, q url.Values) []byte {
	q.Set("after", after)
	b = append(b, `,"paging":{"next":{"after":"`...)
	b = append(b, after...)
	b = append(b, `","link":`...)
	b = append(b, marshal(path+"?"+q.Encode())...)
	return append(b, `}}`...)
}

// cursorText hides an index as HubSpot's after does.
func cursorText(i int) string { return base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(i))) }

func cursorIndex(after string) (int, bool) {
	if after == "" {
		return 0, true
	}
	raw, err := base64.StdEncoding.DecodeString(after)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(raw))
	return n, err == nil && n >= 0 && n <= MaxContacts
}
