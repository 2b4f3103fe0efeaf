package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/audit/export"
	"crmdeck/ui/words"
)

// exportFlags say what is exported.
type exportFlags struct{ format, since, until string }

func (a *app) auditExportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use: "export FILE", Short: words.CmdAuditExport, Long: words.LongAuditExport, Args: args(1, 1, "a FILE, or - for standard output"),
		Example: "  crmdeck audit export --format csv --since 2026-01-01 audit.csv",
		RunE: func(cmd *cobra.Command, names []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			o.Version = a.deps.Version
			return a.auditExport(cmd.Context(), names[0], o)
		},
	}
	cmd.Flags().StringVar(&f.format, "format", string(export.JSONL), words.FlagFormat)
	cmd.Flags().StringVar(&f.since, "since", "", words.FlagFrom)
	cmd.Flags().StringVar(&f.until, "until", "", words.FlagUntil)
	return cmd
}

// options reads the flags.
func (f *exportFlags) options() (o export.Options, err error) {
	o.Format = export.Format(f.format)
	if !slices.Contains(export.Formats(), o.Format) {
		return o, usage(nil, words.UseFormat)
	}
	if o.Since, err = parseMoment(f.since); err != nil {
		return o, err
	}
	if o.Until, err = parseMoment(f.until); err != nil {
		return o, err
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && !o.Since.Before(o.Until) {
		return o, usage(nil, words.UseBefore)
	}
	return o, nil
}

// parseMoment reads a day (its first moment in UTC) or a time; "" is none.
func parseMoment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage(nil, words.Fill(words.UseMoment, "said", s))
}

// auditExport writes to a new file, or to standard output, where nothing else is said then.
func (a *app) auditExport(ctx context.Context, path string, o export.Options) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	log, err := s.auditReader()
	if err != nil {
		return err
	}
	if path != "-" {
		if _, err := os.Lstat(path); err == nil {
			return usage(nil, words.Fill(words.UseThere, "path", path))
		}
	}
	if err := s.unlockIfGiven(ctx); err != nil {
		return err
	}
	if err := s.tell(ctx, store.ActAuditExport, "done", words.ExportSays(string(o.Format), path)); err != nil {
		return err
	}
	n := 0
	write := func(w io.Writer) (err error) { n, err = export.Run(ctx, log, w, o); return err }
	if path == "-" {
		return write(a.out)
	}
	switch err := export.ToFile(path, write); {
	case errors.Is(err, fs.ErrExist):
		return usage(nil, words.Fill(words.UseThere, "path", path))
	case errors.Is(err, fs.ErrNotExist):
		return usage(nil, words.Fill(words.UseNoFolder, "path", path))
	case err != nil:
		return err
	}
	if a.global.json {
		return a.json(map[string]any{"path": path, "format": o.Format, "events": n})
	}
	a.say(words.Exported(n, path))
	return nil
}
