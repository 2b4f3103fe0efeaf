package sim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crmdeck/connectors/sim/records"
)

// closeMaxLimit is the largest page; the pages name none for sure.
const closeMaxLimit = 100

func (k *closeCRM) routesData() {
	k.slash("GET", k.rules.whoamiPath, "whoami", kindAPI, k.me)
	k.slash("GET", "/api/v1/contact/", "contacts", kindAPI, func(c *call) { k.list(c, records.Contact) })
	k.slash("GET", "/api/v1/lead/", "companies", kindAPI, func(c *call) { k.list(c, records.Company) })
	k.slash("GET", "/api/v1/opportunity/", "deals", kindAPI, func(c *call) { k.list(c, records.Deal) })
	k.slash("POST", "/api/v1/data/search/", "search", kindAPI, k.search)
}

func (k *closeCRM) me(c *call) {
	if !k.authorized(c) {
		return
	}
	u, a := c.cred.user, c.cred.account
	first, last, _ := strings.Cut(u.Name, " ")
	org := obj{"id": a.ID, "name": a.Name, "currency": "EUR", "date_created": "2024-01-08T08:00:00.000000+00:00"}
	k.rateHeader(c)
	c.json(http.StatusOK, obj{
		"id": u.ID, "email": u.Email, "first_name": first, "last_name": last, "organizations": []obj{org},
		"memberships": []obj{{"organization_id": a.ID, "user_id": u.ID}},
	})
}

func (k *closeCRM) list(c *call, kind records.Kind) {
	if !k.authorized(c) {
		return
	}
	k.rateHeader(c)
	q := c.r.URL.Query()
	limit, ok := between(q.Get("_limit"), closeMaxLimit, 1, closeMaxLimit)
	if !ok {
		k.plainError(c, http.StatusBadRequest, fmt.Sprintf("_limit must be between 1 and %d.", closeMaxLimit))
		return
	}
	skip, ok := between(q.Get("_skip"), 0, 0, k.sim.cfg.SkipCeiling)
	if !ok {
		k.plainError(c, http.StatusBadRequest, fmt.Sprintf("The _skip you set is larger than the maximum skip for this resource (%d). Use the search API to read further.", k.sim.cfg.SkipCeiling))
		return
	}
	set := k.records(c.cred.account)
	total := set.Count(kind)
	from := min(skip, total)
	to := min(from+limit, total)
	buf := k.sim.buffer()
	defer k.sim.release(buf)
	b := append((*buf)[:0], `{"has_more":`...)
	b = strconv.AppendBool(b, to < total)
	if kind != records.Contact {
		b = append(b, `,"total_results":`...)
		b = strconv.AppendInt(b, int64(total), 10)
	}
	if kind == records.Deal {
		b = append(b, `,"count_by_value_period":{"one_time":`...)
		b = append(strconv.AppendInt(b, int64(total), 10), `,"monthly":0,"annual":0}`...)
	}
	b = append(b, `,"data":[`...)
	b = k.rows(b, set, kind, from, to, closeFields(q, kind), c.cred.account.ID)
	b = append(b, `]}`...)
	c.bytes(http.StatusOK, "application/json", b)
	*buf = b
}

func (k *closeCRM) rows(b []byte, set records.Set, kind records.Kind, from, to int, fields []string, org string) []byte {
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ',')
		}
		b = k.sim.gen.AppendClose(b, set, kind, i, fields, org)
	}
	return b
}

// closeFields reads _fields; unknown names are left out, none means all.
func closeFields(q url.Values, kind records.Kind) []string {
	all := records.CloseFields(kind)
	if !q.Has("_fields") {
		return all
	}
	var out []string
	for f := range strings.SplitSeq(q.Get("_fields"), ",") {
		if contains(all, f) && !contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// searchBody is what is understood of POST /data/search/: the object type, in
// the query itself or among the parts of an "and".
type searchBody struct {
	Query  searchQuery         `json:"query"`
	Limit  *int                `json:"_limit"`
	Fields map[string][]string `json:"_fields"`
	Cursor *string             `json:"cursor"`
	Counts bool                `json:"include_counts"`
}

type searchQuery struct {
	Type       string        `json:"type"`
	ObjectType string        `json:"object_type"`
	Queries    []searchQuery `json:"queries"`
}

func (q searchQuery) object() string {
	if q.Type == "object_type" {
		return q.ObjectType
	}
	for _, sub := range q.Queries {
		if o := sub.object(); o != "" {
			return o
		}
	}
	return ""
}

// search reads on where lists end: by cursor, with no ceiling.
func (k *closeCRM) search(c *call) {
	if !k.authorized(c) {
		return
	}
	k.rateHeader(c)
	var in searchBody
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(c.body, &in) != nil {
		k.plainError(c, http.StatusBadRequest, "The request body is not valid JSON.")
		return
	}
	object := in.Query.object()
	kind, ok := records.CloseKind(object)
	limit := closeMaxLimit
	if in.Limit != nil {
		limit = *in.Limit
	}
	from := 0
	if in.Cursor != nil {
		raw, err := base64.RawURLEncoding.DecodeString(*in.Cursor)
		n, err2 := strconv.Atoi(string(raw))
		ok = ok && err == nil && err2 == nil && n >= 0 && n <= MaxContacts
		from = n
	}
	if !ok || limit < 1 || limit > closeMaxLimit {
		c.json(http.StatusBadRequest, obj{"errors": []string{}, "field-errors": obj{"query": []string{"This query, limit or cursor is not valid."}}})
		return
	}
	set := k.records(c.cred.account)
	total := set.Count(kind)
	from = min(from, total)
	to := min(from+limit, total)
	// Without _fields a hit is its id and type.
	fields := []string{"id", "__object_type"}
	for _, f := range in.Fields[object] {
		if contains(records.CloseFields(kind), f) && !contains(fields, f) {
			fields = append(fields, f)
		}
	}
	b := k.rows([]byte(`{"data":[`), set, kind, from, to, fields, c.cred.account.ID)
	b = append(b, `],"cursor":`...)
	if to < total {
		b = append(b, marshal(base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to))))...)
	} else {
		b = append(b, "null"...)
	}
	if in.Counts {
		b = append(b, `,"count":`...)
		b = append(b, marshal(obj{"limited": total, "total": total})...)
	}
	c.bytes(http.StatusOK, "application/json", append(b, '}'))
}
