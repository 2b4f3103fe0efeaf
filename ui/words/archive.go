package words

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/envelope"
)

// Backups: what the commands and their flags are, and what they say.
const (
	CmdBackup  = "Write an encrypted backup of the store"
	CmdRestore = "Check a backup, and put it back"

	LongBackup = `Copies the whole store while other processes use it, checks the copy, and writes it to FILE, or to
standard output for -, encrypted with age: to each --recipient, or with a passphrase, or else to
the age recipients that open the store. Secrets in it stay sealed as they are in the store: it takes a key
of the file and a key of the store to read one.

It needs no key. With one, the audit chain and every sealed value are checked, the backup is signed with a
key of the store, and the audit log says that it was made.`
	LongRestore = `Decrypts FILE beside the store, checks all of it (checksum, structure, every record, the audit chain, that
every sealed value opens) and only then makes it the store of a directory that has none. With
--merge, connections that are absent here are added to the store that is there; what is here stays as
it is. --dry-run only checks.

--identity or --passphrase-file opens the store; --backup-identity or --backup-passphrase-file the file, if
another key does that. With --merge, --inner-identity or --inner-passphrase-file opens the store in the backup,
if what opens this store does not.

Refresh tokens in a backup may be spent: where the provider replaces them, crmdeck asks before it uses one.`

	FlagBackupRecipient = "age or SSH RECIPIENT that may open the file; can be given again"
	FlagBackupPhrase    = "FILE with the passphrase of the backup file, - for standard input"
	FlagBackupIdentity  = "FILE of an age identity or SSH key that opens the backup file; can be given again"
	FlagInnerIdentity   = "FILE of an identity that opens the store in the backup"
	FlagInnerPhrase     = "FILE with the passphrase of the store in the backup"
	FlagForce           = "replace FILE if it is there"
	FlagMerge           = "add what is absent to the store that is here"
	FlagDryRun          = "check everything and say what would be done"
	FlagRenameSuffix    = "add SUFFIX to names that are taken here"
	FlagKeepDamaged     = "restore although sealed values do not open; they stay refused"
	FlagRestoreHead     = "compare with the audit heads in FILE"

	UseOneLock       = "Give --recipient or a passphrase, not both."
	UseNoLock        = "Say who may open the backup: --recipient or --backup-passphrase-file. The store has no age recipient that could be taken."
	UseBackupIsThere = "{path} is there already; --force replaces it."
	UseMergeOnly     = "{flag} is for --merge."
	UseJSONStdout    = "The backup goes to standard output, which --json would mix with: give a FILE."

	AskBackupPhrase = "Passphrase of the backup file: "
	AskInnerPhrase  = "Passphrase of the store in the backup: "

	SayBackupFor      = "It opens with the identity of {who}."
	SayBackupPhrase   = "It opens with its passphrase."
	SayBackupKeyless  = "The store was locked: sealed values and the audit chain were not checked, and the audit log does not say that a backup was made."
	SayBackupRefused  = "{n} of its sealed values do not open; they are in it as they are. See: crmdeck doctor"
	SayRestored       = "The store is in {home}."
	SayRestoreSpent   = "Refresh tokens in it may be spent. Where a provider replaces them, crmdeck asks before it uses one, until you say that no other copy is in use: crmdeck store adopt"
	SayMergeSpent     = "Refresh tokens that were added may be spent. Where a provider replaces them, crmdeck asks before it uses one: crmdeck refresh NAME --attempt"
	SayRestoreUnknown = "The backup was made without the store's key: nothing tells who made it."
	SayRestoreChecked = "Nothing was written: --dry-run."
	SayRestoreOther   = "Do not go on using another copy of this store: a refresh token that both use is lost to both."
	SayMergeNothing   = "The backup has nothing that is absent here."

	MergeAdded  = "added"
	MergeJoined = "joined"
	MergeKept   = "kept"
)

// MergeTitles are the columns of what a merge or import did.
func MergeTitles() []string { return []string{"NAME", "PROVIDER", "OUTCOME", "WHY"} }

// BackedUp tells what was written.
func BackedUp(m archive.Manifest, path string) string {
	return "A backup of " + counted(m.Counts.Connections, "connection", "connections") + " and " + Events(m.Events) + " is in " + path + "."
}

// BackupChecked tells what a backup was found to be.
func BackupChecked(r archive.Report) string {
	s := "The backup of " + r.Manifest.Made.UTC().Format("2006-01-02 15:04") + " UTC is whole: " +
		counted(r.Manifest.Counts.Connections, "connection", "connections") + ", " + counted(r.Manifest.Counts.Sealed, "sealed value", "sealed values") +
		", " + Events(r.Events)
	if r.Heads > 0 {
		s += ", and it agrees with " + counted(r.Heads, "head that was", "heads that were") + " kept"
	}
	return s + "."
}

