package wizard

import (
	"context"
	"errors"
	"sync"

	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// Start implements page.Page: it makes the machine, or asks whether one of the
// drafts is to go on.
func (p *Page) Start(e *page.Env) {
	if p.args.ID != "" || p.args.Draft != "" {
		p.begin(e, p.args.Draft)
		return
	}
	st := e.Deps.Store
	page.Go(e, &p.slot, func(ctx context.Context) (drafts []store.Draft, err error) {
		err = st.Read(ctx, func(r store.Reader) (err error) {
			drafts, err = r.Drafts()
			return err
		})
		return drafts, err
	}, func(e *page.Env, drafts []store.Draft, err error) {
		switch {
		case p.gone:
		case err != nil || len(drafts) == 0: // what can't be read is told by what comes next
			p.begin(e, "")
		default:
			p.rail.goTo(setup.StationCRM, false)
			p.panel = newDrafts(p, e, drafts)
		}
	})
}

// begin makes the machine.
func (p *Page) begin(e *page.Env, draft store.ID) {
	mk, id := e.Deps.Setups, p.args.ID
	page.Go(e, &p.slot, func(ctx context.Context) (setup.Machine, error) {
		switch {
		case id != "":
			return mk.Reconnect(ctx, id)
		case draft != "":
			return mk.Resume(ctx, draft)
		}
		return mk.New(ctx)
	}, func(e *page.Env, m setup.Machine, err error) {
		if err != nil {
			e.Fail(err, nil)
			if !p.gone {
				p.gone = true
				e.Pop()
			}
			return
		}
		p.m = m
		if p.gone {
			p.tidy(e)
			return
		}
		step := m.Step()
		p.rail.goTo(step.Station, id != "" || draft != "")
		p.show(e, step)
	})
}

// answer gives the machine an answer.
func (p *Page) answer(e *page.Env, a setup.Answer) {
	if p.slot.Runs() || p.m == nil {
		return
	}
	p.wrong, p.told, p.asked = nil, nil, e.Deps.Real.Now()
	m := p.m
	page.Go(e, &p.slot, func(ctx context.Context) (setup.Step, error) { return m.Answer(ctx, a) }, p.took)
}

// back goes to the step before.
func (p *Page) back(e *page.Env) {
	if p.slot.Runs() || p.m == nil || p.stored {
		return
	}
	m, was := p.m, p.step
	page.Go(e, &p.slot, func(context.Context) (setup.Step, error) { return m.Back(), nil },
		func(e *page.Env, s setup.Step, err error) {
			if s.ID != was.ID {
				p.wrong, p.told = nil, nil
			}
			p.took(e, s, err)
		})
}

// took takes what the machine answered: the next step, or what was wrong.
func (p *Page) took(e *page.Env, s setup.Step, err error) {
	if p.gone {
		p.tidy(e)
		return
	}
	declined := errors.Is(err, setup.ErrDeclined)
	if declined {
		e.Note(words.Declined(p.rail.seen[setup.StationConsent]))
		err = nil
	}
	if err == nil || s.ID != p.step.ID || s.Kind != p.step.Kind {
		if err != nil {
			p.step = s // so that an error is looked for at the step it brought
			p.failed(e, err)
		}
		p.show(e, s)
		return
	}
	p.failed(e, err)
	if f, ok := p.panel.(interface{ fault(*setup.InputError) }); ok && p.wrong != nil {
		f.fault(p.wrong)
	}
}

// show shows a step.
func (p *Page) show(e *page.Env, s setup.Step) {
	if p.panel != nil {
		p.panel.close()
	}
	p.step = s
	p.rail.goTo(s.Station, false)
	if s.Kind == setup.Test || s.Kind == setup.Done {
		p.stored = true
	}
	p.panel = p.panelOf(e, s)
	switch s.Kind {
	case setup.OpenURL, setup.Await:
		p.consent(e)
	case setup.Test:
		p.test(e)
	}
}

// panelOf is what shows a step.
func (p *Page) panelOf(e *page.Env, s setup.Step) panel {
	switch s.Kind {
	case setup.Choose:
		return newChoose(p, e)
	case setup.Ask:
		return newAsk(p, e)
	case setup.Advise:
		return newAdvise(p)
	case setup.Scopes:
		return newScopes(p)
	case setup.OpenURL, setup.Await:
		return newConsent(p, e)
	case setup.Verify:
		return newIdentity(p)
	case setup.Test:
		return newTest(p)
	}
	return newDone(p)
}

// consent opens the browser and waits for the person. What opens the browser may
// take as long as the browser itself, so nothing waits for it.
func (p *Page) consent(e *page.Env) {
	m, open := p.m, e.Deps.OpenBrowser
	view := p.panel.(*consent)
	page.Stream(e, &p.slot, true, func(ctx context.Context, send func(consentNews)) (setup.Step, error) {
		if m.Step().Kind == setup.OpenURL {
			if s, err := m.Answer(ctx, setup.Answer{}); err != nil {
				return s, err
			}
		}
		tell := telling(send)
		tell(func(n *consentNews) { n.listening = true })
		url := m.Step().URL
		go func() {
			shown := open != nil && open(url) == nil
			tell(func(n *consentNews) { n.tried, n.opened = true, shown })
		}()
		return m.Wait(ctx, func(pr setup.Progress) {
			tell(func(n *consentNews) { n.code = pr.Code })
		})
	}, func(_ *page.Env, n consentNews) { view.news = n }, p.took)
}

// telling keeps the whole picture, which several goroutines add to, and sends it.
func telling(send func(consentNews)) func(func(*consentNews)) {
	var mu sync.Mutex
	var now consentNews
	return func(change func(*consentNews)) {
		mu.Lock()
		defer mu.Unlock()
		change(&now)
		send(now)
	}
}

// test runs the first test sync.
func (p *Page) test(e *page.Env) {
	m := p.m
	view := p.panel.(*testing)
	page.Stream(e, &p.slot, true, func(ctx context.Context, news func(setup.Progress)) (setup.Step, error) {
		return m.Wait(ctx, news)
	}, func(_ *page.Env, n setup.Progress) { view.take(n) }, p.took)
}

// decline says that it is not the right account: the grant is taken back.
func (p *Page) decline(e *page.Env) { p.answer(e, setup.Answer{Value: setup.No}) }

// tidy keeps the draft and ends the machine. It goes on when the page has gone.
func (p *Page) tidy(e *page.Env) {
	m, keep := p.m, p.draftable()
	if m == nil {
		return
	}
	p.m = nil
	page.Go(e, &p.leave, func(ctx context.Context) (bool, error) {
		var err error
		if keep {
			err = m.Draft(context.WithoutCancel(ctx))
		}
		return keep && err == nil, errors.Join(err, m.Close())
	}, func(e *page.Env, kept bool, err error) {
		switch {
		case err != nil:
			e.Fail(err, nil)
		case kept:
			e.Note(words.DraftKept)
		}
	})
}

// beside runs what is not the machine's: opening a page, or the simulated person.
func (p *Page) beside(e *page.Env, do func(ctx context.Context) error, bad func(*page.Env, error)) {
	page.Go(e, &p.aside, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) },
		func(e *page.Env, _ struct{}, err error) {
			if err != nil && !p.gone {
				bad(e, err)
			}
		})
}

// openPage shows a page of the provider, or says which it is.
func (p *Page) openPage(e *page.Env, url string) {
	open := e.Deps.OpenBrowser
	if url == "" {
		return
	}
	if open == nil {
		e.Note(words.OpenYourself(url))
		return
	}
	p.beside(e, func(context.Context) error { return open(url) },
		func(e *page.Env, _ error) { e.Note(words.OpenYourself(url)) })
}

// next is the action that every panel's enter is.
const next = action.WizardNext
