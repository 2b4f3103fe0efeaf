package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("x", 3600))

func TestScaledRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewScaled(start, 60)
		passes(t, 2*time.Second)
		if got := c.Now().Sub(start); got != 2*time.Minute || c.Now().Location() != time.UTC {
			t.Errorf("after 2 s at 60: %v, %v", got, c.Now().Location())
		}
		c.SetSpeed(0)
		passes(t, time.Hour)
		if got := c.Now().Sub(start); got != 2*time.Minute || c.Speed() != 0 {
			t.Errorf("a stopped clock went on to %v", got)
		}
		c.Advance(time.Hour)
		c.SetSpeed(1)
		passes(t, time.Minute)
		if got := c.Now().Sub(start); got != 63*time.Minute {
			t.Errorf("after an advance: %v", got)
		}
	})
}

// passes lets real time pass; within synctest that takes none.
func passes(t *testing.T, d time.Duration) {
	t.Helper()
	if err := (System{}).Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestScaledWakesSleepers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewScaled(start, 0)
		woke := make(chan time.Time, 3)
		for range 3 {
			go func() {
				if err := c.Sleep(t.Context(), time.Hour); err == nil {
					woke <- c.Now()
				}
			}()
		}
		synctest.Wait()
		c.Advance(59 * time.Minute)
		synctest.Wait()
		if len(woke) != 0 {
			t.Error("woke before the time")
		}
		c.SetSpeed(60)
		for range 3 {
			if at := <-woke; at.Sub(start) < time.Hour || at.Sub(start) > time.Hour+time.Second {
				t.Errorf("woke at %v", at.Sub(start))
			}
		}
	})
}

func TestSleepEndsWithContext(t *testing.T) {
	for name, c := range map[string]Clock{"system": System{}, "scaled": NewScaled(start, 0)} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Sleep(ctx, time.Hour) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
