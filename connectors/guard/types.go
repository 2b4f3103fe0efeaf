// Package guard is the only HTTP client of crmdeck.
//
// It promises: plain HTTP to loopback only, TLS 1.2 or newer and no way to switch
// verification off, no redirect ever followed, a time limit on every request and a
// size limit on every body (counted after decompression), a credential that goes
// only to the hosts its sealed record names, and errors that never hold a query,
// a header or a body.
package guard

import (
	"net/http"
	"time"

	"crmdeck/store/secret"
)

// Request is one request.
type Request struct {
	Method string
	URL    string
	Header http.Header // never holds a credential
	Form   *Form       // an application/x-www-form-urlencoded body, or
	JSON   []byte      // a JSON body
	// Credential is placed into one header; Hosts it may go to must hold the URL's host.
	Credential *Credential
	Limit      int64         // body bytes; 0: 1 MiB
	Timeout    time.Duration // whole request; 0: 30 s
}

// Field is one form field; secret ones are kept apart so that they are wiped and never shown.
type Field struct {
	Name   string
	Value  string
	Secret secret.Value // used instead of Value when not zero
}

// Form is an ordered form body. Hosts is where its secrets may go.
type Form struct {
	Fields []Field
	Hosts  []string
}

// Credential says how a secret goes into a header.
type Credential struct {
	Header string // e.g. Authorization
	// Format holds {token} or {key}; "Basic" makes the secret the Basic user name with an
	// empty password; BasicUser makes it the password of that (form-encoded) user.
	Format    string
	BasicUser string
	Secret    secret.Value
	Hosts     []string // host or host:port, lower case, exact
}

// Response is a whole answer, read and closed.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Took   time.Duration
	Date   time.Time // the Date header, zero if absent
}

// Kind sorts what went wrong below HTTP.
type Kind string

// The kinds.
const (
	KindRefused   Kind = "refused"   // our own rule: host, scheme, redirect
	KindDial      Kind = "dial"      // nothing was sent
	KindTLS       Kind = "tls"       // nothing was sent
	KindTimeout   Kind = "timeout"   //
	KindReset     Kind = "reset"     // connection broke
	KindTruncated Kind = "truncated" // body ended early
	KindTooLarge  Kind = "too_large"
	KindRedirect  Kind = "redirect" // the server answered with a redirect
	KindCancelled Kind = "cancelled"
)

// Error is a failure below HTTP. Sent tells whether bytes of the request may have
// reached the server: if so, what it did is unknown.
type Error struct {
	Kind Kind
	Sent bool
	Host string
	Note string // a few fixed or cleaned words, never a URL or body
}

func (e *Error) Error() string {
	s := string(e.Kind) + " talking to " + e.Host
	if e.Note != "" {
		s += ": " + e.Note
	}
	return s
}
