package sim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed pages
var pages embed.FS

// choice is one row of the account chooser.
type choice struct {
	Value, Email, Person, Account string
	Checked                       bool
}

// scopeRow is one permission on the consent page.
type scopeRow struct {
	Name, Meaning string
	Optional      bool
}

// consentPage is what the template draws. Everything in it is escaped there.
type consentPage struct {
	Provider, Mark, Theme, App, Request, Action, Back string
	Choices                                           []choice
	Scopes                                            []scopeRow
	HasOptional                                       bool
}

// showConsent answers the authorization endpoint with a page for a person.
func (s *site) showConsent(c *call) {
	r, no := s.authorizeRequest(c.r.URL.Query())
	if no != nil {
		s.refuse(c, r, no)
		return
	}
	if err := s.pend(r); err != nil {
		s.dialect.failed(c, http.StatusInternalServerError)
		return
	}
	p := consentPage{
		Provider: s.name, Mark: s.name[:1], Theme: s.id, App: r.app.Name, Request: r.id,
		Action: s.rules.authorizePath, Back: origin(r.redirect), Choices: s.choices(r.hint),
		HasOptional: len(r.optional) > 0,
	}
	for _, sc := range r.required {
		p.Scopes = append(p.Scopes, scopeRow{Name: sc, Meaning: s.rules.meaning[sc]})
	}
	for _, sc := range r.optional {
		p.Scopes = append(p.Scopes, scopeRow{Name: sc, Meaning: s.rules.meaning[sc], Optional: true})
	}
	// Browsers apply form-action to the redirect that follows the form, too.
	page(c, http.StatusOK, "consent.html", p, formAction(p.Back))
}

// choices lists everybody who can consent, the one that login_hint names first.
func (s *site) choices(hint string) []choice {
	var out []choice
	for _, a := range s.accounts {
		for _, l := range a.Logins {
			ch := choice{Value: a.ID + "/" + l.ID, Email: l.Email, Person: l.Name, Account: a.Name}
			if strings.EqualFold(hint, l.Email) {
				out = append([]choice{ch}, out...)
				continue
			}
			out = append(out, ch)
		}
	}
	out[0].Checked = true
	return out
}

// takeConsent reads the form of the consent page.
func (s *site) takeConsent(c *call) {
	if o := c.r.Header.Get("Origin"); o != "" && o != "null" && o != "http://"+c.r.Host {
		s.refuse(c, nil, &refusal{page: true, code: "access_denied", description: "this form belongs to another page"})
		return
	}
	r := s.unpend(c.form.Get("request"))
	if r == nil {
		s.refuse(c, nil, &refusal{page: true, code: "invalid_request", description: "this page is used up; start again"})
		return
	}
	if c.form.Get("decision") != "allow" {
		s.refuse(c, r, &refusal{code: "access_denied", description: s.rules.deniedText})
		return
	}
	acct, user, ok := s.picked(c.form.Get("account"))
	if !ok {
		s.refuse(c, r, &refusal{page: true, code: "invalid_request", description: "choose an account"})
		return
	}
	scopes, no := s.consented(r, acct, user, c.form["scope"])
	if no != nil {
		s.refuse(c, r, no)
		return
	}
	code, err := s.issueCode(r, acct, user, scopes)
	if err != nil {
		s.dialect.failed(c, http.StatusInternalServerError)
		return
	}
	answerRedirect(c, r, url.Values{"code": {code}})
}

// picked reads the value of the account chooser.
func (s *site) picked(value string) (*Account, Login, bool) {
	id, user, _ := strings.Cut(value, "/")
	a, ok := s.account(id)
	if !ok {
		return nil, Login{}, false
	}
	l, ok := a.login(user)
	return a, l, ok
}

// consented is what the person grants: all required scopes, and those optional
// ones that stayed ticked and that the account can grant.
func (s *site) consented(r *authRequest, a *Account, user Login, ticked []string) ([]string, *refusal) {
	s.mu.RLock()
	shut := s.locked[user.ID]
	s.mu.RUnlock()
	if shut {
		return nil, &refusal{page: true, code: "access_denied", description: "this user is locked or inactive"}
	}
	if no := s.dialect.suits(r, a); no != nil {
		return nil, no
	}
	scopes := slices.Clone(r.required)
	for _, sc := range r.optional {
		if slices.Contains(ticked, sc) && !slices.Contains(a.Lacks, sc) {
			scopes = append(scopes, sc)
		}
	}
	return scopes, nil
}

// refuse shows the refusal, or sends it to the client.
func (s *site) refuse(c *call, r *authRequest, no *refusal) {
	if !no.page && r != nil {
		answerRedirect(c, r, url.Values{"error": {no.code}, "error_description": {no.description}})
		return
	}
	s.turnAway(c, http.StatusBadRequest, "This app cannot be connected", no.code, no.description)
}

// turnAway is the page for a person who can go no further.
func (s *site) turnAway(c *call, status int, head, code, text string) {
	page(c, status, "refused.html", obj{
		"Provider": s.name, "Mark": s.name[:1], "Theme": s.id, "Head": head, "Code": code, "Text": text,
	}, "'none'")
}

// page draws a template under a policy that lets nothing run and nothing load
// but our own style sheet.
func page(c *call, status int, name string, data any, formAction string) {
	t, err := template.ParseFS(pages, "pages/"+name, "pages/layout.html")
	var buf bytes.Buffer
	if err == nil {
		err = t.ExecuteTemplate(&buf, name, data)
	}
	if err != nil {
		http.Error(c.w, "page cannot be drawn", http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// same-origin, since under no-referrer a browser hides the origin of its own form.
	h.Set("Referrer-Policy", "same-origin")
	c.bytes(status, "text/html; charset=utf-8", buf.Bytes())
}

func (s *site) serveStyle(c *call) {
	b, err := pages.ReadFile("pages/style.css")
	if err != nil {
		s.dialect.missing(c)
		return
	}
	c.bytes(http.StatusOK, "text/css; charset=utf-8", b)
}

// origin of a URL.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// formAction is what may follow the form. A policy cannot name an IPv6 address,
// so its scheme stands for it.
func formAction(back string) string {
	if scheme, _, ok := strings.Cut(back, "://["); ok {
		return "'self' " + scheme + ":"
	}
	return "'self' " + back
}
