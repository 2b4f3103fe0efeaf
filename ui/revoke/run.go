package revoke

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// grace is how long nothing is sent, so that it can be taken back.
const grace = 10 * time.Second

// patience is how long a console is waited for; the person leaves before that.
const patience = time.Hour

// news is how far one revocation is: the whole picture, each time.
type news struct {
	steps   []store.Step
	waiting bool
	asked   int
	next    time.Time // of the next probe
}

// run is the dialog from the ten seconds to the verdict.
type run struct {
	s      *session
	at     int
	until  time.Time // of the grace; zero: over
	timer  page.Slot
	aside  page.Slot
	hidden bool
	height int
}

// begin opens it. Only what goes out by API waits: at a console it is the person who acts.
func begin(e *page.Env, s *session) {
	r := &run{s: s, height: runLines(e)}
	e.Show(r)
	if !s.anyByAPI() {
		r.next(e)
		return
	}
	r.until = e.Deps.Real.Now().Add(grace)
	e.After(&r.timer, grace, func(e *page.Env) {
		r.until = time.Time{}
		r.next(e)
	})
}

// inGrace reports that nothing was sent yet.
func (r *run) inGrace() bool { return !r.until.IsZero() }

// done reports that every item has come to its end.
func (r *run) done() bool { return r.at >= len(r.s.items) }

// now is the item in hand, the last one when all are done.
func (r *run) now() *item { return r.s.items[min(r.at, len(r.s.items)-1)] }

// next revokes the item in hand.
func (r *run) next(e *page.Env) {
	if r.done() {
		r.ended(e)
		return
	}
	i := r.now()
	i.began, i.over, i.told, i.news = true, false, nil, news{}
	l, clock := e.Deps.Lifecycle, e.Deps.Real
	o := lifecycle.RevokeOptions{Console: true}
	if len(r.s.items) == 1 {
		o.Wait = patience
	}
	page.Stream(e, &r.s.slot, true, func(ctx context.Context, tell func(news)) (store.Revocation, error) {
		var n news
		return l.Revoke(ctx, i.id, o, func(p lifecycle.RevokeProgress) {
			n = n.with(p, clock.Now())
			tell(n)
		})
	}, func(_ *page.Env, n news) { i.news = n }, func(e *page.Env, rev store.Revocation, err error) {
		r.took(e, i, rev, err)
	})
}

// with adds what came. A row of probes with the same answer is one line.
func (n news) with(p lifecycle.RevokeProgress, now time.Time) news {
	out := news{steps: append([]store.Step(nil), n.steps...), waiting: p.Waiting, asked: p.Asked}
	if p.NextIn > 0 {
		out.next = now.Add(p.NextIn)
	}
	if p.Step.What == "" {
		return out
	}
	if last := len(out.steps) - 1; last >= 0 && sameProbe(out.steps[last], p.Step) {
		out.steps[last].Note = p.Step.Note
		return out
	}
	out.steps = append(out.steps, p.Step)
	return out
}

// probed begins the note of a probe that still went through.
const probed = "still works"

func sameProbe(a, b store.Step) bool {
	return a.What == b.What && a.HTTP == b.HTTP && strings.HasPrefix(a.Note, probed) && strings.HasPrefix(b.Note, probed)
}

// took takes the end of one.
func (r *run) took(e *page.Env, i *item, rev store.Revocation, err error) {
	i.rev, i.over, i.news.waiting = rev, true, false
	if len(rev.Steps) > 0 {
		i.news.steps = rev.Steps
	}
	var f *lifecycle.Failure
	known := errors.As(err, &f) && (f.Kind == lifecycle.FailPending || f.Kind == lifecycle.FailNotAlive)
	if err != nil && !known && !(errors.Is(err, context.Canceled) && rev.State != "") {
		x := e.Explain(err, i.row)
		i.told = &x
	}
	r.at++
	r.next(e)
}

// ended tells somebody who did not wait.
func (r *run) ended(e *page.Env) {
	if !r.hidden {
		return
	}
	for _, i := range r.s.items {
		switch {
		case i.told != nil:
			e.Bad(i.told.Message())
		case i.dead() || i.rev.Verdict == store.VerdictDiesAt:
			e.Good(words.RevokedToast(i.name, &i.rev))
		default:
			e.Note(words.RevokedToast(i.name, &i.rev))
		}
	}
}

// Key implements page.Dialog.
func (r *run) Key(e *page.Env, msg tea.Msg) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return
	}
	switch key := k.String(); {
	case r.inGrace():
		if key == "u" || key == "esc" {
			r.timer.Cancel()
			e.Hide()
			e.Note(words.Undone)
		}
	case key == "esc", key == "enter" && r.done():
		r.leave(e)
	case key == "o":
		r.console(e)
	case key == "i" && e.Deps.Demo != nil && r.now().news.waiting:
		r.retire(e)
	case key == "y" && r.now().plan.ConsoleURL != "":
		e.Tea(tea.SetClipboard(r.now().plan.ConsoleURL))
	case key == "r" && r.mayProbe():
		r.at = 0
		r.next(e)
	case key == "c" && r.mayReconnect():
		other := r.now().others()[0].ID
		e.Hide()
		e.Open(action.PageWizard, page.Args{ID: other})
	}
}

// leave closes the dialog. A wait at a console ends and stays queued; what is on
// its way to the provider goes on.
func (r *run) leave(e *page.Env) {
	r.hidden = true
	if !r.done() && r.now().news.waiting {
		r.s.slot.Interrupt()
	}
	e.Hide()
}

// mayProbe reports a single one that did not end well: it can be tried again.
func (r *run) mayProbe() bool {
	return r.done() && len(r.s.items) == 1 && !r.now().dead() && r.now().rev.Verdict != store.VerdictDiesAt
}

// mayReconnect reports another connection that died with it.
func (r *run) mayReconnect() bool {
	return r.done() && len(r.s.items) == 1 && r.now().dead() && len(r.now().others()) > 0
}

// console opens the provider's page again.
func (r *run) console(e *page.Env) {
	url, open := r.now().plan.ConsoleURL, e.Deps.OpenBrowser
	if url == "" || r.now().byAPI() {
		return
	}
	if open == nil {
		e.Note(words.OpenYourself(url))
		return
	}
	page.Go(e, &r.aside, func(context.Context) (struct{}, error) { return struct{}{}, open(url) },
		func(e *page.Env, _ struct{}, err error) {
			if err != nil {
				e.Note(words.OpenYourself(url))
			}
		})
}

// retire lets the simulated person delete the key, where the demo has no browser.
func (r *run) retire(e *page.Env) {
	id, demo := r.now().plan.Connection.ID, e.Deps.Demo
	page.Go(e, &r.aside, func(ctx context.Context) (struct{}, error) { return struct{}{}, demo.Retire(ctx, id) },
		func(e *page.Env, _ struct{}, err error) {
			if err != nil {
				e.Fail(err, nil)
			}
		})
}

// Lasts implements page.Ticker: seconds run in the grace and between probes.
func (r *run) Lasts(e *page.Env) (live.Wait, bool) {
	if !r.inGrace() && (r.done() || !r.now().news.waiting) {
		return 0, false
	}
	speed := 1.0
	if e.Deps.Demo != nil {
		speed = max(1, e.Deps.Demo.Speed())
	}
	return live.Wait(float64(time.Second) * speed), true
}
