package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// settleAfter is how long after the end of an access token its death is looked at:
// clocks differ a little.
const settleAfter = 30 * time.Second

// revoker is one revocation under way. What it has learnt is on disk after each step.
type revoker struct {
	e      *Engine
	rec    record
	p      *connectors.Provider
	v      store.Vault
	rev    store.Revocation
	to     func(RevokeProgress)
	asked  int
	access bool  // the access token has not been revoked for certain
	broken error // the store could not be written; revoking goes on (AU-8)
	seq    uint64
}

// Revoke implements Lifecycle. Nothing is called revoked before the provider has
// confirmed it, and nothing dead before it has refused the credential.
func (e *Engine) Revoke(ctx context.Context, id store.ID, o RevokeOptions, to func(RevokeProgress)) (store.Revocation, error) {
	rec, err := e.load(ctx, id)
	if err != nil {
		return store.Revocation{}, err
	}
	return e.revoke(ctx, rec, o, to)
}

func (e *Engine) revoke(ctx context.Context, rec record, o RevokeOptions, to func(RevokeProgress)) (store.Revocation, error) {
	if r := rec.grant.Revocation; r != nil && r.State == store.RevocationDone && r.Verdict == store.VerdictDead {
		return *r, nil
	}
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return store.Revocation{}, err
	}
	p, err := e.provider(rec)
	if err != nil {
		return store.Revocation{}, err
	}
	r := &revoker{e: e, rec: rec, p: p, v: v, to: to}
	if rec.grant.Key != nil {
		return r.console(ctx, o)
	}
	// A refresh elsewhere ends first, so that what it brings is revoked too (RV-7).
	lease, err := e.lease(ctx, rec, "revoking "+rec.conn.Name)
	if err != nil {
		return store.Revocation{}, err
	}
	defer lease.Release()
	e.step("lease")
	if r.rec, err = e.load(ctx, rec.conn.ID); err != nil {
		return store.Revocation{}, err
	}
	if howToRevoke(p, r.rec.grant) != connectors.RevokeRFC7009 {
		return r.console(ctx, o)
	}
	return r.byAPI(ctx)
}

// begin puts the revocation on disk: from here on nothing is handed out or refreshed.
func (r *revoker) begin(state string) {
	if old := r.rec.grant.Revocation; old != nil && old.State != store.RevocationDone {
		r.rev = *old
		r.rev.State = state
		return
	}
	r.rev = store.Revocation{State: state, Asked: r.e.now(), Next: r.e.now()}
	r.save("begun", "asked to revoke")
	r.e.step("begun")
}

// byAPI revokes at the provider: refresh token first, then the access token (RV-4).
func (r *revoker) byAPI(ctx context.Context) (store.Revocation, error) {
	r.begin(store.RevocationQueued)
	prof, err := r.e.profile(r.rec, r.p)
	if err != nil {
		return r.rev, err
	}
	if r.rev.Sent.IsZero() {
		if err := r.end(ctx, prof, FieldRefresh, r.rec.grant.Refresh, oauth.HintRefresh); err != nil {
			return r.later(err)
		}
		r.e.step("revoked_refresh")
		if r.access = true; !r.p.Revoke.RefreshOnly {
			err := r.end(ctx, prof, FieldAccess, r.rec.grant.Access, oauth.HintAccess)
			if err != nil && r.rev.Sent.IsZero() {
				return r.later(err)
			}
			r.access = err != nil
		}
		if r.rev.Sent.IsZero() { // nothing to send: proof is all there is to get
			r.rev.Sent = r.e.now()
		}
		r.save("sent", "the provider has confirmed it")
		r.e.step("sent")
	}
	return r.prove(ctx, prof)
}

