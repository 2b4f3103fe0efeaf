// Package wizard sets a connection up, or reconnects one, on the screen: it
// shows the steps of connectors/setup's machine beside the rail of the eight
// stations, and gives it the answers.
//
// It promises that the machine is asked one thing at a time and never on the
// screen's goroutine, that what is secret stays in fields which are wiped, and
// that leaving keeps a draft and takes back a grant that nobody confirmed.
package wizard

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// panel is what one step shows beside the rail.
type panel interface {
	// content is drawn in w cells.
	content(e *page.Env, w int) content
	// act does an action that is not the page's own.
	act(e *page.Env, id action.ID)
	hints() []action.ID
	// field is what is typed into; nil if nothing is.
	field() *widget.Field
	// close wipes what is secret.
	close()
}

// Page is the set-up.
type Page struct {
	args   page.Args
	name   string // of the connection that is reconnected
	m      setup.Machine
	step   setup.Step
	rail   rail
	panel  panel
	slot   page.Slot // the machine's one question
	aside  page.Slot // the browser, the clipboard, the simulated person
	leave  page.Slot
	asked  time.Time // when the machine was asked last, on the computer's clock
	gone   bool      // the page was closed: what comes back only tidies up
	stored bool      // the connection is stored: nothing is left to keep as a draft
	wrong  *setup.InputError
	told   *words.Explanation
}

// Make is the page.Maker of the set-up: ID reconnects, Draft resumes.
func Make(e *page.Env, a page.Args) page.Page {
	p := &Page{args: a}
	if row, ok := e.Row(a.ID); ok {
		p.name = row.S.Name
	}
	return p
}

// Scope implements page.Page.
func (p *Page) Scope() action.Scope { return action.Wizard }

// Crumbs implements page.Page.
func (p *Page) Crumbs() []string {
	if p.args.ID != "" {
		return []string{words.CrumbDeck, p.name, words.CrumbReconnect}
	}
	return []string{words.CrumbDeck, words.CrumbNew}
}

// Hints implements page.Page.
func (p *Page) Hints(*page.Env) []action.ID {
	if p.panel == nil {
		return []action.ID{action.Back}
	}
	ids := p.panel.hints()
	if len(ids) == 0 {
		return []action.ID{action.Back}
	}
	return append([]action.ID{ids[0], action.Back}, ids[1:]...) // the way out never gives way
}

// Label implements page.Labeller.
func (p *Page) Label(_ *page.Env, id action.ID) string {
	if l, ok := p.panel.(interface{ label(action.ID) string }); ok {
		if s := l.label(id); s != "" {
			return s
		}
	}
	if id == action.Back && p.draftable() {
		return words.HintLeaveDraft
	}
	if id == action.Back {
		return words.HintLeave
	}
	return ""
}

// draftable reports whether leaving keeps what was answered.
func (p *Page) draftable() bool {
	return p.m != nil && p.args.ID == "" && !p.stored && p.step.Provider != ""
}

// Why implements page.Page.
func (p *Page) Why(e *page.Env, id action.ID) string {
	if id == action.WizardNext && p.slot.Runs() {
		return words.WizardBusy
	}
	if w, ok := p.panel.(interface {
		why(*page.Env, action.ID) string
	}); ok {
		return w.why(e, id)
	}
	return ""
}

// Act implements page.Page.
func (p *Page) Act(e *page.Env, id action.ID) {
	switch {
	case id == action.Back:
		p.esc(e)
	case id == action.WizardBack && p.panel != nil:
		if f, ok := p.panel.(interface{ fieldBack() bool }); !ok || !f.fieldBack() {
			p.back(e)
		}
	case p.panel != nil:
		p.panel.act(e, id)
	}
}

// esc steps out: of a wait, of a grant that is not wanted, of the page.
func (p *Page) esc(e *page.Env) {
	if x, ok := p.panel.(interface{ esc(*page.Env) bool }); ok && x.esc(e) {
		return
	}
	e.Pop()
}

// Cancel implements page.Canceller: ctrl+c ends what runs, and else the set-up,
// never the program in the middle of one.
func (p *Page) Cancel(e *page.Env) bool {
	p.esc(e)
	return true
}

// Close implements page.Closer. A grant that waits to be confirmed is answered
// first: it must not be left behind.
func (p *Page) Close(e *page.Env) bool {
	if p.step.Kind == setup.Verify && !p.gone {
		if !p.slot.Runs() {
			p.decline(e)
		}
		return false
	}
	p.gone = true
	if p.panel != nil {
		p.panel.close()
	}
	if p.slot.Runs() {
		p.slot.Interrupt() // its end tidies up
		return true
	}
	p.tidy(e)
	return true
}

// Typing implements page.Typist.
func (p *Page) Typing() bool { return p.panel != nil && p.panel.field() != nil && !p.slot.Runs() }

// Type implements page.Typist.
func (p *Page) Type(_ *page.Env, msg tea.Msg) bool {
	f := p.panel.field()
	if f == nil || !f.Handle(msg) {
		return false
	}
	p.wrong = nil
	if t, ok := p.panel.(interface{ typed() }); ok {
		t.typed()
	}
	return true
}

// Click implements page.Pointer: nothing here answers to a click but the hints,
// which are the program's.
func (p *Page) Click(*page.Env, int, int) {}

// Wheel implements page.Pointer: it moves the focus.
func (p *Page) Wheel(e *page.Env, lines int) {
	id := action.Down
	if lines < 0 {
		id, lines = action.Up, -lines
	}
	for range min(lines, 3) {
		if p.panel != nil {
			p.panel.act(e, id)
		}
	}
}

// Focused implements page.Focuser: the connection, once there is one.
func (p *Page) Focused() (store.ID, bool) {
	if p.args.ID != "" {
		return p.args.ID, true
	}
	return p.step.ConnID, p.step.ConnID != ""
}

// Title implements page.Titler.
func (p *Page) Title() string {
	if p.waiting() {
		return words.TitleConsent
	}
	return ""
}

// Report implements page.Reporter.
func (p *Page) Report() *tea.ProgramStatus {
	switch {
	case p.waiting():
		return &tea.ProgramStatus{State: tea.ProgramStateBlocked, Kind: tea.ProgramStatusKindAuth, App: words.Program}
	case p.slot.Runs():
		return &tea.ProgramStatus{State: tea.ProgramStateWorking, App: words.Program}
	}
	return nil
}

// waiting reports that a person is to consent.
func (p *Page) waiting() bool {
	return p.slot.Runs() && (p.step.Kind == setup.OpenURL || p.step.Kind == setup.Await)
}

// failed keeps what went wrong, where it is shown: at its field, or under the panel.
func (p *Page) failed(e *page.Env, err error) {
	var input *setup.InputError
	switch {
	case err == nil:
	case errors.As(err, &input) && input.Step == p.step.ID:
		p.wrong = input
	default:
		row, ok := e.Row(p.args.ID)
		if crm, err := e.Deps.Catalog.Provider(p.step.Provider); !ok && err == nil {
			row = &live.Row{CRM: crm.Name} // there is no connection yet, but its CRM has a name
		}
		x := e.Explain(err, row)
		p.told = &x
	}
}
