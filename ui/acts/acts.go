// Package acts is what the deck and the detail do to connections: each act
// calls the engine through a command and tells its end in one toast.
package acts

import (
	"context"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// Acts keeps what runs, a question a connection.
type Acts struct {
	slots map[store.ID]*page.Slot
}

// New makes the acts of one page.
func New() *Acts { return &Acts{slots: map[store.ID]*page.Slot{}} }

// Runs reports whether something runs for a connection; Running for any.
func (a *Acts) Runs(id store.ID) bool {
	s, ok := a.slots[id]
	return ok && s.Runs()
}

// Running reports whether anything runs.
func (a *Acts) Running() bool {
	for _, s := range a.slots {
		if s.Runs() {
			return true
		}
	}
	return false
}

// Cancel ends what runs; false if nothing did.
func (a *Acts) Cancel() (any bool) {
	for _, s := range a.slots {
		if s.Runs() {
			s.Interrupt()
			any = true
		}
	}
	return any
}

// slot is the question of a connection.
func (a *Acts) slot(id store.ID) *page.Slot {
	s, ok := a.slots[id]
	if !ok {
		s = &page.Slot{}
		a.slots[id] = s
	}
	return s
}

// pages are the acts that a page of their own does.
var pages = map[action.ID]string{
	action.Test: action.PageTest, action.TestAll: action.PageTest, action.Reconnect: action.PageWizard,
	action.RevokeIt: action.PageRevoke,
}

// Do does an action on connections; with several, on each.
func (a *Acts) Do(e *page.Env, id action.ID, on []store.ID) {
	if len(on) > 1 {
		able := a.able(e, id, on)
		if left := len(on) - len(able); left > 0 {
			e.Note(words.LeftOut(left, len(on)))
		}
		on = able
	}
	if len(on) == 0 {
		return
	}
	if name, ok := pages[id]; ok {
		e.Open(name, page.Args{ID: on[0], IDs: on, All: id == action.TestAll})
		return
	}
	switch id {
	case action.Refresh:
		for _, c := range on {
			a.refresh(e, c)
		}
	case action.Pause:
		for _, c := range on {
			a.pause(e, c)
		}
	case action.Edit, action.Rename, action.Remove:
		a.dialog(e, id, on)
	case action.OpenConsole:
		a.console(e, on[0])
	case action.Copy:
		a.copy(e, on[0])
	}
}

// refresh refreshes one connection now.
func (a *Acts) refresh(e *page.Env, id store.ID) {
	row, ok := e.Row(id)
	if !ok || a.Runs(id) {
		return
	}
	l, attempt := e.Deps.Lifecycle, row.Look.State == policy.Uncertain
	name := row.S.Name
	page.Go(e, a.slot(id), func(ctx context.Context) (lifecycle.RefreshResult, error) {
		return l.Refresh(ctx, id, attempt)
	}, func(e *page.Env, r lifecycle.RefreshResult, err error) {
		if err != nil {
			e.Fail(err, row)
			return
		}
		e.Good(words.Refreshed(name, r, e.Figures(), e.Now()))
	})
}

// pause pauses one connection, or lets it go on.
func (a *Acts) pause(e *page.Env, id store.ID) {
	row, ok := e.Row(id)
	if !ok {
		return
	}
	l, paused, name := e.Deps.Lifecycle, !row.S.Paused, row.S.Name
	page.Go(e, a.slot(id), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, l.SetPaused(ctx, id, paused)
	}, func(e *page.Env, _ struct{}, err error) {
		if err != nil {
			e.Fail(err, row)
			return
		}
		e.Good(words.PausedNow(name, paused))
	})
}

// Why says why an action can't work on connections now; "" if it can.
func (a *Acts) Why(e *page.Env, id action.ID, on []store.ID) string {
	if len(on) == 0 {
		return words.WhyNoRow
	}
	if name, ok := pages[id]; ok && !e.Has(name) {
		return words.WhyNotHere
	}
	row, ok := e.Row(on[0])
	if !ok {
		return words.WhyNoRow
	}
	if len(on) > 1 && !many[id] {
		return words.WhyOneOnly
	}
	if len(on) > 1 && len(a.able(e, id, on)) > 0 {
		return ""
	}
	return a.whyRow(id, row)
}

// able is those of several connections on which an action can work.
func (a *Acts) able(e *page.Env, id action.ID, on []store.ID) []store.ID {
	able := make([]store.ID, 0, len(on))
	for _, c := range on {
		if row, ok := e.Row(c); ok && a.whyRow(id, row) == "" {
			able = append(able, c)
		}
	}
	return able
}

// many are the acts that work on several connections at once.
var many = map[action.ID]bool{action.Refresh: true, action.Pause: true, action.Test: true, action.RevokeIt: true}

// whyRow says why an action can't work on one connection.
func (a *Acts) whyRow(id action.ID, row *live.Row) string {
	over := row.Look.Group == widget.Done
	switch {
	case id == action.Refresh && over, id == action.Test && over, id == action.TestAll && over, id == action.Pause && over:
		return words.WhyRevoked(row.S.Name)
	case id == action.RevokeIt && over:
		return words.WhyAlready(row.S.Name)
	case id == action.Refresh && row.S.HasKey:
		return words.WhyKey(row.S.Name)
	case id == action.Refresh && !row.S.HasRefresh:
		return words.WhyNoRefresh(row.S.Name)
	case id == action.Copy && row.S.Fingerprint == "":
		return words.WhyNoFingerprint(row.S.Name)
	}
	return ""
}
