// Package testsync is the page of a test sync: what it costs before all of it is
// read, how far it is while it runs, and at the end the verdict first.
//
// It promises that a test only reads, that figures move at most ten times a
// second (the engine sends no faster), and that stopping keeps what was counted.
package testsync

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// phase is where the test of one connection is.
type phase uint8

// The phases.
const (
	phaseCost phase = iota // how much it would read is being asked
	phaseAsk               // it was told; enter goes on
	phaseRuns
	phaseDone
)

// job is the test of one connection.
type job struct {
	id    store.ID
	name  string
	row   *live.Row
	phase phase
	cost  lifecycle.Cost
	live  lifecycle.TestProgress
	run   store.TestRun
	told  *words.Explanation
	began time.Time
	stop  bool
}

// Page tests one connection, or several one after another.
type Page struct {
	jobs []job
	at   int
	all  bool
	slot page.Slot
}

// Make is the page.Maker of the test sync: IDs (or ID), and All.
func Make(_ *page.Env, a page.Args) page.Page {
	p := &Page{all: a.All}
	ids := a.IDs
	if len(ids) == 0 {
		ids = []store.ID{a.ID}
	}
	for _, id := range ids {
		p.jobs = append(p.jobs, job{id: id})
	}
	return p
}

// now is the job in hand.
func (p *Page) now() *job { return &p.jobs[p.at] }

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.TestSync }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string {
	return []string{words.CrumbDeck, p.now().name, words.CrumbTest}
}

// Focused implements page.Focuser.
func (p *Page) Focused() (store.ID, bool) { return p.now().id, true }

// Start implements page.Page.
func (p *Page) Start(e *page.Env) {
	for i := range p.jobs {
		if row, ok := e.Row(p.jobs[i].id); ok {
			p.jobs[i].row, p.jobs[i].name = row, row.S.Name
		}
	}
	p.begin(e)
}

// begin starts the job in hand: all of it asks first what that costs.
func (p *Page) begin(e *page.Env) {
	if !p.all {
		p.run(e)
		return
	}
	j, l := p.now(), e.Deps.Lifecycle
	j.phase = phaseCost
	page.Go(e, &p.slot, func(ctx context.Context) (lifecycle.Cost, error) { return l.Cost(ctx, j.id) },
		func(e *page.Env, c lifecycle.Cost, err error) {
			if err != nil {
				p.failed(e, j, err)
				return
			}
			j.cost, j.phase = c, phaseAsk
		})
}

// run reads.
func (p *Page) run(e *page.Env) {
	j, l, all := p.now(), e.Deps.Lifecycle, p.all
	*j = job{id: j.id, name: j.name, row: j.row, phase: phaseRuns, began: e.Deps.Real.Now()}
	page.Stream(e, &p.slot, true, func(ctx context.Context, news func(lifecycle.TestProgress)) (store.TestRun, error) {
		return l.Test(ctx, j.id, lifecycle.TestOptions{All: all}, news)
	}, func(_ *page.Env, t lifecycle.TestProgress) { j.live = t }, func(e *page.Env, run store.TestRun, err error) {
		j.run = run
		p.failed(e, j, err)
		p.following(e, j)
	})
}

// failed keeps what went wrong, if anything did; the job is done.
func (p *Page) failed(e *page.Env, j *job, err error) {
	j.phase = phaseDone
	if err != nil && !j.stop {
		x := e.Explain(err, j.row)
		j.told = &x
	}
}

// following goes on with the next connection, unless this one was stopped.
func (p *Page) following(e *page.Env, j *job) {
	if j.stop || p.at == len(p.jobs)-1 {
		return
	}
	p.at++
	p.begin(e)
}

// Hints implements page.Page.
func (p *Page) Hints(*page.Env) []action.ID {
	switch j := p.now(); j.phase {
	case phaseAsk:
		return []action.ID{action.TestGo, action.Back}
	case phaseDone:
		if p.mends(j) {
			return []action.ID{action.TestReconnect, action.TestRepeat, action.Back}
		}
		return []action.ID{action.TestRepeat, action.TestAllOfIt, action.Back}
	}
	return []action.ID{action.Back}
}

// mends reports that consenting again, or a new key, is what helps.
func (p *Page) mends(j *job) bool {
	return j.told != nil && j.told.Key == "c" || j.run.Reason == "bad_scope"
}

// Label implements page.Labeller.
func (p *Page) Label(_ *page.Env, id action.ID) string {
	if id == action.Back && p.now().phase == phaseRuns {
		return words.HintStop
	}
	return ""
}

// Why implements page.Page.
func (p *Page) Why(_ *page.Env, id action.ID) string {
	switch id {
	case action.TestRepeat, action.TestAllOfIt, action.TestReconnect:
		if p.now().phase != phaseDone {
			return words.WhyTestRuns
		}
	}
	return ""
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	j := p.now()
	switch id {
	case action.Back:
		if !p.Cancel(e) {
			e.Pop()
		}
	case action.TestGo:
		if j.phase == phaseAsk {
			p.run(e)
		}
	case action.TestRepeat, action.TestAllOfIt:
		p.at, p.all = 0, p.all || id == action.TestAllOfIt
		p.begin(e)
	case action.TestReconnect:
		if e.Has(action.PageWizard) {
			e.Open(action.PageWizard, page.Args{ID: j.id})
		}
	}
}

// Cancel implements page.Canceller: it stops a test that runs; what was counted stays.
func (p *Page) Cancel(*page.Env) bool {
	j := p.now()
	if j.phase != phaseRuns || j.stop {
		return false
	}
	j.stop = true
	p.slot.Interrupt()
	return true
}

// Close implements page.Closer: the engine stores what was counted by itself.
func (p *Page) Close(*page.Env) bool {
	p.slot.Interrupt()
	for i := range p.jobs {
		p.jobs[i].stop = true
	}
	return true
}

// Lasts implements page.Ticker: seconds run while a test does.
func (p *Page) Lasts(e *page.Env) (live.Wait, bool) {
	if p.now().phase != phaseRuns {
		return 0, false
	}
	speed := 1.0
	if e.Deps.Demo != nil {
		speed = max(1, e.Deps.Demo.Speed())
	}
	return live.Wait(float64(time.Second) * speed), true
}

// Report implements page.Reporter.
func (p *Page) Report() *tea.ProgramStatus {
	if p.now().phase == phaseRuns {
		return &tea.ProgramStatus{State: tea.ProgramStateWorking, App: words.Program}
	}
	return nil
}