// BackupOlder tells that something is known that the backup does not have.
func BackupOlder(r archive.Report) string {
	missing := int(r.Later.Count - r.Events)
	return "It is older than the head of " + r.Later.At.UTC().Format("2006-01-02 15:04") + " UTC: " +
		counted(missing, "event", "events") + " up to then are not in it."
}

// Archived is an error about a file that holds a backup or an export.
type Archived struct {
	Path string
	Kind string // "backup" or "export"
	Err  error
}

func (e *Archived) Error() string { return e.Kind + " " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Archived) Unwrap() error { return e.Err }

// DamagedBackup is a backup with sealed values that do not open.
type DamagedBackup struct{ Refused []*store.DamageError }

func (e *DamagedBackup) Error() string { return "sealed values in the backup do not open" }

// archiveFault is a condition of such a file.
type archiveFault struct {
	err error
	entry
}

// archiveFaults are the conditions of any such file, the more precise ones first.
var archiveFaults = []archiveFault{
	{envelope.ErrNotEnvelope, entry{"not_archive", ExitFailed, "{path} is no {kind} of crmdeck.", "It is not encrypted with age. Nothing was changed.",
		"Name the file that was written by:", Program + " {kind} --help", ""}},
	{envelope.ErrDamaged, entry{"archive_damaged", ExitFailed, "{path} is damaged.", "It was changed, or its end is missing. Nothing was changed here.",
		"Take another copy of the file, or another {kind}.", "", ""}},
	{envelope.ErrNeedsIdentity, entry{"locked", ExitLocked, "{path} is encrypted for an age recipient, and no identity was given.", "Nothing was changed.",
		"Name the file of the identity with {flag}-identity FILE:", Program + " {again} --help", ""}},
	{envelope.ErrNeedsPassphrase, entry{"locked", ExitLocked, "{path} is encrypted with a passphrase, and none was given.", "Nothing was changed.",
		"Name the file that holds it with {flag}-passphrase-file FILE:", Program + " {again} --help", ""}},
	{envelope.ErrWrongKey, entry{"wrong_key", ExitLocked, "{path} does not open with this key.", "It was encrypted for another one. Nothing was changed.",
		"Give another with {flag}-identity FILE or {flag}-passphrase-file FILE:", Program + " {again} --help", ""}},
	{archive.ErrNotArchive, entry{"not_archive", ExitFailed, "{path} is no {kind} of crmdeck.", "It was decrypted, and holds something else. Nothing was changed.",
		"Name the file that was written by:", Program + " {kind} --help", ""}},
	{archive.ErrNewer, entry{"newer", ExitFailed, "{path} was written by a newer crmdeck.", "This version does not know its format. Nothing was changed.",
		"Use the newer version; this one is:", Program + " version", ""}},
	{archive.ErrMismatch, entry{"archive_damaged", ExitFailed, "{path} does not hold what it says.", "{said} Nothing was changed here.",
		"Take another {kind}, and find out who could write this one.", "", ""}},
	{store.ErrDamaged, entry{"archive_damaged", ExitFailed, "The store in {path} is damaged.", "{said} Nothing was changed here.",
		"Take another {kind}.", "", ""}},
	{store.ErrWrongKey, entry{"wrong_key", ExitLocked, "The store in {path} does not open with this key.", "None of its slots fits. Nothing was changed.",
		"Give a key that opened the store when the {kind} was made:", Program + " {again} --help", ""}},
	{store.ErrRecipient, entry{"usage", ExitUsage, "This is no recipient that a file can be encrypted for.", "age1… and SSH public keys are.", "See how it is used:", Program + " {again} --help", ""}},
}

// archiveSays tells what is wrong with a backup or an export.
func (c Context) archiveSays(err error) (Explanation, bool) {
	var damaged *DamagedBackup
	if errors.As(err, &damaged) {
		return c.tell(entry{"archive_damaged", ExitFailed, "{n} in the backup do not open.", "The first: {said} Nothing was changed.",
			"Take an older backup, or restore it with --keep-damaged and reconnect what is refused:", Program + " restore --help", ""},
			"", map[string]string{"n": counted(len(damaged.Refused), "sealed value", "sealed values"), "said": sentence(damaged.Refused[0].Error())}), true
	}
	if e, ok := c.transferSays(err); ok {
		return e, true
	}
	var about *Archived
	if !errors.As(err, &about) {
		return Explanation{}, false
	}
	for _, f := range slices.Concat(transferFaults, archiveFaults) {
		if errors.Is(about.Err, f.err) {
			said := strings.TrimPrefix(about.Err.Error(), f.err.Error()+": ")
			return c.tell(f.entry, "", map[string]string{
				"path": about.Path, "kind": about.Kind, "flag": "--" + about.Kind, "again": or(c.Command, about.Kind), "said": sentence(said)}), true
		}
	}
	return Explanation{}, false
}

// Since writes the day and minute of a moment, in UTC.
func Since(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

// Number writes a number.
func Number(n int) string { return strconv.Itoa(n) }
