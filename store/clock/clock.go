// Package clock is where the time of day comes from.
//
// Nothing in crmdeck calls time.Now for a decision that is shown or stored: it
// asks a Clock, so that tests can set the time and the demo can run it faster.
// Limits on input and output (dial, read, lock waits) stay real time.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time. Implementations are safe for concurrent use.
type Clock interface {
	// Now is the time of this clock, in UTC.
	Now() time.Time
	// Sleep waits until d has passed on this clock, or returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// System is the computer's clock.
type System struct{}

var _ Clock = System{}

// Now implements Clock. The monotonic reading is kept.
func (System) Now() time.Time { return time.Now().UTC() }

// Sleep implements Clock.
func (System) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Scaled runs speed times as fast as the computer's clock; the demo turns it live.
type Scaled struct {
	mu      sync.Mutex
	base    time.Time // what the clock said at real
	real    time.Time
	speed   float64
	changed chan struct{} // closed and replaced when speed or time changes
}

var _ Clock = (*Scaled)(nil)

// NewScaled starts at start with the given speed (1: as fast as the computer's clock).
func NewScaled(start time.Time, speed float64) *Scaled {
	return &Scaled{base: start.UTC(), real: time.Now(), speed: speed, changed: make(chan struct{})}
}

// Now implements Clock.
func (s *Scaled) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Scaled) now() time.Time {
	return s.base.Add(time.Duration(float64(time.Since(s.real)) * s.speed))
}

// Speed is how many seconds of this clock pass in one real second.
func (s *Scaled) Speed() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.speed
}

// SetSpeed changes the speed from now on; sleepers notice.
func (s *Scaled) SetSpeed(x float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.real, s.speed = s.now(), time.Now(), x
	s.wake()
}

// Advance moves the clock forward by d at once; sleepers notice.
func (s *Scaled) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.real = s.now().Add(d), time.Now()
	s.wake()
}

func (s *Scaled) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Sleep implements Clock.
func (s *Scaled) Sleep(ctx context.Context, d time.Duration) error {
	end := s.Now().Add(d)
	for {
		s.mu.Lock()
		left, changed, speed := end.Sub(s.now()), s.changed, s.speed
		s.mu.Unlock()
		if left <= 0 {
			return nil
		}
		wait := time.Hour
		if speed > 0 {
			wait = min(wait, time.Duration(float64(left)/speed)+time.Millisecond)
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-changed:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
		t.Stop()
	}
}
