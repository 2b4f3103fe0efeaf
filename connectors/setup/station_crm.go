package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"crmdeck/connectors"
	"crmdeck/connectors/policy"
	"crmdeck/store"
)

func (s *Setup) showProvider(context.Context) (Step, error) {
	st := Step{Kind: Choose, Station: StationCRM}
	for _, id := range s.d.Catalog.IDs() {
		p, err := s.d.Catalog.Provider(id)
		if err != nil {
			continue // what is wrong with a user's file is told by those who list providers
		}
		o := Option{Value: p.ID, Label: p.Name, Lines: []string{p.Summary}}
		for _, m := range p.Methods {
			o.Built = o.Built || m.Built
		}
		st.Options = append(st.Options, o)
	}
	return st, nil
}

func (s *Setup) answerProvider(ctx context.Context, a Answer) error {
	if a.Value == "" {
		return &InputError{Step: stepProvider, Code: "required"}
	}
	p, err := s.d.Catalog.Provider(a.Value)
	if errors.Is(err, store.ErrNotFound) {
		return &InputError{Step: stepProvider, Code: "unknown_provider", Detail: a.Value}
	}
	if err != nil {
		return err
	}
	if s.a.Provider != p.ID { // other answers belong to the provider that was chosen before
		s.a.Method, s.a.Params, s.a.Client, s.a.ClientID, s.a.KeyKind, s.a.ScopeSet, s.a.Scopes = "", nil, "", "", "", "", nil
	}
	s.p, s.a.Provider = p, p.ID
	if err := s.loadClients(ctx); err != nil {
		return err
	}
	return s.forward(ctx)
}

// Fields of the purpose step.
const (
	FieldConsents   = "consents"
	FieldPersonal   = "personal"
	FieldUnattended = "unattended"
)

func (s *Setup) showPurpose(context.Context) (Step, error) {
	yes := func(b bool) string { return fmt.Sprint(b) }
	return Step{Kind: Ask, Station: StationPurpose, Fields: []Field{
		{ID: FieldConsents, Label: "Does a person consent?", Bool: true, Default: yes(s.a.Consents),
			Help: "somebody who may install apps in the account is at hand"},
		{ID: FieldPersonal, Label: "Is the data personal?", Bool: true, Default: yes(s.a.Personal),
			Help: "names, addresses, anything about people"},
		{ID: FieldUnattended, Label: "Does it run unattended?", Bool: true, Default: yes(s.a.Unattended),
			Help: "jobs use it while nobody watches"},
	}}, nil
}

func (s *Setup) answerPurpose(ctx context.Context, a Answer) error {
	for _, f := range []struct {
		id string
		to *bool
	}{{FieldConsents, &s.a.Consents}, {FieldPersonal, &s.a.Personal}, {FieldUnattended, &s.a.Unattended}} {
		v, ok := a.Values[f.id]
		if !ok {
			continue
		}
		b, err := truth(v)
		if err != nil {
			return &InputError{Step: stepPurpose, Field: f.id, Code: "unknown", Detail: v}
		}
		*f.to = b
	}
	return s.forward(ctx)
}

// truth reads yes or no as people and files write them.
func truth(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "yes", "y", "1":
		return true, nil
	case "false", "no", "n", "0", "":
		return false, nil
	}
	return false, fmt.Errorf("neither yes nor no")
}

// purpose is what the advisor is asked with.
func (s *Setup) purpose() policy.Answers {
	return policy.Answers{Consent: s.a.Consents, Personal: s.a.Personal, Unattended: s.a.Unattended}
}

func (s *Setup) showMethod(context.Context) (Step, error) {
	return Step{Kind: Advise, Station: StationMethod, Advice: policy.Advise(s.p, s.purpose())}, nil
}

// MethodValue is how a piece of advice is chosen: its method, and for a key its kind.
func MethodValue(a policy.Advice) string {
	if a.KeyKind == "" {
		return string(a.Method)
	}
	return string(a.Method) + ":" + a.KeyKind
}

func (s *Setup) answerMethod(ctx context.Context, a Answer) error {
	if a.Value == "" {
		return &InputError{Step: stepMethod, Code: "required"}
	}
	id, kind, _ := strings.Cut(a.Value, ":")
	m, ok := s.p.Method(store.Method(id))
	switch {
	case !ok || m.Supported == "no":
		return &InputError{Step: stepMethod, Code: "not_offered", Detail: a.Value}
	case !m.Built:
		return &InputError{Step: stepMethod, Code: "not_built", Detail: m.Name}
	}
	if _, ok := s.p.Key(kind); kind != "" && !ok {
		return &InputError{Step: stepMethod, Code: "not_offered", Detail: a.Value}
	}
	s.a.Method = m.ID
	if kind != "" {
		s.a.KeyKind = kind
	}
	return s.forward(ctx)
}

func (s *Setup) showTenant(context.Context) (Step, error) {
	st := Step{Kind: Ask, Station: StationCredentials}
	for _, q := range s.p.Tenancy.Params {
		f := Field{ID: q.ID, Label: q.Label, Help: q.Help, Default: q.Default, Choices: q.Choices, Pattern: q.Pattern, Required: true}
		if v := s.a.Params[q.ID]; v != "" {
			f.Default = v
		}
		st.Fields = append(st.Fields, f)
	}
	return st, nil
}

func (s *Setup) answerTenant(ctx context.Context, a Answer) error {
	params := store.Params{}
	for _, q := range s.p.Tenancy.Params {
		v := strings.TrimSpace(a.Values[q.ID])
		if v == "" {
			v = q.Default
		}
		v = hostOnly(v)
		if v == "" {
			return &InputError{Step: stepTenant, Field: q.ID, Code: "required"}
		}
		if err := q.Check(v); err != nil {
			return &InputError{Step: stepTenant, Field: q.ID, Code: "pattern", Detail: q.Help}
		}
		params[q.ID] = v
		s.propose(q, v)
	}
	for id := range a.Values {
		if _, ok := params[id]; !ok {
			return &InputError{Step: stepTenant, Field: id, Code: "unknown", Detail: id}
		}
	}
	s.a.Params = params
	return s.forward(ctx)
}

// hostOnly makes an address that was pasted whole the host that is asked for.
func hostOnly(v string) string {
	if rest, ok := strings.CutPrefix(v, "https://"); ok {
		return strings.ToLower(strings.TrimSuffix(rest, "/"))
	}
	return v
}

// propose takes the environment over that a ready answer stands for.
func (s *Setup) propose(q connectors.Param, v string) {
	for _, c := range q.Choices {
		if c.Value == v && c.Environment != "" && s.a.Environment == "" {
			s.a.Environment = c.Environment
		}
	}
}
