package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle/jsonscan"
	"crmdeck/store"
)

// Outcomes of a test sync and of its objects.
const (
	OutcomeOK        = "ok"
	OutcomePartial   = "partial"
	OutcomeFailed    = "failed"
	OutcomeCancelled = "cancelled"
	OutcomeCeiling   = "ceiling" // the provider lets nobody read further: a result, no failure
	OutcomeSampled   = "sampled"
	OutcomeSkipped   = "skipped"
)

// What a sample reads at most: pages of an object, and a share of the day's quota.
const (
	samplePages = 10
	quotaShare  = 20 // a twentieth of what is left
)

// keptTests is how many results a connection keeps.
const keptTests = 30

// syncRun is one running test sync.
type syncRun struct {
	*caller
	all    bool
	run    store.TestRun
	shown  *progress
	fatal  error // ends the whole run, not only one object
	budget int   // pages that a sample may still read; -1: not limited yet
}

// Test implements Lifecycle. Cancelling ctx ends it between two records' pages; the
// counts so far are stored.
func (e *Engine) Test(ctx context.Context, id store.ID, o TestOptions, to func(TestProgress)) (store.TestRun, error) {
	began := time.Now() // how long I/O takes is real time
	c, err := e.newCaller(ctx, id)
	if err != nil {
		return store.TestRun{}, err
	}
	s := &syncRun{caller: c, all: o.All, budget: -1}
	s.run = store.TestRun{At: e.now(), All: o.All}
	for _, obj := range c.p.Objects {
		s.run.Objects = append(s.run.Objects, store.TestObject{Name: obj.Name, Total: -1})
	}
	s.shown = newProgress(c.rec.conn.Name, s.run.At, s.run.Objects, to)
	c.waiting = func(d time.Duration, why string) { s.shown.wait(d, why, c) }
	for i, obj := range c.p.Objects {
		s.object(ctx, i, obj)
	}
	s.run.Took, s.run.Requests, s.run.Retries = time.Since(began), c.requests, c.retries
	s.verdict()
	s.shown.end(c)
	if err := s.store(ctx); err != nil {
		return s.run, err
	}
	return s.run, s.failure(ctx)
}

// object reads one kind of record.
func (s *syncRun) object(ctx context.Context, i int, obj connectors.Object) {
	o := &s.run.Objects[i]
	if s.fatal != nil || ctx.Err() != nil {
		o.Outcome = OutcomeSkipped
		s.shown.object(i, false, *o, s.caller)
		return
	}
	s.shown.object(i, true, *o, s.caller)
	if obj.Count != nil && obj.Total == "" {
		o.Total = s.count(ctx, *obj.Count)
	}
	err := s.pages(ctx, i, obj, o)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		o.Outcome = OutcomeCancelled
	default:
		s.failed(o, err)
	}
	s.shown.object(i, false, *o, s.caller)
}

// pages reads the pages of one object until there are no more, or enough.
func (s *syncRun) pages(ctx context.Context, i int, obj connectors.Object, o *store.TestObject) error {
	p, err := newPager(s.rec.grant.BaseURL, obj)
	if err != nil {
		return err
	}
	spec := jsonscan.NewSpec(obj.Records, obj.Page.NextPath, obj.Page.MorePath, obj.Total, sampleRows)
	for {
		if p.ceiling() {
			o.Outcome = OutcomeCeiling
			return nil
		}
		r, err := s.call(ctx, guard.Request{Method: http.MethodGet, URL: p.url, Header: p.header})
		if err != nil {
			return s.deep(p, o, err)
		}
		page, err := spec.Read(r.Body)
		if err != nil {
			return fmt.Errorf("reading a page: %w", err)
		}
		if !page.Found {
			return ErrNoRecords
		}
		s.take(obj, o, page)
		s.shown.page(i, page.Records, r.Took, s.caller, *o)
		more, err := p.advance(page)
		if err != nil {
			return err
		}
		if !more {
			o.Outcome = OutcomeOK
			return nil
		}
		if s.enough(o.Pages, len(s.run.Objects)-i) {
			o.Outcome = OutcomeSampled
			return nil
		}
	}
}

