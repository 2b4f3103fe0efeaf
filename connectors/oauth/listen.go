package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"crmdeck/store/clock"
)

// PortBusyError: another process listens on the port of the redirect URI. No code may
// ever go there, so the flow was not begun.
type PortBusyError struct {
	Port int
	Own  bool // by another flow of this program
}

func (e *PortBusyError) Error() string {
	if e.Own {
		return "port " + strconv.Itoa(e.Port) + " is in use by another sign-in that is open"
	}
	return "port " + strconv.Itoa(e.Port) + " is held by another process"
}

// RedirectURI is the address to register for a provider: on this machine, at a path of
// the provider's own, so that one provider's answer cannot pass for another's (RFC 8252 section 8.10).
func RedirectURI(provider, host string, port int) string {
	if host == "" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/callback/" + url.PathEscape(provider)
}

// donePath is where the browser is sent after the exchange, so that the code leaves
// the address bar.
const donePath = "/done"

var errRedirect = errors.New("the redirect URI is not http on this machine with a port and a path")

// redirect reads a redirect URI that this machine can listen for.
func redirect(raw string) (*url.URL, int, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		len(u.Path) < 2 || u.Path[0] != '/' || u.Path == donePath || u.Opaque != "" {
		return nil, 0, errRedirect
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
	default:
		return nil, 0, errRedirect
	}
	port, err := strconv.Atoi(u.Port())
	if u.Port() == "" {
		port, err = 80, nil
	}
	if err != nil || port < 0 || port > 65535 {
		return nil, 0, errRedirect
	}
	return u, port, nil
}

// bind listens for a redirect host: localhost on 127.0.0.1 and ::1, since a browser may
// take either; a literal on itself. Port 0 lets the kernel choose. Nothing in
// environment or flags leads anywhere else.
func bind(ctx context.Context, host string, port int) ([]net.Listener, int, error) {
	addrs := []string{host}
	if host == "localhost" {
		addrs = []string{"127.0.0.1", "::1"}
	}
	end := time.Now().Add(bindPatience)
	for try := 0; ; try++ {
		ls, got, err := bindAll(ctx, addrs, port)
		var busy *PortBusyError
		switch {
		case err == nil || !errors.As(err, &busy):
			return ls, got, err
		case port == 0 && try < 10: // the kernel's choice on one was taken on the other
		case time.Now().After(end):
			return nil, 0, err
		default:
			if err := (clock.System{}).Sleep(ctx, time.Second/2); err != nil {
				return nil, 0, err
			}
		}
	}
}

// bindAll listens on all of addrs that this machine has, at least one.
func bindAll(ctx context.Context, addrs []string, port int) ([]net.Listener, int, error) {
	var open []net.Listener
	var last error
	lc := net.ListenConfig{Control: exclusive, KeepAlive: -1}
	for _, a := range addrs {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(a, strconv.Itoa(port)))
		if err == nil {
			open = append(open, l)
			port = portOf(l, port)
			continue
		}
		last = err
		if inUse(err) || ctx.Err() != nil {
			closeAll(open)
			if inUse(err) {
				err = &PortBusyError{Port: port}
			}
			return nil, 0, err
		}
		// This machine has no such address: the other one serves.
	}
	if len(open) == 0 {
		return nil, 0, fmt.Errorf("listening on this machine: %w", last)
	}
	return open, port, nil
}

func portOf(l net.Listener, fallback int) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return fallback
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		_ = l.Close()
	}
}

// wsaAddrInUse and wsaAccess are how Windows says that a port is held.
const (
	wsaAddrInUse = syscall.Errno(10048)
	wsaAccess    = syscall.Errno(10013)
)

func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaAddrInUse) || errors.Is(err, wsaAccess)
}
