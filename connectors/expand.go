package connectors

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Expand fills the {placeholders} of a template. Where a placeholder stands
// decides what its value may be:
//
//   - at the very start ("{instance_url}/services") it is a whole root: https, or
//     http to loopback, a host and perhaps a path, and nothing else;
//   - in the host ("https://{login_host}/oauth") it is a host name, perhaps with a
//     port, so that it can neither end the host early nor add a user;
//   - in the path or the query it is escaped.
//
// A placeholder without a value, and a value that does not fit its place, are errors
// that name the placeholder. Expand cannot know which hosts are right: whoever takes a
// value from a person asks Param.Check first, and one learnt from an answer is checked
// against Tenancy.HostSuffixes.
func Expand(template string, params map[string]string) (string, error) {
	var out strings.Builder
	rest := template
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 {
			return "", fmt.Errorf("expanding %q: brace without an end", template)
		}
		name := rest[open+1 : open+end]
		out.WriteString(rest[:open])
		rest = rest[open+end+1:]
		v, ok := params[name]
		if !ok || v == "" {
			return "", fmt.Errorf("expanding %q: no value for {%s}", template, name)
		}
		v, err := fit(out.String(), v)
		if err != nil {
			return "", fmt.Errorf("expanding %q: {%s} %w", template, name, err)
		}
		out.WriteString(v)
	}
}

// Placeholders lists the names in braces, in order, each once.
func Placeholders(template string) []string {
	var names []string
	for _, part := range strings.Split(template, "{")[1:] {
		if name, _, ok := strings.Cut(part, "}"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// HostPlaceholders lists the placeholders that stand in the host of a template.
func HostPlaceholders(template string) []string {
	_, rest, ok := strings.Cut(template, "://")
	if !ok {
		return nil
	}
	host, _, _ := strings.Cut(rest, "/")
	return Placeholders(host)
}

// fit makes v safe for the place after before, or says why it does not fit.
func fit(before, v string) (string, error) {
	if before == "" {
		return root(v)
	}
	_, rest, isURL := strings.Cut(before, "://")
	switch {
	case isURL && !strings.ContainsAny(rest, "/?#"):
		if !validHost(v) {
			return "", fmt.Errorf("is no host name")
		}
		return v, nil
	case strings.Contains(before, "?"):
		return url.QueryEscape(v), nil
	}
	if v == "." || v == ".." {
		return "", fmt.Errorf("is no path segment")
	}
	return url.PathEscape(v), nil
}

// root checks a value that stands for scheme and host.
func root(v string) (string, error) {
	if err := CheckURL(v); err != nil {
		return "", err
	}
	if strings.ContainsAny(v, "?#") {
		return "", fmt.Errorf("must not have a query")
	}
	return strings.TrimSuffix(v, "/"), nil
}

var (
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{1,5})?$`)
	ipv6Host = regexp.MustCompile(`^\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?$`)
)

func validHost(v string) bool {
	return len(v) <= 253 && (hostName.MatchString(v) || ipv6Host.MatchString(v))
}

// CheckURL says why an address must not be called: it is neither https nor http to
// loopback, or has a user, a fragment, no host, or characters that no address needs
// (RFC 9700 section 2.6; RFC 8252 section 8.3). It never repeats the address.
func CheckURL(raw string) error {
	for _, r := range raw {
		if r <= ' ' || r > '~' || r == '\\' || r == '"' || r == '<' || r == '>' || r == '^' || r == '`' {
			return fmt.Errorf("holds a character that no address needs")
		}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return fmt.Errorf("is no address")
	case u.User != nil:
		return fmt.Errorf("must not name a user")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return fmt.Errorf("must not have a fragment")
	case u.Host == "" || !validHost(u.Host):
		return fmt.Errorf("has no proper host")
	case u.Scheme == "https", u.Scheme == "http" && Loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("must be https (http is for loopback only)")
}

// Loopback reports whether a host without port is this machine: localhost, 127.0.0.0/8 or ::1.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Check says why a value is no answer to the question: it is none of the choices and
// does not match the pattern. A question with neither takes any value.
func (p Param) Check(value string) error {
	for _, c := range p.Choices {
		if c.Value == value {
			return nil
		}
	}
	if p.Pattern != "" {
		re, err := regexp.Compile(`^(?:` + p.Pattern + `)$`)
		if err != nil {
			return fmt.Errorf("checking %s: pattern: %w", p.ID, err)
		}
		if re.MatchString(value) {
			return nil
		}
	}
	if len(p.Choices) == 0 && p.Pattern == "" && value != "" {
		return nil
	}
	return fmt.Errorf("%s: not a value it can have", p.ID)
}

// CheckParams checks the answers about the tenant: each against its question, none
// missing, none that nobody asked for.
func (p *Provider) CheckParams(params map[string]string) error {
	for _, q := range p.Tenancy.Params {
		if err := q.Check(params[q.ID]); err != nil {
			return err
		}
	}
	for id := range params {
		if !slices.ContainsFunc(p.Tenancy.Params, func(q Param) bool { return q.ID == id }) {
			return fmt.Errorf("%s: %s has no such question", id, p.Name)
		}
	}
	return nil
}
