// Package sim serves simulated CRMs (HubSpot, Salesforce, Close) over real HTTP
// on loopback, for the demo and for tests.
//
// It promises to be as strict as the providers' own documentation says: status
// codes, header spellings, error bodies, paging limits, quotas, token lifetimes
// and rotation follow their pages, and what they refuse is refused here. Where a
// page is silent, the comment at the code says what was chosen. It knows nothing
// of the client that talks to it, so that it can catch that client's errors.
//
// Nothing is written to disk, nothing is logged, and it listens on loopback only.
// Lifetimes, quotas and Date headers follow Config.Now; time limits of sockets
// and injected latency stay real.
//
// Start with [Start]; [Sim.Consent] plays the person in front of the browser.
// Other processes have the same powers below BASE/_sim/: GET counters, POST and
// DELETE faults, POST clients, POST consent.
package sim

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"crmdeck/connectors/sim/records"
)

// Provider ids of the simulated CRMs.
const (
	HubSpot    = "hubspot"
	Salesforce = "salesforce"
	Close      = "close"
)

// DefaultContacts is how many contacts a production account holds when
// Config.Contacts is zero; MaxContacts is the most that can be asked for.
const (
	DefaultContacts = 18_204
	MaxContacts     = 1_000_000
)

// ErrNotLoopback is returned by [Start] for an address that other machines could reach.
var ErrNotLoopback = errors.New("address is not loopback")

// ErrBadQuota is returned by [Start] for a quota that is no factor.
var ErrBadQuota = errors.New("no quota")

// ErrBadAddress is returned by [Start] for an address that is no HOST:PORT.
var ErrBadAddress = errors.New("no address")

// ErrUnknownProvider is returned when a provider id is none of the simulated ones.
var ErrUnknownProvider = errors.New("unknown simulated provider")

// Config says how the simulated CRMs behave. The zero value is a faithful one.
type Config struct {
	// Addr is HOST:PORT of the first listener; the next providers take the
	// following ports. Port 0, and an empty Addr, take free ports of 127.0.0.1.
	Addr string
	// Now is the clock of lifetimes, quotas and Date headers; nil is time.Now.
	Now func() time.Time
	// Rand is where tokens and keys come from; nil is crypto/rand.
	Rand io.Reader
	// Contacts is the number in each production account; 0 is DefaultContacts,
	// negative none. Sandboxes hold a twentieth.
	Contacts int
	// AccessTTL replaces the providers' own access token lifetimes; 0 keeps them.
	AccessTTL time.Duration
	// CodeFloor is how long an authorization code lives at least on the wall
	// clock, whatever Now says: under a clock that runs thousands of times too
	// fast, no browser would be quick enough. 0 is no floor.
	CodeFloor time.Duration
	// Latency is added to every OAuth and API answer, on the wall clock.
	Latency time.Duration
	// Faults are names as [ParseFault] reads them.
	Faults []string
	// Quota is real (also ""), off, or a factor such as 2.5 on every limit.
	Quota string
	// SkipCeiling is the largest _skip that Close accepts; 0 is 100,000. Close
	// documents that a ceiling exists for each resource, not how high it is.
	SkipCeiling int
}

// Sim is a running set of simulated CRMs. Its methods are safe for concurrent use.
type Sim struct {
	cfg     Config
	factor  float64 // of quotas; 0 is no quota
	sites   []*site
	servers []*http.Server
	done    chan struct{}
	once    sync.Once
	wg      sync.WaitGroup
	randMu  sync.Mutex
	gen     *records.Gen
	buffers sync.Pool // of *[]byte, for pages of records
	signer  signer
}

// Start listens and serves until ctx ends or Close is called. It refuses any
// address that is not loopback with ErrNotLoopback.
func Start(ctx context.Context, cfg Config) (*Sim, error) {
	s := &Sim{cfg: cfg, done: make(chan struct{}), gen: records.New()}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	listeners, err := listen(ctx, s.cfg.Addr, len(starters()))
	if err != nil {
		return nil, err
	}
	if err := s.build(listeners); err != nil {
		for _, l := range listeners {
			_ = l.Close()
		}
		return nil, err
	}
	for i, l := range listeners {
		s.run(s.sites[i], l)
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// Close stops serving and frees the ports; requests under way are cut off.
func (s *Sim) Close() error {
	var err error
	s.once.Do(func() {
		close(s.done)
		for _, srv := range s.servers {
			err = errors.Join(err, srv.Close())
		}
	})
	s.wg.Wait()
	return err
}

func (s *Sim) defaults() error {
	if s.cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	if s.cfg.Rand == nil {
		s.cfg.Rand = rand.Reader
	}
	if s.cfg.Contacts == 0 {
		s.cfg.Contacts = DefaultContacts
	}
	if s.cfg.SkipCeiling == 0 {
		s.cfg.SkipCeiling = 100_000
	}
	s.cfg.Contacts = min(max(s.cfg.Contacts, 0), MaxContacts)
	switch s.cfg.Quota {
	case "", "real":
		s.factor = 1
	case "off":
		s.factor = 0
	default:
		f, err := strconv.ParseFloat(s.cfg.Quota, 64)
		if err != nil || !(f > 0) || f > 1e6 {
			return fmt.Errorf("reading quota %q: %w: want real, off or a factor above 0", s.cfg.Quota, ErrBadQuota)
		}
		s.factor = f
	}
	return nil
}

// starters turn an empty site into a provider, in the order of the ports.
func starters() []func(*site) { return []func(*site){startHubSpot, startSalesforce, startClose} }

// build makes the sites with their standing client, key and grant.
func (s *Sim) build(listeners []net.Listener) error {
	for i, start := range starters() {
		st := newSite(s, listeners[i].Addr().String())
		start(st)
		s.sites = append(s.sites, st)
		if err := st.seed(); err != nil {
			return fmt.Errorf("preparing %s: %w", st.id, err)
		}
	}
	for _, name := range s.cfg.Faults {
		f, err := ParseFault(name)
		if err != nil {
			return err
		}
		if err := s.Inject(f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sim) run(st *site, l net.Listener) {
	srv := &http.Server{
		Handler:           st,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// A broken connection is often the point here, so nothing is reported.
		ErrorLog: discardLog(),
	}
	s.servers = append(s.servers, srv)
	s.wg.Go(func() { _ = srv.Serve(l) })
}

// site returns the provider with that id.
func (s *Sim) site(provider string) (*site, error) {
	for _, st := range s.sites {
		if st.id == provider {
			return st, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknownProvider, provider)
}

// now is the injected time without its monotonic part, so that a clock that
// runs faster than the machine's own is taken at its word.
func (s *Sim) now() time.Time { return s.cfg.Now().Round(0).UTC() }
