package lifecycle

import (
	"slices"
	"sync"
	"time"

	"crmdeck/store"
)

// How a running test sync is shown. All of this measures I/O and is in real time.
const (
	redrawEvery = 100 * time.Millisecond
	rateOver    = 3 * time.Second
	sparkEvery  = 500 * time.Millisecond
	sparkLength = 40
	latencyKept = 512 // the last answers that p50 and p95 are of
)

// progress collects the figures of a running test sync and hands them on. It is
// called by one goroutine, but for the timer that shows a wait.
type progress struct {
	mu      sync.Mutex
	to      func(TestProgress)
	began   time.Time
	shown   time.Time
	state   TestProgress
	objects []gauge
	all     gauge
	spark   time.Time
	sparkN  int
}

// gauge measures one object, or all of them.
type gauge struct {
	records int
	took    []time.Duration // a ring of the last latencies
	at      int
	marks   []moment // records so far at moments of the last seconds
}

type moment struct {
	at time.Time
	n  int
}

func newProgress(name string, started time.Time, objects []store.TestObject, to func(TestProgress)) *progress {
	p := &progress{to: to, began: time.Now(), objects: make([]gauge, len(objects))}
	p.spark = p.began
	p.state = TestProgress{Connection: name, Started: started, Quota: unknownQuota(), Objects: make([]ObjectProgress, len(objects))}
	for i, o := range objects {
		p.state.Objects[i].TestObject = o
	}
	return p
}

// add counts one answer of an object.
func (g *gauge) add(now time.Time, records int, took time.Duration) {
	g.records += records
	if len(g.took) < latencyKept {
		g.took = append(g.took, took)
	} else {
		g.took[g.at%latencyKept] = took
	}
	g.at++
	if n := len(g.marks); n > 0 && now.Sub(g.marks[n-1].at) < redrawEvery {
		g.marks[n-1].n = g.records
		return
	}
	g.marks = append(g.marks, moment{now, g.records})
	for len(g.marks) > 2 && now.Sub(g.marks[1].at) > rateOver {
		g.marks = g.marks[1:]
	}
}

// rate is records a second over the last seconds, or since began if that is shorter.
func (g *gauge) rate(began, now time.Time) float64 {
	if len(g.marks) == 0 {
		return 0
	}
	from := moment{at: began}
	if now.Sub(g.marks[0].at) > rateOver/2 {
		from = g.marks[0]
	}
	d := now.Sub(from.at).Seconds()
	if d <= 0 {
		return 0
	}
	return float64(g.records-from.n) / d
}

func (g *gauge) percentiles() (p50, p95 time.Duration) {
	if len(g.took) == 0 {
		return 0, 0
	}
	sorted := slices.Sorted(slices.Values(g.took))
	return sorted[len(sorted)/2], sorted[len(sorted)*95/100]
}

// page counts one page of object i and shows it if it is time to.
func (p *progress) page(i, records int, took time.Duration, c *caller, o store.TestObject) {
	if p.to == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.objects[i].add(now, records, took)
	p.all.add(now, records, took)
	p.state.Objects[i].TestObject, p.state.Objects[i].Running = o, true
	p.calls(c)
	if now.Sub(p.shown) >= redrawEvery {
		p.show(now)
	}
}

// object notes that an object has begun or ended.
func (p *progress) object(i int, running bool, o store.TestObject, c *caller) {
	if p.to == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Objects[i].TestObject, p.state.Objects[i].Running = o, running
	p.calls(c)
	p.show(time.Now()) // few, and what they tell must not wait for a slow answer
}

// wait shows that the provider asked to wait; 0 ends it.
func (p *progress) wait(d time.Duration, why string, c *caller) {
	if p.to == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Waiting, p.state.WaitReason = d, why
	p.calls(c)
	if d > 0 {
		p.show(time.Now())
	}
}

// end shows the last picture.
func (p *progress) end(c *caller) {
	if p.to == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Done, p.state.ETA = true, 0
	p.calls(c)
	p.show(time.Now())
}

func (p *progress) calls(c *caller) {
	p.state.Requests, p.state.Retries, p.state.Quota = c.requests, c.retries, c.quota
}

// show works the figures out and hands on a copy.
func (p *progress) show(now time.Time) {
	p.shown = now
	s := &p.state
	s.Rate = p.all.rate(p.began, now)
	s.Best = max(s.Best, s.Rate)
	s.P50, s.P95 = p.all.percentiles()
	left, known := 0, true
	for i := range s.Objects {
		o, g := &s.Objects[i], &p.objects[i]
		o.P50, o.P95 = g.percentiles()
		if o.Running {
			o.Rate = g.rate(p.began, now)
		}
		switch {
		case o.Outcome != "":
		case o.Total < 0:
			known = false
		default:
			left += max(0, o.Total-o.Records)
		}
	}
	if s.ETA = 0; known && s.Rate > 0 && !s.Done {
		s.ETA = time.Duration(float64(left) / s.Rate * float64(time.Second))
	}
	if now.Sub(p.spark) >= sparkEvery || s.Done {
		if d := now.Sub(p.spark).Seconds(); d > 0 {
			s.Rates = append(s.Rates, float64(p.all.records-p.sparkN)/d)
		}
		s.Rates = s.Rates[max(0, len(s.Rates)-sparkLength):]
		p.spark, p.sparkN = now, p.all.records
	}
	out := *s
	out.Objects, out.Rates = slices.Clone(s.Objects), slices.Clone(s.Rates)
	p.to(out)
}
