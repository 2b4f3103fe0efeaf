package archive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"crmdeck/store"
	"crmdeck/store/transfer"
)

// mergeBatch is how many grants one transaction adds: 10 ms or so, which others can wait.
const mergeBatch = 200

// Merging says how a backup is merged.
type Merging struct {
	Op   store.ID  // joins the events
	Made time.Time // of the backup, for the events
	Now  time.Time // refresh tokens issued before may be spent
	// Suffix is added to names that are taken; empty: they are refused.
	Suffix string
	// DryRun says what would be done.
	DryRun bool
}

// Merge adds the connections of a backup that to does not have, with what hangs on them: sealed again
// under to's key, for the same hosts. What to has stays as it is, whichever is newer, since a
// credential that was refreshed there has spent the one in the backup. Names that are taken are
// refused before anything is written: *transfer.TakenError. A merge that was broken off goes on
// where it ended when it is done again.
func Merge(ctx context.Context, from, to store.Store, m Merging) ([]transfer.Outcome, error) {
	plan, err := planMerge(ctx, from, to, m)
	if err != nil || m.DryRun {
		return plan.out, err
	}
	v, err := to.Vault()
	if err != nil {
		return nil, err
	}
	out := slices.Clone(plan.kept)
	for part := range slices.Chunk(plan.grants, mergeBatch) {
		parcels, err := transfer.Pack(ctx, from, part)
		if err != nil {
			return out, err
		}
		var done []transfer.Outcome
		err = to.Write(ctx, func(w store.Writer) (err error) {
			done, err = transfer.Put(w, v, parcels, transfer.Rules{
				Act: store.ActRestore, Op: m.Op, Keep: true, Spent: m.Now, Rename: plan.rename,
				Evidence: "from a backup of " + m.Made.UTC().Format(time.RFC3339),
			})
			return err
		})
		for _, p := range parcels {
			p.Wipe()
		}
		if err != nil {
			return out, fmt.Errorf("merging: %w", err)
		}
		out = append(out, plan.fresh(done)...)
	}
	return out, nil
}

// merging is what is known before anything is written.
type merging struct {
	grants []store.ID          // that have a connection which is absent in to
	names  map[store.ID]string // of the connections that are added
	kept   []transfer.Outcome  // what stays as it is
	out    []transfer.Outcome  // of a dry run
}

func (m *merging) rename(c store.Connection) string {
	if n := m.names[c.ID]; n != "" {
		return n
	}
	return c.Name
}

// fresh leaves out the connections that the plan has told of already.
func (m *merging) fresh(list []transfer.Outcome) []transfer.Outcome {
	return slices.DeleteFunc(list, func(o transfer.Outcome) bool { return o.What == transfer.Kept })
}

func planMerge(ctx context.Context, from, to store.Store, m Merging) (*merging, error) {
	theirs, err := summaries(ctx, from)
	if err != nil {
		return nil, err
	}
	ours, err := summaries(ctx, to)
	if err != nil {
		return nil, err
	}
	ids, names := make(map[store.ID]string, len(ours)), make(map[string]bool, len(ours))
	for _, s := range ours {
		ids[s.ID], names[s.Name] = s.Name, true
	}
	p, seen := &merging{names: make(map[store.ID]string)}, make(map[store.ID]bool)
	var taken []string
	for _, s := range theirs {
		if name, here := ids[s.ID]; here {
			p.kept = append(p.kept, transfer.Outcome{Name: s.Name, As: name, Provider: s.Provider, What: transfer.Kept, Why: transfer.WhyHere})
			continue
		}
		as, why := s.Name, transfer.WhyNew
		if names[as] && m.Suffix != "" {
			as, why = s.Name+m.Suffix, transfer.WhyRenamed
		}
		if names[as] {
			taken = append(taken, as)
			continue
		}
		names[as], p.names[s.ID] = true, as
		p.out = append(p.out, transfer.Outcome{Name: s.Name, As: as, Provider: s.Provider, What: transfer.Added, Why: why})
		if !seen[s.Grant] {
			seen[s.Grant] = true
			p.grants = append(p.grants, s.Grant)
		}
	}
	if len(taken) > 0 {
		slices.Sort(taken)
		return p, &transfer.TakenError{Names: taken}
	}
	p.out = append(slices.Clone(p.kept), p.out...)
	return p, nil
}

func summaries(ctx context.Context, st store.Store) (list []store.Summary, err error) {
	err = st.Read(ctx, func(r store.Reader) (err error) {
		list, err = r.Summaries()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading connections: %w", err)
	}
	return list, nil
}
