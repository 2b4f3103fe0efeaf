package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Clock is a clock that can be moved.
type Clock interface {
	Now() time.Time
	Advance(time.Duration)
}

// Past is how long before the present the play begins: start the clock that much earlier.
const Past = 42 * day

// Stage is what the play needs.
type Stage struct {
	World     World
	Store     store.Store
	Lifecycle lifecycle.Lifecycle
	Setup     *setup.Maker
	Clock     Clock
	Curtain   time.Time // the present, which the clock has when Fill returns
	Port      int       // of redirect URIs, as the Maker uses it
}

// play is one run of Fill.
type play struct {
	Stage
	apps map[string]app
	keys map[string]secret.Value
	ids  map[string]store.ID
}

type app struct {
	id     string
	secret secret.Value
}

// cue is one thing that happens at one time.
type cue struct {
	ago  time.Duration
	name string
	run  func(context.Context) error
}

// Fill plays everything up to the curtain. The clock is then at Curtain.
func Fill(ctx context.Context, s Stage) error {
	p := &play{Stage: s, apps: map[string]app{}, keys: map[string]secret.Value{}, ids: map[string]store.ID{}}
	for _, c := range p.script() {
		if at := s.Curtain.Add(-c.ago); at.After(s.Clock.Now()) {
			s.Clock.Advance(at.Sub(s.Clock.Now()))
		}
		if err := c.run(ctx); err != nil {
			return fmt.Errorf("playing %s: %w", c.name, err)
		}
	}
	if left := s.Curtain.Sub(s.Clock.Now()); left > 0 {
		s.Clock.Advance(left)
	}
	return p.slow()
}

// latency is what a page of records takes from now on: a test sync that is over at
// once shows nothing.
const latency = 40 * time.Millisecond

// slow gives the calls for records the latency of a real network.
func (p *play) slow() error {
	for _, provider := range []string{"hubspot", "salesforce", "close"} {
		for _, endpoint := range []string{"contacts", "companies", "deals"} {
			if err := p.World.Fault(Fault{Provider: provider, Endpoint: endpoint, Kind: "latency", Delay: latency}); err != nil {
				return fmt.Errorf("slowing %s: %w", provider, err)
			}
		}
	}
	return nil
}

// script is every cue, oldest first.
func (p *play) script() []cue {
	var out []cue
	for _, x := range cast() {
		out = append(out, cue{x.ago, "set-up of " + x.name, func(ctx context.Context) error { return p.setUp(ctx, x) }})
		for _, m := range x.then {
			out = append(out, cue{m.ago, x.name, func(ctx context.Context) error { return p.act(ctx, x, m) }})
		}
	}
	slices.SortStableFunc(out, func(a, b cue) int { return cmp.Compare(b.ago, a.ago) })
	return out
}

// setUp sets a connection up as a person would, and dates its key or secret.
func (p *play) setUp(ctx context.Context, x part) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	given, err := p.given(ctx, x, cancel)
	if err != nil {
		return err
	}
	m, err := p.Setup.Start(ctx, setup.Request{
		Name: x.name, Provider: x.provider, Environment: x.env, Owner: x.owner, Tags: x.tags,
	})
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	done, err := drive(ctx, m, given)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	p.ids[x.name] = done
	if x.app == "" || x.made < 0 {
		return nil
	}
	made := p.Curtain.Add(-time.Duration(x.made) * day)
	return p.Lifecycle.Edit(ctx, done, lifecycle.Edit{KeyMade: &made})
}

// drive runs the machine up to its first test sync: that one is a moment of its own.
func drive(ctx context.Context, m *setup.Setup, by *setup.Given) (store.ID, error) {
	for {
		s := m.Step()
		var err error
		switch s.Kind {
		case setup.Test, setup.Done:
			return s.ConnID, nil
		case setup.Await:
			_, err = m.Wait(ctx, nil)
		default:
			var a setup.Answer
			if a, err = by.Answer(ctx, s); err == nil {
				_, err = m.Answer(ctx, a)
			}
		}
		if err != nil {
			return "", fmt.Errorf("step %s: %w", s.ID, err)
		}
	}
}

