package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"crmdeck/store"
)

// WorkOff implements Lifecycle. It tries everything that is pending now, whatever its
// back-off says; what only a console can end is looked at once. err is set only when nothing could be tried.
func (e *Engine) WorkOff(ctx context.Context, to func(name string, p RevokeProgress)) (done, left int, err error) {
	return e.workOff(ctx, false, to)
}

func (e *Engine) workOff(ctx context.Context, dueOnly bool, to func(name string, p RevokeProgress)) (done, left int, err error) {
	list, err := e.pending(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, rec := range list {
		if ctx.Err() != nil {
			return done, left + 1, context.Cause(ctx)
		}
		r := rec.grant.Revocation
		now := e.now()
		if r.State == store.RevocationDying && now.Before(r.DiesAt) || dueOnly && now.Before(r.Next) {
			left++
			continue
		}
		rev, err := e.revoke(ctx, rec, RevokeOptions{}, func(p RevokeProgress) {
			if to != nil {
				to(rec.conn.Name, p)
			}
		})
		switch {
		case errors.Is(err, store.ErrLocked):
			return done, left + 1, err
		case rev.State == store.RevocationDone && rev.Verdict == store.VerdictDead:
			done++
		default:
			left++
		}
	}
	return done, left, nil
}

// pending reads the grants whose revocation is not finished, with one connection each.
func (e *Engine) pending(ctx context.Context) ([]record, error) {
	var out []record
	err := e.cfg.Store.Read(ctx, func(r store.Reader) error {
		grants, err := r.GrantsPending()
		if err != nil {
			return err
		}
		for _, g := range grants {
			conns, err := r.ConnectionsOf(g.ID)
			if err != nil {
				return err
			}
			if len(conns) == 0 || g.Revocation == nil {
				continue
			}
			rec := record{conn: conns[0]}
			if err := rec.rest(r); err != nil {
				return err
			}
			out = append(out, rec)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is pending: %w", err)
	}
	return out, nil
}
