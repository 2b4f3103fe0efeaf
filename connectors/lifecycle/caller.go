package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/store"
)

const (
	pageLimit     = 16 << 20         // bytes of one page
	failTries     = 3                // of a call that fails (RL-9)
	throttleTries = 8                // of a call that the provider puts off, if it says until when
	callWait      = longestWait      // for one call, all waits together
	renewAhead    = 60 * time.Second // a token that ends sooner is renewed between two pages
)

// caller makes the reading calls of one connection: with its credential, to its root,
// with the waits that the provider asks for, and with one renewal of a refused token.
type caller struct {
	e    *Engine
	p    *connectors.Provider
	rec  record
	cred guard.Credential
	key  bool

	renewed  bool // the one forced refresh after a 401 is spent (RF-10)
	worked   bool // the provider took the credential
	quota    QuotaView
	requests int
	retries  int
	waiting  func(d time.Duration, why string) // called before a wait, with 0 after it
	buf      []byte
}

// newCaller opens the credential of a connection, refreshing a token that is over.
func (e *Engine) newCaller(ctx context.Context, id store.ID) (*caller, error) {
	rec, err := e.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if rec.grant.Revocation != nil {
		return nil, rec.ended(nil)
	}
	if err := rec.usable(); err != nil {
		return nil, err
	}
	p, err := e.provider(rec)
	if err != nil {
		return nil, err
	}
	c := &caller{e: e, p: p, rec: rec, key: rec.grant.Key != nil, quota: unknownQuota(), waiting: func(time.Duration, string) {}}
	if !c.key {
		now := e.now()
		if need := neededUntil(rec.grant, 0, now); !enough(rec.grant, need, now) {
			if c.rec, err = e.renewed(ctx, rec, need, 0); err != nil {
				return nil, err
			}
		}
	}
	return c, c.open()
}

// open unseals the credential of the record.
func (c *caller) open() error {
	v, err := c.e.cfg.Store.Vault()
	if err != nil {
		return err
	}
	g := c.rec.grant
	if c.key {
		if g.Key.Sealed.IsZero() {
			return c.rec.failure(FailReconnect, nil)
		}
		val, err := v.Open(store.Binding{Owner: g.ID, Field: FieldKey}, g.Key.Sealed)
		if err != nil {
			return fmt.Errorf("opening the key: %w", err)
		}
		c.cred = crm.Credential(c.p, g.Key.Kind, val, g.Key.Sealed.Hosts)
		return nil
	}
	val, err := v.Open(store.Binding{Owner: g.ID, Field: FieldAccess}, g.Access.Sealed)
	if err != nil {
		return fmt.Errorf("opening the access token: %w", err)
	}
	c.cred = crm.Credential(c.p, "", val, g.Access.Sealed.Hosts)
	return nil
}

// call sends one reading request until it is answered or given up. The body is valid
// until the next call. Only a GET is sent again.
func (c *caller) call(ctx context.Context, r guard.Request) (guard.Response, error) {
	var waited time.Duration
	for try := 1; ; try++ {
		if err := c.keepFresh(ctx); err != nil {
			return guard.Response{}, err
		}
		resp, err := c.once(ctx, r)
		if err == nil {
			c.worked = true
			return resp, nil
		}
		if ctx.Err() != nil {
			return resp, context.Cause(ctx)
		}
		if done, fail := c.renewRefused(ctx, err); fail != nil {
			return resp, fail
		} else if done {
			c.retries++
			continue
		}
		wait, why, ok := c.pause(err, try)
		if !ok || r.Method != http.MethodGet || waited+wait > callWait {
			return resp, err
		}
		c.retries++
		waited += wait
		c.waiting(wait, why)
		err = c.e.cfg.Clock.Sleep(ctx, wait)
		c.waiting(0, "")
		if err != nil {
			return resp, context.Cause(ctx)
		}
	}
}

// once sends the request and reads the answer into the caller's buffer.
func (c *caller) once(ctx context.Context, r guard.Request) (guard.Response, error) {
	c.requests++
	r.Credential, r.Limit = &c.cred, pageLimit
	began := time.Now() // how long an answer takes is real time
	var out guard.Response
	err := c.e.cfg.HTTP.Stream(ctx, r, func(status int, header http.Header, body io.Reader) error {
		out.Status, out.Header = status, header
		var err error
		c.buf, err = readInto(c.buf, body)
		out.Body = c.buf
		return err
	})
	out.Took = time.Since(began)
	if err != nil {
		return out, err
	}
	out.Date, _ = http.ParseTime(out.Header.Get("Date"))
	reset := c.quota.read(c.p.Quota, out.Header)
	err = crm.Read(c.p, out, c.key)
	if f := crm.AsRefused(err); f != nil && f.Class == store.Throttled && f.Wait == 0 {
		f.Wait = reset
	}
	return out, err
}

// readInto fills b from its beginning and grows it as needed.
func readInto(b []byte, r io.Reader) ([]byte, error) {
	b = b[:0]
	if cap(b) == 0 {
		b = make([]byte, 0, 64<<10)
	}
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// keepFresh renews a token that would end within the next call. If that fails, the
// stored one goes on being used.
func (c *caller) keepFresh(ctx context.Context) error {
	if c.key {
		return nil
	}
	a := c.rec.grant.Access
	now := c.e.now()
	if a.Expires.IsZero() || a.Expires.Sub(now) > min(renewAhead, a.Expires.Sub(a.Issued)/10) {
		return nil
	}
	again, err := c.e.renewed(ctx, c.rec, now.Add(renewAhead), 0)
	if err != nil {
		return err
	}
	if again.grant.Generation == c.rec.grant.Generation {
		return nil
	}
	c.rec = again
	return c.open()
}

// renewRefused refreshes once when the provider refuses the token (RFC 6750 section 3.1);
// done asks for the call to be sent again. A token that is refused for what it may not do
// is never refreshed for it (SC-6).
func (c *caller) renewRefused(ctx context.Context, err error) (done bool, fail error) {
	r := crm.AsRefused(err)
	if c.key || r == nil || !r.Unauthorized() || c.renewed {
		return false, nil
	}
	c.renewed = true
	_, fail = c.e.refresh(ctx, c.rec, want{gen: c.rec.grant.Generation, newer: true, refused: true})
	if fail != nil {
		return false, fail
	}
	if c.rec, fail = c.e.load(ctx, c.rec.conn.ID); fail != nil {
		return false, fail
	}
	return true, c.open()
}

// pause says how long to wait before the call is sent again, and why; false: not again.
func (c *caller) pause(err error, try int) (wait time.Duration, why string, ok bool) {
	r := crm.AsRefused(err)
	switch {
	case r != nil && r.Class == store.Throttled && r.Wait > 0:
		// As asked, and a little later than all others who were asked the same.
		extra := time.Duration(c.e.draw() * float64(min(r.Wait/10, 2*time.Second)))
		return r.Wait + extra, r.Reason(), try < throttleTries
	case r != nil && (r.Class == store.Throttled || r.Class == store.Transient):
		return c.short(try), r.Reason(), try < failTries
	}
	g := underHTTP(err)
	if g == nil || g.Kind == guard.KindRefused || g.Kind == guard.KindTooLarge || g.Kind == guard.KindRedirect || errors.Is(err, context.Canceled) {
		return 0, "", false
	}
	return c.short(try), string(g.Kind), try < failTries
}

// short is a wait that a person can watch: 1, 2, 4 s, half of it random.
func (c *caller) short(try int) time.Duration {
	d := time.Second << min(try-1, 5)
	return d/2 + time.Duration(c.e.draw()*float64(d/2))
}
