// Package detail is the page of one connection: five tabs under two lines that
// say what is wrong and what helps.
package detail

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/acts"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// The tabs.
const (
	tabOverview = iota
	tabCredential
	tabScopes
	tabTests
	tabAudit
	tabCount
)

// Page is the detail of one connection.
type Page struct {
	id     store.ID
	name   string
	data   data
	acts   *acts.Acts
	tab    int
	tables [tabCount]*widget.Table // of the tabs that are lists
	scroll int                     // of those that are not
	over   int                     // lines that did not fit
	tabsAt [tabCount][2]int        // cells of each tab's name, for clicks
	tabRow int
	scopes scopeRows
	tests  testRows
	events eventRows
	filled int // the reading that the tables were filled from
	size   page.Size
}

// Make is the page.Maker of the detail.
func Make(e *page.Env, a page.Args) page.Page {
	row, ok := e.Row(a.ID)
	if !ok {
		return nil
	}
	p := &Page{id: a.ID, name: row.S.Name, acts: acts.New()}
	p.tables[tabScopes] = widget.NewTable(scopeColumns(), true)
	p.tables[tabTests] = widget.NewTable(testColumns(), true)
	p.tables[tabAudit] = widget.NewTable(eventColumns(), true)
	return p
}

// Start implements page.Page.
func (p *Page) Start(e *page.Env) { p.data.read(e, p.id) }

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Detail }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string { return []string{words.CrumbDeck, p.name} }

// Focused implements page.Focuser.
func (p *Page) Focused() (store.ID, bool) { return p.id, true }

// Changed implements page.Follower.
func (p *Page) Changed(e *page.Env, c live.Change) {
	row, ok := e.Row(p.id)
	if !ok {
		return
	}
	p.name = row.S.Name
	if c.Touches(p.id) {
		p.data.read(e, p.id)
	}
}

// Lasts implements page.Ticker.
func (p *Page) Lasts(e *page.Env) (live.Wait, bool) {
	row, ok := e.Row(p.id)
	if !ok {
		return 0, false
	}
	now, fig := e.Now(), e.Figures()
	least, any := time.Duration(0), false
	a := e.Live.Assess(row, now)
	for _, c := range a.Clocks() {
		if d := fig.NextChange(c.At.Sub(now)); !any || d < least {
			least, any = d, true
		}
	}
	return live.Wait(least), any
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

// Close implements page.Closer.
func (p *Page) Close(*page.Env) bool {
	p.data.slot.Cancel()
	return true
}

// Why implements page.Page.
func (p *Page) Why(e *page.Env, id action.ID) string {
	if x, ok := e.Keys.Get(id); ok && x.Row {
		return p.acts.Why(e, id, []store.ID{p.id})
	}
	return ""
}

// Hints implements page.Page.
func (p *Page) Hints(e *page.Env) []action.ID {
	if row, ok := e.Row(p.id); ok && row.Look.Group == widget.Done {
		return []action.ID{action.Tab1, action.Reconnect, action.Remove, action.Back}
	}
	return []action.ID{action.Tab1, action.Test, action.Refresh, action.Reconnect, action.RevokeIt, action.Edit, action.Pause,
		action.Back}
}

// Label implements page.Labeller.
func (p *Page) Label(e *page.Env, id action.ID) string {
	if row, ok := e.Row(p.id); ok && id == action.Pause && row.S.Paused {
		return words.HintResume
	}
	return ""
}

// tabIDs are the actions of the tabs.
var tabIDs = map[action.ID]int{
	action.Tab1: tabOverview, action.Tab2: tabCredential, action.Tab3: tabScopes, action.Tab4: tabTests, action.Tab5: tabAudit,
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	if tab, ok := tabIDs[id]; ok {
		p.show(tab)
		return
	}
	switch id {
	case action.Right:
		p.show((p.tab + 1) % tabCount)
	case action.Left:
		p.show((p.tab + tabCount - 1) % tabCount)
	case action.Back:
		e.Pop()
	case action.Down, action.Up, action.Top, action.Bottom, action.HalfDown, action.HalfUp, action.PageDown, action.PageUp:
		p.move(id)
	default:
		p.acts.Do(e, id, []store.ID{p.id})
	}
}

// show shows a tab from its top.
func (p *Page) show(tab int) { p.tab, p.scroll = tab, 0 }

// tableMoves and lineMoves are what the moving actions do on lists and on text.
var (
	tableMoves = map[action.ID]func(*widget.Table){
		action.Down: func(t *widget.Table) { t.Move(1) }, action.Up: func(t *widget.Table) { t.Move(-1) },
		action.Top: (*widget.Table).Home, action.Bottom: (*widget.Table).End,
		action.HalfDown: func(t *widget.Table) { t.HalfPage(1) }, action.HalfUp: func(t *widget.Table) { t.HalfPage(-1) },
		action.PageDown: func(t *widget.Table) { t.Page(1) }, action.PageUp: func(t *widget.Table) { t.Page(-1) },
	}
	lineMoves = map[action.ID]int{
		action.Down: 1, action.Up: -1, action.Top: -1 << 16, action.Bottom: 1 << 16, action.HalfDown: 8, action.HalfUp: -8,
		action.PageDown: 16, action.PageUp: -16,
	}
)

// move moves within the tab.
func (p *Page) move(id action.ID) {
	if t := p.tables[p.tab]; t != nil {
		tableMoves[id](t)
		return
	}
	p.scrollBy(lineMoves[id])
}

// scrollBy scrolls a tab of text; what does not fit below says how far.
func (p *Page) scrollBy(lines int) { p.scroll = max(0, min(p.scroll+lines, p.over)) }

// Click implements page.Pointer.
func (p *Page) Click(_ *page.Env, x, y int) {
	if y == p.tabRow {
		for i, at := range p.tabsAt {
			if x >= at[0] && x < at[1] {
				p.show(i)
			}
		}
		return
	}
	if t := p.tables[p.tab]; t != nil {
		if row, ok := t.RowAt(y - p.tabRow - 2); ok {
			t.FocusRow(row)
		}
	}
}

// Wheel implements page.Pointer.
func (p *Page) Wheel(_ *page.Env, lines int) {
	if t := p.tables[p.tab]; t != nil {
		t.Wheel(lines)
		return
	}
	p.scrollBy(lines)
}

// tabNames are the names of the tabs with their figures.
func (p *Page) tabNames(row *live.Row) [tabCount]string {
	scopes := words.TabScopes
	switch {
	case row.S.Missing > 0:
		scopes += " " + strconv.Itoa(row.S.Asked-row.S.Missing) + "/" + strconv.Itoa(row.S.Asked)
	case row.S.Granted > 0:
		scopes += " " + strconv.Itoa(row.S.Granted)
	}
	return [tabCount]string{words.TabOverview, words.TabCredential, scopes, words.TabTests, words.TabAudit}
}
