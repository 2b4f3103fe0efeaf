package cli

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/envelope"
	"crmdeck/store/secret"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// lstat looks at a path itself, not at what a link points to.
func lstat(path string) (os.FileInfo, error) { return os.Lstat(path) }

// restoreFlags say what is restored, with which keys, and how.
type restoreFlags struct {
	open                       openFlags
	innerIdentity, innerPhrase string
	merge, dryRun, keep        bool
	suffix, head               string
}

// openFlags say what opens a file.
type openFlags struct {
	identities []string
	phrase     string
}

func (a *app) restoreCommand() *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use: "restore FILE", Short: words.CmdRestore, Long: words.LongRestore, Args: args(1, 1, "a FILE, or - for standard input"),
		Example: "  crmdeck restore --dry-run crmdeck.backup\n  crmdeck restore --home /srv/crmdeck --identity key.txt crmdeck.backup",
		RunE: func(cmd *cobra.Command, names []string) error {
			for flag, v := range map[string]string{"--rename-suffix": f.suffix, "--inner-identity": f.innerIdentity, "--inner-passphrase-file": f.innerPhrase} {
				if v != "" && !f.merge {
					return usage(cmd, words.Fill(words.UseMergeOnly, "flag", flag))
				}
			}
			return a.restore(cmd.Context(), names[0], f)
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.open.identities, "backup-identity", nil, words.FlagBackupIdentity)
	fl.StringVar(&f.open.phrase, "backup-passphrase-file", "", words.FlagBackupPhrase)
	fl.StringVar(&f.innerIdentity, "inner-identity", "", words.FlagInnerIdentity)
	fl.StringVar(&f.innerPhrase, "inner-passphrase-file", "", words.FlagInnerPhrase)
	fl.BoolVar(&f.merge, "merge", false, words.FlagMerge)
	fl.BoolVar(&f.dryRun, "dry-run", false, words.FlagDryRun)
	fl.BoolVar(&f.keep, "keep-damaged", false, words.FlagKeepDamaged)
	fl.StringVar(&f.suffix, "rename-suffix", "", words.FlagRenameSuffix)
	fl.StringVar(&f.head, "head", "", words.FlagRestoreHead)
	return cmd
}

// restore checks everything and then puts the backup in place, or merges it.
func (a *app) restore(ctx context.Context, path string, f restoreFlags) error {
	home, conf, err := a.settings()
	if err != nil {
		return err
	}
	if a.global.readOnly {
		return store.ErrReadOnly
	}
	heads, err := a.readHeads(ctx, f.head)
	if err != nil {
		return err
	}
	if err := a.mayRestore(ctx, home, f); err != nil {
		return err
	}
	key, err := a.key(ctx, conf)
	if err != nil {
		return err
	}
	defer key.Passphrase.Wipe()
	u, err := a.unpack(ctx, home, path, conf, f.open)
	if err != nil {
		return err
	}
	defer func() { _ = u.Close() }()
	inner, err := a.innerKey(ctx, key, f)
	if err != nil {
		return err
	}
	defer inner.Passphrase.Wipe()
	report, err := u.Verify(ctx, inner, heads)
	if err != nil {
		return &words.Archived{Path: path, Kind: "backup", Err: err}
	}
	if len(report.Refused) > 0 && !f.keep {
		return &words.DamagedBackup{Refused: report.Refused}
	}
	if f.merge {
		return a.merge(ctx, home, conf, key, path, u, report, f)
	}
	if !f.dryRun {
		if err := u.Place(ctx, report); err != nil {
			return err
		}
	}
	return a.restoreSays(path, home, report, f.dryRun)
}

// mayRestore refuses a directory that has a store, or for --merge has none.
func (a *app) mayRestore(ctx context.Context, home string, f restoreFlags) error {
	if f.dryRun && !f.merge {
		return nil
	}
	st, err := a.deps.Backend(true, a.actor()).Open(ctx, home)
	switch {
	case errors.Is(err, store.ErrNoStore) && !f.merge:
		return nil
	case err != nil && f.merge:
		return err
	case err == nil:
		_ = st.Close()
	}
	if !f.merge {
		return store.ErrExists
	}
	return nil
}

