package words

import (
	"errors"
	"strconv"

	"crmdeck/store/audit"
	"crmdeck/store/audit/export"
)

// What the commands on the audit log are, and what their flags mean.
const (
	CmdAuditVerify  = "Check that nothing of the audit log was changed, added or taken away"
	CmdAuditHead    = "Sign the end of the audit log, to be kept elsewhere"
	CmdAuditExport  = "Write the audit log for other programs"
	CmdAuditArchive = "Move old, sealed segments of the audit log into a file"

	LongAudit = `Lists who did what, when, where, and what it came to, the newest last. It needs no key.
--follow goes on with what comes, whoever does it, until it is interrupted.`
	LongAuditVerify = `Checks the chain of all events with the store's sealed key, and names the first one that does
not fit. Who has that key can write the log anew, and who can write the file can put an old
store back: both show only against a head that was kept elsewhere. Make one with
crmdeck audit head >> FILE, keep FILE where the store's users can't change it, and give it
with --head; every head in it is compared. --archive checks a file that segments were moved into, and
the heads that fall within it.`
	LongAuditHead = `Checks the whole log and prints its end as one line of JSON: how many events there are, the last
chain value and the time, signed with a key of this store. That it was signed is the last event in it.`
	LongAuditExport = `Writes all events, oldest first, to FILE, which must not exist, or to standard output for -.

jsonl is one JSON object a line with everything that another verifier needs; csv is for
spreadsheets, and what they would read as a formula gets an apostrophe before it; ocsf is
one event of OCSF 1.3.0 a line, for a SIEM. It needs no key; with one, the export is an event too.`
	LongAuditArchive = `The log is closed in segments: each month of events, or 50,000 of them, gets a seal that is chained
to the one before. This moves the segments whose events are all older than audit_retention_months (at
least 12, by default 24) or, for more to stay, older than --before, into FILE, which must not exist.

FILE is written, synced, read back and verified; only then do its events leave the store, a
segment at a time, each with an event that says so. The store keeps the seals, so that what
stays verifies from them, and FILE verifies with audit verify --archive FILE. Whatever breaks off
leaves events in the store, in FILE, or in both. Nothing is ever moved without this command.`

	FlagHead   = "compare with the heads in FILE, - for standard input"
	FlagFormat = "jsonl, csv or ocsf"
	FlagFrom   = "only events since TIME, as 2006-01-02 or 2006-01-02T15:04:05Z"
	FlagUntil  = "only events before TIME"

	FlagAuditSince    = "only events since TIME, as 2006-01-02 or 2006-01-02T15:04:05Z; or after the event of that number"
	FlagFollow        = "go on with the events that come"
	FlagArchive       = "check this FILE of segments too; may be repeated"
	FlagArchiveBefore = "only segments from before TIME"

	UseLimit       = "--limit is at least 1"
	UseFollowUntil = "--follow has no end; leave --until out."
	UseArchiveFile = "Segments leave the store, so they need a FILE that can be read back."
	SayMovedKeep   = "Keep that file: it is the only place where these events are. The store has their seals."

	UseFormat   = "--format is jsonl, csv or ocsf."
	UseMoment   = "{said} is no time: give 2006-01-02 or 2006-01-02T15:04:05Z."
	UseBefore   = "--since is not before --until."
	UseThere    = "{path} is there already; nothing was written over."
	UseNoFolder = "There is no directory for {path}."
	UseHeadFile = "{path} cannot be read."
)

// Intact tells a log that was checked and found whole.
func Intact(r audit.Report) string {
	s := "The chain is intact: " + Events(r.Head.Seq-r.Out)
	if !r.First.IsZero() {
		s += " from " + r.First.UTC().Format("2006-01-02") + " to " + r.Last.UTC().Format("2006-01-02")
	}
	if r.Out > 0 {
		s += ", after " + Events(r.Out) + " that were moved out and whose seals hold"
	}
	if r.Kept > 0 {
		s += ", and they agree with " + counted(r.Kept, "head that was", "heads that were") + " kept"
	}
	return s + "."
}

// Events is a number of events in words.
func Events(n uint64) string { return counted(int(n), "event", "events") }

// auditSays tells what is wrong with the audit log or a head of it.
func (c Context) auditSays(err error) (Explanation, bool) {
	var broken *audit.BrokenError
	var head *audit.HeadError
	if e, ok := c.movedSays(err); ok {
		return e, true
	}
	switch {
	case errors.As(err, &broken):
		return c.entry("chain_broken", "", map[string]string{"field": strconv.FormatUint(broken.Seq, 10), "said": sentence(broken.Reason)}), true
	case errors.As(err, &head):
		return c.entry("audit_head", "", map[string]string{"said": sentence(head.Reason)}), true
	}
	return c.archiveSays(err)
}

// Exported tells what was written.
func Exported(n int, path string) string {
	return counted(n, "event is", "events are") + " in " + path + "."
}

// The page of the audit log.
const (
	CrumbAudit     = "audit"
	BadgeBroken    = " CHAIN BROKEN "
	HintWhole      = "whole event"
	HintStopCheck  = "stop"
	AuditUnchecked = "chain not checked"
	AuditWhole     = "chain intact"
	AuditUpTo      = "up to "
	AuditHead      = "head "
	AuditCheckedAt = "checked "
	AuditChecking  = "checking the chain"
	AuditStopped   = "the check was stopped; nothing is proven"
	AuditBroken    = "chain broken at "
	AuditDo        = "keep a copy of the store as it is; what stands before it holds"
	AuditEmpty     = "No events yet: the first act writes the first."
	AuditNothing   = "No event matches."
	AuditShowsAll  = "shows all"
	AuditUpper     = "the newest 20,000 show; crmdeck audit export has all"

	WhyAuditReadOnly = "verifying needs the store's key, and a read-only deck has none: crmdeck audit verify"
	WhyAuditNoLog    = "this store's log can't be read as a whole"
	WhyAuditRuns     = "the chain is being checked"
	WhyAuditNoEvent  = "no event is in focus"

	AuditEvent      = "Event "
	AuditTime       = "time"
	AuditOp         = "belongs to"
	TitleConnection = "connection"
	AuditChainRow   = "chain value"

	AuditExport       = "Export the audit log"
	AuditExportFile   = "File"
	AuditExportFormat = "Format"
	AuditExportAll    = "All events, oldest first."
	AuditExportSome   = "The events that match the filter, oldest first."
	AuditExportEmpty  = "Type the name of a file that does not exist yet."
	AuditExportThere  = "That file is there already."
	AuditExportNoDir  = "There is no directory for that file."
	AuditExporting    = "writing…"
	HintWrite         = "write it"
	HintFormat        = "another format"
)

// ExportFormat tells what a format is for.
func ExportFormat(f export.Format) string {
	switch f {
	case export.CSV:
		return "CSV, for spreadsheets"
	case export.OCSF:
		return "OCSF 1.3.0, for a SIEM"
	}
	return "JSON Lines, for another verifier"
}
