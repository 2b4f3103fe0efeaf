package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/envelope"
	"crmdeck/ui/words"
)

// lockFlags say for whom a file is encrypted.
type lockFlags struct {
	recipients []string
	phrase     string
	force      bool
}

func (f *lockFlags) register(cmd *cobra.Command, phraseFlag string) {
	cmd.Flags().StringArrayVar(&f.recipients, "recipient", nil, words.FlagBackupRecipient)
	cmd.Flags().StringVar(&f.phrase, phraseFlag, "", words.FlagBackupPhrase)
	cmd.Flags().BoolVar(&f.force, "force", false, words.FlagForce)
}

func (a *app) backupCommand() *cobra.Command {
	var f lockFlags
	cmd := &cobra.Command{
		Use: "backup FILE", Short: words.CmdBackup, Long: words.LongBackup, Args: args(1, 1, "a FILE, or - for standard output"),
		Example: "  crmdeck backup --recipient age1… crmdeck-2026-11-24.backup\n  crmdeck backup --backup-passphrase-file phrase.txt crmdeck.backup",
		RunE: func(cmd *cobra.Command, names []string) error {
			switch {
			case len(f.recipients) > 0 && f.phrase != "":
				return usage(cmd, words.UseOneLock)
			case names[0] == "-" && a.global.json:
				return usage(cmd, words.UseJSONStdout)
			}
			return a.backup(cmd.Context(), names[0], f)
		},
	}
	f.register(cmd, "backup-passphrase-file")
	return cmd
}

// backup copies, checks, encrypts. With a key it is recorded before anything leaves.
func (a *app) backup(ctx context.Context, path string, f lockFlags) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if path != "-" && !f.force {
		if err := isThere(path); err != nil {
			return err
		}
	}
	if err := s.unlockIfGiven(ctx); err != nil {
		return err
	}
	lock, who, err := a.lockFor(ctx, s, f)
	if err != nil {
		return err
	}
	defer lock.Passphrase.Wipe()
	if err := s.tell(ctx, store.ActBackup, "begun", "for "+who); err != nil {
		return err
	}
	c, err := archive.Take(ctx, s.st, a.deps.Clock, a.deps.Version)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := a.writeOut(path, f.force, "backup", func(w io.Writer) error { return c.WriteTo(ctx, w, lock) }); err != nil {
		return err
	}
	if err := s.tell(ctx, store.ActBackup, "done", "revision "+words.Number(int(c.Manifest.Revision))+", sha256 "+c.Manifest.SHA256[:16]); err != nil {
		return err
	}
	return a.backupSays(path, c, lock)
}

// unlockIfGiven opens the store with what flags and settings name; nothing is asked for.
func (s *session) unlockIfGiven(ctx context.Context) error {
	if s.app.global.readOnly || s.conf.Identity == "" && s.conf.PassphraseFile == "" {
		return nil
	}
	return s.unlock(ctx)
}

// tell writes an event of its own; a locked store has none.
func (s *session) tell(ctx context.Context, act store.Act, outcome, evidence string) error {
	if _, err := s.st.Vault(); errors.Is(err, store.ErrLocked) {
		return nil
	}
	return s.st.Write(ctx, func(w store.Writer) error {
		_, err := w.Append(store.Event{Act: act, Outcome: outcome, Evidence: evidence})
		return err
	})
}

// isThere refuses a file that exists.
func isThere(path string) error {
	if _, err := lstat(path); err == nil {
		return usage(nil, words.Fill(words.UseBackupIsThere, "path", path))
	}
	return nil
}

// writeOut writes a file, or to standard output for "-".
func (a *app) writeOut(path string, force bool, kind string, fn func(io.Writer) error) error {
	if path == "-" {
		return fn(a.out)
	}
	switch err := envelope.ToFile(path, force, fn); {
	case errors.Is(err, fs.ErrExist):
		return usage(nil, words.Fill(words.UseBackupIsThere, "path", path))
	case errors.Is(err, fs.ErrNotExist):
		return usage(nil, words.Fill(words.UseNoFolder, "path", path))
	case errors.Is(err, store.ErrRecipient):
		return &words.Archived{Path: path, Kind: kind, Err: err}
	default:
		return err
	}
}

// lockFor is what the file is encrypted with, and that in words for the audit log.
func (a *app) lockFor(ctx context.Context, s *session, f lockFlags) (l envelope.Lock, who string, err error) {
	switch {
	case len(f.recipients) > 0:
		l.Recipients = f.recipients
	case f.phrase != "":
		l.Passphrase, err = a.readSecret(ctx, f.phrase)
		return l, "a passphrase", err
	default:
		info, err := s.st.Info(ctx)
		if err != nil {
			return l, "", err
		}
		for _, slot := range info.Slots {
			if _, err := envelope.ParseRecipient(slot.Label); err == nil && slot.Kind != "passphrase" {
				l.Recipients = append(l.Recipients, slot.Label)
			}
		}
	}
	if len(l.Recipients) == 0 {
		if !a.deps.IsTerminal() {
			return l, "", usage(nil, words.UseNoLock)
		}
		l.Passphrase, err = a.askTwice(ctx)
		return l, "a passphrase", err
	}
	for _, r := range l.Recipients {
		if _, err := envelope.ParseRecipient(r); err != nil {
			return l, "", &words.Archived{Kind: "backup", Err: err}
		}
	}
	return l, strings.Join(l.Recipients, ", "), nil
}

// backupJSON is what a backup was found to be.
type backupJSON struct {
	Path       string         `json:"path"`
	Made       string         `json:"made"`
	StoreID    string         `json:"store_id"`
	Revision   uint64         `json:"revision"`
	Events     uint64         `json:"events"`
	Counts     archive.Counts `json:"counts"`
	Size       int64          `json:"size"`
	SHA256     string         `json:"sha256"`
	Signed     bool           `json:"signed"`
	Recipients []string       `json:"recipients,omitempty"`
	Refused    []string       `json:"refused,omitempty"`
}

func backupOf(path string, m archive.Manifest, refused []*store.DamageError) backupJSON {
	b := backupJSON{Path: path, Made: m.Made.Format(time.RFC3339), StoreID: m.StoreID, Revision: m.Revision, Events: m.Events,
		Counts: m.Counts, Size: m.Size, SHA256: m.SHA256, Signed: m.Proof != ""}
	for _, d := range refused {
		b.Refused = append(b.Refused, d.What+" "+d.Problem)
	}
	return b
}

// backupSays tells what was written, and for whom. Standard output may hold the backup.
func (a *app) backupSays(path string, c *archive.Copy, lock envelope.Lock) error {
	if a.global.json {
		out := backupOf(path, c.Manifest, c.Refused)
		out.Recipients = lock.Recipients
		return a.json(out)
	}
	say := a.say
	if path == "-" {
		say, path = a.note, "standard output"
	}
	say(words.BackedUp(c.Manifest, path))
	for _, r := range lock.Recipients {
		say(words.Fill(words.SayBackupFor, "who", r))
	}
	if len(lock.Recipients) == 0 {
		say(words.SayBackupPhrase)
	}
	if c.Keyless {
		a.note(words.SayBackupKeyless)
	}
	if n := len(c.Refused); n > 0 {
		a.note(words.Fill(words.SayBackupRefused, "n", words.Number(n)))
	}
	return nil
}
