package cli

import (
	"context"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/snapshot"
	"crmdeck/ui/words"
)

// snapshotFlags are the flags of `snapshot`.
type snapshotFlags struct {
	events int
	mode   string
}

func (a *app) snapshotCommand() *cobra.Command {
	var f snapshotFlags
	cmd := &cobra.Command{
		Use: "snapshot FILE", Short: words.CmdSnapshot, Long: words.LongSnapshot, Example: words.ExampleSnapshot,
		Args: args(1, 1, words.UseSnapshotFile),
		RunE: func(cmd *cobra.Command, names []string) error {
			mode, ok := snapshotModes[f.mode]
			switch {
			case !ok:
				return usage(cmd, words.UseMode)
			case f.events < 0 || f.events > mostSnapshotEvents:
				return usage(cmd, words.UseEvents)
			}
			return a.snapshot(cmd.Context(), names[0], mode, f.events)
		},
	}
	cmd.Flags().IntVar(&f.events, "events", 20, words.FlagSnapshotEvents)
	cmd.Flags().StringVar(&f.mode, "mode", "0600", words.FlagSnapshotMode)
	return cmd
}

// mostSnapshotEvents bounds how many events of a connection a file is asked to hold.
const mostSnapshotEvents = 10_000

// snapshotModes are the modes that a snapshot can have: nobody else ever writes to it.
var snapshotModes = map[string]fs.FileMode{"0600": 0o600, "600": 0o600, "0640": 0o640, "640": 0o640, "0644": 0o644, "644": 0o644}

// snapshot writes what the store shows without a key.
func (a *app) snapshot(ctx context.Context, path string, mode fs.FileMode, events int) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	host, _ := os.Hostname()
	d, err := snapshot.Take(ctx, s.st, snapshot.Options{
		Taken: a.deps.Clock.Now(), By: a.actor(), Host: host, Program: a.deps.Version, Events: events, Judge: s.found(),
	})
	if err != nil {
		return err
	}
	if path == "-" {
		return snapshot.Encode(a.out, d)
	}
	size, err := snapshot.WriteFile(path, mode, d)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(map[string]any{
			"file": path, "taken_at": moment(d.Taken), "connections": len(d.Connections), "events": len(d.Events), "bytes": size,
		})
	}
	a.say(words.SnapshotWritten(path, len(d.Connections), len(d.Events), mode))
	return nil
}

// found judges connections for a snapshot, as `list` does.
func (s *session) found() func(store.Summary) snapshot.Finding {
	known := map[string]policy.ProviderFacts{}
	now := s.app.deps.Clock.Now()
	return func(sum store.Summary) snapshot.Finding {
		a := policy.Assess(sum, s.facts(known, sum), now, policy.DefaultThresholds())
		return snapshot.Finding{
			State: string(a.State), Why: string(a.Reason.Code), Reason: sum.Reason,
			NextClock: string(a.NextClock.Kind), NextAt: a.NextClock.At, KeyDays: a.KeyAge.Days, KeyPolicy: a.KeyAge.Of,
		}
	}
}
