package policy

import (
	"fmt"
	"testing"
	"time"

	"crmdeck/store"
)

// PR-10: five hundred tokens of the same second are not refreshed in the same second, and
// every process works out the same moment for each.
func TestManyGrantsSpread(t *testing.T) {
	const grants = 500
	issued := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ends := issued.Add(time.Hour)
	minute := map[time.Time]int{}
	for i := range grants {
		id := store.ID(fmt.Sprintf("grant-%d", i))
		at := RefreshAt(id, 7, issued, ends, 0)
		if again := RefreshAt(id, 7, issued, ends, 0); !again.Equal(at) {
			t.Fatalf("%s: %s and %s", id, at, again)
		}
		if at.Before(issued) || !at.Before(ends.Add(-time.Minute)) {
			t.Errorf("%s: %s", id, at)
		}
		minute[at.Truncate(time.Minute)]++
	}
	for at, n := range minute {
		if n > grants/2 {
			t.Errorf("%d of %d within the minute of %s", n, grants, at)
		}
	}
	if len(minute) < 3 {
		t.Errorf("all within %d minutes", len(minute))
	}
}
