package words

import (
	"errors"
	"strings"

	"crmdeck/store/transfer"
)

// Moving single connections between stores: what the commands and flags are, and what they say.
const (
	CmdExport = "Write connections with their secrets, encrypted for another store"
	CmdImport = "Take in connections that were exported"

	LongExport = `Writes connections with their grant and client registration to FILE, or to standard output for -,
encrypted with age for --recipient or a passphrase; nothing is written in the clear.

A refresh token that the provider replaces at each use must live in one place only: two stores that both
refresh it lose it. --hand-over gives it up here: once the file is written and synced, the secrets
are wiped from this store, and the connection stays as a note of who has it. A hand-over that was broken off
is done again, or taken back with --take-back if the file did not get anywhere. --copy writes a copy all
the same.`
	LongImport = `Decrypts FILE, checks all of it, and adds its connections to this store in one transaction: sealed
again under this store's key, for the same hosts. Names that are taken and connections that are here are
refused; one whose very credential is here joins it. A connection that was handed over from here comes back
to its old place.`

	FlagHandOver       = "give the connections up here, once the file is written"
	FlagCopy           = "write a copy although the refresh token must live in one place only"
	FlagTakeBack       = "undo a hand-over that was broken off; its file must not be used"
	FlagTo             = "who gets it, for the audit log and those who look, e.g. \"the new server\""
	FlagImportAs       = "NAME of the one connection here"
	FlagExportIdentity = "FILE of an age identity or SSH key that opens the file; can be given again"
	FlagExportPhrase   = "FILE with the passphrase of the exported file, - for standard input"

	UseOneWay     = "--hand-over, --copy and --take-back are three ways: give one."
	UseExportLock = "Say who may open the file: --recipient RECIPIENT or --export-passphrase-file FILE, one of them."
	UseAsOne      = "--as gives one connection a name, and the file holds several."

	AskExportPhrase = "Passphrase of the exported file: "

	SayHandedOver    = "Its secrets are not in this store any more. Import the file before you lose it; nothing else has them."
	SayCopied        = "Whoever opens that file has the credential. Delete it once it is imported."
	SayCopiedRotates = "Its refresh token is in two places now. The first refresh in one of them can end it for both: use it in one, and reconnect the other."
	SayTakenBack     = "Taken back: {names}. Destroy the file that was written, if there is one."
	SayImported      = "Delete the file: whoever opens it has the credential."
	SayImportedCopy  = "This is a copy: another store has the credential too. Where the provider replaces refresh tokens, crmdeck asks before it uses this one."
	SayImportJoined  = "A connection shares its credential with one that was here: if one of them is revoked, the other dies too."
)

// Left tells what was written.
func Left(names []string, path string, handedOver bool) string {
	verb := " written to "
	if handedOver {
		verb = " handed over in "
	}
	be := " is"
	if len(names) > 1 {
		be = " are"
	}
	return strings.Join(names, ", ") + be + verb + path + "."
}

// movedWhys say why a connection that came in was treated as it was.
var movedWhys = map[transfer.Why]string{
	transfer.WhyNew:      "",
	transfer.WhyHere:     "it is here, and stays as it is",
	transfer.WhySame:     "its very credential is here; both share it now",
	transfer.WhyRenamed:  "it was called {name}",
	transfer.WhyReturned: "it was handed over from here, and is back",
}

// MovedWhy says why.
func MovedWhy(o transfer.Outcome) string { return Fill(movedWhys[o.Why], "name", o.Name) }

// handed reports a reason of a grant that was given to another store.
func handed(code string) bool {
	return code == transfer.ReasonHandedOver || code == transfer.ReasonHandingOver
}

