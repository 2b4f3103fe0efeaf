package deck

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

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
		p.follow(e)
		return
	}
	switch id {
	case action.Enter:
		if focus, ok := p.Focused(); ok {
			e.Open(action.PageDetail, page.Args{ID: focus})
		}
	case action.Back:
		p.back(e)
	case action.Mark:
		p.table.ToggleMark()
		_, p.anchor, _ = p.table.Focus()
		p.table.Move(1)
	case action.MarkRange:
		if p.anchor != "" {
			p.table.MarkRange(p.anchor)
		} else {
			p.table.ToggleMark()
			_, p.anchor, _ = p.table.Focus()
		}
	case action.MarkAll:
		p.table.MarkAll()
	case action.Filter:
		p.before = e.Live.Filter().String()
		p.filter.Set(p.before)
		p.typing = true
	case action.FilterOff:
		p.setFilter(e, "")
	case action.Sort:
		e.Show(newSortDialog(e.Live.Sort(), func(e *page.Env, by live.Column) { p.sortBy(e, by) }))
	default:
		p.acts.Do(e, id, p.targets())
	}
}

// back is esc: it takes back what narrows the deck, the newest first.
func (p *Page) back(e *page.Env) {
	switch {
	case p.table.MarkCount() > 0:
		p.table.ClearMarks()
		p.anchor = ""
	case !e.Live.Filter().Empty():
		p.setFilter(e, "")
	}
}

// Why implements page.Page.
func (p *Page) Why(e *page.Env, id action.ID) string {
	x, ok := e.Keys.Get(id)
	if ok && x.Row {
		return p.acts.Why(e, id, p.targets())
	}
	if id == action.MarkAll && e.Live.Len() == 0 {
		return words.WhyNoRow
	}
	return ""
}

// hints is the footer's order, after what mends the row in focus.
var hints = [...]action.ID{
	action.Test, action.Refresh, action.Reconnect, action.RevokeIt, action.New, action.Filter, action.Mark,
}

// overHints is the same for a row that is revoked: little is left to do with it.
var overHints = [...]action.ID{action.Reconnect, action.Remove, action.New, action.Filter, action.Mark}

// Hints implements page.Page.
func (p *Page) Hints(e *page.Env) []action.ID {
	if p.typing {
		return nil // they would be letters of the filter
	}
	row := p.focused(e)
	if row == nil {
		if e.Live.All() == 0 {
			return []action.ID{action.New}
		}
		return []action.ID{action.FilterOff, action.New, action.Filter}
	}
	ids := append(make([]action.ID, 0, len(hints)+2), action.Enter)
	if e.Locked && !e.ReadOnly() {
		ids = append(ids, action.Unlock)
	}
	mend := action.ID(row.Look.Mends)
	if x, ok := e.Keys.Get(mend); ok && !(x.Changes && e.ReadOnly()) && !inHints(mend) {
		ids = append(ids, mend)
	}
	if row.Look.Group == widget.Done {
		return append(ids, overHints[:]...)
	}
	return append(ids, hints[:]...)
}

// inHints reports whether an action is hinted at anyway.
func inHints(id action.ID) bool {
	for _, h := range hints {
		if h == id {
			return true
		}
	}
	return false
}

// sortBy orders by a column; asked for the one in force, it turns that around.
func (p *Page) sortBy(e *page.Env, by live.Column) {
	s := live.Sort{By: by}
	if now := e.Live.Sort(); now.By == by {
		s.Up = !now.Up
	}
	e.Live.SetSort(s)
	p.table.SetSort(string(by), s.Up)
	p.refocus(e)
}

// setFilter shows what a filter leaves.
func (p *Page) setFilter(e *page.Env, s string) {
	e.Live.SetFilter(s, e.Now())
	p.refocus(e)
}

// Typing implements page.Typist.
func (p *Page) Typing() bool { return p.typing }

// Type implements page.Typist: the deck is filtered with every letter.
func (p *Page) Type(e *page.Env, msg tea.Msg) bool {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			p.typing = false
			return true
		case "esc":
			p.typing = false
			p.setFilter(e, p.before)
			return true
		case "up", "down":
			p.table.Move(map[string]int{"up": -1, "down": 1}[k.String()])
			p.follow(e)
			return true
		}
	}
	if !p.filter.Handle(msg) {
		return false
	}
	p.setFilter(e, p.filter.Value())
	return true
}