// end revokes one token. nil: confirmed, or there is none, or this kind can't be revoked.
func (r *revoker) end(ctx context.Context, prof oauth.Profile, field string, t *store.Token, hint string) error {
	if t == nil || t.Sealed.IsZero() {
		return nil
	}
	val, err := r.v.Open(store.Binding{Owner: r.rec.grant.ID, Field: field}, t.Sealed)
	if err != nil {
		return fmt.Errorf("opening the %s token: %w", field, err)
	}
	defer val.Wipe()
	return r.endToken(ctx, prof, val, hint)
}

func (r *revoker) endToken(ctx context.Context, prof oauth.Profile, val secret.Value, hint string) error {
	what := "revoke " + hint
	err := r.e.oauth.Revoke(ctx, prof, val, hint)
	o := asOAuth(err)
	switch {
	case err == nil:
		r.note(what, 200, "confirmed")
		r.rev.Sent = r.e.now()
		return nil
	case o != nil && o.Code == "unsupported_token_type":
		// RFC 7009 section 2.2.1: this kind lives until it ends by itself.
		r.note(what, o.HTTP, "this kind of token cannot be revoked here")
		r.access = r.access || hint == oauth.HintAccess
		return nil
	case o != nil && noSuchToken(o):
		// RFC 7009 section 2.2 wants a 200 for it. Whether it is true, the probe tells.
		r.note(what, o.HTTP, "the provider knows no such token: "+o.Code)
		return nil
	case o != nil:
		r.note(what, o.HTTP, "not confirmed: "+o.Code)
	}
	return err
}

// noSuchToken reports a refusal to revoke because there is nothing to revoke: servers
// that do not answer 200 then say so with the codes of RFC 6750 and RFC 6749.
func noSuchToken(o *oauth.Error) bool {
	return o.HTTP == http.StatusBadRequest && (o.Code == "invalid_token" || o.Code == "invalid_grant")
}

// later leaves the revocation in the queue: the token counts as alive (RFC 7009 section 2.2.1).
func (r *revoker) later(err error) (store.Revocation, error) {
	r.rev.State, r.rev.Verdict = store.RevocationQueued, store.VerdictUnknown
	r.rev.Attempts++
	wait := r.e.backoff(store.Transient, r.rev.Attempts)
	kind := FailPending
	var t store.Trouble
	if o := asOAuth(err); o != nil {
		t = ofOAuth(o)
		wait = max(wait, o.RetryAfter)
		if o.Class == store.Config || o.Class == store.Dead {
			// Our settings are refused: time alone will not help (RV-8).
			kind, wait = FailConfig, max(wait, longestWait)
		}
	} else {
		t, _ = ofCall(err, "revoke")
	}
	r.rev.Next = r.e.now().Add(wait)
	outcome := ""
	if r.rev.Attempts == 1 {
		outcome = "queued"
	}
	r.save(outcome, "not confirmed yet: "+t.Reason)
	r.tell(RevokeProgress{Verdict: r.rev.Verdict, NextIn: wait})
	f := r.rec.failure(kind, err)
	f.Class, f.Reason, f.Message, f.HTTP, f.Next, f.AccessEnds = t.Class, t.Reason, t.Message, t.HTTP, r.rev.Next, time.Time{}
	return r.rev, r.flagged(f)
}

// prove calls with the old access token. Only after a 2xx is the refresh token tried,
// and whatever that mints is revoked too.
func (r *revoker) prove(ctx context.Context, prof oauth.Profile) (store.Revocation, error) {
	works, known, err := r.probe(ctx)
	switch {
	case !known && hasAccess(r.rec.grant):
		return r.later(err)
	case known && !works:
		return r.finish(store.VerdictDead)
	}
	refresh, err := r.tryRefresh(ctx, prof)
	switch {
	case err != nil:
		return r.later(err)
	case refresh:
		return r.finish(store.VerdictAlive)
	case !hasAccess(r.rec.grant):
		return r.finish(store.VerdictDead)
	case r.rec.grant.Access.Expires.IsZero(), !r.rec.grant.Access.Expires.After(r.e.now()):
		return r.stays()
	}
	return r.finish(store.VerdictDiesAt)
}

