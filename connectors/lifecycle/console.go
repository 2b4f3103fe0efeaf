package lifecycle

import (
	"context"
	"time"

	"crmdeck/store"
)

// Waiting for a person at a provider's console.
const (
	consoleFirst  = 5 * time.Second
	consoleMost   = 30 * time.Second
	consoleSecond = 2 * time.Second // between the first refusal and the one that confirms it
	confirmations = 2
)

// console waits until a person has ended the credential at the provider: it calls with
// it, less and less often, until the provider has refused twice.
func (r *revoker) console(ctx context.Context, o RevokeOptions) (store.Revocation, error) {
	r.begin(store.RevocationConsole)
	if u := consoleURL(r.p, r.rec); o.Console && u != "" && r.e.cfg.Opener != nil {
		if err := r.e.cfg.Opener(u); err == nil {
			r.note("console page opened", 0, "")
		}
	}
	people := r.e.cfg.People
	until := people.Now().Add(o.Wait)
	refused, interval := 0, consoleFirst
	for {
		works, known, err := r.probe(ctx)
		if ctx.Err() != nil {
			return r.left(context.Cause(ctx))
		}
		switch {
		case known && !works:
			if refused++; refused >= confirmations {
				if r.rev.Sent.IsZero() {
					r.rev.Sent = r.e.now()
				}
				return r.finish(store.VerdictDead)
			}
		case known:
			refused = 0
		case err == nil: // there is nothing left to call with
			return r.finish(r.onRecord())
		}
		wait := interval
		if refused > 0 {
			wait = consoleSecond
		} else if people.Now().Add(wait).After(until) {
			return r.left(nil)
		} else {
			interval = min(interval*3/2, consoleMost)
		}
		r.tell(RevokeProgress{Waiting: true, NextIn: wait})
		if err := people.Sleep(ctx, wait); err != nil {
			return r.left(context.Cause(ctx))
		}
	}
}

// onRecord is the verdict on a credential that is wiped: what was proven before. It dies
// with the connection that had the same one, and the provider's refusal stands there.
func (r *revoker) onRecord() store.Verdict {
	t := r.rec.grant.Trouble
	if t == nil || t.Class != store.Dead {
		return store.VerdictUnknown
	}
	r.note("on record", 0, "was refused at "+t.Since.UTC().Format(time.RFC3339)+" and wiped: "+t.Reason)
	if r.rev.Sent.IsZero() {
		r.rev.Sent = r.e.now()
	}
	return store.VerdictDead
}

// left leaves the revocation to a person and to later looks.
func (r *revoker) left(err error) (store.Revocation, error) {
	r.rev.Verdict = store.VerdictUnknown
	if n := len(r.rev.Steps); n > 0 && r.rev.Steps[n-1].HTTP/100 == 2 {
		r.rev.Verdict = store.VerdictAlive
	}
	r.rev.Attempts++
	r.rev.Next = r.e.now().Add(r.e.backoff(store.Throttled, r.rev.Attempts))
	outcome := ""
	if r.rev.Attempts == 1 {
		outcome = "pending"
	}
	r.save(outcome, "waits for a person at the provider's console")
	if err != nil {
		return r.rev, r.flagged(err)
	}
	f := r.rec.failure(FailPending, nil)
	f.Next = r.rev.Next
	return r.rev, r.flagged(f)
}

// ctx is for what must reach the disk whoever has gone; Engine.write bounds it.
func (r *revoker) ctx() context.Context { return context.Background() }
