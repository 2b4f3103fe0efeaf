package uitest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Engine is a lifecycle.Lifecycle that writes down what it was asked and
// answers as it is told. Without an answer of its own a call succeeds.
type Engine struct {
	mu    sync.Mutex
	calls []string
	S     *Memory
	Now   func() time.Time

	// Err is returned by the named call ("refresh", "test" …).
	Err map[string]error
	// OnTest and OnRevoke stand in for the two calls with progress.
	OnTest   func(context.Context, store.ID, lifecycle.TestOptions, func(lifecycle.TestProgress)) (store.TestRun, error)
	OnRevoke func(context.Context, store.ID, lifecycle.RevokeOptions, func(lifecycle.RevokeProgress)) (store.Revocation, error)
	Plan     lifecycle.RevokePlan
	Costs    lifecycle.Cost
	// Hand is the token that is handed out; nil: an empty one.
	Hand func() secret.Value
}

var _ lifecycle.Lifecycle = (*Engine)(nil)

// note writes a call down and returns what it is to fail with.
func (g *Engine) note(call string, id any, more ...any) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	line := fmt.Sprint(call, " ", id)
	for _, m := range more {
		line += fmt.Sprint(" ", m)
	}
	g.calls = append(g.calls, line)
	return g.Err[call]
}

// Calls is what was asked so far, but for Run.
func (g *Engine) Calls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.calls...)
}

// Token implements lifecycle.Lifecycle.
func (g *Engine) Token(_ context.Context, r lifecycle.TokenRequest) (lifecycle.Token, error) {
	t := lifecycle.Token{}
	if g.Hand != nil {
		t.Secret = g.Hand()
	}
	return t, g.note("token", r.Name)
}

// Refresh implements lifecycle.Lifecycle: a new access token for half an hour.
func (g *Engine) Refresh(ctx context.Context, id store.ID, attempt bool) (r lifecycle.RefreshResult, err error) {
	if err := g.note("refresh", id, attempt); err != nil {
		return r, err
	}
	err = g.S.Write(ctx, func(w store.Writer) error {
		c, err := w.Connection(id)
		if err != nil {
			return err
		}
		x, err := w.Grant(c.Grant)
		if err != nil {
			return err
		}
		now := g.Now()
		x.Access = &store.Token{Issued: now, Expires: now.Add(30 * time.Minute), Type: "bearer"}
		x.Generation++
		x.Refreshed, x.Refreshes, x.Trouble, x.Intent = now, x.Refreshes+1, nil, nil
		r = lifecycle.RefreshResult{Refreshed: true, Generation: x.Generation, Expires: x.Access.Expires}
		_, _ = w.Append(store.Event{Act: store.ActRefresh, Connection: c.Name, ConnectionID: id, Outcome: "done"})
		return w.PutGrant(&x)
	})
	return r, err
}

// Cost implements lifecycle.Lifecycle.
func (g *Engine) Cost(_ context.Context, id store.ID) (lifecycle.Cost, error) {
	return g.Costs, g.note("cost", id)
}

// Test implements lifecycle.Lifecycle.
func (g *Engine) Test(ctx context.Context, id store.ID, o lifecycle.TestOptions, progress func(lifecycle.TestProgress)) (store.TestRun, error) {
	if err := g.note("test", id, o.All); err != nil {
		return store.TestRun{}, err
	}
	if g.OnTest != nil {
		return g.OnTest(ctx, id, o, progress)
	}
	return store.TestRun{At: g.Now(), Outcome: "ok"}, nil
}

// PlanRevoke implements lifecycle.Lifecycle.
func (g *Engine) PlanRevoke(_ context.Context, id store.ID) (lifecycle.RevokePlan, error) {
	return g.Plan, g.note("plan", id)
}

// Revoke implements lifecycle.Lifecycle.
func (g *Engine) Revoke(ctx context.Context, id store.ID, o lifecycle.RevokeOptions, progress func(lifecycle.RevokeProgress)) (store.Revocation, error) {
	if err := g.note("revoke", id); err != nil {
		return store.Revocation{}, err
	}
	if g.OnRevoke != nil {
		return g.OnRevoke(ctx, id, o, progress)
	}
	return store.Revocation{State: store.RevocationDone, Verdict: store.VerdictDead}, nil
}

// WorkOff implements lifecycle.Lifecycle.
func (g *Engine) WorkOff(context.Context, func(string, lifecycle.RevokeProgress)) (done, left int, err error) {
	return 0, 0, g.note("workoff", "")
}

// change is a call that changes one connection.
func (g *Engine) change(ctx context.Context, id store.ID, act store.Act, fn func(*store.Connection)) error {
	return g.S.Write(ctx, func(w store.Writer) error {
		c, err := w.Connection(id)
		if err != nil {
			return err
		}
		fn(&c)
		_, _ = w.Append(store.Event{Act: act, Connection: c.Name, ConnectionID: id, Outcome: "done"})
		return w.PutConnection(&c)
	})
}

// SetPaused implements lifecycle.Lifecycle.
func (g *Engine) SetPaused(ctx context.Context, id store.ID, paused bool) error {
	if err := g.note("pause", id, paused); err != nil {
		return err
	}
	return g.change(ctx, id, store.ActPause, func(c *store.Connection) { c.Paused = paused })
}

// Edit implements lifecycle.Lifecycle.
func (g *Engine) Edit(ctx context.Context, id store.ID, e lifecycle.Edit) error {
	if err := g.note("edit", id); err != nil {
		return err
	}
	return g.change(ctx, id, store.ActEdit, func(c *store.Connection) {
		for _, f := range []struct {
			to   *string
			from *string
		}{{&c.Owner, e.Owner}, {&c.Environment, e.Environment}, {&c.Purpose, e.Purpose}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if e.Tags != nil {
			c.Tags = *e.Tags
		}
		if e.KeyDays != nil {
			c.KeyDays = *e.KeyDays
		}
	})
}

// Rename implements lifecycle.Lifecycle.
func (g *Engine) Rename(ctx context.Context, id store.ID, name string) error {
	if err := g.note("rename", id, name); err != nil {
		return err
	}
	return g.change(ctx, id, store.ActRename, func(c *store.Connection) { c.Name = name })
}

// Remove implements lifecycle.Lifecycle.
func (g *Engine) Remove(ctx context.Context, id store.ID, forget bool) error {
	if err := g.note("remove", id, forget); err != nil {
		return err
	}
	return g.S.Write(ctx, func(w store.Writer) error { return w.DeleteConnection(id) })
}

// Run implements lifecycle.Lifecycle: it does nothing until ctx ends.
func (g *Engine) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
