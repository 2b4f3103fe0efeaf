package bolt_test

import (
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

// AU-11: a clock that was set back changes no order: the sequence rises, and the event says so.
func TestClockSetBackIsFlagged(t *testing.T) {
	c := clock.NewScaled(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), 0)
	s := storetest.NewAt(t, c)
	edit := func() (seq uint64) {
		err := s.Write(t.Context(), func(w store.Writer) (err error) {
			seq, err = w.Append(store.Event{Act: store.ActEdit, Outcome: "done", Evidence: "owner"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return seq
	}
	first := edit()
	c.Advance(-48 * time.Hour)
	if second := edit(); second != first+1 {
		t.Errorf("%d comes after %d", second, first)
	}
	err := s.Read(t.Context(), func(r store.Reader) error {
		list, err := r.Events(store.EventFilter{Limit: 1})
		if err == nil && (len(list) != 1 || !strings.Contains(list[0].Evidence, "clock went back 48h") || !strings.Contains(list[0].Evidence, "owner")) {
			t.Errorf("%+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	chainHolds(t, s)
}
