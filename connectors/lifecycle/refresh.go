package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmdeck/connectors"
	"crmdeck/store"
)

// want says what a caller of a refresh would be content with.
type want struct {
	gen     uint64    // the generation that the caller knows
	until   time.Time // an access token that lives until then will do
	newer   bool      // only a newer generation will do
	attempt bool      // spend the one try of an uncertain grant
	person  bool      // somebody asked for it: back-off and latched settings are tried again
	refused bool      // the provider has refused the stored access token
	job     string    // that it is wanted for, if one is named
}

// met reports that the grant holds what is wanted; it is then adopted (RF-3). A generation
// that the caller does not know yet was made while it waited: that will do however short it
// lives, or else each of many callers would refresh in turn.
func (w want) met(g store.Grant, now time.Time) bool {
	switch {
	case !lives(g, now):
		return false
	case g.Generation > w.gen:
		return true
	}
	return !w.newer && (g.Access.Expires.IsZero() || !g.Access.Expires.Before(w.until))
}

func hasAccess(g store.Grant) bool { return g.Access != nil && !g.Access.Sealed.IsZero() }

// lives reports that the stored access token can still be handed out.
func lives(g store.Grant, now time.Time) bool {
	return hasAccess(g) && (g.Access.Expires.IsZero() || g.Access.Expires.After(now))
}

// Refresh implements Lifecycle.
func (e *Engine) Refresh(ctx context.Context, id store.ID, attempt bool) (RefreshResult, error) {
	rec, err := e.load(ctx, id)
	if err != nil {
		return RefreshResult{}, err
	}
	return e.refresh(ctx, rec, want{gen: rec.grant.Generation, newer: true, attempt: attempt, person: true})
}

// refresh gets what is wanted: by waiting for a run that is under way in this process,
// and by a run of its own if that did not bring it.
func (e *Engine) refresh(ctx context.Context, rec record, w want) (RefreshResult, error) {
	if err := e.admissible(rec, w); err != nil {
		return RefreshResult{}, err
	}
	for {
		res, joined, err := e.share(ctx, rec.grant.ID, rec.conn.Name, func(ctx context.Context, f *flight) (RefreshResult, error) {
			return e.underLease(ctx, f, rec.conn.ID, w)
		})
		if !joined || ctx.Err() != nil {
			return res, err
		}
		if err == nil && !(w.newer && res.Generation <= w.gen) {
			res.Refreshed = false
			return res, nil
		}
		if err != nil && !w.mayDoMore(err) {
			return RefreshResult{}, err
		}
	}
}

// mayDoMore reports that a run which others began failed because of what they were not
// allowed to do, or because all of them gave up.
func (w want) mayDoMore(err error) bool {
	if errors.Is(err, context.Canceled) {
		return true
	}
	var f *Failure
	if !errors.As(err, &f) || !w.person && !w.refused {
		return false
	}
	return f.Kind == FailUncertain || f.Kind == FailPaused || f.Kind == FailSuspect
}

// underLease is steps 1 to 7 of a refresh.
func (e *Engine) underLease(ctx context.Context, f *flight, id store.ID, w want) (RefreshResult, error) {
	rec, err := e.load(ctx, id)
	if err != nil {
		return RefreshResult{}, err
	}
	lease, err := e.lease(ctx, rec, "refreshing "+rec.conn.Name)
	if err != nil {
		return e.adoptOr(ctx, id, w, err)
	}
	defer e.step("done")
	defer lease.Release()
	e.step("lease")
	// A second round is for a record that changed between reading and marking it, and
	// for the second try inside a provider's grace.
	for range 4 {
		if rec, err = e.load(ctx, id); err != nil {
			return RefreshResult{}, err
		}
		e.step("reread")
		if w.met(rec.grant, e.now()) {
			return adopted(rec.grant), nil
		}
		if err := e.admissible(rec, w); err != nil {
			return RefreshResult{}, err
		}
		p, err := e.provider(rec)
		if err != nil {
			return RefreshResult{}, err
		}
		if res, found, err := e.salvage(ctx, rec, p); found && !errors.Is(err, store.ErrConflict) {
			return res, err
		}
		if err := e.mayTry(ctx, rec, p, w); err != nil {
			return RefreshResult{}, err
		}
		if err := e.mayUse(ctx, rec, p, w); err != nil {
			return RefreshResult{}, err
		}
		rec.job = w.job
		res, again, err := e.exchange(ctx, f, rec, p)
		if !again && !errors.Is(err, store.ErrConflict) {
			return res, err
		}
	}
	return RefreshResult{}, rec.failure(FailConflict, store.ErrConflict)
}

