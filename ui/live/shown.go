package live

import (
	"time"

	"crmdeck/store"
	"crmdeck/ui/widget"
)

// show works out what the filter leaves, and where each row stands.
func (r *Rows) show() {
	r.shown = r.shown[:0]
	if cap(r.shown) < len(r.order) {
		r.shown = make([]*Row, 0, len(r.order)+len(r.order)/8)
	}
	for _, row := range r.order {
		if row.Key == "" || !r.filter.keeps(row, r.now) {
			row.at = -1
			continue
		}
		row.at = len(r.shown)
		r.shown = append(r.shown, row)
	}
}

// Len is the number of rows that are shown.
func (r *Rows) Len() int { return len(r.shown) }

// All is the number of connections, shown or not.
func (r *Rows) All() int { return len(r.byID) }

// At is the row at a place.
func (r *Rows) At(i int) *Row { return r.shown[i] }

// Key is the key of the row at a place.
func (r *Rows) Key(i int) string { return r.shown[i].Key }

// Find is the place of a key, or -1.
func (r *Rows) Find(key string) int {
	if row, ok := r.byID[store.ID(key)]; ok {
		return row.at
	}
	return -1
}

// Get finds a connection, shown or not.
func (r *Rows) Get(id store.ID) (*Row, bool) {
	row, ok := r.byID[id]
	return row, ok
}

// Counts is how many connections each group has, tombstones that left included.
func (r *Rows) Counts() [widget.GroupCount]int { return r.counts }

// First is the connection that is first in line, or nil.
func (r *Rows) First() *Row {
	if r.first != nil {
		return r.first
	}
	for _, row := range r.order {
		if row.Key != "" && (r.first == nil || byUrgency(row, r.first) < 0) {
			r.first = row
		}
	}
	return r.first
}

// Each calls fn for every connection, in no order that means anything.
func (r *Rows) Each(fn func(*Row)) {
	for _, row := range r.order {
		if row.Key != "" {
			fn(row)
		}
	}
}

// Soonest is the connection whose clock ends first, or nil.
func (r *Rows) Soonest() *Row {
	var first *Row
	var at time.Time
	r.Each(func(row *Row) {
		end := soonest(row.Look.Access.At, row.Look.Next.At)
		if !end.IsZero() && end.After(r.now) && (first == nil || end.Before(at)) {
			first, at = row, end
		}
	})
	return first
}
