package lifecycle

import (
	"context"
	"errors"
	"time"

	"crmdeck/connectors/crm"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
)

// Reasons of our own, where the provider has no word for it.
const (
	ReasonAnswerLost = "answer_lost"      // the second answer was lost too; nothing is tried again
	ReasonNoRefresh  = "no_refresh_token" // the grant came without one
	ReasonSharedKey  = "key_revoked"      // another connection's revocation ended this key
)

// failure is a Failure of this connection with what its record says.
func (rec record) failure(kind FailureKind, err error) *Failure {
	f := &Failure{Kind: kind, Connection: rec.conn.Name, Provider: rec.conn.Provider, Err: err}
	if a := rec.grant.Access; a != nil && !a.Sealed.IsZero() && rec.grant.Revocation == nil {
		f.AccessEnds = a.Expires
	}
	if t := rec.grant.Trouble; t != nil {
		f.Class, f.Reason, f.Message, f.HTTP, f.Since, f.Next, f.Cause = t.Class, t.Reason, t.Message, t.HTTP, t.Since, t.Next, t.Cause
	}
	if in := rec.grant.Intent; kind == FailUncertain && in != nil {
		f.Since = in.Begun
	}
	if r := rec.grant.Revocation; r != nil && r.State != store.RevocationDone {
		f.Revocation = r.State
	}
	return f
}

// ended is the Failure of using what is revoked or shall be. Only what is proven is
// called revoked: one that is queued, dying or waits for a console is not (RV-5).
func (rec record) ended(err error) *Failure {
	r := rec.grant.Revocation
	switch {
	case r.State != store.RevocationDone:
		f := rec.failure(FailRevoking, err)
		f.Class, f.Reason, f.Message, f.HTTP = "", "", "", 0
		f.Since, f.Next = r.Asked, r.Next
		if r.State == store.RevocationDying {
			f.Next = r.DiesAt
		}
		return f
	case r.Verdict == store.VerdictAlive:
		return rec.failure(FailNotAlive, err)
	}
	return rec.failure(FailRevoked, err)
}

// troubled is the Failure that the stored trouble stands for.
func (rec record) troubled(err error) *Failure {
	switch rec.grant.Trouble.Class {
	case store.Dead:
		return rec.failure(FailReconnect, err)
	case store.Config:
		return rec.failure(FailConfig, err)
	}
	return rec.failure(FailUnavailable, err)
}

// trouble is what is stored of a failure, with the next try of what backs off.
func (e *Engine) trouble(old *store.Trouble, t store.Trouble, wait time.Duration) *store.Trouble {
	now := e.now()
	t.Since, t.Last, t.Attempts = now, now, 1
	if old != nil && old.Class == t.Class && old.Where == t.Where {
		t.Since, t.Attempts = old.Since, old.Attempts+1
	}
	switch t.Class {
	case store.Busy, store.Transient, store.Throttled:
		t.Next = now.Add(max(wait, e.backoff(t.Class, t.Attempts)))
	}
	return &t
}

// Back-off: the first wait and the longest one. A busy provider is done within seconds;
// a wait that a provider asks for goes before these.
const (
	busyFirst      = 2 * time.Second
	transientFirst = 10 * time.Second
	throttledFirst = 30 * time.Second
	longestWait    = 15 * time.Minute
)

// backoff doubles with each attempt and takes a random half of it away, so that
// processes that failed together don't come back together.
func (e *Engine) backoff(c store.Class, attempts int) time.Duration {
	first := transientFirst
	switch c {
	case store.Busy:
		first = busyFirst
	case store.Throttled:
		first = throttledFirst
	}
	d := min(first<<min(attempts-1, 10), longestWait)
	return d/2 + time.Duration(e.draw()*float64(d/2))
}

// draw is a random number in [0, 1); without randomness it is in the middle.
func (e *Engine) draw() float64 {
	var b [2]byte
	if _, err := e.cfg.Rand.Read(b[:]); err != nil {
		return 0.5
	}
	return float64(uint16(b[0])<<8|uint16(b[1])) / (1 << 16)
}

// ofOAuth is the trouble that a token endpoint's error stands for.
func ofOAuth(err *oauth.Error) store.Trouble {
	return store.Trouble{Class: err.Class, Reason: err.Code, Message: err.Description, HTTP: err.HTTP, Where: "refresh"}
}

// ofCall is the trouble that a failed data call stands for, and the wait that was asked for.
func ofCall(err error, where string) (store.Trouble, time.Duration) {
	if r := crm.AsRefused(err); r != nil {
		return store.Trouble{Class: r.Class, Reason: r.Reason(), Message: r.Message, HTTP: r.HTTP, Where: where}, r.Wait
	}
	t := store.Trouble{Class: store.Transient, Reason: "network", Where: where}
	if g := underHTTP(err); g != nil {
		t.Reason, t.Message = string(g.Kind), g.Note
	}
	return t, 0
}

// asOAuth finds a token endpoint's error.
func asOAuth(err error) *oauth.Error {
	var o *oauth.Error
	if errors.As(err, &o) {
		return o
	}
	return nil
}

// given up reports that the caller has gone.
func gone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}

// AsFailure finds the Failure in err, or nil.
func AsFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return nil
}
