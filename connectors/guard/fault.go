package guard

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
)

// watch learns how far a request came.
type watch struct {
	host                string
	got, began, ok, tls atomic.Bool // connection, header, whole request; TLS failed
}

func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
		// A server acts on no request whose header it has not got whole.
		WroteHeaders:     func() { w.began.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { w.tls.Store(err != nil) },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				w.ok.Store(true)
			}
		},
	})
}

// fault names an error of the transport. Its text is never used: it can hold the
// address with its query.
func (w *watch) fault(ctx context.Context, err error) error {
	e := &Error{Host: w.host, Sent: w.began.Load() || w.ok.Load()}
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		e.Kind = interrupted(ctx)
		// The transport's writer may still be at work when it lets go of us.
		e.Sent = w.got.Load()
	case !w.got.Load():
		e.Kind, e.Note = dialFault(err)
		if w.tls.Load() && e.Kind == KindDial {
			e.Kind, e.Note = KindTLS, "TLS failed"
		}
		e.Sent = false
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Sent = KindTimeout, true
		e.Note = "no answer in time"
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		e.Kind, e.Note = KindReset, "connection closed before an answer"
	default:
		e.Kind, e.Note = KindReset, "the answer is not HTTP, or the connection broke"
	}
	return e
}

// broken names an error while a body is read: the request did reach the server.
func (w *watch) broken(ctx context.Context, err error) error {
	e := &Error{Host: w.host, Sent: true}
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		e.Kind = interrupted(ctx)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind = KindTimeout
	case errors.Is(err, syscall.ECONNRESET):
		e.Kind, e.Note = KindReset, "connection broke within the answer"
	default: // io.ErrUnexpectedEOF, a broken chunk, a broken compression
		e.Kind, e.Note = KindTruncated, "the answer ended early"
	}
	return e
}

func interrupted(ctx context.Context) Kind {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return KindTimeout
	}
	return KindCancelled
}

// dialFault sorts errors of opening a connection; nothing was sent.
func dialFault(err error) (Kind, string) {
	var (
		dns       *net.DNSError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		timeout   interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, errPrivate):
		return KindRefused, "the name leads to an address that is not public"
	case errors.As(err, &dns):
		return KindDial, "name not found"
	case errors.Is(err, syscall.ECONNREFUSED):
		return KindDial, "connection refused"
	case errors.As(err, &authority):
		return KindTLS, "certificate of an unknown authority"
	case errors.As(err, &name):
		return KindTLS, "certificate for another name"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return KindTLS, "certificate is not valid"
	case errors.As(err, &record):
		return KindTLS, "no TLS there"
	case errors.As(err, &timeout) && timeout.Timeout():
		return KindDial, "no connection in time"
	}
	return KindDial, "no connection"
}

// Is lets a cancelled or late request be found by the context's errors.
func (e *Error) Is(target error) bool {
	return target == context.Canceled && e.Kind == KindCancelled || target == context.DeadlineExceeded && e.Kind == KindTimeout
}
