// Package live keeps in memory what the deck shows: one row a connection, how
// it looks now, the order, and what a filter leaves of it.
//
// It costs as much as what changed: a change of the store is applied to the
// rows that it names, a row is judged again when its facts changed or when the
// moment came at which it looks different by itself (kept in a heap), and the
// order is mended in place. The order moves only when Settle is called, so that
// a row does not slide away under the cursor. It does no I/O and reads no clock.
package live

import (
	"container/heap"
	"strings"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Row is one connection.
type Row struct {
	S    store.Summary
	Look Look
	// CRM is the provider's display name; Key is S.ID as text.
	CRM, Key string

	fold string // name, for sorting
	hay  string // what a plain word of a filter is looked for in
	at   int    // place among what is shown; -1: hidden
	due  int    // place in the heap; -1: none
	bad  bool   // its place in the order is out of date

	fresh   fresh
	counted bool // it is in the number of its group
	group   widget.Group
	cause   cause // as it is counted in the outages
}

// Rows is all connections in their order, and those of them that are shown.
type Rows struct {
	judge   *Judge
	name    func(provider string) string
	byID    map[store.ID]*Row
	order   []*Row
	shown   []*Row
	glowing []*Row
	first   *Row   // first in line; nil: to be found
	stale   []*Row // rows whose place is out of date
	moved   bool   // rows went, so places are out of date
	due     dueHeap
	counts  [widget.GroupCount]int
	outages outages
	filter  Filter
	sort    Sort
	rev     store.Revision
	loaded  bool
	now     time.Time
}

// New makes empty rows; name is a provider's display name.
func New(judge *Judge, name func(provider string) string) *Rows {
	return &Rows{judge: judge, name: name, byID: map[store.ID]*Row{}, sort: Sort{By: ByState}}
}

// Assess is everything that is to be said of a connection at a moment.
func (r *Rows) Assess(row *Row, now time.Time) policy.Assessment { return r.judge.Assess(&row.S, now) }

// Revision is the newest that was applied; Loaded whether any was.
func (r *Rows) Revision() store.Revision { return r.rev }

// Loaded reports whether the store was read.
func (r *Rows) Loaded() bool { return r.loaded }

// Apply takes in what changed. A change that is older than what is known is
// dropped. Rows that came stand at the end until Settle.
func (r *Rows) Apply(d store.Delta, now time.Time) Change {
	if r.loaded && d.Revision < r.rev {
		return Change{}
	}
	first := !r.loaded
	r.rev, r.loaded, r.now = d.Revision, true, now
	c := Change{All: d.Full}
	if d.Full {
		r.forgetOthers(d.Changed)
	}
	for i := range d.Changed {
		r.put(d.Changed[i], now)
		if !d.Full {
			c.IDs = append(c.IDs, d.Changed[i].ID)
		}
	}
	for _, id := range d.Removed {
		r.remove(id)
		c.IDs = append(c.IDs, id)
	}
	c.Any = d.Full || len(c.IDs) > 0
	if first {
		r.Settle()
	} else if c.Any {
		r.show()
	}
	return c
}

// forgetOthers drops the rows that a full delta does not have.
func (r *Rows) forgetOthers(all []store.Summary) {
	if len(r.byID) == 0 {
		r.order = make([]*Row, 0, len(all))
		return
	}
	have := make(map[store.ID]bool, len(all))
	for i := range all {
		have[all[i].ID] = true
	}
	for id := range r.byID {
		if !have[id] {
			r.remove(id)
		}
	}
}

// put takes in one summary.
func (r *Rows) put(s store.Summary, now time.Time) {
	row, ok := r.byID[s.ID]
	if !ok {
		row = &Row{Key: string(s.ID), at: -1, due: -1}
		r.byID[s.ID] = row
		r.order = append(r.order, row)
	}
	was, tested := row.Look, row.S.TestAt
	row.S = s
	row.CRM = r.name(s.Provider)
	row.fold = strings.ToLower(s.Name)
	row.hay = ""
	row.Look = r.judge.look(&row.S, now)
	r.count(row, true)
	r.schedule(row)
	r.misplace(row)
	if ok {
		r.glow(row, was, tested)
	}
}

// count keeps the number of rows of each group; a tombstone that left is in none.
func (r *Rows) count(row *Row, there bool) {
	if row.counted {
		r.counts[row.group]--
	}
	row.counted, row.group = there && !row.Look.Gone, row.Look.Group
	if row.counted {
		r.counts[row.group]++
	}
	r.outages.add(row.cause, -1)
	row.cause = cause{}
	if there {
		row.cause = causeOf(row)
		r.outages.add(row.cause, 1)
	}
}

// haystack is what plain words of a filter are looked for in; it is made when
// the first word is.
func (row *Row) haystack() string {
	if row.hay != "" {
		return row.hay
	}
	s := &row.S
	parts := []string{s.Name, row.CRM, s.Provider, s.Environment, s.Owner, MethodWord(s.Method), s.Account.ID,
		s.Account.Name, s.Account.User, strings.Join(s.Tags, " ")}
	row.hay = strings.ToLower(text.Clean(strings.Join(parts, " ")))
	return row.hay
}

// remove drops one row.
func (r *Rows) remove(id store.ID) {
	row, ok := r.byID[id]
	if !ok {
		return
	}
	delete(r.byID, id)
	r.count(row, false)
	if row.due >= 0 {
		heap.Remove(&r.due, row.due)
	}
	row.at, row.Key, r.moved, r.first = -1, "", true, nil
}

// misplace notes that a row's place may be out of date.
func (r *Rows) misplace(row *Row) {
	r.first = nil
	if !row.bad {
		row.bad = true
		r.stale = append(r.stale, row)
	}
}

// schedule puts a row into the heap at the moment it looks different.
func (r *Rows) schedule(row *Row) {
	switch {
	case row.Look.Until.IsZero() && row.due >= 0:
		heap.Remove(&r.due, row.due)
	case row.Look.Until.IsZero():
	case row.due >= 0:
		heap.Fix(&r.due, row.due)
	default:
		heap.Push(&r.due, row)
	}
}

// Due is the next moment at which a row looks different by itself.
func (r *Rows) Due() (at time.Time, ok bool) {
	if len(r.due) == 0 {
		return time.Time{}, false
	}
	return r.due[0].Look.Until, true
}

// Pass judges again what looks different at now.
func (r *Rows) Pass(now time.Time) Change {
	var c Change
	left := false
	r.now = now
	for len(r.due) > 0 && !r.due[0].Look.Until.After(now) {
		row := heap.Pop(&r.due).(*Row)
		was := row.Look
		row.Look = r.judge.look(&row.S, now)
		r.count(row, true)
		r.glow(row, was, row.S.TestAt)
		left = left || row.Look.Gone != was.Gone
		r.schedule(row)
		if row.Look.rank != was.rank || row.Look.within != was.within {
			r.misplace(row)
		}
		c.IDs = append(c.IDs, row.S.ID)
	}
	c.Any = len(c.IDs) > 0
	if left || (c.Any && r.filter.Timed()) {
		r.show()
	}
	return c
}

// dueHeap orders rows by the moment at which they look different.
type dueHeap []*Row

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].Look.Until.Before(h[j].Look.Until) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].due, h[j].due = i, j }

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) { row := x.(*Row); row.due = len(*h); *h = append(*h, row) }

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	old := *h
	row := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	row.due = -1
	return row
}
