// Package auditlog is the page of the audit log: who did what, when, where, and what it
// came to, newest first.
//
// It promises that looking needs no key, that new events appear by themselves without
// moving the row in focus, that memory is bounded however long the log is, and that
// verifying shows how far it is and can be stopped. It changes nothing.
package auditlog

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Page is the audit log.
type Page struct {
	table  *widget.Table
	rows   rows
	list   list
	check  check
	field  widget.Field
	typing bool
	size   page.Size
}

// Make is the page.Maker of the audit log.
func Make(e *page.Env, _ page.Args) page.Page {
	if e.Deps.Store == nil {
		return nil
	}
	p := &Page{table: widget.NewTable(columns(), true)}
	p.rows.list = &p.list
	p.check.broken = e.ChainBroken
	return p
}

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Audit }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string { return []string{words.CrumbAudit} }

// Start implements page.Page.
func (p *Page) Start(e *page.Env) {
	p.again(e)
	p.follow(e)
}

// Focused implements page.Focuser: the connection of the event in focus.
func (p *Page) Focused() (store.ID, bool) {
	if ev, ok := p.event(); ok && ev.ConnectionID != "" {
		return ev.ConnectionID, true
	}
	return "", false
}

// event is the one in focus.
func (p *Page) event() (*store.Event, bool) {
	i, _, ok := p.table.Focus()
	if !ok || i >= len(p.list.events) {
		return nil, false
	}
	return &p.list.events[i], true
}

// Close implements page.Closer.
func (p *Page) Close(*page.Env) bool {
	p.list.cancel()
	p.check.slot.Cancel()
	return true
}

// Cancel implements page.Canceller.
func (p *Page) Cancel(e *page.Env) bool { return p.stop(e) }

// Report implements page.Reporter.
func (p *Page) Report() *tea.ProgramStatus {
	if !p.check.slot.Runs() {
		return nil
	}
	return &tea.ProgramStatus{State: tea.ProgramStateWorking, App: words.Program}
}

// Why implements page.Page.
func (p *Page) Why(e *page.Env, id action.ID) string {
	_, whole := e.Deps.Store.(audit.Log)
	switch {
	case id == action.AuditVerify && e.ReadOnly():
		return words.WhyAuditReadOnly
	case (id == action.AuditVerify || id == action.AuditExport) && !whole:
		return words.WhyAuditNoLog
	case id == action.AuditVerify && p.check.slot.Runs():
		return words.WhyAuditRuns
	case id == action.Enter && p.table.Len() == 0:
		return words.WhyAuditNoEvent
	}
	return ""
}

// Hints implements page.Page.
func (p *Page) Hints(*page.Env) []action.ID {
	return []action.ID{action.Enter, action.AuditFilter, action.AuditVerify, action.AuditExport, action.Back}
}

// Label implements page.Labeller.
func (p *Page) Label(_ *page.Env, id action.ID) string {
	switch {
	case id == action.Enter:
		return words.HintWhole
	case id == action.Back && p.check.slot.Runs():
		return words.HintStopCheck
	case id == action.Back && !p.list.filter.empty():
		return words.AuditShowsAll
	}
	return ""
}

// moves are the actions that only move the focus.
var moves = map[action.ID]func(*widget.Table){
	action.Down: func(t *widget.Table) { t.Move(1) }, action.Up: func(t *widget.Table) { t.Move(-1) },
	action.Top: (*widget.Table).Home, action.Bottom: (*widget.Table).End,
	action.HalfDown: func(t *widget.Table) { t.HalfPage(1) }, action.HalfUp: func(t *widget.Table) { t.HalfPage(-1) },
	action.PageDown: func(t *widget.Table) { t.Page(1) }, action.PageUp: func(t *widget.Table) { t.Page(-1) },
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	if move, ok := moves[id]; ok {
		move(p.table)
		p.older(e)
		return
	}
	switch id {
	case action.Enter:
		if ev, ok := p.event(); ok {
			e.Show(newEventDialog(e, ev))
		}
	case action.AuditFilter:
		p.typing = true
	case action.AuditVerify:
		p.verify(e)
	case action.AuditExport:
		e.Show(newExportDialog(e, p.list.filter))
	case action.Back:
		switch {
		case p.stop(e):
		case !p.list.filter.empty():
			p.setFilter(e, "")
		default:
			e.Pop()
		}
	}
}

// Typing implements page.Typist.
func (p *Page) Typing() bool { return p.typing }

// Type implements page.Typist.
func (p *Page) Type(e *page.Env, msg tea.Msg) bool {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			p.typing = false
			return true
		case "esc":
			p.typing = false
			p.setFilter(e, "")
			return true
		case "down", "up":
			p.typing = false
			return false
		}
	}
	used := p.field.Handle(msg)
	if used {
		p.list.filter = parseFilter(p.field.Value())
		p.again(e)
	}
	return used
}

// setFilter shows what a filter leaves.
func (p *Page) setFilter(e *page.Env, s string) {
	p.field.Set(s)
	p.list.filter = parseFilter(s)
	p.again(e)
}

// Click implements page.Pointer.
func (p *Page) Click(_ *page.Env, _, y int) {
	if row, ok := p.table.RowAt(y - p.top()); ok {
		p.table.FocusRow(row)
	}
}

// Wheel implements page.Pointer.
func (p *Page) Wheel(e *page.Env, lines int) {
	p.table.Wheel(lines)
	p.older(e)
}

// key is how a row is told apart: its number.
func key(ev *store.Event) string { return strconv.FormatUint(ev.Seq, 10) }
