package words_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/archive"
	"crmdeck/store/audit"
	"crmdeck/store/envelope"
	"crmdeck/store/transfer"
	"crmdeck/ui/words"
)

// PR-8: each thing that can be wrong with a backup or an export has a sentence, an exit code and a
// command that is there.
func TestArchivesAreExplained(t *testing.T) {
	for err, exit := range map[error]int{
		envelope.ErrNotEnvelope: 1, envelope.ErrDamaged: 1, envelope.ErrNeedsIdentity: 4, envelope.ErrNeedsPassphrase: 4, envelope.ErrWrongKey: 4,
		archive.ErrNotArchive: 1, archive.ErrNewer: 1, fmt.Errorf("%w: it ends too early", archive.ErrMismatch): 1, store.ErrDamaged: 1, store.ErrWrongKey: 4,
		transfer.ErrNotExport: 1, transfer.ErrNewer: 1, transfer.ErrTooLarge: 1, fmt.Errorf("%w: grant 1", transfer.ErrInvalid): 1, store.ErrRecipient: 2,
	} {
		for _, kind := range []string{"backup", "export"} {
			e := words.Explain(&words.Archived{Path: "a.file", Kind: kind, Err: err}, words.Context{})
			told(t, e, exit)
			if !strings.Contains(e.Message(), "a.file") && err != store.ErrRecipient {
				t.Errorf("%v does not name the file: %s", err, e.Message())
			}
		}
	}
	for err, exit := range map[error]int{
		&transfer.TakenError{Names: []string{"a", "b"}}: 6, &transfer.HereError{Names: []string{"a"}}: 6,
		&words.DamagedBackup{Refused: []*store.DamageError{{What: "a value", Problem: "was put back", Next: "do that"}}}: 1,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedRevoked}:                                                  5,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedHanded}:                                                   6,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedHanding}:                                                  6,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedNotHanded}:                                                6,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedUncertain}:                                                6,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedDead}:                                                     5,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedEmpty}:                                                    5,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedShared, Others: []string{"b"}}:                            6,
		&transfer.BlockedError{Name: "a", Why: transfer.BlockedRotates}:                                                  6,
	} {
		told(t, words.Explain(err, words.Context{}), exit)
	}
}

func told(t *testing.T, e words.Explanation, exit int) {
	t.Helper()
	if e.Exit != exit || e.Headline == "" || strings.ContainsAny(e.Message()+e.Next+e.Command, "{}") || strings.Contains(e.Message(), "..") {
		t.Errorf("exit %d: %q %q", e.Exit, e.Lines(), e.Command)
	}
	if args := strings.Fields(strings.TrimPrefix(e.Command, words.Program)); e.Command != "" && run(append(args, "--help")) != words.ExitDone {
		t.Errorf("there is no %q", e.Command)
	}
}

// What a backup is found to be is said in whole sentences.
func TestBackupsAreTold(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	r := archive.Report{Manifest: archive.Manifest{Made: at, Counts: archive.Counts{Connections: 1, Sealed: 2}}, Events: 7, Heads: 1,
		Later: &audit.SignedHead{Count: 9, At: at.Add(time.Hour)}}
	if s := words.BackupChecked(r); s != "The backup of 2026-11-24 12:00 UTC is whole: 1 connection, 2 sealed values, 7 events, and it agrees with 1 head that was kept." {
		t.Error(s)
	}
	if s := words.BackupOlder(r); s != "It is older than the head of 2026-11-24 13:00 UTC: 2 events up to then are not in it." {
		t.Error(s)
	}
}
