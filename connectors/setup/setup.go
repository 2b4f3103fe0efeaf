package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

// DefaultPort is the port of the redirect URI of a new client registration, unless
// another is chosen.
const DefaultPort = 7317

// tidyTime is how long taking back a grant that nobody wants may take: it goes on
// after the person has left.
const tidyTime = 30 * time.Second

// ErrDeclined: the person said that it is the wrong account. Nothing was stored.
var ErrDeclined = errors.New("declined")

// Catalog knows the providers (connectors/catalog has it).
type Catalog interface {
	IDs() []string
	Provider(id string) (*connectors.Provider, error)
}

// Deps is what a set-up stands on. All fields are needed.
type Deps struct {
	Store     store.Store
	Catalog   Catalog
	Lifecycle lifecycle.Lifecycle
	OAuth     *oauth.Client
	HTTP      *guard.Client
	Clock     clock.Clock
	Rand      io.Reader
	Actor     string // who sets up, for the decision record
	Port      int    // of new redirect URIs; 0: DefaultPort
}

// Request is what is known before the first step. Everything may be empty.
type Request struct {
	Name        string
	Provider    string
	Environment string
	Owner       string
	Purpose     string
	Tags        []string
	TakeOver    bool // an existing refresh token instead of consent
	NewSecret   bool // reconnecting: the app has a new secret, or another port
}

// Maker begins set-ups. It is safe for concurrent use; each Setup is not.
type Maker struct{ d Deps }

// New makes a Maker.
func New(d Deps) *Maker {
	if d.Port == 0 {
		d.Port = DefaultPort
	}
	return &Maker{d: d}
}

// Setup is one set-up. Secrets are held in memory only, until they are stored sealed
// or Close forgets them.
type Setup struct {
	d     Deps
	id    store.ID // of the draft
	a     answers
	p     *connectors.Provider
	old   *store.Connection // reconnecting: the connection as it was
	saved store.Connection  // once stored

	clients      []store.Client // remembered registrations at the provider
	clientSecret secret.Value
	key          secret.Value
	refresh      secret.Value

	at   int // index into the plan
	flow *pending
	// leaving is a flow that was answered; its landing page may still be on its way.
	leaving *oauth.Flow
	got     *proven
	step    Step
	test    *store.TestRun
}

var _ Machine = (*Setup)(nil)

// Start begins a set-up. A locked store is found here, with store.ErrLocked: nobody
// should consent and then learn that it cannot be kept.
func (m *Maker) Start(ctx context.Context, r Request) (*Setup, error) {
	s, err := m.new()
	if err != nil {
		return nil, err
	}
	s.a = answers{
		Name: r.Name, Environment: clean(r.Environment), Owner: clean(r.Owner), Purpose: clean(r.Purpose),
		Tags: cleanAll(r.Tags), TakeOver: r.TakeOver, Consents: true, Personal: true, Unattended: true, Port: m.d.Port,
	}
	if !lifecycle.KnownEnvironment(s.a.Environment) {
		return nil, &InputError{Step: stepIdentity, Field: FieldEnvironment, Code: "environment", Detail: s.a.Environment}
	}
	if err := s.checkName(ctx, r.Name); r.Name != "" && err != nil {
		return nil, err
	}
	if r.Provider != "" {
		return s, s.answerProvider(ctx, Answer{Value: r.Provider})
	}
	return s, s.show(ctx)
}

func (m *Maker) new() (*Setup, error) {
	if _, err := m.d.Store.Vault(); err != nil {
		return nil, fmt.Errorf("setting up: %w", err)
	}
	id, err := store.NewID(m.d.Rand)
	if err != nil {
		return nil, err
	}
	return &Setup{d: m.d, id: id}, nil
}

