package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store"
)

// patience is how long a host may take to answer.
const patience = 5 * time.Second

// network tells which proxy is used (TL-5), and with Network whether the hosts of the
// connections can be reached. Nothing is asked of them: the handshake is all.
func (x *examination) network(ctx context.Context) error {
	hosts, err := x.hosts(ctx)
	if err != nil {
		return err
	}
	x.proxies(hosts)
	if !x.Network {
		x.find(Unknown, "network_not_asked")
		return nil
	}
	for i, h := range hosts {
		x.progress(i, len(hosts))
		x.reach(ctx, h)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if len(hosts) == 0 {
		x.find(Fine, "network_no_hosts")
	}
	return nil
}

// hosts are the addresses that the connections use, without paths, each once.
func (x *examination) hosts(ctx context.Context) ([]*url.URL, error) {
	if x.Store == nil {
		return nil, nil
	}
	seen := map[string]*url.URL{}
	err := x.Store.Read(ctx, func(r store.Reader) error {
		sums, err := r.Summaries()
		for _, s := range sums {
			g, e := r.Grant(s.Grant)
			if e != nil {
				continue // that it can't be read is said elsewhere
			}
			for _, raw := range []string{g.BaseURL, g.TokenURL, g.RevokeURL} {
				u, e := url.Parse(raw)
				if e != nil || u.Host == "" {
					continue
				}
				key := u.Scheme + "://" + u.Host
				seen[key] = &url.URL{Scheme: u.Scheme, Host: u.Host}
			}
		}
		return err
	})
	var out []*url.URL
	for _, key := range slices.Sorted(mapKeys(seen)) {
		out = append(out, seen[key])
	}
	return out, err
}

// proxyOf is the proxy for an address, as requests use it: none for what is spoken in plain.
func (x *examination) proxyOf(u *url.URL) *url.URL {
	if u.Scheme != "https" || guard.Loopback(u.Hostname()) {
		return nil
	}
	p, err := x.Proxy(&http.Request{URL: u})
	if err != nil {
		return nil
	}
	return p
}

// redact is a proxy's address without user and password.
func redact(p *url.URL) string {
	clean := url.URL{Scheme: p.Scheme, Host: p.Host}
	if p.User != nil {
		return clean.String() + " (with a user)"
	}
	return clean.String()
}

// proxies tells each proxy once.
func (x *examination) proxies(hosts []*url.URL) {
	if len(hosts) == 0 { // some host that is none of ours, to know whether there is one at all
		hosts = []*url.URL{{Scheme: "https", Host: "api.example.com"}}
	}
	seen := map[string]bool{}
	for _, h := range hosts {
		if p := x.proxyOf(h); p != nil {
			seen[redact(p)] = true
		}
	}
	for _, p := range slices.Sorted(mapKeys(seen)) {
		x.find(Fine, "proxy", "proxy", p)
	}
	if bad := badProxy(x.Env); bad != "" {
		x.find(Bad, "proxy_wrong", "name", bad)
	}
}

// badProxy names a variable that should hold a proxy's address and does not. Its value is not told.
func badProxy(env func(string) string) string {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		v := env(name)
		if v == "" {
			continue
		}
		if !strings.Contains(v, "://") {
			v = "http://" + v
		}
		if u, err := url.Parse(v); err != nil || u.Host == "" {
			return name
		}
	}
	return ""
}

// reach opens a connection to a host, with TLS where it is spoken.
func (x *examination) reach(ctx context.Context, u *url.URL) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if p := x.proxyOf(u); p != nil {
		x.dial(ctx, p, "reach_proxy", "host", u.Host, "proxy", redact(p))
		return
	}
	x.dial(ctx, u, "reach", "host", u.Host)
}

// dial connects, and tells how that went under code, or code_bad.
func (x *examination) dial(ctx context.Context, u *url.URL, code string, facts ...string) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	began := time.Now()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err == nil && u.Scheme == "https" {
		t := tls.Client(c, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
		err = t.HandshakeContext(ctx)
	}
	if c != nil {
		_ = c.Close()
	}
	if err != nil {
		x.find(Bad, code+"_bad", append(facts, "said", whyNot(err))...)
		return
	}
	x.find(Fine, code, append(facts, "took", time.Since(began).Round(time.Millisecond).String())...)
}

// whyNot says in a word what kept a host from being reached; ui has the sentence.
func whyNot(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns):
		return "its name is not known"
	case errors.As(err, &cert):
		return "its certificate is not trusted"
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "no connection could be made"
}
