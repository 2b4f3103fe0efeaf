package auditlog

import (
	"sort"
	"strconv"

	"crmdeck/themes"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// The styles of the page.
var (
	muted = widget.Fg(themes.Muted)
	plain = widget.Fg(themes.Text)
)

// The columns.
const (
	colNumber = iota
	colTime
	colActor
	colHost
	colAct
	colConnection
	colOutcome
	colEvidence
)

// columns are those of the design; narrow screens leave out who and where.
func columns() []widget.Column {
	return []widget.Column{
		{ID: colNumber, Title: words.TitleNumber, Width: 9, Align: widget.AlignRight, From: 60},
		{ID: colTime, Title: words.TitleTime, Width: 19},
		{ID: colActor, Title: words.TitleActor, Width: 11, From: 90},
		{ID: colHost, Title: words.TitleHost, Width: 9, From: 110},
		{ID: colAct, Title: words.TitleAct, Width: 11},
		{ID: colConnection, Title: words.TitleConnection, Width: 18, Middle: true, From: 66},
		{ID: colOutcome, Title: words.TitleOutcome, Width: 8, From: 46},
		{ID: colEvidence, Title: words.TitleProof, Width: 20, Max: 90, From: 100},
	}
}

// rows is the list as a table shows it.
type rows struct {
	list *list
	fig  widget.Figures
}

// Len implements widget.Rows.
func (r *rows) Len() int { return len(r.list.events) }

// Key implements widget.Rows.
func (r *rows) Key(i int) string { return key(&r.list.events[i]) }

// Find implements widget.Finder: numbers fall from row to row.
func (r *rows) Find(key string) int {
	n, err := strconv.ParseUint(key, 10, 64)
	if err != nil {
		return -1
	}
	all := r.list.events
	i := sort.Search(len(all), func(i int) bool { return all[i].Seq <= n })
	if i < len(all) && all[i].Seq == n {
		return i
	}
	return -1
}

// Cell implements widget.Rows.
func (r *rows) Cell(i, column int, c *widget.Cell) {
	e := &r.list.events[i]
	switch column {
	case colNumber:
		c.Text(muted, r.fig.Number(int64(e.Seq)))
	case colTime:
		c.Text(plain, r.fig.Stamp(e.At))
	case colActor:
		c.Text(muted, e.Actor)
	case colHost:
		c.Text(muted, e.Host)
	case colAct:
		c.Text(plain, string(e.Act))
	case colConnection:
		c.Text(plain, e.Connection)
	case colOutcome:
		c.Text(outcome(e.Outcome), e.Outcome)
	case colEvidence:
		c.Text(muted, e.Evidence)
	}
}

// outcomes colour what an act came to; rows are never coloured.
var outcomes = map[string]widget.Style{
	"done": widget.Fg(themes.Good), "ok": widget.Fg(themes.Good), "dead": widget.Fg(themes.Good),
	"failed": widget.Strong(themes.Bad), "alive": widget.Strong(themes.Bad), "partial": widget.Strong(themes.Warn),
	"queued": widget.Fg(themes.Info), "begun": widget.Fg(themes.Info),
}

func outcome(s string) widget.Style {
	if st, ok := outcomes[s]; ok {
		return st
	}
	return plain
}
