package lifecycle

import (
	"context"
	"errors"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
)

// unsaved is an answer that came but could not be stored: the disk was full, or the store
// was locked meanwhile. The provider may have rotated, so it is kept in memory until it is
// stored or this process ends. Nobody gets its token before (RF-5).
type unsaved struct {
	attempt store.ID
	answer  oauth.Answer
}

// commitTries is how often a store that is busy is asked to take an answer, 5 s each.
const commitTries = 4

// keep commits an answer; one that can't be stored now is remembered. ErrConflict means that
// the grant was replaced meanwhile: the answer belongs to one that is no more.
func (e *Engine) keep(ctx context.Context, rec record, p *connectors.Provider, v store.Vault, a oauth.Answer) (RefreshResult, error) {
	var res RefreshResult
	var err error
	for range commitTries {
		res, err = e.commit(ctx, rec, p, v, a)
		var busy *store.BusyError
		if !errors.As(err, &busy) {
			break
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil || errors.Is(err, store.ErrConflict) {
		delete(e.unsaved, rec.grant.ID)
		return res, err
	}
	e.unsaved[rec.grant.ID] = unsaved{attempt: rec.grant.Intent.Attempt, answer: a}
	return res, err
}

// salvage stores an answer that an earlier try of this process could not. found tells that
// there was one for the intent that the record still has.
func (e *Engine) salvage(ctx context.Context, rec record, p *connectors.Provider) (res RefreshResult, found bool, err error) {
	e.mu.Lock()
	u, ok := e.unsaved[rec.grant.ID]
	e.mu.Unlock()
	if !ok {
		return res, false, nil
	}
	if in := rec.grant.Intent; in == nil || in.Attempt != u.attempt || in.Generation != rec.grant.Generation {
		e.mu.Lock()
		delete(e.unsaved, rec.grant.ID)
		e.mu.Unlock()
		return res, false, nil
	}
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return res, true, err
	}
	res, err = e.keep(ctx, rec, p, v, u.answer)
	return res, true, err
}
