package policy

// Urgency is what Compare compares, for lists that keep it beside their rows:
// the place of the state, then the place within it; the smaller, the more urgent.
func (a *Assessment) Urgency() (rank int, within int64) { return int(a.rank), a.order }
