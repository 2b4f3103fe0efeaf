package cli

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/moved"
	"crmdeck/ui/words"
)

func (a *app) auditArchiveCommand() *cobra.Command {
	var before string
	cmd := &cobra.Command{
		Use: "archive FILE", Short: words.CmdAuditArchive, Long: words.LongAuditArchive, Args: args(1, 1, "a FILE"),
		Example: "  crmdeck audit archive audit-2024.jsonl\n  crmdeck audit verify --archive audit-2024.jsonl",
		RunE: func(cmd *cobra.Command, names []string) error {
			t, err := parseMoment(before)
			if err != nil {
				return err
			}
			if names[0] == "-" {
				return usage(cmd, words.UseArchiveFile)
			}
			return a.auditArchive(cmd.Context(), names[0], t)
		},
	}
	cmd.Flags().StringVar(&before, "before", "", words.FlagArchiveBefore)
	return cmd
}

// auditArchive moves the segments that are old enough into a new file.
func (a *app) auditArchive(ctx context.Context, path string, before time.Time) error {
	s, log, err := a.auditLog(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	mover, ok := log.(moved.Log)
	if !ok {
		return moved.ErrCannot
	}
	now := a.deps.Clock.Now()
	oldest := moved.Oldest(now, s.conf.AuditMonths)
	if before.After(oldest) {
		return usage(nil, words.KeptUntil(s.conf.AuditMonths, oldest))
	}
	if before.IsZero() {
		before = oldest
	}
	if _, err := os.Lstat(path); err == nil {
		return usage(nil, words.Fill(words.UseThere, "path", path))
	}
	// What leaves is whole: a broken log is looked into first, where it is.
	if _, err := audit.Check(ctx, log, nil, a.checked()); err != nil {
		return err
	}
	c, err := moved.Choose(ctx, mover, before)
	if err != nil {
		return err
	}
	if len(c.Segments) == 0 {
		if a.global.json {
			return a.json(map[string]any{"events": 0, "segments": 0})
		}
		a.say(words.NothingToMove(before))
		return nil
	}
	op, err := store.NewID(a.deps.Rand)
	if err != nil {
		return err
	}
	r, err := moved.Move(ctx, mover, path, c, now, op)
	if err != nil {
		return archiveError(err, path, r, len(c.Segments))
	}
	if a.global.json {
		return a.json(map[string]any{
			"path": path, "events": r.Events, "segments": r.Segments, "sha256": hex.EncodeToString(r.SHA256[:]),
			"first": c.Segments[0].First, "last": c.Segments[len(c.Segments)-1].Last,
		})
	}
	a.say(words.MovedOut(r, path))
	a.say(words.SayMovedKeep)
	return nil
}

// archiveError tells what stopped it; what is in the file and in the store both is no loss.
func archiveError(err error, path string, r moved.Result, all int) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage(nil, words.Fill(words.UseThere, "path", path))
	case errors.Is(err, fs.ErrNotExist):
		return usage(nil, words.Fill(words.UseNoFolder, "path", path))
	}
	return &words.MoveError{Path: path, Done: r.Segments, All: all, Written: r.SHA256 != [32]byte{}, Err: err}
}

// verifyArchives checks files of segments.
func (a *app) verifyArchives(ctx context.Context, log audit.Log, paths []string, kept []audit.SignedHead) ([]moved.Report, error) {
	var list []moved.Report
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, usage(nil, words.Fill(words.UseHeadFile, "path", path))
		}
		r, err := moved.Verify(ctx, log, bufio.NewReaderSize(f, 256<<10), kept)
		_ = f.Close()
		if err != nil {
			return nil, &words.ArchiveError{Path: path, Err: err}
		}
		list = append(list, r)
	}
	return list, nil
}
