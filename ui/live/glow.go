package live

import "time"

// fresh marks the cells that changed by themselves and are to be seen doing so.
type fresh struct{ state, test bool }

// glow notes what changed of a row since it looked like was.
func (r *Rows) glow(row *Row, was Look, tested time.Time) {
	f := fresh{state: row.Look.State != was.State, test: !row.S.TestAt.Equal(tested)}
	if !f.state && !f.test {
		return
	}
	row.fresh = f
	r.glowing = append(r.glowing, row)
}

// Glows reports which cells of a row changed by themselves a moment ago.
func (row *Row) Glows() (state, test bool) { return row.fresh.state, row.fresh.test }

// Glowing reports whether any row glows; Dim ends it for all.
func (r *Rows) Glowing() bool { return len(r.glowing) > 0 }

// Dim ends the glow of all rows.
func (r *Rows) Dim() {
	for _, row := range r.glowing {
		row.fresh = fresh{}
	}
	r.glowing = r.glowing[:0]
}
