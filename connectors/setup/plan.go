package setup

import (
	"context"

	"crmdeck/store"
)

// The ids of the steps, in their order.
const (
	stepProvider = "provider"
	stepPurpose  = "purpose"
	stepMethod   = "method"
	stepTenant   = "tenant"
	stepClient   = "client"
	stepApp      = "app"
	stepSource   = "grant"
	stepRefresh  = "refresh"
	stepKey      = "key"
	stepScopes   = "scopes"
	stepConsent  = "consent"
	stepIdentity = "identity"
	stepTest     = "test"
	stepDone     = "done"
)

// stage is one step of the plan: whether it applies after what was answered, how it
// is shown, and what an answer does. Answering returns an *InputError for an answer
// that does not fit; the machine then stays.
type stage struct {
	id      string
	applies func(*Setup) bool
	show    func(*Setup, context.Context) (Step, error)
	answer  func(*Setup, context.Context, Answer) error
}

// plan is the order of steps, the same for everybody who drives the machine.
func plan() []stage {
	fresh := func(s *Setup) bool { return s.old == nil }
	needsApp := func(s *Setup) bool { return s.oauth() && (s.a.Client == "" || s.a.NewSecret) }
	return []stage{
		{stepProvider, fresh, (*Setup).showProvider, (*Setup).answerProvider},
		{stepPurpose, fresh, (*Setup).showPurpose, (*Setup).answerPurpose},
		{stepMethod, fresh, (*Setup).showMethod, (*Setup).answerMethod},
		{stepTenant, func(s *Setup) bool { return fresh(s) && len(s.p.Tenancy.Params) > 0 }, (*Setup).showTenant, (*Setup).answerTenant},
		{stepClient, func(s *Setup) bool { return fresh(s) && s.oauth() && len(s.clients) > 0 }, (*Setup).showClient, (*Setup).answerClient},
		{stepApp, needsApp, (*Setup).showApp, (*Setup).answerApp},
		{stepSource, func(s *Setup) bool { return fresh(s) && s.oauth() }, (*Setup).showSource, (*Setup).answerSource},
		{stepScopes, func(s *Setup) bool { return s.oauth() }, (*Setup).showScopes, (*Setup).answerScopes},
		{stepRefresh, func(s *Setup) bool { return s.oauth() && s.a.TakeOver }, (*Setup).showRefresh, (*Setup).answerRefresh},
		{stepKey, func(s *Setup) bool { return s.a.Method == store.APIKey }, (*Setup).showKey, (*Setup).answerKey},
		{stepConsent, func(s *Setup) bool { return s.oauth() && !s.a.TakeOver }, (*Setup).showConsent, (*Setup).answerConsent},
		{stepIdentity, always, (*Setup).showIdentity, (*Setup).answerIdentity},
		{stepTest, always, (*Setup).showTest, nil},
		{stepDone, always, (*Setup).showDone, nil},
	}
}

func always(*Setup) bool { return true }

// oauth reports a method with consent and a client registration.
func (s *Setup) oauth() bool { return s.a.Method == store.AuthorizationCode }

// show draws the step at s.at.
func (s *Setup) show(ctx context.Context) error {
	stages := plan()
	step, err := stages[s.at].show(s, ctx)
	if err != nil {
		return err
	}
	step.ID = stages[s.at].id
	if s.p != nil {
		step.Provider = s.p.ID
	}
	if step.Notes == nil && s.p != nil {
		step.Notes = s.notes(step.Station)
	}
	s.step = step
	return nil
}

// notes are the facts of the provider that belong to a station.
func (s *Setup) notes(station string) []string {
	var out []string
	for _, n := range s.p.Notes {
		if n.At == station {
			out = append(out, n.Text)
		}
	}
	return out
}

// forward goes to the next step that applies.
func (s *Setup) forward(ctx context.Context) error {
	stages := plan()
	from := s.at
	for s.at++; s.at < len(stages)-1 && !stages[s.at].applies(s); s.at++ {
	}
	if err := s.show(ctx); err != nil {
		s.at = from
		return err
	}
	return nil
}

// seek goes as far towards the step of that id as is answered. A step that needs a
// credential is never passed.
func (s *Setup) seek(ctx context.Context, id string) error {
	stages := plan()
	for i, g := range stages {
		if !g.applies(s) {
			continue
		}
		if g.id == id || s.missing(g.id) {
			s.at = i
			return s.show(ctx)
		}
	}
	return s.show(ctx)
}

// missing reports a step whose answer is not known.
func (s *Setup) missing(id string) bool {
	switch id {
	case stepProvider:
		return s.p == nil
	case stepMethod:
		return s.a.Method == ""
	case stepTenant:
		return s.p.CheckParams(s.a.Params) != nil
	case stepApp:
		return s.clientSecret.IsZero()
	case stepScopes:
		return s.a.Scopes == nil
	case stepRefresh, stepKey, stepConsent, stepIdentity, stepTest, stepDone:
		return true
	}
	return false
}

// Answer implements Machine.
func (s *Setup) Answer(ctx context.Context, a Answer) (Step, error) {
	g := plan()[s.at]
	if g.answer == nil || s.step.Kind == Await {
		return s.step, &InputError{Step: g.id, Code: "wait"}
	}
	if err := g.answer(s, ctx, a); err != nil {
		return s.step, err
	}
	return s.step, nil
}

// Back implements Machine. A grant that was made is not gone back behind: it is
// answered with yes or no.
func (s *Setup) Back() Step {
	stages := plan()
	if s.got != nil || s.saved.ID != "" {
		return s.step
	}
	s.endFlow()
	for i := s.at - 1; i >= 0; i-- {
		if stages[i].applies(s) {
			was := s.at
			s.at = i
			if err := s.show(context.Background()); err != nil {
				s.at = was
			}
			break
		}
	}
	return s.step
}
