package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/clock"
)

// Limits of waiting, in real time: what holds a lease may be in the middle of a request.
const (
	leaseWait   = 40 * time.Second // longer than one request may take
	requestWait = 30 * time.Second
)

// Engine does to connections what can be done to them; it implements Lifecycle. It is
// safe for concurrent use and holds nothing between calls but what runs right now.
type Engine struct {
	cfg   Config
	oauth *oauth.Client

	mu      sync.Mutex
	flights map[store.ID]*flight
	unsaved map[store.ID]unsaved
	gaps    int // hand-outs that could not be recorded
}

var _ Lifecycle = (*Engine)(nil)

// New makes an Engine.
func New(cfg Config) *Engine {
	if cfg.People == nil {
		cfg.People = clock.System{}
	}
	if cfg.LookAgain <= 0 {
		cfg.LookAgain = lookAgain
	}
	return &Engine{
		cfg:     cfg,
		oauth:   oauth.New(oauth.Config{HTTP: cfg.HTTP, Clock: cfg.Clock, Rand: cfg.Rand}),
		flights: make(map[store.ID]*flight),
		unsaved: make(map[store.ID]unsaved),
	}
}

func (e *Engine) now() time.Time { return e.cfg.Clock.Now() }

// step calls the failpoint.
func (e *Engine) step(name string) {
	if e.cfg.Failpoint != nil {
		e.cfg.Failpoint(name)
	}
}

// record is a connection with all that it stands on, read in one transaction.
type record struct {
	conn   store.Connection
	grant  store.Grant
	client store.Client // zero for keys
	job    string       // that a token is wanted for, if one is named
}

// load reads the connection id and what belongs to it.
func (e *Engine) load(ctx context.Context, id store.ID) (record, error) {
	var rec record
	err := e.cfg.Store.Read(ctx, func(r store.Reader) error {
		var err error
		rec, err = read(r, id)
		return err
	})
	if err != nil {
		return record{}, fmt.Errorf("reading connection: %w", err)
	}
	return rec, nil
}

func read(r store.Reader, id store.ID) (record, error) {
	var rec record
	var err error
	if rec.conn, err = r.Connection(id); err != nil {
		return rec, err
	}
	return rec, rec.rest(r)
}

func (rec *record) rest(r store.Reader) error {
	var err error
	if rec.grant, err = r.Grant(rec.conn.Grant); err != nil {
		return err
	}
	if rec.grant.Client != "" {
		rec.client, err = r.Client(rec.grant.Client)
	}
	return err
}

// provider finds the definition, as a Failure if there is none.
func (e *Engine) provider(rec record) (*connectors.Provider, error) {
	p, err := e.cfg.Catalog.Provider(rec.conn.Provider)
	if err != nil {
		return nil, rec.failure(FailConfig, err)
	}
	return p, nil
}

// profile makes what a token request needs, with the addresses that were pinned at
// consent and the hosts that are sealed into the record.
func (e *Engine) profile(rec record, p *connectors.Provider) (oauth.Profile, error) {
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return oauth.Profile{}, err
	}
	var hosts []string
	if t := rec.grant.Refresh; t != nil {
		hosts = t.Sealed.Hosts
	}
	sec, err := ClientSecret(v, rec.client)
	if err != nil {
		return oauth.Profile{}, fmt.Errorf("opening the client secret: %w", err)
	}
	if !sec.IsZero() {
		hosts = shared(hosts, rec.client.Secret.Hosts)
	}
	prof, err := oauth.ProfileOf(p, rec.client.ClientID, sec, hosts, rec.client.RedirectURI, rec.conn.Params, rec.conn.Asked)
	if err != nil {
		return oauth.Profile{}, rec.failure(FailConfig, err)
	}
	if sec.IsZero() {
		prof.Style = connectors.NoSecret
	}
	if rec.grant.TokenURL != "" {
		prof.TokenURL = rec.grant.TokenURL
	}
	if rec.grant.RevokeURL != "" {
		prof.RevokeURL = rec.grant.RevokeURL
	}
	return prof, nil
}

// shared are the hosts in both lists, or the one list that is not empty.
func shared(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	var out []string
	for _, h := range a {
		for _, k := range b {
			if h == k {
				out = append(out, h)
			}
		}
	}
	return out
}

// write runs one transaction that ends even if the caller has gone: what a provider
// has answered must reach the disk.
func (e *Engine) write(ctx context.Context, fn func(store.Writer) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestWait)
	defer cancel()
	return e.cfg.Store.Write(ctx, fn)
}

// underHTTP finds the failure below HTTP in err.
func underHTTP(err error) *guard.Error {
	var g *guard.Error
	if errors.As(err, &g) {
		return g
	}
	return nil
}
