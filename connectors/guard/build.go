package guard

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"crmdeck/store/secret"
)

// reserved headers are set by this package alone, or make net/http send a POST twice.
var reserved = []string{
	"Authorization", "Cookie", "Proxy-Authorization", "Host", "Content-Length", "Transfer-Encoding",
	"Connection", "Accept-Encoding", "Idempotency-Key", "X-Idempotency-Key",
}

func (c *Client) build(ctx context.Context, r Request, u *url.URL, host string) (*http.Request, error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return nil, refuse(host, "request cannot be made")
	}
	if err := copyHeader(req.Header, r.Header, host); err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.agent)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if r.Credential != nil {
		if err := place(req.Header, r.Credential, host); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Form != nil && r.JSON != nil:
		return nil, refuse(host, "two bodies")
	case r.Form != nil:
		b, err := r.Form.encode(host)
		if err != nil {
			return nil, err
		}
		// No GetBody: net/http must not be able to send it again.
		req.Body, req.ContentLength = &content{buf: b}, int64(len(b))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case r.JSON != nil:
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(r.JSON)), int64(len(r.JSON))
		// GetBody serves only the case that a kept connection was closed before a
		// byte was written; without Idempotency-Key net/http replays no POST otherwise.
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.JSON)), nil }
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func copyHeader(dst, src http.Header, host string) error {
	for name, values := range src {
		if !token(name) || slices.Contains(reserved, http.CanonicalHeaderKey(name)) {
			return refuse(host, "header not allowed here")
		}
		for _, v := range values {
			if !printable([]byte(v)) {
				return refuse(host, "header value holds control characters")
			}
			dst.Add(name, v)
		}
	}
	return nil
}

// place puts the credential into its header, if the host may have it.
func place(h http.Header, c *Credential, host string) error {
	if !allowed(host, c.Hosts) {
		return refuse(host, "the credential is not for this host")
	}
	if c.Secret.IsZero() || !printable(c.Secret.Bytes()) || !printable([]byte(c.BasicUser)) {
		return refuse(host, "the credential is empty or holds control characters")
	}
	if !token(c.Header) {
		return refuse(host, "odd header name for the credential")
	}
	value, ok := c.value()
	if !ok {
		return refuse(host, "the credential's format holds no place for it")
	}
	h.Set(c.Header, value)
	return nil
}

func (c *Credential) value() (string, bool) {
	if c.Format == "Basic" {
		user, password := c.Secret.Bytes(), []byte(nil)
		if c.BasicUser != "" {
			user, password = []byte(c.BasicUser), c.Secret.Bytes()
		}
		if bytes.IndexByte(user, ':') >= 0 {
			return "", false
		}
		pair := slices.Concat(user, []byte(":"), password)
		defer clear(pair)
		return "Basic " + base64.StdEncoding.EncodeToString(pair), true
	}
	for _, hole := range []string{"{token}", "{key}"} {
		if before, after, ok := strings.Cut(c.Format, hole); ok {
			return before + c.Secret.Reveal() + after, printable([]byte(before + after))
		}
	}
	return "", false
}

// encode writes the form. Its secrets go to the hosts it names and nowhere else.
func (f *Form) encode(host string) ([]byte, error) {
	size := 0
	for _, x := range f.Fields {
		if !x.Secret.IsZero() && !allowed(host, f.Hosts) {
			return nil, refuse(host, "the form's secret is not for this host")
		}
		size += len(x.Name) + 3*(len(x.Value)+x.Secret.Len()) + 2
	}
	b := make([]byte, 0, size) // never grown: a grown buffer would leave a copy behind
	for i, x := range f.Fields {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, url.QueryEscape(x.Name)...)
		b = append(b, '=')
		if x.Secret.IsZero() {
			b = append(b, url.QueryEscape(x.Value)...)
		} else {
			b = appendEscaped(b, x.Secret.Bytes())
		}
	}
	return b, nil
}

// FormEncode returns the secret in application/x-www-form-urlencoded form, as RFC
// 6749 section 2.3.1 asks for before HTTP Basic.
func FormEncode(v secret.Value) secret.Value {
	b := appendEscaped(make([]byte, 0, 3*v.Len()), v.Bytes())
	defer clear(b)
	return secret.New(b)
}

func appendEscaped(dst, src []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range src {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// printable admits what a header may hold: visible ASCII and blanks.
func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// token is the header name syntax of RFC 9110 section 5.6.2.
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}
