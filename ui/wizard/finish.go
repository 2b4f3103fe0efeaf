package wizard

import (
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/acts"
	"crmdeck/ui/page"
	"crmdeck/ui/testsync"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// testing is the first test sync while it runs. The connection is stored by now.
type testing struct {
	p    *Page
	live lifecycle.TestProgress
}

func newTest(p *Page) *testing { return &testing{p: p} }

// take takes the newest figures.
func (t *testing) take(n setup.Progress) {
	if p, ok := n.Test.(*lifecycle.TestProgress); ok {
		t.live = *p
	}
}

func (t *testing) field() *widget.Field     { return nil }
func (t *testing) close()                   {}
func (t *testing) bar() bool                { return false }
func (t *testing) hints() []action.ID       { return nil }
func (t *testing) act(*page.Env, action.ID) {}

func (t *testing) label(id action.ID) string {
	if id == action.Back {
		return words.HintStop
	}
	return ""
}

// esc stops the test; what was counted stays.
func (t *testing) esc(*page.Env) bool {
	if !t.p.slot.Runs() {
		return false
	}
	t.p.slot.Interrupt()
	return true
}

func (t *testing) content(e *page.Env, w int) content {
	c := content{focus: -1, head: []line{said(span{bold, words.FirstTest(t.p.step.Name)}), empty}}
	c.body = testsync.Objects(&t.live, w, e.Figures())
	c.body = append(c.body, empty)
	c.body = append(c.body, testsync.Figures(&t.live, crm(e, t.p.step.Provider), e.Figures())...)
	return c
}

// done is the end: it works, or what is to be done.
type done struct {
	p    *Page
	acts *acts.Acts
}

func newDone(p *Page) *done { return &done{p: p, acts: acts.New()} }

func (d *done) field() *widget.Field { return nil }
func (d *done) close()               {}
func (d *done) bar() bool            { return true }

func (d *done) hints() []action.ID { return []action.ID{next, action.WizardEdit} }

func (d *done) label(id action.ID) string {
	switch id {
	case next:
		return words.HintToDeck
	case action.WizardEdit:
		return words.HintOwner
	}
	return ""
}

func (d *done) act(e *page.Env, id action.ID) {
	switch id {
	case next:
		e.Pop()
	case action.WizardEdit:
		d.acts.Do(e, action.Edit, []store.ID{d.p.step.ConnID})
	}
}

func (d *done) content(e *page.Env, w int) content {
	run := d.p.step.Result
	c := content{focus: -1}
	if run == nil {
		run = &store.TestRun{}
	}
	works := run.Outcome == lifecycle.OutcomeOK
	sign := widget.StepDone.Sign()
	if !works {
		sign = widget.Sign{Glyph: widget.GlyphBang, Style: warn}
	}
	c.head = []line{said(span{widget.Strong(sign.Style.Fg), sign.Glyph + " " + words.Works(d.p.step.Name, d.p.args.ID != "", works)})}
	c.head = append(c.head, wrapped(muted, words.FirstTestWas(run, e.Figures()), 2, w)...)
	c.body = append([]line{empty}, testsync.Results(run, w, e.Figures())...)
	if !works && (run.Message != "" || run.Reason != "") {
		c.body = append(c.body, empty)
		c.body = append(c.body, wrapped(plain, words.TestSaid(run), 0, w)...)
	}
	c.foot = []line{empty, focused(true, func(b *widget.Buf) {
		b.Text(keyed, "enter")
		b.Text(muted, " "+words.HintToDeck)
		b.Text(keyed, "   e")
		b.Text(muted, widget.Cut(" "+words.HintOwner, b.Room()-1))
	})}
	return c
}
