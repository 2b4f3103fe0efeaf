package lifecycle

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"crmdeck/store"
)

// note adds a line of evidence and shows it.
func (r *revoker) note(what string, status int, line string) {
	s := store.Step{At: r.e.now(), What: what, HTTP: status, Note: line}
	r.rev.Steps = append(r.rev.Steps, s)
	if len(r.rev.Steps) > maxSteps {
		r.rev.Steps = append(r.rev.Steps[:maxSteps/2], r.rev.Steps[maxSteps/2+1:]...)
	}
	r.tell(RevokeProgress{Step: s})
}

// maxSteps bounds the evidence that is kept: the beginning and the end.
const maxSteps = 60

// probed notes a probe. A row of probes with the same result is one line.
func (r *revoker) probed(status int, line string) {
	what := r.p.Identity.Request
	if n := len(r.rev.Steps); n > 0 {
		last := &r.rev.Steps[n-1]
		if last.What == what && last.HTTP == status && strings.HasPrefix(last.Note, line) && line == "still works" {
			last.Note = fmt.Sprintf("%s, tried %d times", line, tries(last.Note)+1)
			r.tell(RevokeProgress{Step: store.Step{At: r.e.now(), What: what, HTTP: status, Note: last.Note}})
			return
		}
	}
	r.note(what, status, line)
}

// tries is how many probes a line stands for.
func tries(line string) int {
	n := 1
	_, _ = fmt.Sscanf(line, "still works, tried %d times", &n)
	return n
}

func (r *revoker) tell(p RevokeProgress) {
	if r.to == nil {
		return
	}
	p.Asked = r.asked
	r.to(p)
}

// save stores how far the revocation came, with an event unless outcome is empty. A store
// that can't be written is flagged; the revocation goes on.
func (r *revoker) save(outcome, evidence string) {
	err := r.e.write(r.ctx(), func(w store.Writer) error {
		g, err := w.Grant(r.rec.grant.ID)
		if err != nil {
			return err
		}
		rev := r.rev
		if r.rec.grant.Generation > g.Generation { // minted while proving
			g.Access, g.Refresh, g.Generation = r.rec.grant.Access, r.rec.grant.Refresh, r.rec.grant.Generation
		}
		g.Revocation = &rev
		if rev.State == store.RevocationDone && rev.Verdict == store.VerdictDead {
			wipe(&g)
			g.Intent = nil
			if err := r.bury(w, g); err != nil {
				return err
			}
		}
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		r.rec.grant = g
		if outcome == "" {
			w.Bookkeeping() // one more look that showed nothing new
			return nil
		}
		return r.record(w, outcome, evidence)
	})
	if err != nil {
		r.broken = fmt.Errorf("recording the revocation: %w", err)
	}
}

// record writes the event for every connection of the grant.
func (r *revoker) record(w store.Writer, outcome, evidence string) error {
	conns, err := w.ConnectionsOf(r.rec.grant.ID)
	if err != nil {
		return err
	}
	for _, c := range conns {
		seq, err := w.Append(event(record{conn: c}, store.ActRevoke, outcome, evidence, ""))
		if err != nil {
			return err
		}
		if c.ID == r.rec.conn.ID {
			r.seq = seq
		}
	}
	return nil
}

// wipe empties the sealed secrets; fingerprints and clocks stay as a tombstone.
func wipe(g *store.Grant) {
	if g.Access != nil {
		g.Access.Sealed = store.Sealed{}
	}
	if g.Refresh != nil {
		g.Refresh.Sealed = store.Sealed{}
	}
	if g.Key != nil {
		g.Key.Sealed = store.Sealed{}
	}
}

// bury ends the grants that had the same key or refresh token: proven dead with it.
func (r *revoker) bury(w store.Writer, g store.Grant) error {
	list, err := twins(w, g)
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.Key != nil {
			t.Key.Sealed = store.Sealed{}
		}
		t.Trouble = r.e.trouble(nil, store.Trouble{Class: store.Dead, Reason: ReasonSharedKey, Where: "revoke"}, 0)
		if err := w.PutGrant(&t); err != nil {
			return err
		}
		conns, err := w.ConnectionsOf(t.ID)
		if err != nil {
			return err
		}
		for _, c := range conns {
			line := "has the same credential as " + r.rec.conn.Name + ", which was revoked"
			if _, err := w.Append(event(record{conn: c}, store.ActRevoke, "dead", line, "")); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish stores a verdict and says it.
func (r *revoker) finish(v store.Verdict) (store.Revocation, error) {
	now := r.e.now()
	r.rev.Verdict, r.rev.Next = v, time.Time{}
	r.rev.State, r.rev.Ended = store.RevocationDone, now
	line := "refused since " + now.UTC().Format(time.RFC3339)
	var err error
	switch v {
	case store.VerdictDiesAt:
		r.rev.State, r.rev.Ended = store.RevocationDying, time.Time{}
		r.rev.DiesAt = r.rec.grant.Access.Expires
		r.rev.Next = r.rev.DiesAt.Add(settleAfter)
		line = "the refresh token is refused; the access token lives until " + r.rev.DiesAt.UTC().Format(time.RFC3339)
	case store.VerdictAlive:
		line = "the provider still takes the credential"
		err = r.rec.failure(FailNotAlive, nil)
	}
	r.e.step("proved")
	r.save(string(v), line)
	if v == store.VerdictDead && r.broken == nil {
		r.note("sealed secret wiped", 0, fmt.Sprintf("audit event %d", r.seq))
	}
	r.tell(RevokeProgress{Verdict: v, DiesAt: r.rev.DiesAt, EventSeq: r.seq})
	return r.rev, errors.Join(err, r.broken)
}