// mostLooks is how often a token that should be over by now is looked at before it is called alive.
const mostLooks = 8

// stays is an access token that outlives its end: it is looked at again for a while.
func (r *revoker) stays() (store.Revocation, error) {
	if r.rev.Attempts++; r.rev.Attempts >= mostLooks {
		return r.finish(store.VerdictAlive)
	}
	r.rev.State, r.rev.Verdict = store.RevocationDying, store.VerdictDiesAt
	r.rev.Next = r.e.now().Add(r.e.backoff(store.Throttled, r.rev.Attempts))
	r.save("pending", "the access token still works after its end")
	return r.rev, r.flagged(r.rec.failure(FailPending, nil))
}

// tryRefresh asks for a token with the revoked refresh token. true: it gave one, which
// has been revoked as well.
func (r *revoker) tryRefresh(ctx context.Context, prof oauth.Profile) (bool, error) {
	t := r.rec.grant.Refresh
	if t == nil || t.Sealed.IsZero() {
		return false, nil
	}
	val, err := r.v.Open(store.Binding{Owner: r.rec.grant.ID, Field: FieldRefresh}, t.Sealed)
	if err != nil {
		return false, fmt.Errorf("opening the refresh token: %w", err)
	}
	defer val.Wipe()
	a, err := r.e.oauth.Refresh(ctx, prof, val)
	o := asOAuth(err)
	switch {
	case o != nil && o.Class == store.Dead:
		r.note("refresh", o.HTTP, "refused: "+o.Code)
		return false, nil
	case err != nil:
		return false, err
	}
	r.note("refresh", 200, "still gives tokens; they are revoked too")
	// What was minted must not be lost: it is stored first, then revoked.
	if _, err := ApplyAnswer(r.v, r.p, &r.rec.grant, a, r.e.now()); err != nil {
		return true, err
	}
	r.save("pending", "the refresh token still gave tokens")
	if !a.Refresh.IsZero() {
		if err := r.endToken(ctx, prof, a.Refresh, oauth.HintRefresh); err != nil {
			return true, err
		}
	}
	if r.p.Revoke.RefreshOnly {
		return true, nil
	}
	return true, r.endToken(ctx, prof, a.Access, oauth.HintAccess)
}

// probe makes one identity call with the stored credential. known: the provider's answer
// says whether it works.
func (r *revoker) probe(ctx context.Context) (works, known bool, err error) {
	g := r.rec.grant
	field, kind, sealed := FieldAccess, "", store.Sealed{}
	switch {
	case g.Key != nil:
		field, kind, sealed = FieldKey, g.Key.Kind, g.Key.Sealed
	case g.Access != nil:
		sealed = g.Access.Sealed
	}
	if sealed.IsZero() {
		return false, false, nil
	}
	val, err := r.v.Open(store.Binding{Owner: g.ID, Field: field}, sealed)
	if err != nil {
		return false, false, fmt.Errorf("opening the credential: %w", err)
	}
	defer val.Wipe()
	r.asked++
	resp, err := crm.Probe(ctx, r.e.cfg.HTTP, r.p, g.BaseURL, crm.Credential(r.p, kind, val, sealed.Hosts))
	f := crm.AsRefused(err)
	switch {
	case err == nil:
		r.probed(resp.Status, "still works")
		return true, true, nil
	case f != nil && f.Unauthorized():
		r.probed(f.HTTP, "refused: "+f.Reason())
		return false, true, nil
	case f != nil && f.Case == crm.CaseBadScope:
		r.probed(f.HTTP, "still works, but may not ask this")
		return true, true, nil
	case f != nil:
		r.probed(f.HTTP, "says nothing: "+f.Reason())
	default:
		r.probed(0, "no answer")
	}
	return false, false, err
}

// flagged adds that the store could not be written.
func (r *revoker) flagged(err error) error {
	if r.broken == nil {
		return err
	}
	return errors.Join(err, r.broken)
}
