package setup

import (
	"context"
	"slices"
	"strings"

	"crmdeck/connectors"
)

// OwnChoice is the value of the scopes step with single scopes.
const OwnChoice = "own"

func (s *Setup) showScopes(context.Context) (Step, error) {
	st := Step{Kind: Scopes, Station: StationScopes}
	for _, id := range s.setIDs() {
		set := s.p.ScopeSets[id]
		st.Sets = append(st.Sets, ScopeSet{ID: id, Label: set.Label, Scopes: wanted(set), Note: set.Note})
	}
	chosen := s.a.Scopes
	if chosen == nil && len(st.Sets) > 0 {
		chosen = st.Sets[0].Scopes
	}
	for _, sc := range s.p.Scopes {
		st.Rows = append(st.Rows, ScopeChoice{Scope: sc, Chosen: slices.Contains(chosen, sc.Name), Fixed: s.fixed(sc.Name)})
	}
	return st, nil
}

// setIDs lists the presets with the least privilege first: the fewest risky scopes,
// then the fewest scopes, then those that only read.
func (s *Setup) setIDs() []string {
	ids := make([]string, 0, len(s.p.ScopeSets))
	for id := range s.p.ScopeSets {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := wanted(s.p.ScopeSets[a]), wanted(s.p.ScopeSets[b])
		if d := s.p.Risky(x) - s.p.Risky(y); d != 0 {
			return d
		}
		if d := len(x) - len(y); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return ids
}

// wanted are all scopes of a preset, those that may be dropped last.
func wanted(set connectors.ScopeSet) []string {
	return append(slices.Clone(set.Scopes), set.Optional...)
}

// fixed reports a scope that every preset has: nothing works without it.
func (s *Setup) fixed(name string) bool {
	for _, set := range s.p.ScopeSets {
		if !slices.Contains(set.Scopes, name) {
			return false
		}
	}
	sc := s.p.Scope(name)
	return len(s.p.ScopeSets) > 0 && slices.Contains(sc.Use, "identity")
}

// optional reports a scope that the provider may drop without ending the consent.
func (s *Setup) optional(name string) bool {
	if s.p.Authorize.OptionalScopeKey == "" {
		return false
	}
	if set, ok := s.p.ScopeSets[s.a.ScopeSet]; ok {
		return slices.Contains(set.Optional, name)
	}
	may := false
	for _, set := range s.p.ScopeSets {
		if slices.Contains(set.Scopes, name) {
			return false
		}
		may = may || slices.Contains(set.Optional, name)
	}
	return may
}

func (s *Setup) answerScopes(ctx context.Context, a Answer) error {
	switch {
	case len(a.Scopes) > 0:
		list, err := s.ownScopes(a.Scopes)
		if err != nil {
			return err
		}
		s.a.ScopeSet, s.a.Scopes = "", list
	case a.Value == "" && s.a.Scopes == nil: // the preset with the least privilege
		ids := s.setIDs()
		s.a.Scopes = []string{}
		if len(ids) > 0 {
			s.a.ScopeSet, s.a.Scopes = ids[0], wanted(s.p.ScopeSets[ids[0]])
		}
	case a.Value != "":
		set, ok := s.p.ScopeSets[a.Value]
		if !ok {
			return &InputError{Step: stepScopes, Code: "unknown", Detail: a.Value}
		}
		s.a.ScopeSet, s.a.Scopes = a.Value, wanted(set)
	}
	return s.forward(ctx)
}

// ownScopes checks a list of scopes: each once, spelt as RFC 6749 section 3.3 allows,
// and those that are always there.
func (s *Setup) ownScopes(list []string) ([]string, error) {
	var out []string
	for _, name := range list {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || slices.Contains(out, name):
			continue
		case strings.ContainsAny(name, " \"\\") || !printable([]byte(name)):
			return nil, &InputError{Step: stepScopes, Code: "pattern", Detail: name}
		}
		out = append(out, name)
	}
	for _, sc := range s.p.Scopes {
		if s.fixed(sc.Name) && !slices.Contains(out, sc.Name) {
			out = append(out, sc.Name)
		}
	}
	return out, nil
}
