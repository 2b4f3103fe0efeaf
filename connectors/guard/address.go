package guard

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Host is the canonical form in which a URL's host is compared and sealed: lower
// case, with the port only if it is not the scheme's own. The URL must be one that
// this package would talk to.
func Host(raw string) (string, error) {
	_, host, err := parse(raw)
	return host, err
}

// parse reads a URL and refuses what is not spoken: other schemes than https, http to
// anything but this machine, user names, fragments, and odd host names.
func parse(raw string) (*url.URL, string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, "", refuse("", "address cannot be read")
	}
	name := strings.ToLower(u.Hostname())
	host := name
	if strings.Contains(name, ":") {
		host = "[" + name + "]"
	}
	port := u.Port()
	if port != "" && port != ownPort(u.Scheme) {
		host += ":" + port
	}
	switch {
	case u.User != nil:
		return nil, "", refuse("", "address holds a user name")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, "", refuse("", "address holds a fragment")
	case !plainName(name) || strings.HasSuffix(u.Host, ":"):
		return nil, "", refuse("", "odd host name")
	case u.Scheme == "https":
	case u.Scheme == "http" && Loopback(name):
	case u.Scheme == "http":
		return nil, "", refuse(host, "plain http goes to this machine only")
	default:
		return nil, "", refuse(host, "only https is spoken")
	}
	u.Host = host
	return u, host, nil
}

func ownPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// Loopback reports whether a host name without port is this machine by its spelling
// alone: 127.0.0.0/8, ::1 or localhost.
func Loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback() && !ip.Is4In6() && ip.Zone() == ""
}

// plainName admits names of letters, digits, dots and hyphens, and IP addresses.
// Names outside ASCII must be written in their xn-- form, so that nothing is
// compared in one spelling and resolved in another.
func plainName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	if strings.Contains(name, ":") {
		ip, err := netip.ParseAddr(name)
		return err == nil && ip.Zone() == ""
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

// allowed reports whether a secret may go to host, both canonical. The list is exact:
// no suffix, no wildcard.
func allowed(host string, list []string) bool { return slices.Contains(list, host) }

func refuse(host, note string) *Error {
	return &Error{Kind: KindRefused, Host: host, Note: note}
}
