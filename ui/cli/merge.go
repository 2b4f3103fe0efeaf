package cli

import (
	"cmp"
	"context"
	"slices"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/transfer"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// mergeJSON is what became of one connection.
type mergeJSON struct {
	Name     string `json:"name"`
	As       string `json:"as"`
	Provider string `json:"provider"`
	Outcome  string `json:"outcome"`
	Why      string `json:"why,omitempty"`
}

// merge adds what is absent here from a checked backup.
func (a *app) merge(ctx context.Context, home string, conf *config.Config, key store.Key, path string, u *archive.Unpacked, r archive.Report, f restoreFlags) error {
	s, err := a.open(ctx, home, conf)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.unlockWith(ctx, key); err != nil {
		return err
	}
	op, err := store.NewID(a.deps.Rand)
	if err != nil {
		return err
	}
	now := a.deps.Clock.Now()
	out, err := archive.Merge(ctx, u.Store(), s.st, archive.Merging{Op: op, Made: r.Manifest.Made, Now: now, Suffix: f.suffix, DryRun: f.dryRun})
	if err != nil {
		return err
	}
	slices.SortStableFunc(out, func(x, y transfer.Outcome) int {
		return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.As, y.As))
	})
	if a.global.json {
		return a.json(restoredJSON{backupJSON: backupOf(path, r.Manifest, r.Refused), Home: home, DryRun: f.dryRun, Merged: mergedOf(out)})
	}
	a.checkedSays(r)
	a.outcomes(out)
	switch added := slices.ContainsFunc(out, func(o transfer.Outcome) bool { return o.What != transfer.Kept }); {
	case f.dryRun:
		a.say(words.SayRestoreChecked)
	case !added:
		a.say(words.SayMergeNothing)
	default:
		a.note(words.SayMergeSpent)
	}
	return nil
}

// unlockWith opens the data key with a key that was read already, else by asking.
func (s *session) unlockWith(ctx context.Context, key store.Key) error {
	if key.IsZero() {
		return s.unlock(ctx)
	}
	return s.st.Unlock(ctx, key)
}

func mergedOf(list []transfer.Outcome) []mergeJSON {
	out := []mergeJSON{}
	for _, o := range list {
		out = append(out, mergeJSON{o.Name, o.As, o.Provider, string(o.What), string(o.Why)})
	}
	return out
}

// outcomes is a table of what became of connections.
func (a *app) outcomes(list []transfer.Outcome) {
	if len(list) == 0 {
		return
	}
	var rows [][]string
	for _, o := range list {
		rows = append(rows, []string{o.As, o.Provider, string(o.What), words.MovedWhy(o)})
	}
	a.table(words.MergeTitles(), rows)
}
