package setup

import (
	"context"
	"errors"
)

// Answerer answers the steps of a machine: from flags, from a file, or by asking.
type Answerer interface {
	// Answer says what a step gets.
	Answer(ctx context.Context, s Step) (Answer, error)
	// Again decides whether a step whose answer did not fit is answered anew. A set of
	// flags has only one answer and says no.
	Again(s Step, e *InputError) bool
	// Show is told of steps that need no answer, and of what goes on while waiting.
	Show(s Step, p Progress)
}

// Drive runs a machine to its end. What ends it early is returned with the step it
// happened at; the caller then closes the machine.
func Drive(ctx context.Context, m Machine, by Answerer) (Step, error) {
	for {
		s := m.Step()
		var err error
		switch s.Kind {
		case Done:
			by.Show(s, Progress{})
			return s, nil
		case Await, Test:
			_, err = m.Wait(ctx, func(p Progress) { by.Show(s, p) })
		default:
			var a Answer
			if a, err = by.Answer(ctx, s); err == nil {
				_, err = m.Answer(ctx, a)
			}
		}
		var input *InputError
		if errors.As(err, &input) && by.Again(s, input) {
			continue
		}
		if err != nil {
			return s, err
		}
	}
}

// Given answers from what is known beforehand.
type Given struct {
	Provider, Method, KeyKind, KeyMade string
	Purpose                            map[string]string // fields of the purpose step
	Params                             map[string]string
	ClientID                           string
	Port                               string
	TakeOver                           bool
	Scopes                             []string
	ScopeSet                           string
	// Accept says yes at the identity step even where something is odd: a credential
	// that another connection has. OtherAccount is a confirmation of its own.
	Accept, OtherAccount bool
	// Decline says no at the identity step.
	Decline bool
	// Secret gives a secret field; zero where there is none.
	Secret func(field string) (Secret, error)
	// OpenURL shows an address; the first nil return goes on waiting.
	OpenURL func(s Step) error
	// Progress is told what goes on; nil is nobody.
	Progress func(s Step, p Progress)
}

var _ Answerer = (*Given)(nil)

// Again implements Answerer.
func (g *Given) Again(Step, *InputError) bool { return false }

// Show implements Answerer.
func (g *Given) Show(s Step, p Progress) {
	if g.Progress != nil {
		g.Progress(s, p)
	}
}

// Answer implements Answerer.
func (g *Given) Answer(_ context.Context, s Step) (Answer, error) {
	switch s.ID {
	case stepProvider:
		return Answer{Value: g.Provider}, nil
	case stepPurpose:
		return Answer{Values: g.Purpose}, nil
	case stepMethod:
		return Answer{Value: g.method(s)}, nil
	case stepTenant:
		return Answer{Values: g.Params}, nil
	case stepClient:
		return Answer{Value: g.client(s)}, nil
	case stepSource:
		if g.TakeOver {
			return Answer{Value: ByTakeOver}, nil
		}
		return Answer{Value: ByConsent}, nil
	case stepApp, stepKey, stepRefresh:
		return g.credential(s)
	case stepScopes:
		return Answer{Value: g.ScopeSet, Scopes: g.Scopes}, nil
	case stepConsent:
		return Answer{}, g.OpenURL(s)
	case stepIdentity:
		return g.identity(s)
	}
	return Answer{}, &InputError{Step: s.ID, Code: "required"}
}

// method is the one that was asked for, else the advised one if there is no doubt:
// flags that name a key or a client have chosen already.
func (g *Given) method(s Step) string {
	m := g.Method
	if m == "" {
		for _, a := range s.Advice {
			if a.Recommended {
				m = MethodValue(a)
			}
		}
	}
	if g.KeyKind != "" && m == "api_key" {
		m += ":" + g.KeyKind
	}
	return m
}

// client chooses a remembered registration: the one of that client id, else the only
// one. A client id with a secret of its own is given anew.
func (g *Given) client(s Step) string {
	if g.ClientID == "" {
		if len(s.Options) == 2 {
			return s.Options[0].Value
		}
		return ""
	}
	if v, err := g.Secret(FieldClientSecret); err == nil && !v.IsZero() {
		return NewClient
	}
	for _, o := range s.Options {
		if o.Label == g.ClientID {
			return o.Value
		}
	}
	return NewClient
}

func (g *Given) credential(s Step) (Answer, error) {
	a := Answer{Secrets: map[string]Secret{}, Values: map[string]string{
		FieldClientID: g.ClientID, FieldPort: g.Port, FieldKeyKind: g.KeyKind, FieldKeyMade: g.KeyMade,
	}}
	for _, f := range s.Fields {
		if f.ID == FieldClientID && g.ClientID == "" {
			a.Values[f.ID] = f.Default
		}
		if !f.Secret {
			continue
		}
		v, err := g.Secret(f.ID)
		if err != nil {
			return a, err
		}
		a.Secrets[f.ID] = v
	}
	return a, nil
}

// identity accepts what is as expected. What is odd has to be accepted in so many words.
func (g *Given) identity(s Step) (Answer, error) {
	if g.Decline {
		return Answer{Value: No}, nil
	}
	if len(s.Identity.SameGrant) > 0 && !g.Accept {
		return Answer{}, &InputError{Step: s.ID, Field: "same", Code: "same_grant", Detail: s.Identity.SameGrant[0]}
	}
	return Answer{Value: Yes, Confirm: g.OtherAccount}, nil
}
