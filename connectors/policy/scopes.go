package policy

import (
	"slices"

	"crmdeck/connectors"
)

// Granted says whether the provider granted a scope.
type Granted string

// The answers.
const (
	GrantedYes     Granted = "yes"
	GrantedNo      Granted = "no"
	GrantedUnknown Granted = "unknown" // the provider doesn't say
)

// Word says what is to be said of one scope.
type Word string

// The words; empty: nothing.
const (
	WordNotGranted Word = "not_granted"   // asked and not granted
	WordNotAsked   Word = "not_asked"     // granted and never asked for
	WordNeverAsked Word = "never_asked"   // neither: the provider has it
	WordNeverUsed  Word = "never_used"    // granted, and no test used it
	WordTestReads  Word = "test_reads"    // granted for writing; a test only reads
	WordForRefresh Word = "used_to_renew" // a refresh uses it, no test can
)

// ScopeRow is one scope of a connection.
type ScopeRow struct {
	Name    string                `json:"name"`
	Meaning string                `json:"meaning,omitempty"`
	Risk    connectors.Risk       `json:"risk"`
	Conf    connectors.Confidence `json:"confidence,omitempty"`
	Asked   bool                  `json:"asked"`
	Granted Granted               `json:"granted"`
	Proven  bool                  `json:"proven"`
	Word    Word                  `json:"word,omitempty"`
}

// Scopes lays asked, granted and proven side by side: what was asked for, then what was
// granted unasked, then what the provider has besides; each part in the catalogue's
// order. known says whether the provider tells what it granted. A test only reads, so a
// scope that only writes is never proven, whatever proven says.
func Scopes(p *connectors.Provider, asked, granted []string, known bool, proven []string) []ScopeRow {
	var rows []ScopeRow
	seen := map[string]bool{}
	add := func(names []string) {
		for _, n := range catalogueOrder(p, names) {
			if !seen[n] {
				seen[n] = true
				rows = append(rows, row(p, n, asked, granted, known, proven))
			}
		}
	}
	add(asked)
	add(granted)
	var rest []string
	for _, s := range p.Scopes {
		rest = append(rest, s.Name)
	}
	add(rest)
	return rows
}

func row(p *connectors.Provider, name string, asked, granted []string, known bool, proven []string) ScopeRow {
	s := p.Scope(name)
	r := ScopeRow{Name: name, Meaning: s.Meaning, Risk: s.Risk, Conf: s.Conf,
		Asked: slices.Contains(asked, name), Granted: GrantedNo}
	switch {
	case slices.Contains(granted, name):
		r.Granted = GrantedYes
	case !known && r.Asked:
		r.Granted = GrantedUnknown
	}
	r.Proven = slices.Contains(proven, name) && !onlyWrites(s) && r.Granted != GrantedNo
	r.Word = word(p, s, r)
	return r
}

func word(p *connectors.Provider, s connectors.Scope, r ScopeRow) Word {
	switch {
	case r.Asked && r.Granted == GrantedNo:
		return WordNotGranted
	case r.Granted == GrantedNo:
		return WordNeverAsked
	case !r.Asked:
		return WordNotAsked
	case r.Proven:
		return ""
	case onlyWrites(s):
		return WordTestReads
	case slices.Contains(p.Tokens.RefreshProves, r.Name):
		return WordForRefresh
	}
	return WordNeverUsed
}

// onlyWrites reports whether no reading call can use a scope.
func onlyWrites(s connectors.Scope) bool {
	return slices.Contains(s.Use, "write") && !slices.Contains(s.Use, "read") && !slices.Contains(s.Use, "identity")
}

// catalogueOrder sorts names as the catalogue lists them; unknown ones follow as they came.
func catalogueOrder(p *connectors.Provider, names []string) []string {
	at := map[string]int{}
	for i, s := range p.Scopes {
		at[s.Name] = i + 1
	}
	place := func(n string) int {
		if i := at[n]; i > 0 {
			return i
		}
		return len(p.Scopes) + 1
	}
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return place(a) - place(b) })
	return sorted
}
