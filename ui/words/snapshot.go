package words

import (
	"io/fs"
	"time"

	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Snapshots: what the command and its flags are, and what they say.
const (
	CmdSnapshot  = "Write what can be seen without a key into one file"
	LongSnapshot = `Writes connections, clocks, health, findings and the newest audit events into one file, as JSON.
It needs no key and holds nothing that is sealed: no token, key or client secret, no sample rows,
no key slots. Names of accounts and people are in it, so it is for those who may see the deck.

FILE is replaced whole; - is the standard output. It can be read by you alone, unless --mode says
otherwise (0640 for a group, 0644 for everybody). Whoever can write the file can change what it tells:
it is not signed.

Look at it with --view FILE, anywhere, without the store and without a key.`
	ExampleSnapshot = "  crmdeck snapshot deck.json --mode 0640\n  crmdeck --view deck.json\n  crmdeck list --view deck.json"

	FlagView           = "look at the snapshot in FILE instead of the store"
	FlagSnapshotEvents = "how many of each connection's newest audit events go in"
	FlagSnapshotMode   = "who may read FILE: 0600, 0640 or 0644"

	UseSnapshotFile = "the FILE to write, or -"
	UseMode         = "--mode is 0600, 0640 or 0644."
	UseEvents       = "--events is a number from 0 to 10,000."

	BadgeSnapshot   = " SNAPSHOT "
	AtSnapshot      = "at the snapshot"
	WhySnapshot     = "this is a snapshot: it shows everything and changes nothing"
	WhySnapshotOpen = "this is a snapshot: nothing in it is sealed, so there is nothing to unlock"

	useViewMissing = "The snapshot {path}: {problem}."
	saySnapshot    = "{path} has {connections} and {events}; {mode}. Look at it with: crmdeck --view {path}"
	snapshotMine   = "you alone may read it"
	snapshotGroup  = "your group may read it"
	snapshotAll    = "everybody on this computer may read it"
	sayView        = "This is a snapshot of {name}, taken {at} ({age}). Clocks run on; what happened since then is not in it."
	snapshotAge    = " old"
	snapshotAhead  = "taken ahead of this computer's clock"
	snapshotJust   = "just taken"
	snapshotThen   = " when the snapshot was taken"
)

// SnapshotAge says how old a snapshot is, e.g. "3h old".
func SnapshotAge(d time.Duration) string {
	switch {
	case d < -time.Minute: // two computers' clocks
		return snapshotAhead
	case d < time.Minute:
		return snapshotJust
	}
	return widget.Age(d) + snapshotAge
}

// SnapshotMark is the mark in the header: whose snapshot, and how old.
func SnapshotMark(name string, d time.Duration) string {
	return text.Clean(name) + Between + SnapshotAge(d)
}

// SnapshotThen says what a connection was when the snapshot was taken.
func SnapshotThen(state string) string { return text.Clean(state) + snapshotThen }

// SnapshotWritten tells what was written, and who may read it.
func SnapshotWritten(path string, connections, events int, mode fs.FileMode) string {
	who := snapshotMine
	switch {
	case mode&0o004 != 0:
		who = snapshotAll
	case mode&0o040 != 0:
		who = snapshotGroup
	}
	return fill(saySnapshot, map[string]string{"path": path, "connections": Connections(connections),
		"events": Events(uint64(events)), "mode": who})
}

// Viewing tells what is looked at, and how old it is.
func Viewing(name string, taken time.Time, age time.Duration) string {
	return fill(sayView, map[string]string{"name": name, "at": taken.UTC().Format("2006-01-02 15:04 UTC"), "age": SnapshotAge(age)})
}

// ViewMissing tells that there is no snapshot to look at.
func ViewMissing(path, problem string) string {
	return fill(useViewMissing, map[string]string{"path": path, "problem": problem})
}
