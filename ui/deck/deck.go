// Package deck is the page under all others: one row a connection, the most
// urgent first, and for the row in focus what happened, why and which key helps.
package deck

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/acts"
	"crmdeck/ui/detail"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Page is the deck.
type Page struct {
	table  *widget.Table
	src    *source
	acts   *acts.Acts
	filter widget.Field
	typing bool
	before string // the filter before it was typed at
	anchor string // where a range of marks begins
	side   *detail.Pane
	late   page.Slot
	glow   page.Slot
	slow   bool // reading takes longer than a person waits without a word
	size   page.Size
	left   *widget.Buf
	right  *widget.Buf
}

// Make is the deck's page.Maker.
func Make(e *page.Env, _ page.Args) page.Page {
	p := &Page{table: widget.NewTable(columns(), true), acts: acts.New()}
	p.src = &source{rows: e.Live, running: p.acts.Runs, scratch: make([]byte, 0, 64)}
	p.side = detail.NewPane(e)
	return p
}

// slowRead is how long reading may take before the deck says that it reads.
const slowRead = 300 * time.Millisecond

// Start implements page.Page.
func (p *Page) Start(e *page.Env) {
	p.table.SetRows(p.src)
	p.table.SetSort(string(e.Live.Sort().By), e.Live.Sort().Up)
	e.After(&p.late, slowRead, func(e *page.Env) { p.slow = !e.Live.Loaded() })
}

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Deck }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string { return crumbs }

var crumbs = []string{words.CrumbDeck}

// Changed implements page.Follower: the rows are what they are, the table
// finds its focus in them again.
func (p *Page) Changed(e *page.Env, c live.Change) {
	p.slow = false
	p.refocus(e)
	p.side.Changed(e, c)
	switch {
	case !e.Live.Glowing():
	case e.Deps.Settings.ReducedMotion:
		e.Live.Dim()
	default:
		e.After(&p.glow, glowFor, func(e *page.Env) { e.Live.Dim() })
	}
}

// glowFor is how long a cell that changed by itself is lit.
const glowFor = 600 * time.Millisecond

// refocus shows the rows after they changed and moves with the focused key.
func (p *Page) refocus(e *page.Env) {
	p.table.SetRows(p.src)
	p.follow(e)
}

// follow tells the side pane which row is in focus.
func (p *Page) follow(e *page.Env) {
	if e.Screen.W < sideFrom {
		return
	}
	id, _ := p.Focused()
	p.side.Show(e, id)
}

// Resized implements page.Sized: a wider screen has room for the side pane.
func (p *Page) Resized(e *page.Env) { p.follow(e) }

// Focused implements page.Focuser.
func (p *Page) Focused() (store.ID, bool) {
	_, key, ok := p.table.Focus()
	return store.ID(key), ok
}

// focused is the row in focus, or nil.
func (p *Page) focused(e *page.Env) *live.Row {
	i, _, ok := p.table.Focus()
	if !ok || i >= e.Live.Len() {
		return nil
	}
	return e.Live.At(i)
}

// targets is what keys act on: the marked rows, else the one in focus.
func (p *Page) targets() []store.ID {
	marked := p.table.Marked()
	ids := make([]store.ID, 0, len(marked)+1)
	for _, k := range marked {
		ids = append(ids, store.ID(k))
	}
	if id, ok := p.Focused(); ok && len(ids) == 0 {
		ids = append(ids, id)
	}
	return ids
}

// Lasts implements page.Ticker: as long as every figure in sight stays true.
func (p *Page) Lasts(e *page.Env) (live.Wait, bool) {
	const never = time.Duration(1<<63 - 1)
	least := never
	p.src.now, p.src.fig = e.Now(), e.Figures()
	for i, to := p.table.Window(); i < to; i++ {
		least = p.src.lasts(e.Live.At(i), least)
	}
	if p.acts.Running() {
		least = min(least, time.Second)
	}
	return live.Wait(least), least != never
}

// Report implements page.Reporter.
func (p *Page) Report() *tea.ProgramStatus {
	if !p.acts.Running() {
		return nil
	}
	return &tea.ProgramStatus{State: tea.ProgramStateWorking, App: words.Program}
}

// Cancel implements page.Canceller.
func (p *Page) Cancel(*page.Env) bool { return p.acts.Cancel() }

// Click implements page.Pointer: the first click focuses, the second opens.
func (p *Page) Click(e *page.Env, x, y int) {
	line := y - p.listTop()
	if line == 0 && p.titles() {
		if by, ok := p.table.SortAt(x); ok {
			p.sortBy(e, live.Column(by))
		}
		return
	}
	row, ok := p.table.RowAt(line)
	if !ok || x >= p.listWidth() {
		return
	}
	if at, _, _ := p.table.Focus(); at == row {
		e.Do(action.Enter)
		return
	}
	p.table.FocusRow(row)
	p.follow(e)
}

// Wheel implements page.Pointer.
func (p *Page) Wheel(e *page.Env, lines int) {
	p.table.Wheel(lines)
	p.follow(e)
}
