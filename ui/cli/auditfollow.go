package cli

import (
	"context"

	"crmdeck/store"
	"crmdeck/store/text"
)

// followWidths are the columns of events that come one after the other: what is wider
// moves the rest of its line.
func followWidths() []int { return []int{6, 19, 10, 10, 11, 18, 7, 1} }

// follow writes the newest events and then each that comes, whoever writes it, until it is
// interrupted. Nothing is held between them.
func (a *app) follow(ctx context.Context, s *session, q query) error {
	log, err := s.auditReader()
	if err != nil {
		return err
	}
	news, err := s.st.Watch(ctx) // before the first look, so that nothing falls between
	if err != nil {
		return err
	}
	info, err := s.st.Info(ctx)
	if err != nil {
		return err
	}
	last := info.Events
	q.Before = last + 1
	events, err := s.events(ctx, q)
	if err != nil {
		return err
	}
	if !a.global.json {
		a.row(auditTitles(), followWidths())
	}
	for i := range events {
		if err := a.followed(&events[i]); err != nil {
			return err
		}
	}
	after := max(last, q.After)
	for {
		err := log.EachEvent(ctx, after, func(page []store.Event) error {
			for i := range page {
				after = page[i].Seq
				if !q.wants(&page[i]) {
					continue
				}
				if err := a.followed(&page[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		select {
		case _, ok := <-news:
			if !ok {
				return ctx.Err()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// followed writes one event at once.
func (a *app) followed(e *store.Event) error {
	if a.global.json {
		return a.eventJSON(e)
	}
	row := eventRow(e)
	for i := range row {
		row[i] = text.Cut(text.Clean(row[i]), maxCell)
	}
	a.row(row, followWidths())
	return a.out.err
}
