package guard

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"crmdeck/store/text"
)

// Exchange is what may be told of one request and its answer. It is made by allow-list:
// names of query keys and form fields without their values, the parts of a path that are
// words of an API, and the headers in shownHeaders; no body, no credential.
type Exchange struct {
	Began      time.Time // wall time of this computer
	Took       time.Duration
	Method     string
	Host       string
	Path       string            // a part that could be an id, a key or a token is …
	Query      []string          // names only, sorted
	Fields     []string          // names of form fields
	Credential string            // the name of the header that carried one; empty: none
	Status     int               // 0: no answer
	Header     map[string]string // of the answer
	Bytes      int64             // of the answer's body as far as it was read, decompressed
	Fault      Kind              // what failed below HTTP; empty: nothing
	Sent       bool              // with Fault: the request may have reached the server
}

// shownHeaders are the headers of an answer that are told; a name that ends in a dash
// stands for all that begin with it. Each says when, how much and how often, and none
// what.
var shownHeaders = []string{
	"Content-Encoding", "Content-Type", "Date", "Retry-After", "Sforce-Limit-Info", "X-Ms-Ratelimit-",
	"Ratelimit", "Ratelimit-", "X-Hubspot-Ratelimit-", "X-Rate-Limit-", "X-Ratelimit-",
}

// headerMax bounds what is told of one header.
const headerMax = 200

// exchangeOf tells what is known before a request is sent.
func exchangeOf(r Request, u *url.URL, host string) Exchange {
	x := Exchange{Began: time.Now().Round(0).UTC(), Method: r.Method, Host: host, Path: shownPath(u.Path)}
	if x.Method == "" {
		x.Method = http.MethodGet
	}
	for _, name := range slices.Sorted(maps.Keys(u.Query())) {
		x.Query = append(x.Query, shownName(name))
	}
	if r.Form != nil {
		for _, f := range r.Form.Fields {
			x.Fields = append(x.Fields, shownName(f.Name))
		}
	}
	if r.Credential != nil {
		x.Credential = shownName(r.Credential.Header)
	}
	return x
}

// answered adds what an answer may be told of.
func (x *Exchange) answered(status int, h http.Header) {
	x.Status, x.Header = status, map[string]string{}
	for name := range h {
		for _, shown := range shownHeaders {
			if name == shown || strings.HasSuffix(shown, "-") && strings.HasPrefix(name, shown) {
				x.Header[name] = text.Cut(text.Clean(h.Get(name)), headerMax)
			}
		}
	}
}

// ended adds how it ended.
func (x *Exchange) ended(err error) {
	x.Took = time.Since(x.Began)
	var e *Error
	if errors.As(err, &e) {
		x.Fault, x.Sent = e.Kind, e.Sent
	}
}

// shownPath keeps the parts of a path that are words of an API and its versions. Some
// providers take a token or a key as a part of the path; an id names a person's record.
func shownPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if !word(p) {
			parts[i] = "…"
		}
	}
	return text.Cut(strings.Join(parts, "/"), headerMax)
}

// wordMax is the longest word of an API's path that is told.
const wordMax = 24

// word reports words of lower-case letters joined by - or _ (the first letter may be a
// capital), and versions such as v3, v61.0 or 2024-01. Anything with a digit in another
// place could be a key, and a bare number somebody's id.
func word(p string) bool {
	const lower = "abcdefghijklmnopqrstuvwxyz"
	if p == "" {
		return true
	}
	version := strings.TrimPrefix(p, "v")
	if len(version) <= 7 && strings.Trim(version, "0123456789.-") == "" && (version != p || strings.ContainsAny(p, ".-")) {
		return true
	}
	rest := strings.TrimLeft(p[:1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") + p[1:]
	return len(p) <= wordMax && strings.Trim(rest, lower+"-_.") == ""
}

// shownName keeps a name that is one.
func shownName(name string) string {
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.$") != "" {
		return "…"
	}
	return name
}
