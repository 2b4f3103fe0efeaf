package lifecycle

import (
	"context"
	"fmt"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
)

// refusal is step 6 and the way into step 7: what to do when no token came.
func (e *Engine) refusal(ctx context.Context, rec record, p *connectors.Provider, err error) (RefreshResult, bool, error) {
	o := asOAuth(err)
	if o == nil {
		o = &oauth.Error{Class: store.Transient, Code: "unknown", Unknown: true}
	}
	switch {
	case o.Unknown && !harmless(p, o):
		return e.lost(ctx, rec, p, o)
	case o.Class == store.Dead:
		return e.dead(ctx, rec, p, o)
	}
	t := e.trouble(rec.grant.Trouble, ofOAuth(o), o.RetryAfter)
	if rec.grant.Intent.Retried {
		// Nothing was spent: the one try is still to come.
		rec.grant.Intent.Retried = false
	} else {
		rec.grant.Intent = nil
	}
	if err := e.settle(ctx, &rec, t, store.ActRefresh, "failed", fmt.Sprintf("%s: %s", t.Class, t.Reason)); err != nil {
		return RefreshResult{}, false, err
	}
	return RefreshResult{}, false, rec.troubled(o)
}

// harmless reports an answer of failure from a provider whose refresh changes no refresh
// token: nothing can have been spent, so it is tried again like any failed request.
func harmless(p *connectors.Provider, o *oauth.Error) bool {
	return p.Tokens.Rotates == connectors.RotatesNever && o.HTTP >= 500
}

// dead believes invalid_grant only after another look at the record (step 6).
func (e *Engine) dead(ctx context.Context, rec record, p *connectors.Provider, o *oauth.Error) (RefreshResult, bool, error) {
	now, err := e.load(context.WithoutCancel(ctx), rec.conn.ID)
	if err != nil {
		return RefreshResult{}, false, err
	}
	if now.grant.Generation != rec.grant.Generation || now.grant.Family != rec.grant.Family {
		return RefreshResult{}, true, nil // somebody else was faster: adopt
	}
	second := rec.grant.Intent.Retried
	copied, err := e.suspicion(context.WithoutCancel(ctx), rec.grant)
	if err != nil {
		return RefreshResult{}, false, err
	}
	rec.grant.Intent = nil
	what := ofOAuth(o)
	evidence := "the provider refused the refresh token: " + what.Reason
	var more []store.Event
	switch {
	case second:
		what.Cause, evidence = store.CauseSecondTry, "the second try after a lost answer was refused: "+what.Reason
	case copied != nil:
		what.Cause, evidence = store.CauseOtherCopy, "the refresh token was refused; another copy of this store can have used it: "+what.Reason
	case e.theft(rec, p, o):
		what.Cause = store.CauseTheft
		more = []store.Event{event(rec, store.ActSuspicious, "refused", theftLine, "")}
	}
	t := e.trouble(rec.grant.Trouble, what, 0)
	if err := e.settle(ctx, &rec, t, store.ActRefresh, "failed", evidence, more...); err != nil {
		return RefreshResult{}, false, err
	}
	return RefreshResult{}, false, rec.failure(FailReconnect, o)
}

// theftLine is the evidence of the one event about it.
const theftLine = "possible theft: the newest refresh token is refused though it was to live; used by somebody else, or revoked at the provider"

// theft reports that the newest refresh token of a grant that rotates was refused though
// it was to live (RF-7): somebody has used a copy and the provider has ended the whole
// grant, or an admin has revoked it there. The answer is the same, and so is what to do.
func (e *Engine) theft(rec record, p *connectors.Provider, o *oauth.Error) bool {
	g, now := rec.grant, e.now()
	if o.Code != "invalid_grant" || p.Tokens.Rotates == connectors.RotatesNever || p.Tokens.Rotates != connectors.RotatesAlways && g.Rotations == 0 {
		return false
	}
	over := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	return !over(g.Refresh.Expires) && !over(g.Refresh.IdleExpires)
}

// lost is the way into uncertainty: the request may have been obeyed, and nobody knows.
func (e *Engine) lost(ctx context.Context, rec record, p *connectors.Provider, o *oauth.Error) (RefreshResult, bool, error) {
	in := rec.grant.Intent
	if in.Retried {
		if err := e.giveUp(ctx, rec); err != nil {
			return RefreshResult{}, false, err
		}
	}
	in.Lost = true
	if err := e.settle(ctx, &rec, rec.grant.Trouble, store.ActRefresh, "uncertain", "the answer was lost: "+o.Code); err != nil {
		return RefreshResult{}, false, err
	}
	// Inside a grace that the provider states, the one try comes at once.
	if p.Tokens.GraceS > 0 {
		return RefreshResult{}, true, nil
	}
	f := rec.failure(FailUncertain, o)
	f.Class, f.Reason, f.Message, f.HTTP = o.Class, o.Code, o.Description, o.HTTP
	return RefreshResult{}, false, f
}

// giveUp ends an uncertain grant whose one try is spent: a person must reconnect.
// Nothing is erased; the access token is handed out while it lives.
func (e *Engine) giveUp(ctx context.Context, rec record) error {
	rec.grant.Intent = nil
	t := e.trouble(rec.grant.Trouble, store.Trouble{Class: store.Dead, Reason: ReasonAnswerLost, Where: "refresh"}, 0)
	if err := e.settle(ctx, &rec, t, store.ActRefresh, "failed", "the second answer was lost too; the refresh token is not tried again"); err != nil {
		return err
	}
	return rec.failure(FailReconnect, nil)
}

// settle stores the grant with its trouble and an event, and more if there are.
func (e *Engine) settle(ctx context.Context, rec *record, t *store.Trouble, act store.Act, outcome, evidence string, more ...store.Event) error {
	var op store.ID
	if rec.grant.Intent != nil {
		op = rec.grant.Intent.Attempt
	}
	rec.grant.Trouble = t
	err := e.write(ctx, func(w store.Writer) error {
		if err := w.PutGrant(&rec.grant); err != nil {
			return err
		}
		for _, ev := range append([]store.Event{event(*rec, act, outcome, evidence, op)}, more...) {
			if _, err := w.Append(ev); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing what became of it: %w", err)
	}
	return nil
}
