package auditlog

import (
	"context"

	"crmdeck/store"
	"crmdeck/ui/page"
)

// The bounds of what is read at once and kept.
const (
	chunk   = 2000   // events that one transaction looks at
	enough  = 500    // matches that one question looks for
	ahead   = 100    // rows below the focus that are always there, if there are any
	maxRows = 20_000 // rows that are kept
)

// list is the events that show, newest first, and how they are read.
type list struct {
	filter  filter
	events  []store.Event
	info    store.Info
	read    bool   // something was read
	newest  uint64 // the last event that was looked at
	oldest  uint64 // the first one
	end     bool   // there are none before it, or no more are kept
	reading page.Slot
	coming  page.Slot
	watch   page.Slot
	err     error
}

func (l *list) cancel() {
	l.reading.Cancel()
	l.coming.Cancel()
	l.watch.Cancel()
}

// found is one answer: matches newest first, the numbers that were looked at, and whether
// that was all.
type found struct {
	events         []store.Event
	newest, oldest uint64
	end            bool
	info           store.Info
}

// search looks for events before a number (0: from the newest on).
func search(ctx context.Context, s store.Store, f filter, before uint64) (out found, err error) {
	if out.info, err = s.Info(ctx); err != nil {
		return out, err
	}
	out.oldest = before
	for len(out.events) < enough && !out.end {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		var some []store.Event
		err := s.Read(ctx, func(r store.Reader) (err error) {
			some, err = r.Events(store.EventFilter{Before: out.oldest, Limit: chunk})
			return err
		})
		if err != nil {
			return out, err
		}
		if len(some) == 0 {
			out.end = true
			break
		}
		if out.newest == 0 {
			out.newest = some[0].Seq
		}
		last := some[len(some)-1].Seq
		out.end = len(some) < chunk || last <= 1
		out.oldest = last
		out.events = f.keep(out.events, some)
	}
	return out, nil
}

// again reads from the newest event on.
func (p *Page) again(e *page.Env) {
	l, s := &p.list, e.Deps.Store
	f := l.filter
	l.coming.Cancel()
	page.Go(e, &l.reading, func(ctx context.Context) (found, error) { return search(ctx, s, f, 0) },
		func(e *page.Env, x found, err error) {
			l.err, l.read = err, true
			if err != nil {
				e.Fail(err, nil)
				return
			}
			l.events, l.newest, l.oldest, l.end, l.info = x.events, max(x.newest, l.newest), x.oldest, x.end, x.info
			p.table.SetRows(&p.rows)
			p.older(e)
		})
}

// older reads on where the focus comes near the last row.
func (p *Page) older(e *page.Env) {
	l, s := &p.list, e.Deps.Store
	at, _, _ := p.table.Focus()
	if !l.read || l.end || l.reading.Runs() || at < len(l.events)-ahead {
		return
	}
	f, before := l.filter, l.oldest
	page.Go(e, &l.reading, func(ctx context.Context) (found, error) { return search(ctx, s, f, before) },
		func(e *page.Env, x found, err error) {
			if err != nil {
				l.end = true
				e.Fail(err, nil)
				return
			}
			l.events = append(l.events, x.events...)
			l.oldest, l.end = x.oldest, x.end || len(l.events) >= maxRows
			p.table.SetRows(&p.rows)
			p.older(e)
		})
}

// follow looks for new events whenever the store may have changed.
func (p *Page) follow(e *page.Env) {
	s := e.Deps.Store
	page.Stream(e, &p.list.watch, true, func(ctx context.Context, news func(struct{})) (struct{}, error) {
		signal, err := s.Watch(ctx)
		if err != nil {
			return struct{}{}, err
		}
		for {
			select {
			case _, ok := <-signal:
				if !ok {
					return struct{}{}, nil
				}
				news(struct{}{})
			case <-ctx.Done():
				return struct{}{}, ctx.Err()
			}
		}
	}, func(e *page.Env, _ struct{}) { p.newer(e) }, func(*page.Env, struct{}, error) {})
}

// newer reads what was appended. The focus stays on its event, unless it is the newest:
// then it follows.
func (p *Page) newer(e *page.Env) {
	l, s := &p.list, e.Deps.Store
	if !l.read || l.err != nil || l.reading.Runs() {
		p.again(e)
		return
	}
	after, f := l.newest, l.filter
	page.Go(e, &l.coming, func(ctx context.Context) (out found, err error) {
		if out.info, err = s.Info(ctx); err != nil {
			return out, err
		}
		var some []store.Event
		err = s.Read(ctx, func(r store.Reader) (err error) {
			some, err = r.Events(store.EventFilter{After: after, Limit: chunk})
			return err
		})
		if len(some) > 0 {
			out.newest, out.end = some[0].Seq, len(some) == chunk
		}
		out.events = f.keep(nil, some)
		return out, err
	}, func(e *page.Env, x found, err error) {
		switch {
		case err != nil:
			e.Fail(err, nil)
		case x.end: // too many to lay them on top
			p.again(e)
		case x.newest > 0:
			at, _, _ := p.table.Focus()
			l.events = append(x.events, l.events...)
			l.events = l.events[:min(len(l.events), maxRows)]
			l.newest, l.info = x.newest, x.info
			p.table.SetRows(&p.rows)
			if at == 0 {
				p.table.Home()
			}
		}
	})
}
