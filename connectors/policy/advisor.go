package policy

import (
	"cmp"
	"slices"

	"crmdeck/connectors"
	"crmdeck/store"
)

// Answers are the three answers that decide how to authenticate.
type Answers struct {
	Consent    bool `json:"consent"`    // a person consents
	Personal   bool `json:"personal"`   // the data is personal
	Unattended bool `json:"unattended"` // it runs without a person
}

// Advice is one way to authenticate, weighed.
type Advice struct {
	Method      store.Method `json:"method"`
	KeyKind     string       `json:"key_kind,omitempty"` // for api_key: which kind of key
	Label       string       `json:"label"`              // the provider's name for it
	Built       bool         `json:"built"`              // false: this version cannot do it yet
	Score       int          `json:"score"`
	Recommended bool         `json:"recommended"` // at most one
	Because     []Criterion  `json:"because,omitempty"`
	Against     []Criterion  `json:"against,omitempty"`
	// Costs and ChooseIf are the catalogue's words.
	Costs    []string `json:"costs,omitempty"`
	ChooseIf string   `json:"choose_if,omitempty"`
	Ending   string   `json:"ending,omitempty"` // why no new ones can be made
}

// Criterion is one fact of this case that speaks for or against a method. ui has the
// sentence for each code.
type Criterion struct {
	Code    string `json:"code"`
	Weight  int    `json:"weight"`
	Veto    bool   `json:"veto,omitempty"`    // it cannot be recommended
	Seconds int64  `json:"seconds,omitempty"` // life of an access token, for short_access
	Days    int    `json:"days,omitempty"`    // policy for the age of a key, for lives_until_rotated
}

// trait is something that a method of a provider has.
type trait uint16

const (
	byPerson   trait = 1 << iota // a person consents and is named
	alone                        // works without a person from the start
	shortLived                   // a stolen access token is over within two hours
	longLived                    // the credential lives until somebody ends it
	narrow                       // reading can be asked for alone
	broad                        // it cannot
	byAPI                        // revoked by a call
	byHand                       // revoked in a console
	appNeeded                    // an app with a redirect URI has to be registered
	fragile                      // a lost answer to a refresh costs the grant
	noUpkeep                     // nothing to refresh
	closing                      // no new ones, or the provider has set an end
)

// methodTraits are what a method has at every provider.
var methodTraits = map[store.Method]trait{
	store.AuthorizationCode: byPerson | appNeeded,
	store.DeviceCode:        byPerson,
	store.ClientCredentials: alone | longLived,
	store.JWTBearer:         alone | longLived,
	store.APIKey:            alone | longLived | noUpkeep,
	store.TBA:               alone | longLived | noUpkeep,
}

// ask is what an answer has to be for a criterion to count.
type ask uint8

const (
	either ask = iota
	yes
	no
)

func (a ask) holds(answer bool) bool { return a == either || (a == yes) == answer }

// criterion is one row of the weights.
type criterion struct {
	code                          string
	trait                         trait
	consent, personal, unattended ask
	weight                        int
	veto                          bool
}

// weights decide. A person who consents and is named outweighs comfort; personal data
// makes long-lived credentials that name nobody worse; what the answers rule out is vetoed.
var weights = [...]criterion{
	{code: "person_grants", trait: byPerson, consent: yes, weight: 30},
	{code: "needs_person", trait: byPerson, consent: no, weight: -100, veto: true},
	{code: "no_person_needed", trait: alone, consent: no, weight: 30},
	{code: "person_named", trait: byPerson, personal: yes, weight: 20},
	{code: "nobody_named", trait: alone, personal: yes, weight: -25},
	{code: "short_access", trait: shortLived, weight: 15},
	{code: "lives_until_rotated", trait: longLived, weight: -15},
	{code: "personal_and_long_lived", trait: longLived, personal: yes, weight: -10},
	{code: "narrow_scopes", trait: narrow, weight: 10},
	{code: "personal_and_narrow", trait: narrow, personal: yes, weight: 10},
	{code: "broad_scopes", trait: broad, personal: yes, weight: -10},
	{code: "revoked_by_api", trait: byAPI, weight: 10},
	{code: "revoked_by_hand", trait: byHand, weight: -10},
	{code: "nothing_to_refresh", trait: noUpkeep, unattended: yes, weight: 10},
	{code: "lost_answer_costs_grant", trait: fragile, unattended: yes, weight: -15},
	{code: "app_needed", trait: appNeeded, weight: -5},
	{code: "closing", trait: closing, weight: -200, veto: true},
}