// unpack decrypts the file, with the store's identity too: it is what a backup is made for
// where nothing else is said.
func (a *app) unpack(ctx context.Context, home, path string, conf *config.Config, f openFlags) (*archive.Unpacked, error) {
	in, done, err := a.openIn(path)
	if err != nil {
		return nil, err
	}
	defer done()
	k, err := a.envelopeKey(ctx, in, conf, f, words.AskBackupPhrase)
	if err != nil {
		return nil, err
	}
	defer k.Passphrase.Wipe()
	u, err := archive.Unpack(ctx, a.deps.Backend(false, a.actor()), home, in, k)
	if err != nil {
		return nil, &words.Archived{Path: path, Kind: "backup", Err: err}
	}
	return u, nil
}

// openIn opens a file to read, or takes standard input for "-".
func (a *app) openIn(path string) (in *bufio.Reader, done func(), err error) {
	if path == "-" {
		if a.stdinTaken {
			return nil, nil, usage(nil, words.UseTwoSecrets)
		}
		a.stdinTaken = true
		return bufio.NewReader(a.deps.Stdin), func() {}, nil
	}
	f, err := openPlain(path)
	if err != nil {
		return nil, nil, usage(nil, words.Fill(words.UseHeadFile, "path", path))
	}
	return bufio.NewReaderSize(f, 64<<10), func() { _ = f.Close() }, nil
}

// openPlain opens a regular file. What it holds is encrypted: it may be anybody's.
func openPlain(path string) (*os.File, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() { // opening a pipe would wait for whoever writes to it
		return nil, os.ErrInvalid
	}
	return os.Open(path)
}

// envelopeKey gathers what can open a file. A passphrase is asked for only if the file
// takes one, none was given and somebody is there to answer.
func (a *app) envelopeKey(ctx context.Context, in *bufio.Reader, conf *config.Config, f openFlags, ask string) (k envelope.Key, err error) {
	files := f.identities
	if conf.Identity != "" && keyThere(conf) == nil {
		files = append(files, conf.Identity)
	}
	for _, file := range files {
		var ids []age.Identity
		if ids, err = envelope.ReadIdentities(file); errors.Is(err, fs.ErrNotExist) {
			return k, usage(nil, words.Fill(words.UseHeadFile, "path", file))
		}
		if err != nil {
			return k, err
		}
		k.Identities = append(k.Identities, ids...)
	}
	switch {
	case f.phrase != "":
		k.Passphrase, err = a.readSecret(ctx, f.phrase)
	case envelope.ForPassphrase(in) && a.deps.IsTerminal():
		k.Passphrase, err = a.askSecret(ctx, ask)
	}
	return k, err
}

// innerKey is what opens the store in the backup: its own flags, else what opens this store.
func (a *app) innerKey(ctx context.Context, key store.Key, f restoreFlags) (store.Key, error) {
	switch {
	case f.innerIdentity != "":
		return store.Key{IdentityFile: f.innerIdentity}, nil
	case f.innerPhrase != "":
		p, err := a.readSecret(ctx, f.innerPhrase)
		return store.Key{Passphrase: p}, err
	case !key.Passphrase.IsZero(): // both are wiped
		return store.Key{Passphrase: secret.New(key.Passphrase.Bytes())}, nil
	case !key.IsZero():
		return key, nil
	case !a.deps.IsTerminal():
		return store.Key{}, store.ErrLocked
	}
	p, err := a.askSecret(ctx, words.AskInnerPhrase)
	return store.Key{Passphrase: p}, err
}

// restoredJSON is what a restore found and did.
type restoredJSON struct {
	backupJSON
	Home   string      `json:"home"`
	DryRun bool        `json:"dry_run"`
	Merged []mergeJSON `json:"merged,omitempty"`
}

func (a *app) restoreSays(path, home string, r archive.Report, dry bool) error {
	if a.global.json {
		return a.json(restoredJSON{backupJSON: backupOf(path, r.Manifest, r.Refused), Home: home, DryRun: dry})
	}
	a.checkedSays(r)
	if dry {
		a.say(words.SayRestoreChecked)
		return nil
	}
	a.say(words.Fill(words.SayRestored, "home", home))
	a.note(words.SayRestoreSpent)
	a.note(words.SayRestoreOther)
	return nil
}

// checkedSays tells what the backup was found to be.
func (a *app) checkedSays(r archive.Report) {
	a.say(words.BackupChecked(r))
	if r.Later != nil {
		a.note(words.BackupOlder(r))
	}
	if !r.Proven {
		a.note(words.SayRestoreUnknown)
	}
}
