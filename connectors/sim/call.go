package sim

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 1 << 20

// call is one request with what the server found out about it.
type call struct {
	w http.ResponseWriter
	r *http.Request

	site     *site
	endpoint string
	body     []byte
	form     url.Values  // of a form body; never from the query
	cred     *credential // of an API call; may be dead
	reduced  bool        // a fault: mint fewer scopes than were consented
	extended bool        // a fault: mint one more than was consented
}

// serve runs one request: count, delay, faults, quota, handler.
func (s *site) serve(w http.ResponseWriter, r *http.Request, endpoint string, kind routeKind, h func(*call)) {
	c := &call{w: w, r: r, site: s, endpoint: endpoint}
	if err := c.read(); err != nil {
		http.Error(w, "request body cannot be read", http.StatusRequestEntityTooLarge)
		return
	}
	if endpoint == "token" {
		switch c.form.Get("grant_type") {
		case "refresh_token":
			c.endpoint = "token.refresh"
		case "authorization_code":
			c.endpoint = "token.authorization_code"
		}
	}
	if kind == kindAPI {
		c.cred = s.dialect.identify(c)
	}
	if s.rules.endpoint != nil {
		c.endpoint = s.rules.endpoint(c)
	}
	s.counters.add(c.endpoint)
	if kind == kindPage {
		h(c)
		return
	}
	leave, busy := s.enter(c)
	cut := false
	if busy {
		s.dialect.oauthError(c, "busy")
	} else {
		cut = s.process(c, kind, h)
	}
	// The refresh is over before the client can know: its next one must not meet this one.
	leave()
	if cut {
		drop(w)
	}
}

// process answers the call and reports whether the connection is to be cut
// instead of sending the answer.
func (s *site) process(c *call, kind routeKind, h func(*call)) (cut bool) {
	f := s.faults.take(c)
	s.sim.pause(s.sim.cfg.Latency, nil)
	s.sim.pause(f.delay, f.free)
	if f.kind == "drop_before" {
		return true
	}
	if f.before(c) {
		return false
	}
	if kind == kindAPI {
		if policy, over := s.meter.spend(s.sim, s.dialect.quotas(c)); over {
			s.dialect.tooMany(c, policy, 0)
			return false
		}
	}
	return f.around(c, h)
}

// enter marks a refresh as under way and reports whether another one of the
// same token already is, which Salesforce refuses. The mark spans the latency.
func (s *site) enter(c *call) (leave func(), busy bool) {
	if c.endpoint != "token.refresh" {
		return func() {}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.refresh[c.form.Get("refresh_token")]
	if t == nil {
		return func() {}, false
	}
	t.grant.inFlight++
	leave = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.grant.inFlight--
	}
	return leave, t.grant.inFlight > 1 && s.id == Salesforce
}

// pause waits on the wall clock. It does not end when the client goes away: a
// real server processes what it has received.
func (s *Sim) pause(d time.Duration, free <-chan struct{}) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-free:
	case <-s.done:
	}
}

// read takes the body in, and its fields when it is a form.
func (c *call) read() error {
	c.form = url.Values{}
	if c.r.Body == nil || c.r.ContentLength == 0 {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	if err != nil {
		return err
	}
	if len(b) > maxBody {
		return errors.New("body is too large")
	}
	c.body = b
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" {
		// A form that does not parse is an empty one: the fields are then missing.
		if v, err := url.ParseQuery(string(bytes.TrimSpace(b))); err == nil {
			c.form = v
		}
	}
	return nil
}

// bearer returns the token of an Authorization header.
func (c *call) bearer() string {
	scheme, tok, ok := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(tok)
}

// json answers with a document that is built rarely; pages of records are
// written by package records instead.
func (c *call) json(status int, v any) {
	b := marshal(v)
	c.bytes(status, "application/json;charset=utf-8", b)
}

// bytes answers with a body of known length that no cache may keep.
func (c *call) bytes(status int, kind string, b []byte) {
	writeBytes(c.w, status, kind, b)
}

// client is the client id that the request names or its token belongs to.
func (c *call) client() string {
	if id := c.form.Get("client_id"); id != "" {
		return id
	}
	if id, _, ok := c.r.BasicAuth(); ok && c.cred == nil {
		return id
	}
	if c.cred != nil && c.cred.grant != nil {
		return c.cred.grant.app.id
	}
	return ""
}

// owner is the account and person that the request's token belongs to.
func (c *call) owner() (*Account, Login) {
	if c.cred != nil {
		return c.cred.account, c.cred.user
	}
	tok := c.form.Get("refresh_token")
	if tok == "" {
		tok = c.form.Get("token")
	}
	s := c.site
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.refresh[tok]; t != nil {
		return t.grant.account, t.grant.user
	}
	if k := s.codes[c.form.Get("code")]; k != nil {
		return k.account, k.user
	}
	if cr := s.creds[tok]; cr != nil {
		return cr.account, cr.user
	}
	return nil, Login{}
}