// lease waits for the right to refresh.
func (e *Engine) lease(ctx context.Context, rec record, what string) (store.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseWait)
	defer cancel()
	lease, err := e.cfg.Store.Lease(ctx, rec.grant.ID, what)
	if err != nil {
		var held *store.HeldError
		if errors.As(err, &held) && !errors.Is(err, context.Canceled) {
			return nil, rec.failure(FailHeld, err)
		}
		return nil, fmt.Errorf("waiting for the right to refresh: %w", err)
	}
	return lease, nil
}

// adoptOr looks whether the holder of the lease has brought what is wanted, else it is err.
func (e *Engine) adoptOr(ctx context.Context, id store.ID, w want, err error) (RefreshResult, error) {
	if ctx.Err() != nil {
		return RefreshResult{}, err
	}
	rec, again := e.load(ctx, id)
	if again == nil && w.met(rec.grant, e.now()) {
		return adopted(rec.grant), nil
	}
	return RefreshResult{}, err
}

func adopted(g store.Grant) RefreshResult {
	return RefreshResult{Generation: g.Generation, Expires: g.Access.Expires, Assumed: g.Access.Assumed}
}

// admissible refuses what must not be sent, without a lease or a request.
func (e *Engine) admissible(rec record, w want) error {
	g, now := rec.grant, e.now()
	switch {
	case g.Key != nil || g.Method == store.APIKey:
		return rec.failure(FailUnsupported, nil)
	case g.Revocation != nil:
		return rec.ended(nil)
	case rec.conn.Paused && !w.person:
		return rec.failure(FailPaused, nil)
	case g.Handed != nil, g.Trouble != nil && g.Trouble.Class == store.Dead:
		return rec.failure(FailReconnect, nil)
	case g.Refresh == nil || g.Refresh.Sealed.IsZero():
		f := rec.failure(FailReconnect, nil)
		f.Class, f.Reason = store.Dead, ReasonNoRefresh
		return f
	case g.Trouble != nil && g.Trouble.Class == store.Config && !w.person:
		return rec.failure(FailConfig, nil)
	case g.Trouble != nil && g.Trouble.Next.After(now) && g.Trouble.Where == "refresh" && (!w.person || g.Trouble.Class == store.Throttled):
		// A clock that was set back must not keep it waiting for years.
		if g.Trouble.Next.Sub(now) <= 2*longestWait {
			return rec.failure(FailUnavailable, nil)
		}
	}
	return nil
}

// mayTry is step 7: whether a grant whose answer was lost may be tried now. A lease is
// held, so nobody is between sending and storing any more.
func (e *Engine) mayTry(ctx context.Context, rec record, p *connectors.Provider, w want) error {
	in := rec.grant.Intent
	if in == nil || in.Generation != rec.grant.Generation {
		return nil
	}
	if in.Retried {
		return e.giveUp(ctx, rec)
	}
	now := e.now()
	grace := time.Duration(p.Tokens.GraceS) * time.Second
	inside := grace > 0 && now.Sub(in.Begun) < grace && !now.Before(in.Begun)
	if inside || w.attempt || w.refused || !lives(rec.grant, now) || fromTomorrow(rec.grant, now) {
		return nil
	}
	if !in.Lost {
		in.Lost = true
		if err := e.note(ctx, &rec.grant); err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return rec.failure(FailUncertain, nil)
}
