package page

import (
	"context"
	"errors"

	"crmdeck/store"
	"crmdeck/ui/live"
	"crmdeck/ui/words"
)

// Explain tells an error in the words of the one table; row may be nil.
func (e *Env) Explain(err error, row *live.Row) words.Explanation {
	c := words.Context{Now: e.Now(), Zone: e.Deps.Zone, Home: e.Deps.Home}
	if row != nil {
		c.Connection, c.Provider = row.S.Name, row.CRM
	}
	return words.Explain(err, c)
}

// Fail tells an error in one line. One that says that the store is locked asks
// to unlock it; what a person cancelled is no news.
func (e *Env) Fail(err error, row *live.Row) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if errors.Is(err, store.ErrLocked) {
		e.Locked = true
	}
	x := e.Explain(err, row)
	t := Toast{Kind: ToastBad, Text: x.Message()}
	if x.Next != "" {
		t.Key = x.Key
	}
	e.host.Toast(t)
}
