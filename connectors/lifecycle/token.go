package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// Token implements Lifecycle. A fresh token costs one read of the store and no request.
// When a refresh fails, the stored access token is handed out as long as it lives.
func (e *Engine) Token(ctx context.Context, r TokenRequest) (Token, error) {
	var rec record
	err := e.cfg.Store.Read(ctx, func(rd store.Reader) error {
		var err error
		if rec.conn, err = rd.ConnectionByName(r.Name); err != nil {
			return err
		}
		rec.grant, err = rd.Grant(rec.conn.Grant)
		return err
	})
	if err != nil {
		return Token{}, fmt.Errorf("reading connection: %w", err)
	}
	if rec.grant.Revocation != nil {
		return Token{}, rec.ended(nil)
	}
	if err := rec.usable(); err != nil {
		return Token{}, err
	}
	if rec.grant.Key != nil {
		return e.handOutKey(ctx, rec, r.Job)
	}
	now := e.now()
	rec.job = r.Job
	if need := neededUntil(rec.grant, r.MinTTL, now); !enough(rec.grant, need, now) {
		if rec, err = e.renewed(ctx, rec, need, r.MinTTL); err != nil {
			return Token{}, err
		}
	}
	return e.handOut(ctx, rec, r.Job)
}

// usable refuses what must not be used any more, however long its access token lives: what
// another store has, or may have, and what may be in the hands of a thief (RF-7).
func (rec record) usable() error {
	t := rec.grant.Trouble
	if rec.grant.Handed != nil || t != nil && t.Cause == store.CauseTheft {
		return rec.failure(FailReconnect, nil)
	}
	return nil
}

// neededUntil is how long a token has to live at least to be handed out without a
// refresh: the margin, or what the job asks for, but not more than a token can have.
func neededUntil(g store.Grant, minTTL time.Duration, now time.Time) time.Time {
	if !hasAccess(g) || g.Access.Expires.IsZero() {
		return now
	}
	life := g.Access.Expires.Sub(g.Access.Issued)
	need := max(minTTL, policy.Margin(life, 0))
	return now.Add(min(need, life*9/10))
}

// suspectAfter is how far in the future a token may have been issued: clocks differ a little.
const suspectAfter = 2 * time.Minute

// fromTomorrow reports an access token that was issued in the future: under another time of
// day, so that nobody knows when it ends.
func fromTomorrow(g store.Grant, now time.Time) bool {
	return hasAccess(g) && g.Access.Issued.Sub(now) > suspectAfter
}

// enough reports a token that can be handed out as it is. One that was issued in the
// future was written under another time of day: it is refreshed once (CK-2).
func enough(g store.Grant, need, now time.Time) bool {
	if !lives(g, now) || fromTomorrow(g, now) {
		return false
	}
	return g.Access.Expires.IsZero() || !g.Access.Expires.Before(need)
}

// renewed refreshes and reads again. What lives is good enough when that fails, unless
// the job asked for more.
func (e *Engine) renewed(ctx context.Context, rec record, need time.Time, minTTL time.Duration) (record, error) {
	now := e.now()
	w := want{gen: rec.grant.Generation, until: need, job: rec.job}
	if w.newer = fromTomorrow(rec.grant, now); w.newer {
		w.until = time.Time{}
	}
	err := e.patiently(ctx, rec, w)
	if err != nil && (gone(ctx, err) || errors.Is(err, store.ErrLocked)) {
		return rec, err
	}
	again, readErr := e.load(context.WithoutCancel(ctx), rec.conn.ID)
	if readErr != nil {
		return rec, readErr
	}
	switch {
	case again.grant.Revocation != nil:
		return rec, again.ended(err)
	case again.usable() != nil:
		return rec, again.usable()
	case err != nil && (!lives(again.grant, now) || ends(again.grant, now) < minTTL):
		return rec, err
	}
	return again, nil
}

// busyTries is how often a provider is asked that says it is refreshing this grant already:
// it is done within seconds, and then there is something to read again.
const busyTries = 3

// patiently refreshes; with nothing to hand out it waits for a provider that is busy.
func (e *Engine) patiently(ctx context.Context, rec record, w want) error {
	for try := 1; ; try++ {
		full, err := e.load(ctx, rec.conn.ID)
		if err != nil {
			return err
		}
		_, err = e.refresh(ctx, full, w)
		f := AsFailure(err)
		now := e.now()
		if f == nil || f.Class != store.Busy || try == busyTries || lives(full.grant, now) {
			return err
		}
		if e.cfg.Clock.Sleep(ctx, min(max(f.Next.Sub(now), 0), busyFirst<<busyTries)) != nil {
			return err
		}
	}
}

// ends is how long the access token still lives.
func ends(g store.Grant, now time.Time) time.Duration {
	if g.Access.Expires.IsZero() {
		return 1<<63 - 1
	}
	return g.Access.Expires.Sub(now)
}

func (e *Engine) handOut(ctx context.Context, rec record, job string) (Token, error) {
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return Token{}, err
	}
	a := rec.grant.Access
	val, err := v.Open(store.Binding{Owner: rec.grant.ID, Field: FieldAccess}, a.Sealed)
	if err != nil {
		return Token{}, fmt.Errorf("opening the access token: %w", err)
	}
	e.recordUse(ctx, rec, job)
	return Token{
		Secret: val, Type: a.Type, Expires: a.Expires, Assumed: a.Assumed,
		Generation: rec.grant.Generation, InstanceURL: rec.grant.BaseURL,
	}, nil
}

func (e *Engine) handOutKey(ctx context.Context, rec record, job string) (Token, error) {
	k := rec.grant.Key
	if t := rec.grant.Trouble; k.Sealed.IsZero() || t != nil && t.Class == store.Dead {
		return Token{}, rec.failure(FailReconnect, nil)
	}
	p, err := e.provider(rec)
	if err != nil {
		return Token{}, err
	}
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return Token{}, err
	}
	val, err := v.Open(store.Binding{Owner: rec.grant.ID, Field: FieldKey}, k.Sealed)
	if err != nil {
		return Token{}, fmt.Errorf("opening the key: %w", err)
	}
	kind := "Key"
	if spec, ok := p.Key(k.Kind); ok {
		kind = scheme(spec.Header, spec.Format)
	}
	e.recordUse(ctx, rec, job)
	return Token{Secret: val, Type: kind, Generation: rec.grant.Generation, InstanceURL: rec.grant.BaseURL}, nil
}

// scheme is the word before the key in its header, or the header's name.
func scheme(header, format string) string {
	if word, _, ok := strings.Cut(format, " "); ok || !strings.Contains(format, "{") {
		return word
	}
	return header
}
