package lifecycle

import (
	"context"
	"fmt"
	"time"

	"crmdeck/connectors/crm"
	"crmdeck/store"
)

// verdict sums the objects up.
func (s *syncRun) verdict() {
	read, failed, cancelled := 0, 0, 0
	for _, o := range s.run.Objects {
		switch o.Outcome {
		case OutcomeFailed:
			failed++
			if s.run.Reason == "" {
				s.run.Reason, s.run.Message = o.Reason, o.Message
			}
		case OutcomeCancelled:
			cancelled++
		case OutcomeSkipped:
		default:
			read++
		}
	}
	skipped := len(s.run.Objects) - read - failed - cancelled
	switch {
	case cancelled > 0 || skipped > 0 && failed == 0:
		s.run.Outcome = OutcomeCancelled
	case failed > 0 && read == 0:
		s.run.Outcome = OutcomeFailed
	case failed > 0:
		s.run.Outcome = OutcomePartial
	default:
		s.run.Outcome = OutcomeOK
	}
}

// store keeps the result with the connection, whatever became of the caller.
func (s *syncRun) store(ctx context.Context) error {
	err := s.e.write(ctx, func(w store.Writer) error {
		conn, err := w.Connection(s.rec.conn.ID)
		if err != nil {
			return err
		}
		conn.Tests = append(conn.Tests, s.run)
		conn.Tests = conn.Tests[max(0, len(conn.Tests)-keptTests):]
		for _, o := range s.run.Objects {
			conn.Proven = union(conn.Proven, o.Proved)
		}
		if err := w.PutConnection(&conn); err != nil {
			return err
		}
		if err := s.health(w); err != nil {
			return err
		}
		_, err = w.Append(event(s.rec, store.ActTest, s.run.Outcome, s.evidence(), ""))
		return err
	})
	if err != nil {
		return fmt.Errorf("storing the test result: %w", err)
	}
	return nil
}

// health carries over to the grant what the run showed: a key that is refused is over
// until it works again, and a session that was used lives longer where use extends it.
func (s *syncRun) health(w store.Writer) error {
	g, err := w.Grant(s.rec.grant.ID)
	if err != nil || g.Generation != s.rec.grant.Generation || g.Revocation != nil {
		return err
	}
	before := g.Trouble
	refused := crm.AsRefused(s.fatal)
	switch {
	case refused != nil && refused.Unauthorized() && s.key:
		t, _ := ofCall(refused, "test")
		t.Class = store.Dead
		g.Trouble = s.e.trouble(g.Trouble, t, 0)
	case s.fatal == nil && s.worked && g.Trouble != nil && (g.Trouble.Where != "refresh" || s.key):
		g.Trouble = nil
	}
	extended := s.extend(&g)
	if before == g.Trouble && !extended {
		return nil
	}
	return w.PutGrant(&g)
}

// extend moves the assumed end of a session that every call extends (Tokens.Sliding).
func (s *syncRun) extend(g *store.Grant) bool {
	if !s.p.Tokens.Sliding || s.key || !s.worked || s.fatal != nil || g.Access == nil || g.Access.Expires.IsZero() {
		return false
	}
	life := time.Duration(s.p.Tokens.AccessLifetime) * time.Second
	if !g.Access.Assumed {
		life = g.Access.Expires.Sub(g.Access.Issued)
	}
	until := s.e.now().Add(life)
	if until.Sub(g.Access.Expires) < time.Minute {
		return false
	}
	g.Access.Expires, g.Access.Assumed = until, true
	return true
}

func (s *syncRun) evidence() string {
	records := 0
	for _, o := range s.run.Objects {
		records += o.Records
	}
	line := fmt.Sprintf("%d records, %d requests, %d retries", records, s.run.Requests, s.run.Retries)
	if s.run.Reason != "" {
		line += "; first failure: " + s.run.Reason
	}
	return line
}

// failure is the error of a run that ended before its time: nil when there is a result to
// look at, even a bad one.
func (s *syncRun) failure(ctx context.Context) error {
	if s.run.Outcome == OutcomeCancelled && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.run.Outcome != OutcomeFailed {
		return nil
	}
	return s.rec.ofRefusal(s.fatal)
}

// ofRefusal is the Failure that a failed data call stands for.
func (rec record) ofRefusal(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*Failure); ok {
		return err
	}
	t, _ := ofCall(err, "test")
	kind := FailUnavailable
	switch {
	case t.Class == store.Dead || t.Class == "":
		kind, t.Class = FailReconnect, store.Dead
	case t.Class == store.Config:
		kind = FailConfig
	}
	f := rec.failure(kind, err)
	f.Class, f.Reason, f.Message, f.HTTP = t.Class, t.Reason, t.Message, t.HTTP
	f.Since, f.Next = time.Time{}, time.Time{}
	return f
}

// Cost implements Lifecycle with one counting call for each object.
func (e *Engine) Cost(ctx context.Context, id store.ID) (Cost, error) {
	c, err := e.newCaller(ctx, id)
	if err != nil {
		return Cost{}, err
	}
	out := Cost{Quota: c.quota}
	unknown := false
	for _, o := range c.p.Objects {
		n := -1
		if o.Count != nil {
			if n, err = c.count(ctx, *o.Count); err != nil && ctx.Err() != nil {
				return Cost{}, err
			}
		}
		if n < 0 {
			unknown = true
			continue
		}
		out.Records += n
		out.Calls += max(1, (n+o.Page.Size-1)/max(1, o.Page.Size))
		if o.Total == "" {
			out.Calls++ // the count before the pages
		}
	}
	out.Quota = c.quota
	if unknown {
		out.Calls = -1
	}
	return out, nil
}
