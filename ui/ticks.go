package ui

import (
	"time"

	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// settleTicks sets the one tick for the moment when something that shows
// changes by itself: a figure of the page or the dialog, a state of a row, the
// minute in the header. With the window out of focus nothing ticks but the
// states: they decide what is first in line when the person looks again.
func (a *App) settleTicks() {
	now := a.env.Now()
	at, ok := a.nextChange(now)
	if !ok {
		a.ticks.Cancel()
		a.tickAt = time.Time{}
		return
	}
	if !a.tickAt.IsZero() && at.Equal(a.tickAt) {
		return
	}
	a.tickAt = at
	a.env.Tick(&a.ticks, live.Wait(max(at.Sub(now), time.Millisecond)), func(*page.Env) {
		a.tickAt = time.Time{}
		a.pass()
	})
}

// pass judges again the rows whose moment came.
func (a *App) pass() {
	if c := a.env.Live.Pass(a.env.Now()); c.Any {
		a.changed(c)
	}
}

// nextChange is the next moment at which a visible figure or a state changes.
func (a *App) nextChange(now time.Time) (at time.Time, ok bool) {
	at, ok = a.env.Live.Due()
	if a.away {
		return at, ok
	}
	earlier := func(d time.Duration) {
		if t := now.Add(d); !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	earlier(widget.NextMinute(now))
	if t, is := a.top().(page.Ticker); is {
		if w, runs := t.Lasts(a.env); runs {
			earlier(time.Duration(w))
		}
	}
	if t, is := a.dialog.shown().(page.Ticker); is {
		if w, runs := t.Lasts(a.env); runs {
			earlier(time.Duration(w))
		}
	}
	return at, ok
}
