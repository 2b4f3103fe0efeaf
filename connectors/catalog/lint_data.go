package catalog

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"crmdeck/connectors"
	"crmdeck/store"
)

// headerName is a field name of RFC 9110 section 5.1.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// refusedHeaders carry what the client itself decides.
var refusedHeaders = [...]string{"host", "cookie", "content-length", "content-type", "transfer-encoding", "connection"}

// header checks where a credential is placed.
func (l *linter) header(field, name, format, placeholder string) {
	switch {
	case !l.need(field+".header", name):
	case !headerName.MatchString(name), slices.Contains(refusedHeaders[:], strings.ToLower(name)):
		l.add(field+".header", "is no header that can carry a credential")
	}
	if placeholder == "{key}" && format == "Basic" {
		return
	}
	if strings.Count(format, placeholder) != 1 || strings.ContainsAny(strings.Replace(format, placeholder, "", 1), "{}") {
		l.addf(field+".format", "must hold %s once and no other placeholder", placeholder)
	}
}

func (l *linter) api(p *connectors.Provider) {
	if l.need("api.base_url", p.API.BaseURL) {
		l.url(p, "api.base_url", p.API.BaseURL)
	}
	oauth := slices.ContainsFunc(p.Methods, func(m connectors.MethodSpec) bool {
		return m.ID != store.APIKey && m.ID != store.TBA && m.Supported != "no"
	})
	if oauth || p.API.Header != "" {
		l.header("api", p.API.Header, p.API.Format, "{token}")
	}
}

func (l *linter) keys(p *connectors.Provider) {
	for _, k := range p.Keys {
		f := "keys[" + k.ID + "]"
		l.need(f+".id", k.ID)
		l.need(f+".label", k.Label)
		l.need(f+".where", k.Where)
		l.header(f, k.Header, k.Format, "{key}")
		if k.PolicyDays < 0 || k.PolicyDays > 3650 {
			l.add(f+".policy_days", "must be 0 (the default) to 3650")
		}
		if k.OverlapS < 0 {
			l.add(f+".overlap_s", "must not be negative")
		}
	}
}

func (l *linter) identity(p *connectors.Provider) {
	id := p.Identity
	if l.need("identity.request", id.Request) {
		l.request(p, "identity.request", id.Request)
	}
	l.need("identity.account_id", id.AccountID)
	for field, path := range map[string]string{"alive_when": id.Alive, "account_id": id.AccountID,
		"account_name": id.AccountName, "user": id.User, "account_kind": id.AccountKind} {
		l.path("identity."+field, path)
	}
	for _, t := range []struct {
		field string
		from  map[string]string
	}{{"identity.from_token", id.FromToken}, {"identity.from_introspect", id.FromIntrospect}} {
		for k, path := range t.from {
			oneOf(l, t.field+"."+k, k, "account_id", "account_name", "user", "account_kind")
			l.path(t.field+"."+k, path)
		}
	}
	l.known(p, "identity.proves", id.Proves)
	l.known(p, "tokens.refresh_proves", p.Tokens.RefreshProves)
}

// request checks "GET /path" or "POST /path": what is called lies under the base URL.
func (l *linter) request(p *connectors.Provider, field, request string) {
	verb, target, ok := strings.Cut(request, " ")
	if !ok || (verb != "GET" && verb != "POST") {
		l.add(field, "must be GET or POST, a blank, and a path")
		return
	}
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.Contains(target, "/..") {
		l.add(field, "must be a plain path, below api.base_url")
		return
	}
	l.url(p, field, "https://api.example"+target)
}

func (l *linter) path(field, path string) {
	if err := connectors.CheckPath(path); err != nil {
		l.add(field, err.Error())
	}
}

// objectNames are what a test sync reads, in its order.
var objectNames = []string{"contacts", "companies", "deals"}

func (l *linter) objects(p *connectors.Provider) {
	last := -1
	for _, o := range p.Objects {
		f := "objects[" + o.Name + "]"
		oneOf(l, f+".name", o.Name, objectNames...)
		at := slices.Index(objectNames, o.Name)
		if at >= 0 && at < last {
			l.add(f, "is out of order: contacts, companies, deals")
		}
		last = max(last, at)
		if l.need(f+".request", o.Request) {
			l.request(p, f+".request", o.Request)
		}
		l.need(f+".records", o.Records)
		l.path(f+".records", o.Records)
		l.path(f+".total", o.Total)
		for _, s := range o.Sample {
			l.path(f+".sample", s)
		}
		l.known(p, f+".proves", o.Proves)
		l.page(f+".page", o.Page)
		l.count(p, f+".count", o.Count)
	}
}

