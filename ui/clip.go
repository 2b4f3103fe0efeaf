package ui

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/page"
	"crmdeck/ui/unlock"
	"crmdeck/ui/words"
)

// A token goes to the clipboard only when a person asks for that one (TM-11), never over
// SSH, where the clipboard is another computer's (LK-10), and only after the passphrase was
// given anew (SE-16). It is taken out again. A token is never shown on the screen (LK-14).
const (
	clipStays  = 30 * time.Second
	clipAnswer = time.Second // how long the terminal has to say what the clipboard holds now
	clipJob    = "clipboard" // who got the token, in the audit log
)

// clip is a token that is in the clipboard. It keeps a hash only.
type clip struct {
	hash   [sha256.Size]byte
	there  bool
	asked  bool // the terminal was asked what the clipboard holds
	timer  page.Slot
	taking page.Slot
}

// copyToken asks for the key anew and copies the token of the connection in focus.
func (a *App) copyToken() {
	f, ok := a.top().(page.Focuser)
	if !ok {
		return
	}
	id, ok := f.Focused()
	row, there := a.env.Row(id)
	if !ok || !there || a.deps.Lifecycle == nil {
		return
	}
	name := row.S.Name
	if a.deps.Demo != nil || a.env.NoPassphrase { // whoever sits here has the identity file at hand
		a.fetchToken(name)
		return
	}
	a.Show(unlock.New(unlock.Ask{Open: a.deps.Store.Unlock, Kinds: a.kinds, Title: words.CopyTitle(name), About: words.CopyAbout,
		Then: func(*page.Env, store.Key) { a.fetchToken(name) }}), false)
}

// fetchToken gets the token as a job would, with the record of who got it, and copies it.
func (a *App) fetchToken(name string) {
	l := a.deps.Lifecycle
	page.Go(a.env, &a.clip.taking, func(ctx context.Context) (lifecycle.Token, error) {
		return l.Token(ctx, lifecycle.TokenRequest{Name: name, Job: clipJob})
	}, func(e *page.Env, t lifecycle.Token, err error) {
		if err != nil {
			e.Fail(err, nil)
			return
		}
		defer t.Secret.Wipe()
		c := &a.clip
		plain := t.Secret.Reveal()
		c.hash, c.there, c.asked = sha256.Sum256([]byte(plain)), true, false
		e.Tea(tea.SetClipboard(plain))
		e.After(&c.timer, clipStays, func(*page.Env) { a.askClipboard() })
		if a.deps.Demo != nil {
			e.Good(words.TokenCopiedDemo(name))
			return
		}
		e.Good(words.TokenCopied(name))
	})
}

// askClipboard asks the terminal whether the token is still there. One that does not tell
// gets its clipboard emptied all the same.
func (a *App) askClipboard() {
	a.clip.asked = true
	a.env.Tea(tea.ReadClipboard)
	a.env.After(&a.clip.timer, clipAnswer, func(*page.Env) {
		a.clip.now(a)
		a.env.Note(words.ClipCleared)
	})
}

// told hears what the clipboard holds: what a person put there since stays.
func (c *clip) told(a *App, content string) {
	if !c.there || !c.asked {
		return
	}
	sum := sha256.Sum256([]byte(content))
	if content != "" && subtle.ConstantTimeCompare(sum[:], c.hash[:]) == 0 {
		c.forget()
		return
	}
	c.now(a)
	a.env.Note(words.ClipCleared)
}

// now takes the token out of the clipboard, where one is.
func (c *clip) now(a *App) {
	if c.there {
		c.forget()
		a.env.Tea(tea.SetClipboard(""))
	}
}

// forget ends the watch over the clipboard.
func (c *clip) forget() {
	c.timer.Cancel()
	c.there, c.asked, c.hash = false, false, [sha256.Size]byte{}
}
