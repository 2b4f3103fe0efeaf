package guard

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Limits of one request (SECURITY RL-3 in figures: a person waits at most 30 s).
const (
	// DefaultLimit is how many bytes of a body are read unless Request.Limit says otherwise.
	DefaultLimit = 1 << 20
	// DefaultTimeout bounds a whole request, body included, unless Request.Timeout says otherwise.
	DefaultTimeout = 30 * time.Second

	connectTimeout = 10 * time.Second
	headerTimeout  = 15 * time.Second
	connsPerHost   = 4
	headerLimit    = 64 << 10
)

// Options configure a Client. The zero value is the ordinary one.
type Options struct {
	Roots     *x509.CertPool // certificate authorities; nil: the system's
	UserAgent string         // sent with every request; empty: "crmdeck"
	// PrivateHosts are names that may resolve to a private or loopback address, for a
	// provider inside the own network. All other names must be public.
	PrivateHosts []string
	// Wire is told of each exchange once it has ended, from the goroutine that asked; nil: nobody.
	Wire func(Exchange)
}

// Client sends requests under the rules of this package. It is safe for concurrent
// use. There is no way to loosen it per request.
type Client struct {
	agent string
	wire  func(Exchange)
	// data keeps connections alive, at most four a host. forms opens one for each
	// request: a connection that the peer has just closed would leave it unknown
	// whether a refresh token was spent.
	data, forms *http.Transport
}

// New makes a client.
func New(o Options) *Client {
	c := &Client{agent: o.UserAgent, wire: o.Wire}
	if c.agent == "" {
		c.agent = "crmdeck"
	}
	d := newDialer(o.PrivateHosts)
	c.data = newTransport(d, o.Roots)
	c.data.ForceAttemptHTTP2 = true
	c.forms = newTransport(d, o.Roots)
	c.forms.DisableKeepAlives = true
	return c
}

// Close closes idle connections. The client stays usable.
func (c *Client) Close() {
	c.data.CloseIdleConnections()
	c.forms.CloseIdleConnections()
}

// Do sends one request, once, and reads its whole answer. Every status but a redirect
// is a Response; every error is an *Error.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	var out Response
	err := c.run(ctx, r, func(a *answer) error {
		var buf bytes.Buffer
		if n := a.length; n > 0 && n <= a.body.left {
			buf.Grow(int(n) + bytes.MinRead)
		}
		if _, err := buf.ReadFrom(a.body); err != nil {
			return err
		}
		out = Response{
			Status: a.status, Header: a.header, Body: buf.Bytes(),
			Took: time.Since(a.began), Date: dateOf(a.header),
		}
		if a.status >= http.StatusBadRequest {
			e := echoOf(r)
			out.Header, out.Body = e.header(a.header), e.clean(out.Body)
		}
		return nil
	})
	return out, err
}

// Stream sends one request, once, and hands its answer to read while it arrives; that of a
// refusal is read whole first, since secrets that it repeats are taken out. The body
// ends with an *Error when it breaks off or exceeds the limit; read must not keep it. A failure
// of the body goes before what read returns.
func (c *Client) Stream(ctx context.Context, r Request, read func(status int, header http.Header, body io.Reader) error) error {
	return c.run(ctx, r, func(a *answer) error {
		if a.status < http.StatusBadRequest {
			return read(a.status, a.header, a.body)
		}
		e := echoOf(r)
		body, err := e.body(a.body)
		if err != nil {
			return err
		}
		return read(a.status, e.header(a.header), body)
	})
}

// answer is a response whose body has not been read.
type answer struct {
	status int
	header http.Header
	length int64
	began  time.Time
	body   *limited
}

// run sends a request and tells of it, if anybody wants to know.
func (c *Client) run(ctx context.Context, r Request, read func(*answer) error) error {
	u, host, err := parse(r.URL)
	if err != nil {
		return err
	}
	if c.wire == nil {
		return c.send(ctx, r, u, host, read)
	}
	x := exchangeOf(r, u, host)
	var body *limited
	err = c.send(ctx, r, u, host, func(a *answer) error {
		x.answered(a.status, a.header)
		body = a.body
		return read(a)
	})
	if body != nil {
		x.Bytes = body.read
	}
	x.ended(err)
	c.wire(x)
	return err
}

func (c *Client) send(ctx context.Context, r Request, u *url.URL, host string, read func(*answer) error) error {
	limit, timeout := r.Limit, r.Timeout
	if limit <= 0 {
		limit = DefaultLimit
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	w := &watch{host: host}
	req, err := c.build(w.trace(ctx), r, u, host)
	if err != nil {
		return err
	}
	transport := c.data
	if r.Form != nil {
		transport = c.forms
	}
	began := time.Now()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return w.fault(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		return &Error{Kind: KindRedirect, Sent: true, Host: host, Note: "redirects are not followed"}
	}
	body := &limited{src: resp.Body, left: limit, fault: func(err error) error { return w.broken(ctx, err) }, host: host}
	err = read(&answer{status: resp.StatusCode, header: resp.Header, length: resp.ContentLength, began: began, body: body})
	if body.failed != nil {
		return body.failed
	}
	return err
}

// limited reads at most left bytes, counted after decompression, so that a small
// compressed body cannot become a large one.
type limited struct {
	src    io.Reader
	left   int64
	read   int64
	fault  func(error) error
	failed error
	host   string
}

// Read implements io.Reader; every error but io.EOF is an *Error.
func (l *limited) Read(p []byte) (int, error) {
	if l.failed != nil {
		return 0, l.failed
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one more than allowed tells "exactly the limit" from "too large"
	}
	n, err := l.src.Read(p)
	if int64(n) > l.left {
		l.failed = &Error{Kind: KindTooLarge, Sent: true, Host: l.host}
		return int(l.left), l.failed
	}
	l.left -= int64(n)
	l.read += int64(n)
	if err != nil && err != io.EOF {
		l.failed = l.fault(err)
		return n, l.failed
	}
	return n, err
}

// content is a request body that is overwritten when the transport lets go of it.
type content struct {
	mu  sync.Mutex // the transport may close while it still reads
	buf []byte
	at  int
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at >= len(c.buf) {
		return 0, io.EOF
	}
	n := copy(p, c.buf[c.at:])
	c.at += n
	return n, nil
}

// Close implements io.Closer.
func (c *content) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.buf)
	c.buf = nil
	return nil
}

func dateOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
