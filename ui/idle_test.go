package ui_test

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/ui"
	"crmdeck/ui/page"
	"crmdeck/ui/uitest"
	"crmdeck/ui/widget"
)

// sleeps is a clock that stands still and notes until when it is slept on.
type sleeps struct {
	now   time.Time
	until []time.Duration
}

var _ clock.Clock = (*sleeps)(nil)

func (s *sleeps) Now() time.Time { return s.now }

func (s *sleeps) Sleep(ctx context.Context, d time.Duration) error {
	s.until = append(s.until, d)
	return context.Canceled
}

// Nothing ticks but for a figure that is about to change; nothing at all for
// figures that nobody looks at.
func TestTicksFollowWhatShows(t *testing.T) {
	w := uitest.New(t).Deck(t)
	c := &sleeps{now: uitest.Noon}
	w.Deps.Clock, w.Deps.Real = c, &sleeps{now: uitest.Noon}
	r := newRun(t, w.Deps, 120, 36)
	sleep := func(msg tea.Msg) time.Duration {
		c.until = nil
		_, cmd := r.app.Update(msg)
		runAll(cmd)
		if len(c.until) == 0 {
			return 0
		}
		return c.until[len(c.until)-1]
	}
	sleep(tea.FocusMsg{})
	c.now = c.now.Add(time.Second / 2)
	if d := sleep(ui.KeyNamed("j")); d > time.Second {
		t.Errorf("with seconds in sight the next tick is in %v", d)
	}
	if d := sleep(tea.BlurMsg{}); d != 0 && d < 10*time.Second {
		t.Errorf("out of focus the next tick is in %v", d)
	}
	sleep(tea.FocusMsg{})
	last := sleep(ui.KeyNamed("/"))
	for _, k := range "salesforce-prod" { // only minutes left in sight
		if d := sleep(ui.KeyNamed(string(k))); d > 0 {
			last = d
		}
	}
	if last < 10*time.Second {
		t.Errorf("with minutes in sight the next tick is in %v", last)
	}
}

// runAll runs what an Update asked for, batches included.
func runAll(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if batch, ok := cmd().(tea.BatchMsg); ok {
		for _, c := range batch {
			runAll(c)
		}
	}
}

// popup is a dialog that counts the keys it gets.
type popup struct{ keys int }

func (*popup) Frame(*page.Env) widget.Dialog    { return widget.Dialog{Title: "by itself", Lines: 1} }
func (*popup) Line(*page.Env, *widget.Buf, int) {}
func (p *popup) Key(*page.Env, tea.Msg)         { p.keys++ }

// What was typed for the page can't answer a dialog that opened by itself.
func TestDialogByItselfIsDeafAtFirst(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 80, 24)
	p := &popup{}
	x.Send(page.Then(func(e *page.Env) { e.ShowByItself(p) }))
	x.Want("by itself")
	x.Press("j", "enter", "x")
	if p.keys != 0 {
		t.Fatalf("%d keys were heard", p.keys)
	}
	w.Real.Advance(time.Second)
	x.Wait("the dialog stays deaf", func() bool { x.Press("j"); return p.keys > 0 })
}

// demoClock is a demo whose clock the test reads.
type demoClock struct{ *clock.Scaled }

func (demoClock) Consent(context.Context, string, store.Account) error { return nil }
func (demoClock) Retire(context.Context, store.ID) error               { return nil }

func TestDemoTurnsItsClock(t *testing.T) {
	w := uitest.New(t).Deck(t)
	turned := clock.NewScaled(uitest.Noon, 1)
	w.Deps.Demo = demoClock{turned}
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want(" DEMO 1x ", "simulated CRMs", "+ faster", "4m 12s")
	x.Press("+", "+")
	x.Want(" DEMO 60x ", "  4m  ") // seconds would blur
	x.Press("+", "+", "-")
	if turned.Speed() != 60 {
		t.Fatalf("speed %v", turned.Speed())
	}
	col, row, _ := x.Find("- slower")
	_ = col
	if row != 0 {
		t.Fatal("the header does not tell the keys")
	}
}
