package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/store"
	"crmdeck/store/text"
)

func (l *linter) scopes(p *connectors.Provider) {
	for _, s := range p.Scopes {
		f := "scopes[" + s.Name + "]"
		l.need(f+".name", s.Name)
		l.need(f+".meaning", s.Meaning)
		oneOf(l, f+".risk", s.Risk, connectors.Low, connectors.Medium, connectors.High, connectors.Critical)
		for _, u := range s.Use {
			oneOf(l, f+".use", u, "identity", "read", "write", "avoid")
		}
		if p.Authorize.ScopeSeparator != "" && strings.Contains(s.Name, p.Authorize.ScopeSeparator) {
			l.add(f+".name", "holds the separator of scopes")
		}
	}
	for name, set := range p.ScopeSets {
		f := "scope_sets." + name
		l.need(f+".label", set.Label)
		l.known(p, f+".scopes", set.Scopes)
		l.known(p, f+".optional", set.Optional)
		for _, s := range set.Optional {
			if slices.Contains(set.Scopes, s) {
				l.addf(f+".optional", "%s is required and optional at once", s)
			}
		}
		for _, s := range append(slices.Clone(set.Scopes), set.Optional...) {
			if slices.Contains(p.Scope(s).Use, "avoid") {
				l.addf(f, "%s is a scope to avoid", s)
			}
		}
	}
	if _, ok := p.ScopeSets["read_only"]; !ok && len(p.Scopes) > 0 {
		l.add("scope_sets.read_only", "is missing: it is what a new connection asks for unless told otherwise")
	}
}

// known notes scopes that the provider does not describe.
func (l *linter) known(p *connectors.Provider, field string, names []string) {
	for _, n := range names {
		if !slices.ContainsFunc(p.Scopes, func(s connectors.Scope) bool { return s.Name == n }) {
			l.addf(field, "%s is not among the scopes", n)
		}
	}
}

// looseDate is a date less exact than a day, with a word on it: "2025-09", "2026 (Spring)".
var looseDate = regexp.MustCompile(`^\d{4}(-(0[1-9]|1[0-2]))?( \([^()]+\))?$`)

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil || looseDate.MatchString(s)
}

// facts checks dates, notes, sources, and that each section says where it was read.
func (l *linter) facts(p *connectors.Provider) {
	for i, e := range p.Lifecycle {
		f := fmt.Sprintf("lifecycle[%d]", i)
		l.need(f+".fact", e.Fact)
		if !validDate(e.Date) {
			l.add(f+".date", "is no date like 2006-01-02, 2006-01 or 2006")
		} else if _, err := time.Parse(time.DateOnly, e.Date); err != nil && e.Ends {
			l.add(f+".date", "must be a day where ends = true: a clock hangs on it")
		}
		for _, m := range e.Methods {
			if _, isKey := p.Key(m); !isKey && !slices.Contains(knownMethods[:], store.Method(m)) {
				l.addf(f+".methods", "%s is neither a method nor a kind of key", m)
			}
		}
	}
	for i, n := range p.Notes {
		f := fmt.Sprintf("notes[%d]", i)
		l.need(f+".text", n.Text)
		oneOf(l, f+".at", n.At, "", "crm", "method", "credentials", "scopes", "consent", "revoke")
	}
	for name, s := range p.Sources {
		l.need("sources."+name+".url", s.URL)
		oneOf(l, "sources."+name+".kind", s.Kind, "official", "official_repo", "official_mirror", "third_party")
	}
	for _, s := range sections(p) {
		l.provenance(p, s.field, s.from)
	}
}

