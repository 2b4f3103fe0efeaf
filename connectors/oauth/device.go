package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/store/text"
)

// Bounds of a device authorization, whatever the server says.
const (
	deviceInterval = 5 * time.Second // where none is told, and what slow_down adds (RFC 8628 section 3.5)
	deviceLongest  = 5 * time.Minute // between two polls
	deviceLife     = 15 * time.Minute
	deviceLongLife = time.Hour
	maxUserCode    = 64
)

// Device is a device authorization under way (RFC 8628). What is exported is for the
// person; the device code is in no output.
type Device struct {
	UserCode string    // cleaned; always shown, also beside a QR code
	URI      string    // where it is typed
	Complete string    // the same with the code in it, on the same origin; empty: none
	Expires  time.Time // on the client's clock

	c        *Client
	p        Profile
	code     secret.Value
	interval time.Duration
}

// Device asks for a device code at endpoint, with exactly one request. Errors are *Error.
func (c *Client) Device(ctx context.Context, p Profile, endpoint string) (*Device, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	k := &call{p: &p, url: endpoint, client: true}
	k.add("scope", p.join(p.Scopes))
	r, err := c.send(ctx, k)
	if err != nil {
		return nil, err
	}
	defer clear(r.Body)
	if r.Status != http.StatusOK {
		return nil, k.failure(r)
	}
	o, err := decode(&p, r.Header.Get("Content-Type"), r.Body)
	if err != nil {
		return nil, unaccepted(err, r)
	}
	d := &Device{c: c, p: p.pinned(), UserCode: text.From(word(o, "user_code")).Clean(maxUserCode), URI: word(o, "verification_uri")}
	var ok bool
	if d.code, ok = tokenField(o, "device_code"); !ok || d.code.IsZero() || d.UserCode == "" {
		return nil, unaccepted(badToken, r)
	}
	if !safeURI(d.URI) {
		return nil, &Error{Class: store.Config, Code: "verification_uri", Host: r.host}
	}
	if u := word(o, "verification_uri_complete"); safeURI(u) && sameOrigin(u, d.URI) {
		d.Complete = u
	}
	d.interval = deviceInterval
	if s, ok := lifetime(o["interval"]); ok && s >= time.Second {
		d.interval = min(s, deviceLongest)
	}
	life := deviceLife
	if s, ok := lifetime(o["expires_in"]); ok && s > 0 {
		life = min(s, deviceLongLife)
	}
	d.Expires = r.issued.Add(life)
	return d, nil
}

// safeURI admits an address that a person may be sent to: https, or http on this machine.
func safeURI(raw string) bool {
	_, err := guard.Host(raw)
	return err == nil && text.Clean(raw) == raw
}

func sameOrigin(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Scheme == y.Scheme && x.Host == y.Host
}

// Wait asks, one request at a time and never sooner than the server wants, until the
// person has answered or the code has run out. Trouble between us and the server does not
// end it, a refusal does. A cancelled ctx ends it at once. Errors are *Error.
func (d *Device) Wait(ctx context.Context) (Answer, error) {
	for {
		if err := d.c.clock.Sleep(ctx, d.interval); err != nil {
			return Answer{}, ended(err)
		}
		if !d.c.clock.Now().Before(d.Expires) {
			return Answer{}, &Error{Class: store.Dead, Code: "expired_token"}
		}
		k := &call{p: &d.p, url: d.p.TokenURL, client: true}
		k.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
		k.addSecret("device_code", d.code)
		a, err := d.c.token(ctx, k, true)
		if err == nil {
			return a, nil
		}
		if ctx.Err() != nil {
			return Answer{}, ended(ctx.Err())
		}
		if !d.goesOn(err) {
			return Answer{}, err
		}
	}
}

// goesOn tells whether to ask again, and later if need be (RFC 8628 section 3.5).
func (d *Device) goesOn(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case e.Code == "authorization_pending":
	case e.Code == "slow_down":
		d.interval += deviceInterval
	case e.Code == string(guard.KindTimeout):
		d.interval *= 2
	case e.Class == store.Throttled:
		d.interval = max(d.interval+deviceInterval, e.RetryAfter)
	case e.Class == store.Transient:
	default:
		return false
	}
	d.interval = min(d.interval, deviceLongest)
	return true
}

// String names the authorization without its codes.
func (d *Device) String() string { return "device authorization at " + d.p.Provider }
