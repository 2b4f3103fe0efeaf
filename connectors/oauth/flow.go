package oauth

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// The listener stays open for a browser to fetch the landing page after the exchange,
// and then until that page is out.
const (
	pagePatience = 3 * time.Second
	pageDelivery = time.Second
)

// cleanUp bounds the exchange and revocation that go on when a flow was cancelled in
// the middle of an exchange.
const cleanUp = 40 * time.Second

// What a flow noticed besides its answer; keys of Noticed.
const (
	NoticedForeign = "foreign_answer" // wrong, missing or doubled state
	NoticedAgain   = "second_answer"  // the right answer, delivered twice
	NoticedLeak    = "token_in_url"   // a token in the address, ignored
)

// Flow is one authorization under way. Its listener is open from Begin until the
// landing page was delivered, Cancel, or the deadline. Prints as nothing.
type Flow struct {
	c        *Client
	p        Profile
	state    secret.Value
	verifier secret.Value
	url      secret.Value // holds state
	host     string       // the only Host header that is served
	path     string
	deadline time.Time
	server   *http.Server
	crowd    *sync.Mutex

	mu      sync.Mutex
	taken   bool // an answer with the right state has come
	waiting bool // Wait was called
	closing bool
	noticed map[string]int

	answer chan callback // the one accepted answer
	ended  chan struct{} // closed when outcome is set
	worked bool
	over   context.Context // done when the flow is over, by whatever
	stop   context.CancelCauseFunc
	closed chan struct{}  // closed when the listener and all its goroutines are gone
	shown  chan struct{}  // the landing page was delivered
	tasks  sync.WaitGroup // what closed waits for; none is added once closing is set
}

// Begin opens the listener and prepares the authorization request. ctx bounds the
// binding only. Errors: *PortBusyError, or *Error for a profile that cannot be used.
func (c *Client) Begin(ctx context.Context, p Profile) (*Flow, error) {
	u, port, err := redirect(p.RedirectURI)
	if err != nil {
		return nil, &Error{Class: store.Config, Code: "redirect", Description: err.Error()}
	}
	if err := p.begins(); err != nil {
		return nil, err
	}
	f := &Flow{
		c: c, p: p.pinned(), path: u.EscapedPath(), noticed: map[string]int{}, answer: make(chan callback, 1),
		ended: make(chan struct{}), closed: make(chan struct{}), shown: make(chan struct{}),
	}
	if f.state, err = c.random(); err != nil {
		return nil, err
	}
	if p.PKCE {
		if f.verifier, err = c.random(); err != nil {
			return nil, err
		}
	}
	if p.LoopbackAnyPort {
		port = 0
	}
	if err := c.settle(ctx, port); err != nil {
		return nil, err
	}
	ls, port, err := bind(ctx, u.Hostname(), port)
	if err != nil {
		return nil, err
	}
	if p.LoopbackAnyPort {
		u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
		f.p.RedirectURI = u.String()
	}
	f.host = u.Host
	f.url = secret.FromString(f.p.authorizeURL(f.state, f.verifier))
	f.deadline = time.Now().Add(c.patience)
	f.over, f.stop = context.WithCancelCause(context.Background())
	c.keep(port, f)
	f.serve(port, newCrowd(ls))
	return f, nil
}

// expire ends a flow that nobody answered in time. An exchange under way has limits of its own.
func (f *Flow) expire() {
	f.mu.Lock()
	busy := f.taken && f.waiting
	f.mu.Unlock()
	if !busy {
		f.stop(context.DeadlineExceeded)
	}
}

// pinned is a copy that later changes of lists and maps do not reach: the code goes
// where it would have gone when the flow began (RFC 9700 section 4.4.2).
func (p Profile) pinned() Profile {
	p.SecretHosts, p.Scopes, p.Optional = slices.Clone(p.SecretHosts), slices.Clone(p.Scopes), slices.Clone(p.Optional)
	p.AuthorizeParams, p.AlreadyDead = maps.Clone(p.AuthorizeParams), maps.Clone(p.AlreadyDead)
	return p
}

// begins refuses what an authorization request cannot be made of.
func (p *Profile) begins() error {
	if err := p.check(); err != nil {
		return err
	}
	if _, err := guard.Host(p.AuthorizeURL); err != nil {
		return below(err)
	}
	for _, own := range []string{"response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method", "request", "request_uri"} {
		if _, ok := p.AuthorizeParams[own]; ok {
			return &Error{Class: store.Config, Code: "authorize_params", Description: "the profile sets " + own + " itself"}
		}
	}
	return nil
}

