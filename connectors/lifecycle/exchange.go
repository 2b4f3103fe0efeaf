package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/text"
)

// exchange is steps 3 to 6. again asks for another look at the record: it changed
// meanwhile, or a second try is allowed at once.
func (e *Engine) exchange(ctx context.Context, f *flight, rec record, p *connectors.Provider) (res RefreshResult, again bool, err error) {
	v, err := e.cfg.Store.Vault()
	if err != nil {
		return res, false, err
	}
	prof, err := e.profile(rec, p)
	if err != nil {
		return res, false, err
	}
	refresh, err := v.Open(store.Binding{Owner: rec.grant.ID, Field: FieldRefresh}, rec.grant.Refresh.Sealed)
	if err != nil {
		return res, false, fmt.Errorf("opening the refresh token: %w", err)
	}
	defer refresh.Wipe()
	if !e.send(ctx, f) {
		return res, false, ctx.Err()
	}
	if err := e.mark(ctx, &rec.grant, refresh, v); err != nil {
		return res, false, err
	}
	e.step("intent")
	post, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestWait)
	defer cancel()
	e.step("send")
	answer, err := e.oauth.Refresh(post, prof, refresh)
	e.step("answer")
	if err != nil {
		return e.refusal(ctx, rec, p, err)
	}
	if res, err = e.keep(ctx, rec, p, v, answer); err != nil {
		return res, false, err
	}
	e.step("store")
	return e.refine(ctx, rec, p, prof, answer, res), false, nil
}

// commit is step 5: both tokens, the next generation and the event in one transaction,
// only if nobody else has moved the generation.
func (e *Engine) commit(ctx context.Context, rec record, p *connectors.Provider, v store.Vault, a oauth.Answer) (RefreshResult, error) {
	sent := *rec.grant.Intent
	var out RefreshResult
	err := e.write(ctx, func(w store.Writer) error {
		g, err := w.Grant(rec.grant.ID)
		if err != nil {
			return err
		}
		if g.Generation != sent.Generation || g.Intent == nil || g.Intent.Attempt != sent.Attempt {
			return store.ErrConflict
		}
		c, err := ApplyAnswer(v, p, &g, a, e.now())
		if err != nil {
			return err
		}
		g.Intent, g.Trouble, g.Restored = nil, nil, time.Time{}
		g.Remember(g.Refreshed, store.MadeByRefresh, Origin(rec.job))
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		if err := e.follow(w, p, g, c); err != nil {
			return err
		}
		out = RefreshResult{Refreshed: true, Generation: g.Generation, Expires: g.Access.Expires, Assumed: g.Access.Assumed, Added: c.Added, Lost: c.Lost}
		return appendRefreshed(w, rec, g, c, sent.Attempt)
	})
	if err != nil {
		return RefreshResult{}, fmt.Errorf("storing the answer: %w", err)
	}
	return out, nil
}

// follow brings the connections of a grant up to date with its scopes.
func (e *Engine) follow(w store.Writer, p *connectors.Provider, g store.Grant, c Change) error {
	conns, err := w.ConnectionsOf(g.ID)
	if err != nil {
		return err
	}
	for _, conn := range conns {
		risky, proven := conn.Risky, union(conn.Proven, p.Tokens.RefreshProves)
		if g.GrantedKnown {
			risky = p.Risky(g.Granted)
		}
		if risky == conn.Risky && len(proven) == len(conn.Proven) {
			continue
		}
		conn.Risky, conn.Proven = risky, proven
		if err := w.PutConnection(&conn); err != nil {
			return err
		}
	}
	return nil
}

func appendRefreshed(w store.Writer, rec record, g store.Grant, c Change, op store.ID) error {
	parts := []string{fmt.Sprintf("generation %d", g.Generation)}
	if c.Rotated {
		parts = append(parts, "refresh token replaced")
	}
	if len(c.Added) > 0 {
		parts = append(parts, "scopes gained: "+strings.Join(c.Added, " "))
	}
	if len(c.Lost) > 0 {
		parts = append(parts, "scopes lost: "+strings.Join(c.Lost, " "))
	}
	if c.Moved != "" {
		parts = append(parts, "API root is now "+c.Moved)
	}
	if _, err := w.Append(event(rec, store.ActRefresh, "done", strings.Join(parts, "; "), op)); err != nil {
		return err
	}
	if c.Refused == "" {
		return nil
	}
	_, err := w.Append(event(rec, store.ActSuspicious, "refused", "the answer names another API host, not adopted: "+text.From(c.Refused).Clean(100), op))
	return err
}

// event is an audit event of this connection.
func event(rec record, act store.Act, outcome, evidence string, op store.ID) store.Event {
	return store.Event{Act: act, Connection: rec.conn.Name, ConnectionID: rec.conn.ID, Outcome: outcome, Evidence: evidence, Op: op}
}

// refine asks for the end of an access token where its answer doesn't tell. It comes
// after the tokens are safe; failing it changes nothing.
func (e *Engine) refine(ctx context.Context, rec record, p *connectors.Provider, prof oauth.Profile, a oauth.Answer, res RefreshResult) RefreshResult {
	if p.Tokens.Expiry != connectors.ExpiryIntrospect || !a.Assumed || prof.IntrospectURL == "" {
		return res
	}
	ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), refineWait)
	defer cancel()
	in, err := e.oauth.Introspect(ask, prof, a.Access, oauth.HintAccess)
	if err != nil || !in.Active || in.Expires.IsZero() {
		return res // inactive may only mean that this client may not look (Salesforce)
	}
	err = e.write(ctx, func(w store.Writer) error {
		g, err := w.Grant(rec.grant.ID)
		if err != nil || g.Generation != res.Generation || g.Access == nil {
			return err
		}
		w.Bookkeeping()
		g.Access.Expires, g.Access.Assumed = in.Expires, false
		return w.PutGrant(&g)
	})
	if err == nil {
		res.Expires, res.Assumed = in.Expires, false
	}
	return res
}

// refineWait bounds the question; somebody waits for the token.
const refineWait = 5 * time.Second

// union is a with what it lacks of b.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
