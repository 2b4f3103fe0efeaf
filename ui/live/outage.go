package live

import (
	"time"

	"crmdeck/store"
	"crmdeck/ui/widget"
)

// Outage is one cause that several connections fail for.
type Outage struct {
	Provider string // its id
	Class    store.Class
	Reason   string // the provider's, or what became of the request
	// Rows is how many connections it hits; CRM the provider's display name.
	Rows int
	CRM  string
}

// cause is what failures are the same by; the zero cause is none.
type cause struct {
	provider string
	class    store.Class
	reason   string
}

// causeOf is why a row fails, if it does.
func causeOf(row *Row) cause {
	s := &row.S
	if s.Class == "" || s.Paused || row.Look.Group == widget.Done {
		return cause{}
	}
	return cause{s.Provider, s.Class, s.Reason}
}

// unreached are the reasons of requests that reached nobody.
var unreached = map[string]bool{"dial": true, "network": true}

// offline reports a failure for want of a network.
func (c cause) offline() bool { return c.class == store.Transient && unreached[c.reason] }

// manyRows is from how many connections on one cause is told once.
const manyRows = 3

// outages counts why rows fail, as far as they do.
type outages struct {
	of      map[cause]int
	offline *bool // worked out since the last change
}

// add counts a row's cause; by is 1 or -1.
func (o *outages) add(c cause, by int) {
	o.offline = nil
	if c == (cause{}) {
		return
	}
	if o.of == nil {
		o.of = map[cause]int{}
	}
	if o.of[c] += by; o.of[c] <= 0 {
		delete(o.of, c)
	}
}

// Outage is what most connections fail for, if several do for one cause and nothing else
// is more urgent than those.
func (r *Rows) Outage() (Outage, bool) {
	first := r.First()
	if first == nil || len(r.outages.of) == 0 {
		return Outage{}, false
	}
	most, n := cause{}, 0
	if c := causeOf(first); first.Look.Group == widget.NeedYou {
		most, n = c, r.outages.of[c]
	} else {
		for c, k := range r.outages.of {
			if k > n || (k == n && c.provider < most.provider) {
				most, n = c, k
			}
		}
	}
	if n < manyRows || most == (cause{}) {
		return Outage{}, false
	}
	return Outage{Provider: most.provider, Class: most.class, Reason: most.reason, Rows: n, CRM: r.name(most.provider)}, true
}

// Offline reports that no provider is reached: calls fail for want of a network, at every
// provider that is in use or at more than one, and none has answered since.
func (r *Rows) Offline() bool {
	if r.outages.offline == nil {
		is := r.isOffline()
		r.outages.offline = &is
	}
	return *r.outages.offline
}

// isOffline works Offline out; it goes through the rows only where one fails so.
func (r *Rows) isOffline() bool {
	lost := map[string]bool{}
	for c := range r.outages.of {
		if c.offline() {
			lost[c.provider] = true
		}
	}
	if len(lost) == 0 {
		return false
	}
	var since, answered time.Time
	used := map[string]bool{}
	for _, row := range r.byID {
		s := &row.S
		if row.Look.Group == widget.Done {
			continue
		}
		used[s.Provider] = true
		if causeOf(row).offline() {
			if since.IsZero() || s.Since.Before(since) {
				since = s.Since
			}
		} else if s.Class != "" && s.Since.After(answered) {
			answered = s.Since
		}
		for _, t := range []time.Time{s.Refreshed, s.TestAt} {
			if t.After(answered) {
				answered = t
			}
		}
	}
	return (len(lost) > 1 || len(used) == 1) && !answered.After(since)
}
