package connectors

import (
	"path"
	"strings"
	"time"

	"crmdeck/store"
)

// Scope returns the scope of that name, else the one whose pattern ("crm.objects.*.sensitive.*")
// it fits, else one marked unverified with risk High: a scope nobody described counts as risky.
func (p *Provider) Scope(name string) Scope {
	for _, s := range p.Scopes {
		if s.Name == name {
			return s
		}
	}
	for _, s := range p.Scopes {
		if ok, err := path.Match(s.Name, name); err == nil && ok && strings.Contains(s.Name, "*") {
			s.Name = name
			return s
		}
	}
	return Scope{Name: name, Risk: High, Provenance: Provenance{Conf: Unverified}}
}

// Method returns the spec of a method, or false.
func (p *Provider) Method(id store.Method) (MethodSpec, bool) {
	for _, m := range p.Methods {
		if m.ID == id {
			return m, true
		}
	}
	return MethodSpec{}, false
}

// Key returns the key kind, or false.
func (p *Provider) Key(id string) (KeyKind, bool) {
	for _, k := range p.Keys {
		if k.ID == id {
			return k, true
		}
	}
	return KeyKind{}, false
}

// Risky counts the scopes of high or critical risk.
func (p *Provider) Risky(scopes []string) int {
	n := 0
	for _, s := range scopes {
		if r := p.Scope(s).Risk; r == High || r == Critical {
			n++
		}
	}
	return n
}

// End is the first date at which the method stops working at the provider; zero if none is known.
func (p *Provider) End(m store.Method, keyKind string) time.Time {
	var end time.Time
	for _, e := range p.Lifecycle {
		at, err := time.Parse(time.DateOnly, e.Date)
		if !e.Ends || err != nil {
			continue
		}
		for _, x := range e.Methods {
			if (x == string(m) || (keyKind != "" && x == keyKind)) && (end.IsZero() || at.Before(end)) {
				end = at
			}
		}
	}
	return end
}
