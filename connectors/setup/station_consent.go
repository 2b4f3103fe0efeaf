package setup

import (
	"context"
	"errors"
	"fmt"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// pending is a consent under way.
type pending struct {
	flow    *oauth.Flow
	profile oauth.Profile
}

// client is the registration that is used: a remembered one, or the new one.
func (s *Setup) client() (store.Client, bool) {
	for _, c := range s.clients {
		if c.ID == s.a.Client && s.a.Client != "" {
			return c, true
		}
	}
	return store.Client{}, false
}

// profile makes what the authorization server has to be told. It is pinned when a
// flow begins: what is edited meanwhile changes nothing (IS-9).
func (s *Setup) profile(ctx context.Context) (oauth.Profile, error) {
	id, sec, uri := s.a.ClientID, s.clientSecret, s.redirectURI()
	var hosts []string
	if c, ok := s.client(); ok {
		v, err := s.d.Store.Vault()
		if err != nil {
			return oauth.Profile{}, err
		}
		id, uri, hosts = c.ClientID, c.RedirectURI, c.Secret.Hosts
		if s.a.NewSecret {
			uri = s.redirectURI()
		} else if sec, err = lifecycle.ClientSecret(v, c); err != nil {
			return oauth.Profile{}, fmt.Errorf("opening the client secret: %w", err)
		}
	}
	p, err := oauth.ProfileOf(s.p, id, sec, hosts, uri, s.a.Params, nil)
	if err != nil {
		return oauth.Profile{}, fmt.Errorf("preparing consent: %w", err)
	}
	s.ask(&p)
	if sec.IsZero() {
		p.Style = connectors.NoSecret
	}
	if s.p.Endpoints.Discovery {
		m, err := s.d.OAuth.Discover(ctx, p.Issuer)
		if err != nil {
			return oauth.Profile{}, fmt.Errorf("reading what the issuer says: %w", err)
		}
		sealed := p.SecretHosts
		m.Fill(&p)
		if len(hosts) > 0 { // a sealed list is not widened by what an issuer says
			p.SecretHosts = sealed
		}
	}
	return p, nil
}

// ask splits the scopes into those that must be granted and those that may be dropped.
func (s *Setup) ask(p *oauth.Profile) {
	for _, name := range s.a.Scopes {
		if s.optional(name) {
			p.Optional = append(p.Optional, name)
		} else {
			p.Scopes = append(p.Scopes, name)
		}
	}
}

// showConsent opens the listener, so that the address it shows can be answered.
func (s *Setup) showConsent(ctx context.Context) (Step, error) {
	s.endFlow()
	p, err := s.profile(ctx)
	if err != nil {
		return Step{}, err
	}
	f, err := s.d.OAuth.Begin(ctx, p)
	if err != nil {
		return Step{}, fmt.Errorf("waiting for consent: %w", err)
	}
	s.flow = &pending{flow: f, profile: p}
	return s.consentStep(OpenURL), nil
}

func (s *Setup) consentStep(k Kind) Step {
	return Step{
		ID: stepConsent, Kind: k, Station: StationConsent, Provider: s.p.ID, URL: s.flow.flow.URL(),
		RedirectURI: s.flow.flow.RedirectURI(), GivesUp: s.flow.flow.Deadline(), Notes: s.notes(StationConsent),
	}
}

// answerConsent goes on to the wait: the address was shown or opened.
func (s *Setup) answerConsent(context.Context, Answer) error {
	if s.flow == nil {
		return &InputError{Step: stepConsent, Code: "wait"}
	}
	s.step = s.consentStep(Await)
	return nil
}

// leave waits until the browser has its landing page: it is told how it ended, even if
// the program ends right after. It takes a few seconds at most.
func (s *Setup) leave() {
	if s.leaving != nil {
		<-s.leaving.Closed()
		s.leaving = nil
	}
}

// endFlow closes the listener; a grant that an exchange under way still makes is revoked.
func (s *Setup) endFlow() {
	if s.flow != nil {
		s.flow.flow.Cancel()
		<-s.flow.flow.Closed()
		s.flow = nil
	}
}

// Wait implements Machine.
func (s *Setup) Wait(ctx context.Context, progress func(Progress)) (Step, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	var err error
	switch s.step.Kind {
	case Await:
		err = s.await(ctx, progress)
	case Test:
		err = s.firstTest(ctx, progress)
	default:
		err = &InputError{Step: s.step.ID, Code: "answer"}
	}
	return s.step, err
}

// await waits for the person and proves what came of it. When that ends without a
// grant, the scopes step is shown again: from there consent can be asked for anew.
func (s *Setup) await(ctx context.Context, progress func(Progress)) error {
	progress(Progress{Code: "listening"})
	f := s.flow
	progress(Progress{Code: "waiting"})
	answer, err := f.flow.Wait(ctx)
	s.flow, s.leaving = nil, f.flow
	if err == nil {
		progress(Progress{Code: "probing"})
		s.got, err = s.prove(ctx, f.profile, answer)
	}
	s.suspicious(ctx, f.flow.Noticed())
	if err != nil {
		s.at = s.indexOf(stepScopes)
		return errors.Join(err, s.show(context.WithoutCancel(ctx)))
	}
	return s.forward(ctx)
}

// suspicious records what a browser brought that it should not have (AR-2, ST-4).
func (s *Setup) suspicious(ctx context.Context, noticed map[string]int) {
	if noticed[oauth.NoticedLeak] == 0 && noticed[oauth.NoticedAgain] == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	_ = s.d.Store.Write(ctx, func(w store.Writer) error { // a note that cannot be written ends no consent
		_, err := w.Append(store.Event{
			Act: store.ActSuspicious, Connection: s.a.Name, ConnectionID: s.a.Reconnect, Outcome: "ignored",
			Evidence: fmt.Sprintf("%s: %d tokens in an address, %d answers delivered twice", s.p.ID,
				noticed[oauth.NoticedLeak], noticed[oauth.NoticedAgain]),
		})
		return err
	})
}

// takeBack revokes a grant that was made here and is not wanted. A grant that other
// connections use, one that was taken over as it was, and a key are left alone.
func (s *Setup) takeBack(ctx context.Context) error {
	g := s.got
	s.got = nil
	if g == nil || g.answer.Access.IsZero() || len(g.shared) > 0 || g.kept || s.p.Revoke.OAuth != connectors.RevokeRFC7009 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	err := s.revokeBoth(ctx, g)
	outcome := "done"
	if err != nil {
		outcome = "failed"
		err = fmt.Errorf("taking the grant back: %w", err)
	}
	_ = s.d.Store.Write(ctx, func(w store.Writer) error { // revoking goes on where it cannot be recorded (AU-8)
		_, werr := w.Append(store.Event{
			Act: store.ActRevoke, Connection: s.a.Name, ConnectionID: s.a.Reconnect, Outcome: outcome,
			Evidence: s.p.ID + ", account " + g.account.ID + ": a new grant that was not wanted, taken back",
		})
		return werr
	})
	return err
}

// revokeBoth revokes the refresh token first, then the access token where that can be done (RV-4).
func (s *Setup) revokeBoth(ctx context.Context, g *proven) error {
	var errs []error
	for _, t := range []struct {
		token secret.Value
		hint  string
		skip  bool
	}{
		{g.answer.Refresh, oauth.HintRefresh, g.answer.Refresh.IsZero()},
		{g.answer.Access, oauth.HintAccess, s.p.Revoke.RefreshOnly && !g.answer.Refresh.IsZero()},
	} {
		if t.skip {
			continue
		}
		errs = append(errs, s.d.OAuth.Revoke(ctx, g.profile, t.token, t.hint))
	}
	return errors.Join(errs...)
}
