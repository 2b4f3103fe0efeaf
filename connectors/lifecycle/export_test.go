package lifecycle

import (
	"time"

	"crmdeck/store"
)

// NextDue is what the scheduler works out at each look.
func NextDue(sums []store.Summary, now time.Time) time.Time {
	var next time.Time
	for i := range sums {
		if t, at := due(&sums[i], 0, now); t != idle && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}