// blocks tell why a connection can't be given to another store, and what helps.
var blocks = map[transfer.Block]entry{
	transfer.BlockedRevoked: {"revoked", ExitPerson, "{name} is revoked, or shall be.", "What is dead here is dead everywhere.",
		"See how far it is:", Program + " show {name}", ""},
	transfer.BlockedHanded: {"handed_over", ExitConflict, "{name} was handed over already.", "Its credential is not here any more.",
		"See who has it:", Program + " show {name}", ""},
	transfer.BlockedHanding: {"handing_over", ExitConflict, "A hand-over of {name} was begun and is not finished.", "Its credential may be in a file already.",
		"Finish it by doing it again, or take it back:", Program + " export {name} --take-back", ""},
	transfer.BlockedNotHanded: {"not_handed", ExitConflict, "There is no hand-over of {name} to take back.", "It is here and in use.",
		"See it:", Program + " show {name}", ""},
	transfer.BlockedUncertain: {"uncertain", ExitConflict, "{name} is uncertain: a new token was asked for and the answer was lost.", "Its refresh token may be spent, so it is not given to anybody.",
		"Find out first:", Program + " refresh {name} --attempt", ""},
	transfer.BlockedDead: {"reconnect", ExitPerson, "The provider of {name} refuses its credential.", "There is nothing of use to give away.",
		"Reconnect it:", Program + " reconnect {name}", ""},
	transfer.BlockedEmpty: {"reconnect", ExitPerson, "{name} has no credential.", "There is nothing to give away.",
		"Reconnect it:", Program + " reconnect {name}", ""},
	transfer.BlockedShared: {"shared_grant", ExitConflict, "{name} shares its grant with {said}.", "What is handed over is gone for all of them.",
		"Name all of them:", Program + " export {name} {said} FILE --hand-over", ""},
	transfer.BlockedRotates: {"rotates", ExitConflict, "The refresh token of {name} is replaced at each use, so it can live in one store only.", "Two stores that both refresh it lose it. Nothing was written.",
		"Give it up here with --hand-over, or write a copy all the same with --copy:", Program + " export --help", ""},
}

// transferFaults are the conditions of a file that was exported.
var transferFaults = []archiveFault{
	{transfer.ErrNotExport, entry{"not_archive", ExitFailed, "{path} is no export of crmdeck.", "It was decrypted, and holds something else. Nothing was changed.",
		"A backup is put back with restore; an export was written by:", Program + " export --help", ""}},
	{transfer.ErrNewer, entry{"newer", ExitFailed, "{path} was written by a newer crmdeck.", "This version does not know its format. Nothing was changed.",
		"Use the newer version; this one is:", Program + " version", ""}},
	{transfer.ErrTooLarge, entry{"too_large", ExitFailed, "{path} is too large.", "A connection has at most 1 MiB, a file 16 MiB. Nothing was changed.",
		"Export fewer connections at once:", Program + " export --help", ""}},
	{transfer.ErrInvalid, entry{"archive_damaged", ExitFailed, "{path} is not valid.", "{said} Nothing was changed.",
		"Export the connection again.", "", ""}},
}

// transferSays tells what stood in the way of connections that came in or went out.
func (c Context) transferSays(err error) (Explanation, bool) {
	var taken *transfer.TakenError
	var here *transfer.HereError
	var blocked *transfer.BlockedError
	switch {
	case errors.As(err, &blocked):
		c.Connection = or(blocked.Name, c.Connection)
		return c.tell(blocks[blocked.Why], "", map[string]string{"said": strings.Join(blocked.Others, " ")}), true
	case errors.As(err, &taken):
		return c.tell(entry{"name_taken", ExitConflict, "Names are taken here: {said}.", "They belong to other connections. Nothing was changed.",
			"Give another with {flag}, or rename what is here:", Program + " rename --help", ""}, "",
			map[string]string{"said": strings.Join(taken.Names, ", "), "flag": c.renameFlag()}), true
	case errors.As(err, &here):
		return c.tell(entry{"exists", ExitConflict, "Connections are here already: {said}.", "Nothing was changed.",
			"What is here stays in use. See it:", Program + " list", ""}, "",
			map[string]string{"said": strings.Join(here.Names, ", ")}), true
	}
	return Explanation{}, false
}

// renameFlag is how the command that was run gives another name.
func (c Context) renameFlag() string {
	if c.Command == "import" {
		return "--as NAME"
	}
	return "--rename-suffix SUFFIX"
}
