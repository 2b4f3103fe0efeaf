package guard

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"
)

// errPrivate: a public name led to an address inside a network.
var errPrivate = errors.New("address is not public")

func newTransport(d *dialer, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:       d.proxy,
		DialContext: d.dial,
		// No KeyLogWriter: SSLKEYLOGFILE has no effect.
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		MaxConnsPerHost:        connsPerHost,
		MaxIdleConnsPerHost:    connsPerHost,
		MaxIdleConns:           64,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: headerLimit,
		ReadBufferSize:         16 << 10,
	}
}

// dialer opens connections. A name is checked again where it has become an address, so
// that a changing DNS answer finds no gap.
type dialer struct {
	private []string
	mu      sync.Mutex
	proxies map[string]bool // addresses of proxies from the environment
}

func newDialer(private []string) *dialer {
	return &dialer{private: private, proxies: map[string]bool{}}
}

// proxy follows the environment for https; what is spoken in plain stays on this machine.
func (d *dialer) proxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" || Loopback(r.URL.Hostname()) {
		return nil, nil
	}
	p, err := http.ProxyFromEnvironment(r)
	if err != nil || p == nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proxies[proxyAddr(p)] = true
	return p, nil
}

func proxyAddr(p *url.URL) string {
	port := p.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[p.Scheme]
	}
	if port == "" {
		port = "1080"
	}
	return net.JoinHostPort(p.Hostname(), port)
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	nd := &net.Dialer{Timeout: connectTimeout}
	if name == "localhost" {
		// Never asked of a resolver: it could say anything.
		c, err := nd.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			if c, err6 := nd.DialContext(ctx, "tcp6", net.JoinHostPort("::1", port)); err6 == nil {
				return c, nil
			}
		}
		return c, err
	}
	if !d.mayBePrivate(name, addr) {
		nd.ControlContext = refusePrivate
	}
	return nd.DialContext(ctx, network, addr)
}

// mayBePrivate: an address that is written out, a name listed as private, or the proxy.
func (d *dialer) mayBePrivate(name, addr string) bool {
	if Loopback(name) || slices.Contains(d.private, name) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.proxies[addr]
}

func refusePrivate(_ context.Context, _, addr string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil || !public(ap.Addr()) {
		return errPrivate
	}
	return nil
}

// inner are the ranges that IsPrivate and its like do not know: "this network", shared
// address space (RFC 6598), protocol assignments, benchmarks, reserved, and NAT64 and 6to4 forms that
// hide an IPv4 address.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("fec0::/10"),
}

func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return false
	}
	return !slices.ContainsFunc(inner, func(p netip.Prefix) bool { return p.Contains(ip) })
}