// Resume goes on with a draft, at the first step whose answer is missing: what was
// secret has to be given again.
func (m *Maker) Resume(ctx context.Context, draft store.ID) (*Setup, error) {
	s, err := m.new()
	if err != nil {
		return nil, err
	}
	var d store.Draft
	err = m.d.Store.Read(ctx, func(r store.Reader) (err error) {
		d, err = r.Draft(draft)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading draft: %w", err)
	}
	s.id = d.ID
	if err := s.a.decode(d.Data); err != nil {
		return nil, fmt.Errorf("reading draft: %w", err)
	}
	if s.a.Provider != "" {
		if s.p, err = s.d.Catalog.Provider(s.a.Provider); err != nil {
			return nil, err
		}
	}
	if err := s.loadClients(ctx); err != nil {
		return nil, err
	}
	return s, s.seek(ctx, s.a.Step)
}

// Reconnect begins to renew the grant of a connection: the same client, the scopes
// that were asked for last. Another account needs a confirmation at the identity step.
func (m *Maker) Reconnect(ctx context.Context, conn store.ID, r Request) (*Setup, error) {
	s, err := m.new()
	if err != nil {
		return nil, err
	}
	var c store.Connection
	var g store.Grant
	err = m.d.Store.Read(ctx, func(r store.Reader) (err error) {
		if c, err = r.Connection(conn); err != nil {
			return err
		}
		g, err = r.Grant(c.Grant)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading connection: %w", err)
	}
	if s.p, err = s.d.Catalog.Provider(c.Provider); err != nil {
		return nil, err
	}
	s.old = &c
	s.a = answers{
		Reconnect: c.ID, Name: c.Name, Provider: c.Provider, Method: c.Method, Params: c.Params,
		Client: g.Client, Scopes: c.Asked, TakeOver: r.TakeOver, NewSecret: r.NewSecret, Port: m.d.Port,
	}
	if g.Key != nil {
		s.a.KeyKind = g.Key.Kind
	}
	if err := s.loadClients(ctx); err != nil {
		return nil, err
	}
	if c, ok := s.client(); ok {
		s.a.ClientID, s.a.Port = c.ClientID, portOf(c.RedirectURI, s.a.Port)
	}
	return s, s.seek(ctx, stepConsent)
}

// noteRunes is how long what is noted about a connection may be.
const noteRunes = 200

// clean makes what a person typed or a file said one line of text.
func clean(s string) string { return text.Cut(strings.TrimSpace(text.Clean(s)), noteRunes) }

// cleanAll cleans a list and leaves out what is empty.
func cleanAll(list []string) []string {
	var out []string
	for _, s := range list {
		if s = clean(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Step implements Machine.
func (s *Setup) Step() Step { return s.step }

// Draft implements Machine. Reconnecting has none: there is nothing to remember.
func (s *Setup) Draft(ctx context.Context) error {
	if s.old != nil || s.saved.ID != "" || s.a.Provider == "" {
		return nil
	}
	s.a.Step = s.step.ID
	data, err := s.a.encode()
	if err != nil {
		return fmt.Errorf("writing draft: %w", err)
	}
	err = s.d.Store.Write(ctx, func(w store.Writer) error {
		d := store.Draft{ID: s.id}
		if was, err := w.Draft(s.id); err == nil {
			d = was
		}
		d.Label, d.Data, d.Updated = s.label(), data, s.d.Clock.Now()
		w.Bookkeeping()
		return w.PutDraft(&d)
	})
	if err != nil {
		return fmt.Errorf("writing draft: %w", err)
	}
	return nil
}

func (s *Setup) label() string {
	if s.a.Name != "" {
		return s.a.Name
	}
	return s.p.Name
}

// Close implements Machine: it ends the wait for consent, takes back a grant that was
// made and not stored, and forgets the secrets.
func (s *Setup) Close() error {
	s.endFlow()
	err := s.takeBack(context.Background())
	s.leave()
	for _, v := range []secret.Value{s.clientSecret, s.key, s.refresh} {
		v.Wipe()
	}
	return err
}