func (l *linter) page(f string, g connectors.Page) {
	oneOf(l, f+".style", g.Style, connectors.PageCursor, connectors.PageNextLink, connectors.PageOffset)
	if g.Size <= 0 {
		l.add(f+".size", "must be the number of records a page, above 0")
	}
	switch g.Style {
	case connectors.PageCursor:
		l.need(f+".next_path", g.NextPath)
		l.need(f+".next_param", g.NextParam)
	case connectors.PageNextLink:
		l.need(f+".next_path", g.NextPath)
	case connectors.PageOffset:
		l.need(f+".skip_param", g.SkipParam)
	}
	l.path(f+".next_path", g.NextPath)
	l.path(f+".more_path", g.MorePath)
	if g.SizeHeader != "" {
		name, value, ok := strings.Cut(g.SizeHeader, ": ")
		if !ok || !headerName.MatchString(name) || !strings.Contains(value, "{size}") {
			l.add(f+".size_header", "must be NAME: value with {size}")
		}
	}
	if g.Ceiling < 0 {
		l.add(f+".ceiling", "must not be negative")
	}
}

func (l *linter) count(p *connectors.Provider, f string, c *connectors.Count) {
	if c == nil {
		return
	}
	if l.need(f+".request", c.Request) {
		l.request(p, f+".request", c.Request)
	}
	l.need(f+".path", c.Path)
	l.path(f+".path", c.Path)
	if c.Body != "" && !json.Valid([]byte(c.Body)) {
		l.add(f+".body", "is no JSON")
	}
}

func (l *linter) quota(p *connectors.Provider) {
	oneOf(l, "quota.style", p.Quota.Style, "hubspot", "sforce_limit_info", "ratelimit", "none")
	if p.Quota.PerSecond < 0 || p.Quota.Burst < 0 {
		l.add("quota", "per_second and burst must not be negative")
	}
}

// errorActions are what an error rule can propose.
var errorActions = []string{"", "refresh", "refresh_then_reconnect", "reconnect", "wait", "wait_until_reset",
	"ask_admin", "restart", "fix"}

func (l *linter) errorRules(p *connectors.Provider) {
	for _, r := range p.Errors {
		f := "errors[" + r.Case + "]"
		l.need(f+".case", r.Case)
		if r.HTTP != 0 && (r.HTTP < 200 || r.HTTP > 599) {
			l.add(f+".http", "must be a status, or 0 for any")
		}
		if r.HTTP == 0 && len(r.Match) == 0 {
			l.add(f, "matches every answer: give http or match")
		}
		oneOf(l, f+".where", r.Where, "", connectors.AtToken, connectors.AtAPI, connectors.AtKey)
		oneOf(l, f+".class", r.Class, "", store.Busy, store.Transient, store.Throttled, store.Config, store.Dead)
		oneOf(l, f+".action", r.Action, errorActions...)
		if r.Class == "" && !strings.HasPrefix(r.Action, "refresh") {
			l.add(f+".class", "is missing: only what a refresh mends has none")
		}
		for path := range r.Match {
			if path != "$" && !strings.HasPrefix(path, "header:") {
				l.path(f+".match", path)
			}
		}
		l.path(f+".missing", r.Missing)
	}
}

func (l *linter) revoke(p *connectors.Provider) {
	if p.Revoke.OAuth == connectors.RevokeRFC7009 && p.Endpoints.Revoke == "" && !discovers(p) {
		l.add("endpoints.revoke", "is missing: revoke.oauth is rfc7009")
	}
	byHand := p.Revoke.OAuth == connectors.RevokeConsole && p.Console.Grants == "" ||
		p.Revoke.Key == connectors.RevokeConsole && p.Console.Keys == ""
	if byHand {
		l.add("console", "is missing the page (keys, grants) on which a person revokes")
	}
	for path := range p.Revoke.AlreadyDead {
		l.path("revoke.already_dead", path)
	}
}

func (l *linter) console(p *connectors.Provider) {
	c := p.Console
	for field, u := range map[string]string{"apps": c.Apps, "keys": c.Keys, "grants": c.Grants,
		"status": c.Status, "docs": c.Docs} {
		l.url(p, "console."+field, u)
	}
}
