package lifecycle

import (
	"context"
	"fmt"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// Reserver is a store that can make sure, before a refresh token is spent, that there
// is room for the answer (RF-9). A store without it is asked to write the intent, which
// fails on a full disk too.
type Reserver interface {
	// Reserve fails with ErrUnwritable if n bytes could not be written now.
	Reserve(ctx context.Context, n int64) error
}

// reserved is room for a grant, its summaries, an event and the pages above them.
const reserved = 256 << 10

// mark is step 3: the intent is on disk before the request goes out (RF-4). A second
// try keeps when the first began. g is changed in place.
func (e *Engine) mark(ctx context.Context, g *store.Grant, refresh secret.Value, v store.Vault) error {
	if r, ok := e.cfg.Store.(Reserver); ok {
		if err := r.Reserve(ctx, reserved); err != nil {
			return fmt.Errorf("making room for the answer: %w", err)
		}
	}
	attempt, err := store.NewID(e.cfg.Rand)
	if err != nil {
		return err
	}
	in := store.Intent{Attempt: attempt, TokenHash: v.Fingerprint(refresh), Generation: g.Generation, Begun: e.now()}
	if old := g.Intent; old != nil && old.Generation == g.Generation {
		in.Begun, in.Retried, in.Lost = old.Begun, true, true
	}
	g.Intent = &in
	if err := e.note(ctx, g); err != nil {
		return fmt.Errorf("marking the refresh as begun: %w", err)
	}
	return nil
}

// note stores bookkeeping of a grant: no event of its own, ErrConflict if it changed.
func (e *Engine) note(ctx context.Context, g *store.Grant) error {
	return e.write(ctx, func(w store.Writer) error {
		w.Bookkeeping()
		return w.PutGrant(g)
	})
}
