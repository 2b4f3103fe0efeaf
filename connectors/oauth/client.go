package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
)

// Patience is how long a flow waits for the person, in real time.
const Patience = 5 * time.Minute

// Config is what a Client stands on. HTTP, Clock and Rand are needed.
type Config struct {
	HTTP  *guard.Client
	Clock clock.Clock
	Rand  io.Reader // a cryptographic source
	// Sentences are the words of the landing page; zero: DefaultSentences.
	Sentences Sentences
	// Patience is how long a flow waits; 0: the constant of that name.
	Patience time.Duration
}

// Client speaks to authorization servers. It is safe for concurrent use. Between calls
// it keeps only which flows are open.
type Client struct {
	http     *guard.Client
	clock    clock.Clock
	rand     io.Reader
	words    Sentences
	patience time.Duration

	mu    sync.Mutex
	flows map[int]*Flow // by port
}

// New makes a client.
func New(cfg Config) *Client {
	c := &Client{http: cfg.HTTP, clock: cfg.Clock, rand: cfg.Rand, words: cfg.Sentences, patience: cfg.Patience, flows: map[int]*Flow{}}
	if c.words == (Sentences{}) {
		c.words = DefaultSentences()
	}
	if c.patience <= 0 {
		c.patience = Patience
	}
	return c
}

// random is 256 bits as 43 characters of the unreserved set (RFC 7636 section 4.1).
func (c *Client) random() (secret.Value, error) {
	var b [32]byte
	defer clear(b[:])
	if _, err := io.ReadFull(c.rand, b[:]); err != nil {
		return secret.Value{}, fmt.Errorf("drawing random bytes: %w", err)
	}
	text := make([]byte, base64.RawURLEncoding.EncodedLen(len(b)))
	defer clear(text)
	base64.RawURLEncoding.Encode(text, b[:])
	return secret.New(text), nil
}

// asGuard finds the failure below HTTP.
func asGuard(err error) (*guard.Error, bool) {
	var g *guard.Error
	return g, errors.As(err, &g)
}

// settle waits until an own flow that is over has let go of the port; it may be waiting
// for a browser to fetch its landing page. One that is not over keeps the port.
func (c *Client) settle(ctx context.Context, port int) error {
	c.mu.Lock()
	old := c.flows[port]
	c.mu.Unlock()
	if old == nil {
		return nil
	}
	select {
	case <-old.ended:
	case <-old.over.Done():
	default:
		return &PortBusyError{Port: port, Own: true}
	}
	old.Cancel()
	select {
	case <-old.closed:
		return nil
	case <-ctx.Done():
		return ended(ctx.Err())
	}
}

func (c *Client) keep(port int, f *Flow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flows[port] = f
}

func (c *Client) drop(port int, f *Flow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flows[port] == f {
		delete(c.flows, port)
	}
}
