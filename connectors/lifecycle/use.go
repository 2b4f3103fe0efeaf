package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"crmdeck/store"
	"crmdeck/store/text"
)

const (
	useEvery = time.Minute // a use is recorded at most that often for each job and generation
	maxUses  = 50          // jobs that are kept, the latest ones
	jobRunes = 64
)

// recordUse notes who took a token. Handing out goes on when that fails: the gap is
// noted with the next use that can be written.
func (e *Engine) recordUse(ctx context.Context, rec record, job string) {
	job = text.From(job).Clean(jobRunes)
	now := e.now()
	if noted(rec.conn.Uses, job, rec.grant.Generation, now) {
		return
	}
	err := e.write(ctx, func(w store.Writer) error {
		conn, err := w.Connection(rec.conn.ID)
		if err != nil {
			return err
		}
		if noted(conn.Uses, job, rec.grant.Generation, now) {
			return errNoted // by somebody who came at the same time
		}
		conn.Uses = used(conn.Uses, job, rec.grant.Generation, now)
		if err := w.PutConnection(&conn); err != nil {
			return err
		}
		if n := e.missed(); n > 0 {
			if _, err := w.Append(event(rec, store.ActGap, "missing", fmt.Sprintf("%d tokens were handed out without a record", n), "")); err != nil {
				return err
			}
		}
		_, err = w.Append(event(rec, store.ActToken, "done", fmt.Sprintf("generation %d to %s", rec.grant.Generation, named(job)), ""))
		return err
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err == nil:
		e.gaps = 0
	case !errors.Is(err, errNoted):
		e.gaps++
	}
}

// errNoted ends a transaction that has nothing to add.
var errNoted = errors.New("recorded already")

// noted reports that the use is in the record already, often enough.
func noted(uses []store.Use, job string, gen uint64, now time.Time) bool {
	return slices.ContainsFunc(uses, func(u store.Use) bool {
		since := now.Sub(u.Last)
		return u.Job == job && u.Gen == gen && since >= 0 && since < useEvery
	})
}

func (e *Engine) missed() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gaps
}

func named(job string) string {
	if job == "" {
		return "a job without a name"
	}
	return job
}

// used counts a use; the oldest jobs are dropped.
func used(uses []store.Use, job string, gen uint64, now time.Time) []store.Use {
	day := now.UTC().Format(time.DateOnly)
	i := slices.IndexFunc(uses, func(u store.Use) bool { return u.Job == job })
	if i < 0 {
		uses = append(uses, store.Use{Job: job})
		i = len(uses) - 1
	}
	u := &uses[i]
	if u.Day != day {
		u.Day, u.Today = day, 0
	}
	u.Last, u.Gen = now, gen
	u.Today++
	if len(uses) > maxUses {
		slices.SortStableFunc(uses, func(a, b store.Use) int { return b.Last.Compare(a.Last) })
		uses = uses[:maxUses]
	}
	return uses
}