// Advise weighs every method of a provider that it supports, the best first: what can
// be recommended, then what this version can do, then by score.
func Advise(p *connectors.Provider, a Answers) []Advice {
	var list []Advice
	for _, m := range p.Methods {
		if m.Supported == "no" {
			continue
		}
		if m.ID != store.APIKey {
			list = append(list, weigh(p, m, connectors.KeyKind{}, a))
			continue
		}
		for _, k := range p.Keys {
			list = append(list, weigh(p, m, k, a))
		}
	}
	slices.SortStableFunc(list, func(x, y Advice) int {
		return cmp.Or(-cmp.Compare(tier(x), tier(y)), -cmp.Compare(x.Score, y.Score))
	})
	if len(list) > 0 && tier(list[0]) == 2 {
		list[0].Recommended = true
	}
	return list
}

// tier is 2 for what can be recommended, 1 for what can be chosen.
func tier(a Advice) int {
	switch vetoed := slices.ContainsFunc(a.Against, func(c Criterion) bool { return c.Veto }); {
	case a.Built && !vetoed:
		return 2
	case a.Built:
		return 1
	}
	return 0
}

func weigh(p *connectors.Provider, m connectors.MethodSpec, k connectors.KeyKind, a Answers) Advice {
	adv := Advice{Method: m.ID, KeyKind: k.ID, Label: m.Name, Built: m.Built,
		Costs: m.Costs, ChooseIf: m.ChooseIf, Ending: k.Ending}
	if k.Label != "" {
		adv.Label = k.Label
	}
	has := traits(p, m.ID, k)
	for _, w := range weights {
		if has&w.trait == 0 || !w.consent.holds(a.Consent) || !w.personal.holds(a.Personal) ||
			!w.unattended.holds(a.Unattended) {
			continue
		}
		adv.Score += w.weight
		c := Criterion{Code: w.code, Weight: w.weight, Veto: w.veto}
		switch w.trait {
		case shortLived:
			c.Seconds = p.Tokens.AccessLifetime
		case longLived:
			c.Days = KeyDays(p, m.ID, k.ID)
		}
		if w.weight > 0 {
			adv.Because = append(adv.Because, c)
		} else {
			adv.Against = append(adv.Against, c)
		}
	}
	byWeight := func(x, y Criterion) int { return cmp.Compare(max(y.Weight, -y.Weight), max(x.Weight, -x.Weight)) }
	slices.SortStableFunc(adv.Because, byWeight)
	slices.SortStableFunc(adv.Against, byWeight)
	return adv
}

// shortSeconds is the longest life of an access token that counts as short: two hours,
// the session time that is usual where no lifetime is sent.
const shortSeconds = 7200

// traits reads what a method has off the provider's facts.
func traits(p *connectors.Provider, m store.Method, k connectors.KeyKind) trait {
	has := methodTraits[m]
	add := func(holds bool, t trait) {
		if holds {
			has |= t
		}
	}
	key := m == store.APIKey
	t := p.Tokens
	add(!key && t.AccessLifetime > 0 && t.AccessLifetime <= shortSeconds, shortLived)
	add(!key && t.Rotates == connectors.RotatesAlways && t.GraceS == 0, fragile)
	narrowable := CanNarrow(p)
	add(narrowable, narrow)
	add(!narrowable, broad)
	add(!key && p.Revoke.OAuth == connectors.RevokeRFC7009, byAPI)
	add(key || p.Revoke.OAuth != connectors.RevokeRFC7009, byHand)
	add(k.Ending != "" || !p.End(m, k.ID).IsZero(), closing)
	return has
}

// CanNarrow reports whether reading can be asked for alone: the provider's set for
// reading holds less than the one for writing.
func CanNarrow(p *connectors.Provider) bool {
	write, ok := p.ScopeSets["read_write"]
	return ok && !slices.Equal(p.ScopeSets["read_only"].Scopes, write.Scopes)
}
