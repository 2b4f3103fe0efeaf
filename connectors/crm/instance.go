package crm

import (
	"net/netip"
	"net/url"
	"strings"

	"crmdeck/connectors"
)

// Admits reports whether a root learnt from an answer may get access tokens: https on
// the standard port, a name (no address), no path, and a host that ends, label by label,
// in one of the provider's suffixes. A literal "127.0.0.1:PORT" in that list admits
// itself with plain http, which is how a simulated provider is named.
func Admits(p *connectors.Provider, raw string) bool {
	if connectors.CheckURL(raw) != nil {
		return false
	}
	u, err := url.Parse(raw)
	if err != nil || u.RawQuery != "" || u.ForceQuery || (u.Path != "" && u.Path != "/") {
		return false
	}
	host := strings.ToLower(u.Host)
	for _, suffix := range p.Tenancy.HostSuffixes {
		if connectors.Loopback(nameOf(suffix)) {
			if host == strings.ToLower(suffix) {
				return true
			}
			continue
		}
		if u.Scheme != "https" || u.Port() != "" {
			continue
		}
		suffix = strings.ToLower(strings.TrimPrefix(suffix, "."))
		if _, err := netip.ParseAddr(host); err != nil && under(host, suffix) {
			return true
		}
	}
	return false
}

// under reports that host is suffix itself or below it. Names that are spelled to look
// like others (punycode) are not below anything.
func under(host, suffix string) bool {
	if host != suffix && !strings.HasSuffix(host, "."+suffix) {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, suffix), ".") {
		if strings.HasPrefix(label, "xn--") {
			return false
		}
	}
	return true
}

// nameOf is a host without its port.
func nameOf(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}
