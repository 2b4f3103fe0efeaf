package setup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
)

// Answers of the identity step, and its fields beside the name.
const (
	Yes = "yes"
	No  = "no"

	FieldName        = "name"
	FieldOwner       = "owner"
	FieldEnvironment = "environment"
)

func (s *Setup) showIdentity(ctx context.Context) (Step, error) {
	if s.got == nil {
		return Step{}, &InputError{Step: stepIdentity, Code: "wait"}
	}
	id := &Identity{
		Account: s.got.account, Asked: s.a.Scopes, Granted: s.got.answer.Scopes, Known: s.got.answer.ScopesKnown,
		Expires: s.got.answer.Expires, Assumed: s.got.answer.Assumed, Refresh: !s.got.answer.Refresh.IsZero(),
	}
	if s.old != nil && s.old.Account.ID != "" && s.old.Account.ID != s.got.account.ID {
		was := s.old.Account
		id.OtherAccount = &was
	}
	st := Step{Kind: Verify, Station: StationIdentity, Identity: id}
	st.Notes = append(slices.Clone(s.got.notes), s.notes(StationIdentity)...)
	err := s.d.Store.Read(ctx, func(r store.Reader) error {
		if s.a.Environment == "" {
			s.a.Environment = environmentOf(s.got.account.Kind)
		}
		if s.a.Name == "" {
			name, err := s.proposeName(r)
			if err != nil {
				return err
			}
			s.a.Name = name
		}
		return s.twins(r, id)
	})
	if err != nil {
		return Step{}, fmt.Errorf("comparing accounts: %w", err)
	}
	st.Name, st.Owner, st.Environment = s.a.Name, s.a.Owner, s.a.Environment
	return st, nil
}

// environmentOf proposes an environment for an account's kind, as the catalogue names kinds.
func environmentOf(kind string) string {
	switch kind {
	case "production":
		return "prod"
	case "sandbox":
		return "sbx"
	case "test":
		return "test"
	case "developer":
		return "dev"
	}
	return ""
}

// twins lists the other connections to the account, and those with this very grant or key.
func (s *Setup) twins(r store.Reader, id *Identity) error {
	all, err := r.Summaries()
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.ID == s.a.Reconnect || x.Provider != s.p.ID {
			continue
		}
		if slices.Contains(s.got.shared, x.Grant) {
			id.SameGrant = append(id.SameGrant, x.Name)
		} else if x.Account.ID != "" && x.Account.ID == id.Account.ID && x.Verdict == "" {
			id.Twins = append(id.Twins, x.Name)
		}
	}
	slices.Sort(id.Twins)
	slices.Sort(id.SameGrant)
	return nil
}

func (s *Setup) answerIdentity(ctx context.Context, a Answer) error {
	switch a.Value {
	case Yes:
	case No:
		err := s.takeBack(ctx)
		s.at = s.indexOf(map[bool]string{true: stepScopes, false: stepKey}[s.oauth()])
		return errors.Join(ErrDeclined, err, s.show(ctx))
	default:
		return &InputError{Step: stepIdentity, Code: "required"}
	}
	if other := s.step.Identity.OtherAccount; other != nil && !a.Confirm {
		return &InputError{Step: stepIdentity, Field: "account", Code: "confirm", Detail: s.got.account.ID} // SC-7
	}
	if env := clean(a.Values[FieldEnvironment]); !lifecycle.KnownEnvironment(env) {
		return &InputError{Step: stepIdentity, Field: FieldEnvironment, Code: "environment", Detail: env}
	}
	for id, to := range map[string]*string{FieldOwner: &s.a.Owner, FieldEnvironment: &s.a.Environment} {
		if v, ok := a.Values[id]; ok {
			*to = clean(v)
		}
	}
	if name, ok := a.Values[FieldName]; ok && s.old == nil {
		if err := s.checkName(ctx, name); err != nil {
			return err
		}
		s.a.Name = name
	}
	if err := s.save(ctx); err != nil {
		if errors.Is(err, store.ErrNameTaken) {
			return &InputError{Step: stepIdentity, Field: FieldName, Code: "taken", Detail: s.a.Name}
		}
		return err
	}
	return s.forward(ctx)
}

func (s *Setup) indexOf(id string) int {
	return slices.IndexFunc(plan(), func(g stage) bool { return g.id == id })
}

func (s *Setup) showTest(context.Context) (Step, error) {
	return Step{Kind: Test, Station: StationTest, Name: s.saved.Name, ConnID: s.saved.ID}, nil
}

func (s *Setup) showDone(context.Context) (Step, error) {
	return Step{Kind: Done, Station: StationTest, Name: s.saved.Name, ConnID: s.saved.ID, Result: s.test}, nil
}

// firstTest reads the first pages. The connection is stored by now: a test that fails
// or is cancelled is a result, not the end of it.
func (s *Setup) firstTest(ctx context.Context, progress func(Progress)) error {
	run, err := s.d.Lifecycle.Test(ctx, s.saved.ID, lifecycle.TestOptions{}, func(p lifecycle.TestProgress) {
		progress(Progress{Code: "testing", Test: &p})
	})
	if err != nil {
		if run.Outcome == "" {
			run.Outcome = "failed"
		}
		if run.At.IsZero() {
			run.At = s.d.Clock.Now()
		}
		var f *lifecycle.Failure
		if errors.As(err, &f) && run.Reason == "" {
			run.Reason, run.Message = f.Reason, f.Message
		}
		if ctx.Err() != nil {
			run.Outcome = "cancelled"
		}
	}
	s.test = &run
	return s.forward(context.WithoutCancel(ctx))
}
