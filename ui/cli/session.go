package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// session is an open store with what acts on it.
type session struct {
	app  *app
	home string
	conf *config.Config
	st   store.Store
	cat  *catalog.Catalog
	eng  *lifecycle.Engine
	http *guard.Client
}

// look opens the store for reading; no key is asked for.
func (a *app) look(ctx context.Context) (*session, error) {
	home, conf, err := a.settings()
	if err != nil {
		return nil, err
	}
	return a.open(ctx, home, conf)
}

// act opens and unlocks the store for something that changes it.
func (a *app) act(ctx context.Context) (*session, error) {
	home, conf, err := a.settings()
	if err != nil {
		return nil, err
	}
	if a.global.readOnly {
		return nil, store.ErrReadOnly
	}
	s, err := a.open(ctx, home, conf)
	if err != nil {
		return nil, err
	}
	if err := s.unlock(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (a *app) open(ctx context.Context, home string, conf *config.Config) (*session, error) {
	cat, err := catalog.Load(home)
	if err != nil {
		return nil, err
	}
	st, err := a.source(ctx, home)
	if err != nil {
		return nil, err
	}
	a.cat = cat
	a.warnBroken(cat)
	s := &session{app: a, home: home, conf: conf, st: st, cat: cat, http: a.deps.HTTP()}
	s.eng = lifecycle.New(lifecycle.Config{
		Store: st, Catalog: cat, HTTP: s.http, Clock: a.deps.Clock, Rand: a.deps.Rand, Opener: a.opener(),
	})
	return s, nil
}

// warnBroken tells of provider files that are not used, once and in one line each. Those
// who ask for a token do not pay for reading all of them.
func (a *app) warnBroken(cat *catalog.Catalog) {
	if a.told.Command == "token" || strings.HasPrefix(a.told.Command, "__") { // completion
		return
	}
	told := map[string]bool{}
	for _, p := range catalog.Problems(cat.CheckOwn()) {
		if !told[p.File] {
			a.note(words.Fill(words.SayBroken, "path", p.File))
		}
		told[p.File] = true
	}
}

// opener shows a console page to a person, if one is there.
func (a *app) opener() func(string) error {
	if a.deps.OpenBrowser == nil || !a.deps.IsTerminal() {
		return nil
	}
	return a.deps.OpenBrowser
}

// unlock opens the data key: with what was given, else by asking at a terminal.
// Without one nothing prompts (PR-6).
func (s *session) unlock(ctx context.Context) error {
	k, err := s.unlockKeeping(ctx)
	k.Passphrase.Wipe()
	return err
}

// unlockKeeping is unlock, and returns the key that opened the store, for its owner to wipe.
func (s *session) unlockKeeping(ctx context.Context) (store.Key, error) {
	k, err := s.app.key(ctx, s.conf)
	if err != nil {
		return k, err
	}
	if err := keyThere(s.conf); err != nil {
		return k, err
	}
	if k.IsZero() {
		if !s.app.deps.IsTerminal() {
			return k, store.ErrLocked
		}
		if k.Passphrase, err = s.app.askSecret(ctx, words.AskPassphrase); err != nil {
			return k, err
		}
	}
	k.Ask, k.Wait = s.app.asker(), s.app.saySlow
	return k, s.st.Unlock(ctx, k)
}

// close waits for what was sent and has no answer yet (RF-11), and closes the store.
func (s *session) close() {
	if s.eng != nil {
		_ = s.eng.Drain(context.Background()) // ends by itself: every request has its limit
	}
	_ = s.st.Close()
}

// find reads the connection of that name. Only the exact name answers (LK-16).
func (s *session) find(ctx context.Context, name string) (store.Connection, error) {
	s.app.told.Connection = name
	var c store.Connection
	err := s.st.Read(ctx, func(r store.Reader) (err error) {
		c, err = r.ConnectionByName(name)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return c, &words.Told{Name: "not_found", Err: err}
	}
	s.app.providerID = c.Provider
	return c, err
}

// providerName is the display name, or the id of a provider that is gone.
func (s *session) providerName(id string) string {
	if p, err := s.cat.Provider(id); err == nil {
		return p.Name
	}
	return id
}

// provider finds a definition for showing; nil if it is gone or wrong.
func (s *session) provider(id string) *connectors.Provider {
	p, err := s.cat.Provider(id)
	if err != nil {
		return nil
	}
	return p
}

// maker makes set-ups on this store.
func (s *session) maker(patience time.Duration) *setup.Maker {
	return setup.New(setup.Deps{
		Store: s.st, Catalog: s.cat, Lifecycle: s.eng, HTTP: s.http, Clock: s.app.deps.Clock, Rand: s.app.deps.Rand,
		OAuth: oauth.New(oauth.Config{HTTP: s.http, Clock: s.app.deps.Clock, Rand: s.app.deps.Rand, Patience: patience}),
		Actor: s.app.actor(), Port: s.conf.RedirectPort,
	})
}
