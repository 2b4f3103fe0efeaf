package live

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Column names an order.
type Column string

// The orders; ByState is urgency, the one a deck starts with.
const (
	ByState  Column = "state"
	ByName   Column = "name"
	ByCRM    Column = "crm"
	ByEnv    Column = "env"
	ByMethod Column = "method"
	ByScopes Column = "scopes"
	ByAccess Column = "access"
	ByNext   Column = "next"
	ByKey    Column = "key"
	ByTest   Column = "test"
	ByOwner  Column = "owner"
)

// Columns lists the orders as they are offered.
func Columns() []Column {
	return []Column{ByState, ByName, ByCRM, ByEnv, ByMethod, ByScopes, ByAccess, ByNext, ByKey, ByTest, ByOwner}
}

// Sort is an order; Up turns it around.
type Sort struct {
	By Column
	Up bool
}

// Sort is the order in force.
func (r *Rows) Sort() Sort { return r.sort }

// SetSort orders all rows anew.
func (r *Rows) SetSort(s Sort) {
	r.sort = s
	r.sortAll()
	r.show()
}

// Stale reports whether Settle would move anything.
func (r *Rows) Stale() bool { return len(r.stale) > 0 || r.moved }

// mendable is the share of rows, one in this many, up to which the order is
// mended instead of made anew.
const mendable = 8

// Settle brings the order up to date.
func (r *Rows) Settle() {
	if !r.Stale() {
		return
	}
	if len(r.stale)*mendable > len(r.order) {
		r.sortAll()
	} else {
		r.mend()
	}
	r.show()
}

// sortAll makes the order anew.
func (r *Rows) sortAll() {
	r.order = slices.DeleteFunc(r.order, func(row *Row) bool { return row.Key == "" })
	slices.SortFunc(r.order, r.compare())
	for _, row := range r.stale {
		row.bad = false
	}
	r.stale, r.moved = r.stale[:0], false
}

// mend takes the stale rows out and merges them in again.
func (r *Rows) mend() {
	compare := r.compare()
	moved := slices.DeleteFunc(slices.Clone(r.stale), func(row *Row) bool { return row.Key == "" })
	slices.SortFunc(moved, compare)
	kept := slices.DeleteFunc(r.order, func(row *Row) bool { return row.bad || row.Key == "" })
	merged := make([]*Row, 0, len(kept)+len(moved))
	for _, row := range moved {
		at, _ := slices.BinarySearchFunc(kept, row, compare)
		merged = append(append(merged, kept[:at]...), row)
		kept = kept[at:]
	}
	r.order = append(merged, kept...)
	for _, row := range r.stale {
		row.bad = false
	}
	r.stale, r.moved = r.stale[:0], false
}

// compare is the order in force; rows that it does not tell apart follow
// urgency, then their names.
func (r *Rows) compare() func(a, b *Row) int {
	by, sign := comparers[r.sort.By], 1
	if by == nil {
		by = byUrgency
	}
	if r.sort.Up {
		sign = -1
	}
	return func(a, b *Row) int {
		if c := by(a, b); c != 0 {
			return sign * c
		}
		return sign * byUrgency(a, b)
	}
}

// comparers is the order of each column, as its figures ask: what ends first,
// what is oldest, what is riskiest stands on top.
var comparers = map[Column]func(a, b *Row) int{
	ByState:  byUrgency,
	ByName:   func(a, b *Row) int { return strings.Compare(a.fold, b.fold) },
	ByCRM:    func(a, b *Row) int { return strings.Compare(a.CRM, b.CRM) },
	ByEnv:    func(a, b *Row) int { return strings.Compare(a.S.Environment, b.S.Environment) },
	ByMethod: func(a, b *Row) int { return strings.Compare(string(a.S.Method), string(b.S.Method)) },
	ByScopes: func(a, b *Row) int {
		return cmp.Or(cmp.Compare(b.S.Risky, a.S.Risky), cmp.Compare(b.S.Granted, a.S.Granted))
	},
	ByAccess: func(a, b *Row) int { return byMoment(a.S.Access, b.S.Access) },
	ByNext:   func(a, b *Row) int { return byMoment(a.Look.Next.At, b.Look.Next.At) },
	ByKey:    func(a, b *Row) int { return byMoment(a.S.KeyMade, b.S.KeyMade) },
	ByTest:   func(a, b *Row) int { return byMoment(a.S.TestAt, b.S.TestAt) },
	ByOwner:  func(a, b *Row) int { return strings.Compare(a.S.Owner, b.S.Owner) },
}

// byUrgency is the order of the deck: the state, then what gets worse first.
func byUrgency(a, b *Row) int {
	if c := cmp.Compare(a.Look.rank, b.Look.rank); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Look.within, b.Look.within); c != 0 {
		return c
	}
	if c := strings.Compare(a.fold, b.fold); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// byMoment puts the earlier moment first, and none last.
func byMoment(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
