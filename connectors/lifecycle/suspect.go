package lifecycle

import (
	"context"
	"fmt"

	"crmdeck/connectors"
	"crmdeck/store"
)

// mayUse asks before a refresh token is used that another copy of the store may have
// spent (RF-14): one that was issued before the store became a copy or was put back, at a
// provider that replaces refresh tokens, or may. One that was issued or has worked here since
// then, and one that is never replaced, goes on as ever. A person's attempt is the answer.
func (e *Engine) mayUse(ctx context.Context, rec record, p *connectors.Provider, w want) error {
	if w.attempt || p.Tokens.Rotates == connectors.RotatesNever {
		return nil
	}
	x, err := e.suspicion(ctx, rec.grant)
	if err != nil || x == nil {
		return err
	}
	f := rec.failure(FailSuspect, nil)
	f.Suspect, f.Since = *x, x.Seen
	return f
}

// suspicion is why the grant's refresh token may have been spent elsewhere; nil: it was not.
func (e *Engine) suspicion(ctx context.Context, g store.Grant) (*store.Suspicion, error) {
	if !g.Restored.IsZero() {
		return &store.Suspicion{Why: store.SuspectRestored, Seen: g.Restored}, nil
	}
	placer, ok := e.cfg.Store.(store.Placer)
	if !ok {
		return nil, nil
	}
	at, err := placer.Place(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking where the store is: %w", err)
	}
	if at.Suspect == nil || g.Refresh == nil || !g.Refresh.Issued.Before(at.Suspect.Seen) ||
		!g.Refreshed.Before(at.Suspect.Seen) { // it worked here since then, so nobody had spent it
		return nil, nil
	}
	return at.Suspect, nil
}
