package sim

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"strconv"
)

// listen opens n loopback listeners: at addr and the ports after it, or at free
// ports when the port is 0.
func listen(ctx context.Context, addr string, n int) ([]net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("reading address %q: %w: want HOST:PORT", addr, ErrBadAddress)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("listening on %q: %w", host, ErrNotLoopback)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("reading port %q: %w: want 0 to 65535", portText, ErrBadAddress)
	}
	var out []net.Listener
	var lc net.ListenConfig
	for i := range n {
		p := int(port)
		if p != 0 {
			p += i
		}
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err != nil {
			for _, open := range out {
				_ = open.Close()
			}
			return nil, fmt.Errorf("listening: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// freePort returns a port of 127.0.0.1 that was free a moment ago. It is only
// registered as a redirect URI; whoever waits for the redirect binds it later.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// loopbackHost reports whether a Host header names this machine. Anything else
// is a page in a browser that rebinds a name to 127.0.0.1.
func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
