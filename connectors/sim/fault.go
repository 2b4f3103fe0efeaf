package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is something that goes wrong on demand. Empty fields match everything.
type Fault struct {
	Provider string `json:"provider"` // "" is all
	// Endpoint is a counter's name; "token" also means token.refresh and token.authorization_code.
	Endpoint string `json:"endpoint"`
	Kind     string `json:"kind"` // one of FaultKinds
	ClientID string `json:"client_id,omitempty"`
	Account  string `json:"account,omitempty"` // id or name
	Login    string `json:"login,omitempty"`   // address or user id
	// Count is how many requests it hits; 0 is every one until ClearFaults.
	Count int `json:"count,omitempty"`
	// Delay of kind latency, on the wall clock.
	Delay time.Duration `json:"delay,omitempty"`
	// RetryAfter, in whole seconds, goes out with 429 and 503; without it 429
	// has the header only where the provider sends it.
	RetryAfter int `json:"retry_after,omitempty"`
}

// ErrUnknownFault is returned for a fault kind or name that does not exist.
var ErrUnknownFault = errors.New("unknown fault")

// FaultKinds lists what can go wrong:
//
//	latency            the answer comes late by Delay
//	429                over the quota, as that provider says it (Salesforce: 403)
//	500, 502, 503      server errors
//	html200            a page of HTML with status 200
//	truncated          processed, but the body breaks off half way
//	drop_before        the connection closes, nothing was processed
//	drop_after_rotate  processed (and rotated), then the connection closes without an answer
//	busy               another refresh of the same token is under way (Salesforce's words)
//	invalid_client     the client or its secret is refused
//	invalid_grant      the grant is refused, though it lives on
//	ip_blocked         the caller's address is not allowed
//	reduced_scopes     tokens come with the first scope only
//	extended_scopes    tokens come with a scope that nobody asked for
func FaultKinds() []string {
	return []string{
		"latency", "429", "500", "502", "503", "html200", "truncated", "drop_before",
		"drop_after_rotate", "busy", "invalid_client", "invalid_grant", "ip_blocked", "reduced_scopes", "extended_scopes",
	}
}

// ParseFault reads PROVIDER.ENDPOINT.KIND[(ARGUMENT)][*COUNT][@CLIENT_ID], for
// example hubspot.token.500*3, *.contacts.429(2) or salesforce.token.latency(1.5s).
// PROVIDER and ENDPOINT may be *; the argument is a delay for latency and
// seconds of Retry-After for 429 and 503. Without COUNT it never ends.
func ParseFault(name string) (Fault, error) {
	var f Fault
	bad := func(why string) (Fault, error) {
		return Fault{}, fmt.Errorf("reading fault %q: %w: %s", name, ErrUnknownFault, why)
	}
	rest, client, _ := strings.Cut(name, "@")
	f.ClientID = client
	provider, rest, ok := strings.Cut(rest, ".")
	if !ok {
		return bad("want PROVIDER.ENDPOINT.KIND")
	}
	if base, count, ok := cutLast(rest, "*"); ok && count != "" && !strings.HasPrefix(count, ".") {
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 {
			return bad("count after * must be a number above 0")
		}
		f.Count, rest = n, base
	}
	arg := ""
	if base, a, ok := strings.Cut(rest, "("); ok {
		arg, rest = strings.TrimSuffix(a, ")"), base
	}
	endpoint, kind, ok := cutLast(rest, ".")
	if !ok {
		return bad("want PROVIDER.ENDPOINT.KIND")
	}
	f.Provider, f.Endpoint, f.Kind = strings.Trim(provider, "*"), strings.Trim(endpoint, "*"), kind
	if !slices.Contains(FaultKinds(), kind) {
		return bad("kinds are " + strings.Join(FaultKinds(), ", "))
	}
	var err error
	switch {
	case kind == "latency":
		if f.Delay, err = time.ParseDuration(arg); err != nil {
			return bad("latency needs a delay, such as latency(2s)")
		}
	case arg != "":
		if f.RetryAfter, err = strconv.Atoi(arg); err != nil || f.RetryAfter < 0 {
			return bad("the argument is seconds of Retry-After")
		}
	}
	return f, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Inject adds a fault. Faults that match one request are tried in the order in
// which they came; delays add up, of the others the first one acts.
func (s *Sim) Inject(f Fault) error {
	if !slices.Contains(FaultKinds(), f.Kind) {
		return fmt.Errorf("injecting %q: %w", f.Kind, ErrUnknownFault)
	}
	if _, err := s.site(f.Provider); f.Provider != "" && err != nil {
		return fmt.Errorf("injecting a fault: %w", err)
	}
	hit := false
	for _, st := range s.sites {
		if (f.Provider == "" || f.Provider == st.id) && st.hasEndpoint(f.Endpoint) {
			st.faults.add(f)
			hit = true
		}
	}
	if !hit {
		return fmt.Errorf("injecting a fault: %w: no endpoint %q", ErrUnknownFault, f.Endpoint)
	}
	return nil
}

// hasEndpoint reports whether a name, or the first part of one, is served here,
// so that a misspelt fault is an error and not a fault that never comes.
func (s *site) hasEndpoint(name string) bool {
	return name == "" || slices.ContainsFunc(s.names, func(n string) bool {
		return n == name || strings.HasPrefix(n, name+".")
	})
}

// ClearFaults removes all faults and ends the delays under way, so that a test
// can hold a request with a long one and let it go.
func (s *Sim) ClearFaults() {
	for _, st := range s.sites {
		st.faults.clear()
	}
}

// faults are the ones that wait for requests at one provider.
type faults struct {
	any  atomic.Bool // so that a request without faults takes no lock
	mu   sync.Mutex
	list []*Fault
	free chan struct{} // closed by clear; nil until a delay waits
}

func (f *faults) add(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &x)
	f.any.Store(true)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
	f.any.Store(false)
	if f.free != nil {
		close(f.free)
		f.free = nil
	}
}

// take uses up the faults that hit the call.
func (f *faults) take(c *call) strike {
	var st strike
	if !f.any.Load() {
		return st
	}
	acct, user := c.owner()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(x *Fault) bool {
		if !x.hits(c, acct, user) || (x.Kind != "latency" && st.kind != "") {
			return false
		}
		if x.Kind == "latency" {
			st.delay += x.Delay
		} else {
			st.kind, st.retry = x.Kind, x.RetryAfter
		}
		if x.Count == 0 {
			return false
		}
		x.Count--
		return x.Count == 0
	})
	f.any.Store(len(f.list) > 0)
	if st.delay > 0 {
		if f.free == nil {
			f.free = make(chan struct{})
		}
		st.free = f.free
	}
	return st
}

func (f *Fault) hits(c *call, acct *Account, user Login) bool {
	if f.Endpoint != "" && f.Endpoint != c.endpoint && !strings.HasPrefix(c.endpoint, f.Endpoint+".") {
		return false
	}
	if f.ClientID != "" && f.ClientID != c.client() {
		return false
	}
	if f.Account != "" && (acct == nil || f.Account != acct.ID && f.Account != acct.Name) {
		return false
	}
	return f.Login == "" || f.Login == user.ID || strings.EqualFold(f.Login, user.Email)
}
