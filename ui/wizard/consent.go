package wizard

import (
	"context"
	"net/url"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// consentNews is how far the wait for consent is.
type consentNews struct {
	listening bool
	tried     bool // the browser was asked
	opened    bool
	code      string // of setup.Progress
}

// consent waits for the person in the browser.
type consent struct {
	p     *Page
	crm   string
	began time.Time
	news  consentNews
	tight bool // the screen has no room for all of it
}

func newConsent(p *Page, e *page.Env) *consent {
	return &consent{p: p, crm: crm(e, p.step.Provider), began: e.Deps.Real.Now()}
}

func (c *consent) field() *widget.Field { return nil }
func (c *consent) close()               {}
func (c *consent) bar() bool            { return false }

func (c *consent) hints() []action.ID {
	if c.tight {
		return []action.ID{action.WizardCopyURL, action.WizardConsent}
	}
	return []action.ID{action.WizardConsent}
}

func (c *consent) label(id action.ID) string {
	if id == action.Back {
		return words.HintCancelConsent
	}
	return ""
}

func (c *consent) act(e *page.Env, id action.ID) {
	url := c.p.step.URL
	switch id {
	case action.WizardCopyURL, action.WizardCopy:
		e.Tea(tea.SetClipboard(url))
		e.Good(words.CopiedURL)
	case action.WizardOpenURL, action.WizardConsole:
		c.p.openPage(e, url)
	case action.WizardConsent:
		if d := e.Deps.Demo; d != nil {
			var as store.Account
			if row, ok := e.Row(c.p.args.ID); ok {
				as = row.S.Account
			}
			c.p.beside(e, func(ctx context.Context) error { return d.Consent(ctx, url, as) },
				func(e *page.Env, err error) { e.Fail(err, nil) })
		}
	}
}

// esc ends the wait; the machine says what step that leads to.
func (c *consent) esc(*page.Env) bool {
	if !c.p.slot.Runs() {
		return false
	}
	c.p.slot.Interrupt()
	return true
}

func (c *consent) content(e *page.Env, w int) content {
	out := content{focus: -1}
	c.tight = e.Screen.Tight()
	now := e.Deps.Real.Now()
	out.head = []line{c.title(now), empty}
	out.head = append(out.head,
		step(c.news.listening, words.ListeningOn(hostOf(c.p.step.RedirectURI))),
		c.browser(), c.wait(now), empty)
	out.body = wrapped(plain, words.OtherBrowser, 0, w)
	out.body = append(out.body, hardWrapped(code, c.p.step.URL, w, 9)...)
	out.body = append(out.body, c.keys())
	out.spare = notes(c.p.step.Notes, w)
	return out
}

// title says what is waited for, and how long it still will be.
func (c *consent) title(now time.Time) line {
	return func(b *widget.Buf) {
		b.Space(1)
		b.Text(bold, words.ConsentTitle)
		if left := c.p.step.GivesUp.Sub(now); left > 0 {
			b.AtRight(muted, words.GivesUp+widget.Figures{}.Left(left), 1)
		}
	}
}

// step is one thing that was done, or is being done.
func step(done bool, text string) line {
	sign := widget.StepRuns.Sign()
	if done {
		sign = widget.StepDone.Sign()
	}
	return at(1, span{sign.Style, sign.Glyph + " "}, span{plain, text})
}

// browser tells whether a browser shows the page.
func (c *consent) browser() line {
	switch {
	case !c.news.tried:
		return step(false, words.BrowserOpening)
	case c.news.opened:
		return step(true, words.BrowserOpened)
	}
	return at(1, span{widget.Fg(themes.Off), widget.GlyphDash + " "}, span{plain, words.BrowserNone})
}

// wait tells what is waited for.
func (c *consent) wait(now time.Time) line {
	switch c.news.code {
	case "probing", "exchanging":
		return step(false, words.ConsentProbing)
	}
	return at(1, span{info, widget.GlyphEllipsis + " "}, span{plain, words.NotBackYet(c.crm)},
		span{muted, "  " + widget.Figures{}.Left(max(0, now.Sub(c.began)))})
}

// keys are what can be done meanwhile.
func (c *consent) keys() line {
	return said(span{keyed, "y"}, span{muted, " " + words.HintCopy + "   "}, span{keyed, "o"}, span{muted, " " + words.HintOpenAgain})
}

// hostOf is host and port of an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}
