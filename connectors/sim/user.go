package sim

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ErrRefusedPage is returned when the provider shows the person an error
// instead of a form.
var ErrRefusedPage = errors.New("the provider refused the authorization request")

// ConsentOptions say what the simulated person does.
type ConsentOptions struct {
	Account    string   // id or name; "" is the first that fits Login
	Login      string   // address or user id; "" is what the page has ticked
	Deny       bool     // press Deny
	DropScopes []string // untick these; only optional ones have a box
}

// Consent plays the person in front of the browser: it requests the page,
// fills in and sends the form, and follows the redirect to the waiting
// listener and that listener's own redirects. It goes the way of a browser, by
// HTTP alone. A denial is followed too, and is no error.
func (s *Sim) Consent(ctx context.Context, authorizeURL string, o ConsentOptions) error {
	target, err := s.Decide(ctx, authorizeURL, o)
	if err != nil {
		return err
	}
	u, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("reading the redirect: %w", errors.Unwrap(err))
	}
	if !loopbackHost(u.Host) {
		return fmt.Errorf("following the redirect: %w", ErrNotLoopback)
	}
	resp, err := get(ctx, browser(true), target)
	if err != nil {
		return fmt.Errorf("following the redirect: %w", err)
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("reading the landing page: %w", err)
	}
	return nil
}

// Decide does what Consent does but stops before the redirect, whose target it
// returns. The target holds the code.
func (s *Sim) Decide(ctx context.Context, authorizeURL string, o ConsentOptions) (string, error) {
	if !s.serves(authorizeURL) {
		return "", fmt.Errorf("opening the consent page: %w", ErrUnknownProvider)
	}
	resp, err := get(ctx, browser(false), authorizeURL)
	if err != nil {
		return "", fmt.Errorf("opening the consent page: %w", err)
	}
	body, err := readPage(resp)
	if err != nil {
		return "", err
	}
	if loc := resp.Header.Get("Location"); loc != "" {
		return loc, nil
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: status %d", ErrRefusedPage, resp.StatusCode)
	}
	form, err := s.fill(body, o)
	if err != nil {
		return "", err
	}
	action, err := resp.Request.URL.Parse(first(actionAttr, body))
	if err != nil {
		return "", fmt.Errorf("reading the form: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("sending the form: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", action.Scheme+"://"+action.Host)
	answer, err := browser(false).Do(req)
	if err != nil {
		return "", fmt.Errorf("sending the form: %w", err)
	}
	if _, err := readPage(answer); err != nil {
		return "", err
	}
	if loc := answer.Header.Get("Location"); loc != "" {
		return loc, nil
	}
	return "", fmt.Errorf("%w: status %d", ErrRefusedPage, answer.StatusCode)
}

// serves reports whether an address is one of this simulation's. The simulated
// person visits no others.
func (s *Sim) serves(address string) bool {
	for _, st := range s.sites {
		if strings.HasPrefix(address, st.base+"/") {
			return true
		}
	}
	return false
}

// fill reads the inputs of the page and sets them as the person wants.
func (s *Sim) fill(body string, o ConsentOptions) (url.Values, error) {
	form := url.Values{}
	var choices []string
	for _, tag := range inputTag.FindAllString(body, -1) {
		name, value := first(nameAttr, tag), html.UnescapeString(first(valueAttr, tag))
		ticked := strings.Contains(tag, " checked")
		switch kind := first(typeAttr, tag); {
		case name == "":
		case kind == "hidden":
			form.Set(name, value)
		case kind == "radio":
			choices = append(choices, value)
			if ticked {
				form.Set(name, value)
			}
		case kind == "checkbox" && ticked && !slices.Contains(o.DropScopes, value):
			form.Add(name, value)
		}
	}
	form.Set("decision", "allow")
	if o.Deny {
		form.Set("decision", "deny")
	}
	if o.Account == "" && o.Login == "" {
		return form, nil
	}
	want, err := s.choiceOf(choices, o)
	if err != nil {
		return nil, err
	}
	form.Set("account", want)
	return form, nil
}

// choiceOf finds the row of the chooser that the options name.
func (s *Sim) choiceOf(choices []string, o ConsentOptions) (string, error) {
	for _, st := range s.sites {
		acct, user, err := st.person(o.Account, o.Login)
		if err != nil {
			continue
		}
		if v := acct.ID + "/" + user.ID; slices.Contains(choices, v) {
			return v, nil
		}
	}
	return "", fmt.Errorf("choosing the account: %w", ErrNotFound)
}

// browser is an HTTP client that keeps no connections, as each visit is one.
func browser(follow bool) *http.Client {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Minute}
	if !follow {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c
}

func get(ctx context.Context, c *http.Client, target string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, hideURL(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, hideURL(err)
	}
	return resp, nil
}

// hideURL drops the address from an error: it may carry a code.
func hideURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func readPage(resp *http.Response) (string, error) {
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return "", fmt.Errorf("reading the page: %w", err)
	}
	return string(b), nil
}

// The page is our own, so that a pattern is enough to read its form.
var (
	inputTag   = regexp.MustCompile(`<input [^>]*>`)
	actionAttr = regexp.MustCompile(`<form [^>]*action="([^"]*)"`)
	nameAttr   = regexp.MustCompile(` name="([^"]*)"`)
	valueAttr  = regexp.MustCompile(` value="([^"]*)"`)
	typeAttr   = regexp.MustCompile(` type="([^"]*)"`)
)

func first(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