// take counts a page; the first one proves the scopes and gives the sample.
func (s *syncRun) take(obj connectors.Object, o *store.TestObject, page jsonscan.Page) {
	o.Pages++
	o.Records += page.Records
	if page.Total >= 0 {
		o.Total = page.Total
	}
	if o.Pages > 1 {
		return
	}
	o.Proved = obj.Proves
	for _, row := range page.Samples {
		if m := maskRow(row, obj.Sample); m != "" {
			o.Sample = append(o.Sample, m)
		}
	}
}

// deep is a failure of a page; a refusal of a far offset is where the provider ends.
func (s *syncRun) deep(p *pager, o *store.TestObject, err error) error {
	r := crm.AsRefused(err)
	if r != nil && r.HTTP == http.StatusBadRequest && p.page.Style == connectors.PageOffset && p.skip > 0 {
		o.Outcome, o.Reason, o.Message = OutcomeCeiling, r.Reason(), r.Message
		return nil
	}
	return err
}

// enough ends a sample: after its pages, or when its share of the day's quota is used.
// Every object gets at least one page, so the share is spread over those that are left.
func (s *syncRun) enough(pages, objects int) bool {
	if s.all {
		return false
	}
	if s.budget < 0 {
		if left := s.quota.dayLeft(); left >= 0 {
			s.budget = left / quotaShare
		}
	}
	limit := samplePages
	if s.budget >= 0 {
		limit = min(limit, max(1, s.budget/max(1, objects)))
	}
	if pages < limit {
		return false
	}
	if s.budget >= 0 {
		s.budget = max(0, s.budget-pages)
	}
	return true
}

// count asks how many records there are; -1 if that is not told. It reads only, whatever
// its method is.
func (s *syncRun) count(ctx context.Context, q connectors.Count) int {
	n, err := s.caller.count(ctx, q)
	if err != nil {
		return -1
	}
	return n
}

func (c *caller) count(ctx context.Context, q connectors.Count) (int, error) {
	method, url, err := crm.Call(c.rec.grant.BaseURL, q.Request)
	if err != nil {
		return -1, err
	}
	r := guard.Request{Method: method, URL: url}
	if method == http.MethodPost {
		r.JSON = []byte(q.Body)
	}
	resp, err := c.call(ctx, r)
	if err != nil {
		return -1, err
	}
	page, err := jsonscan.NewSpec("", "", "", q.Path, 0).Read(resp.Body)
	if err != nil {
		return -1, fmt.Errorf("reading a count: %w", err)
	}
	return page.Total, nil
}

// failed notes why an object could not be read, and whether the others can.
func (s *syncRun) failed(o *store.TestObject, err error) {
	o.Outcome = OutcomeFailed
	var f *Failure
	switch r := crm.AsRefused(err); {
	case r != nil:
		o.Reason, o.Message = r.Reason(), r.Message
		if len(r.Missing) > 0 {
			o.Message = strings.TrimSpace(o.Message + " " + strings.Join(r.Missing, " "))
		}
		if r.Unauthorized() || r.Class == store.Throttled || r.Class == store.Transient {
			s.fatal = err
		}
	case errors.As(err, &f):
		o.Reason, o.Message, s.fatal = string(f.Kind), f.Message, err
	case underHTTP(err) != nil:
		o.Reason, o.Message, s.fatal = string(underHTTP(err).Kind), underHTTP(err).Error(), err
	default:
		o.Reason, o.Message = pageReason(err), err.Error()
	}
}

// pageReason is the stable word of what is wrong with a page.
func pageReason(err error) string {
	switch {
	case errors.Is(err, ErrForeignLink):
		return "foreign_link"
	case errors.Is(err, ErrRepeated):
		return "repeated_page"
	case errors.Is(err, ErrEndless):
		return "endless_pages"
	case errors.Is(err, ErrNoRecords):
		return "no_records"
	case errors.Is(err, jsonscan.ErrMalformed):
		return "not_json"
	}
	return "definition"
}