// authorizeURL is the address that the person opens (RFC 6749 section 4.1.1).
func (p *Profile) authorizeURL(state, verifier secret.Value) string {
	cfg := oauth2.Config{ClientID: p.ClientID, RedirectURL: p.RedirectURI, Endpoint: oauth2.Endpoint{AuthURL: p.AuthorizeURL}}
	var opts []oauth2.AuthCodeOption
	for k, v := range maps.All(p.AuthorizeParams) {
		opts = append(opts, oauth2.SetAuthURLParam(k, v))
	}
	if len(p.Scopes) > 0 {
		opts = append(opts, oauth2.SetAuthURLParam("scope", p.join(p.Scopes)))
	}
	if len(p.Optional) > 0 && p.OptionalScopeKey != "" {
		opts = append(opts, oauth2.SetAuthURLParam(p.OptionalScopeKey, p.join(p.Optional)))
	}
	if !verifier.IsZero() {
		opts = append(opts, oauth2.S256ChallengeOption(verifier.Reveal()))
	}
	return cfg.AuthCodeURL(state.Reveal(), opts...)
}

// URL is the address to open in a browser. It holds the state: show it to the person,
// put it in no log.
func (f *Flow) URL() string { return f.url.Reveal() }

// RedirectURI is the one in use; it differs from the profile's where the kernel chose the port.
func (f *Flow) RedirectURI() string { return f.p.RedirectURI }

// Deadline is when the flow gives up, in the computer's time: the person waits in it too.
func (f *Flow) Deadline() time.Time { return f.deadline }

// Closed is closed when nothing of the flow is left: no listener, no goroutine. Whoever
// ends the program right after Wait waits for it first, for at most about a second.
func (f *Flow) Closed() <-chan struct{} { return f.closed }

// Noticed counts what came in besides the answer, by the Noticed constants.
func (f *Flow) Noticed() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.noticed)
}

func (f *Flow) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noticed[what]++
}

// Cancel ends the flow: the listener closes, and a Wait returns. A grant that an exchange
// under way still makes is revoked.
func (f *Flow) Cancel() { f.stop(context.Canceled) }

// errOver: Wait was called twice.
var errOver = errors.New("the flow is over")

// Wait waits for the person, exchanges the code, once, and returns the tokens. Wrong answers do not
// end it. It may be called once. Errors are *Error; a cancelled ctx ends the flow.
func (f *Flow) Wait(ctx context.Context) (Answer, error) {
	f.mu.Lock()
	again := f.waiting
	f.waiting = true
	f.mu.Unlock()
	if again {
		return Answer{}, &Error{Class: store.Config, Code: "over", cause: errOver}
	}
	select {
	case cb := <-f.answer:
		if cb.verdict == granted {
			return f.exchange(ctx, cb.code)
		}
		f.end(false)
		return Answer{}, cb.err
	case <-ctx.Done():
		f.stop(context.Canceled)
		return Answer{}, ended(ctx.Err())
	case <-f.over.Done():
		return Answer{}, ended(context.Cause(f.over))
	}
}

// ended tells why a flow ended without an answer.
func ended(err error) *Error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Class: store.Transient, Code: "timeout", Description: "no answer in time", cause: err}
	}
	return &Error{Class: store.Transient, Code: "cancelled", cause: err}
}

// end sets the outcome that the landing page tells.
func (f *Flow) end(worked bool) {
	f.worked = worked
	close(f.ended)
}

// outcome is what an exchange gave.
type outcome struct {
	answer Answer
	err    error
}

// exchange runs apart from ctx: a code that was sent cannot be called back. Who cancels gets
// control at once, and what the exchange then yields is revoked.
func (f *Flow) exchange(ctx context.Context, code secret.Value) (Answer, error) {
	got, left := make(chan outcome), make(chan struct{})
	if !f.task(func() { f.work(context.WithoutCancel(ctx), code, got, left) }) {
		return Answer{}, ended(context.Cause(f.over))
	}
	select {
	case o := <-got:
		f.end(o.err == nil)
		return o.answer, o.err
	case <-ctx.Done():
	case <-f.over.Done():
	}
	close(left)
	f.end(false)
	f.stop(context.Canceled)
	err := ended(context.Canceled)
	err.Unknown = true
	return Answer{}, err
}

// work exchanges the code and hands the outcome over, or revokes it if nobody is left.
func (f *Flow) work(ctx context.Context, code secret.Value, got chan<- outcome, left <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, cleanUp)
	defer cancel()
	a, err := f.c.exchange(ctx, &f.p, code, f.verifier)
	select {
	case got <- outcome{a, err}:
	case <-left:
		if err == nil {
			f.abandon(ctx, a)
		}
	}
}

// task runs fn as something that Closed waits for, unless the flow is closing already.
func (f *Flow) task(fn func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing {
		return false
	}
	f.tasks.Go(fn)
	return true
}

// abandon revokes what nobody waits for any more; if that fails it has to run out.
func (f *Flow) abandon(ctx context.Context, a Answer) {
	token, hint := a.Refresh, HintRefresh
	if token.IsZero() {
		token, hint = a.Access, HintAccess
	}
	_ = f.c.Revoke(ctx, f.p, token, hint)
}

// String names the flow without its secrets.
func (f *Flow) String() string { return "authorization at " + f.p.Provider }