// given is what the person of a part answers; fail ends the set-up if the person could not.
func (p *play) given(ctx context.Context, x part, fail context.CancelCauseFunc) (*setup.Given, error) {
	g := &setup.Given{
		Provider: x.provider, Params: x.params, ScopeSet: x.scopes, Accept: true, KeyKind: x.kind, Method: string(store.APIKey),
		Purpose: map[string]string{setup.FieldConsents: "yes", setup.FieldPersonal: "yes", setup.FieldUnattended: "yes"},
	}
	if x.app == "" {
		g.KeyMade = setup.UnknownDate
		if x.made >= 0 {
			g.KeyMade = p.Curtain.Add(-time.Duration(x.made) * day).Format(time.DateOnly)
		}
		key, err := p.key(x)
		g.Secret = func(string) (setup.Secret, error) { return secret.New(key.Bytes()), nil } // the set-up wipes its own
		return g, err
	}
	a, known, err := p.app(x)
	if err != nil {
		return nil, err
	}
	g.Method, g.ClientID, g.Port = string(store.AuthorizationCode), a.id, strconv.Itoa(p.Port)
	g.Secret = func(string) (setup.Secret, error) {
		if known {
			return setup.Secret{}, nil // the registration is remembered
		}
		return a.secret, nil
	}
	g.OpenURL = func(s setup.Step) error {
		go func() { // the person answers while the machine waits
			if err := p.World.Consent(ctx, s.URL, Consent{Account: x.account, Login: address(x.account, x.login), Drop: x.drop}); err != nil {
				fail(err)
			}
		}()
		return nil
	}
	return g, nil
}

func (p *play) app(x part) (a app, known bool, err error) {
	if a, known = p.apps[x.app]; known {
		return a, true, nil
	}
	uri := "http://localhost:" + strconv.Itoa(p.Port) + "/callback/" + x.provider
	a.id, a.secret, err = p.World.App(x.provider, App{Name: x.app, RedirectURI: uri, Rotate: x.rotate})
	p.apps[x.app] = a
	return a, false, err
}

func (p *play) key(x part) (secret.Value, error) {
	if k, ok := p.keys[x.key]; ok {
		return k, nil
	}
	made := p.Clock.Now()
	if x.made >= 0 {
		made = p.Curtain.Add(-time.Duration(x.made) * day)
	}
	k, err := p.World.Key(x.provider, x.kind, x.account, made)
	p.keys[x.key] = k
	return k, err
}

// act does one moment. What the simulated provider refuses is part of the play.
func (p *play) act(ctx context.Context, x part, m moment) error {
	id := p.ids[x.name]
	var err error
	switch m.do {
	case refresh:
		_, err = p.Lifecycle.Refresh(ctx, id, false)
	case token:
		_, err = p.Lifecycle.Token(ctx, lifecycle.TokenRequest{Name: x.name, Job: m.job})
	case test:
		_, err = p.Lifecycle.Test(ctx, id, lifecycle.TestOptions{}, nil)
	case pause:
		err = p.Lifecycle.SetPaused(ctx, id, true)
	case revoke:
		_, err = p.Lifecycle.Revoke(ctx, id, lifecycle.RevokeOptions{}, nil)
	case workOff:
		_, _, err = p.Lifecycle.WorkOff(ctx, nil)
	case fault:
		f := m.fault
		f.Provider, f.ClientID = x.provider, p.apps[x.app].id
		err = p.World.Fault(f)
	case uninstall:
		err = p.World.Uninstall(x.provider, p.apps[x.app].id, x.account)
	case deleteKey:
		err = p.World.DeleteKey(x.provider, p.keys[x.key])
	}
	var refused *lifecycle.Failure
	if errors.As(err, &refused) {
		return nil
	}
	return err
}