// provenance checks one section's sources. A file without any sources of its own makes
// no claim about where it was read; one that has them names them everywhere.
func (l *linter) provenance(p *connectors.Provider, field string, from connectors.Provenance) {
	oneOf(l, field+".conf", from.Conf, "", connectors.Official, connectors.Mixed, connectors.ThirdParty, connectors.Unverified)
	for _, s := range from.Src {
		if _, ok := p.Sources[s]; !ok {
			l.addf(field+".src", "%s is not among the sources", s)
		}
	}
	if len(from.Src) == 0 && from.Conf != connectors.Unverified && len(p.Sources) > 0 {
		here, _ := l.doc.place(field)
		sources, _ := l.doc.place("sources")
		if here.file == sources.file {
			l.add(field+".src", `is missing: name a source, or say conf = "unverified"`)
		}
	}
	official := func(s string) bool { return strings.HasPrefix(p.Sources[s].Kind, "official") }
	if from.Conf == connectors.Official && !slices.ContainsFunc(from.Src, official) {
		l.add(field+".conf", "is official without an official source")
	}
}

// section is a part of a provider that carries provenance.
type section struct {
	field string
	from  connectors.Provenance
}

// sections lists every part that is filled.
func sections(p *connectors.Provider) []section {
	list := []section{
		{"api", p.API.Provenance}, {"identity", p.Identity.Provenance}, {"quota", p.Quota.Provenance},
		{"revoke", p.Revoke.Provenance},
	}
	if e := p.Endpoints; e.Token != "" || e.Issuer != "" {
		list = append(list, section{"endpoints", e.Provenance}, section{"client", p.Client.Provenance},
			section{"authorize", p.Authorize.Provenance}, section{"tokens", p.Tokens.Provenance})
	}
	if len(p.Tenancy.Params) > 0 || p.Tenancy.InstanceFrom != "" {
		list = append(list, section{"tenancy", p.Tenancy.Provenance})
	}
	for _, m := range p.Methods {
		list = append(list, section{"methods[" + string(m.ID) + "]", m.Provenance})
	}
	for _, s := range p.Scopes {
		list = append(list, section{"scopes[" + s.Name + "]", s.Provenance})
	}
	for _, k := range p.Keys {
		list = append(list, section{"keys[" + k.ID + "]", k.Provenance})
	}
	for _, o := range p.Objects {
		list = append(list, section{"objects[" + o.Name + "]", o.Provenance})
	}
	for i, r := range p.Quota.Rules {
		list = append(list, section{fmt.Sprintf("quota.rules[%d]", i), r.Provenance})
	}
	for _, r := range p.Errors {
		list = append(list, section{"errors[" + r.Case + "]", r.Provenance})
	}
	for i, e := range p.Lifecycle {
		list = append(list, section{fmt.Sprintf("lifecycle[%d]", i), e.Provenance})
	}
	for i, n := range p.Notes {
		list = append(list, section{fmt.Sprintf("notes[%d]", i), n.Provenance})
	}
	return list
}

// secretFields hold a secret wherever they stand; a provider file has no place for one.
var secretFields = [...]string{"client_secret", "secret", "password", "passphrase", "api_key", "apikey",
	"access_token", "refresh_token", "private_key", "client_assertion", "hapikey"}

// secretValues are how secrets look.
var secretValues = regexp.MustCompile(`-----BEGIN |AGE-SECRET-KEY-1|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.|` +
	`\bpat-[a-z]{2}\d-[0-9a-f-]{20,}|\bapi_[A-Za-z0-9]{20,}|\b00D[A-Za-z0-9]{12,15}!|` +
	`(?i:[?&](client_secret|access_token|refresh_token|api_key|apikey|hapikey|password)=[^&{])`)

// scan looks through every string of the user's file for secrets and for characters
// that could act on a terminal.
func (l *linter) scan(field string, v any) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			at := strings.TrimPrefix(field+"."+k, ".")
			if s, isText := e.(string); isText && s != "" && slices.Contains(secretFields[:], strings.ToLower(k)) &&
				!strings.HasPrefix(at, "identity.") {
				l.add(at, "is a secret: a provider file never holds one; crmdeck add asks for it and seals it")
				continue
			}
			l.scan(at, e)
		}
	case []any:
		for i, e := range x {
			l.scan(field+"["+entryName(e, i)+"]", e)
		}
	case string:
		if secretValues.MatchString(x) {
			l.add(field, "looks like a secret: a provider file never holds one; crmdeck add asks for it and seals it")
		}
		if text.Clean(x) != x {
			l.add(field, "holds control or direction characters")
		}
	}
}
