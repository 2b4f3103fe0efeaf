package words

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/moved"
)

// MoveError is a run that moves segments and broke off.
type MoveError struct {
	Path      string
	Done, All int  // segments that are only in the file, of how many
	Written   bool // the file is whole
	Err       error
}

func (e *MoveError) Error() string { return "moving audit segments: " + e.Err.Error() }

func (e *MoveError) Unwrap() error { return e.Err }

// ArchiveError is a file of segments that does not verify.
type ArchiveError struct {
	Path string
	Err  error
}

func (e *ArchiveError) Error() string { return e.Path + ": " + e.Err.Error() }

func (e *ArchiveError) Unwrap() error { return e.Err }

// movedSays tells what is wrong with moving segments, or with a file of them.
func (c Context) movedSays(err error) (Explanation, bool) {
	var file *ArchiveError
	var move *MoveError
	var young *moved.YoungError
	var broken *audit.BrokenError
	switch {
	case errors.As(err, &file) && errors.As(file.Err, &broken):
		return c.entry("audit_file", "", map[string]string{"path": file.Path, "said": "It breaks at event " + strconv.FormatUint(broken.Seq, 10) + ": " + broken.Reason + "."}), true
	case errors.As(err, &file) && (errors.Is(file.Err, moved.ErrFile) || errors.Is(file.Err, moved.ErrOther)):
		return c.entry("audit_file", "", map[string]string{"path": file.Path, "said": sentence(file.Err.Error())}), true
	case errors.As(err, &move) && errors.As(move.Err, &young):
		return c.entry("audit_young", "", map[string]string{"field": strconv.FormatUint(young.Seq, 10), "date": young.At.UTC().Format("2006-01-02")}), true
	case errors.As(err, &move) && move.Written:
		return c.entry("audit_half", "", map[string]string{"path": move.Path, "done": strconv.Itoa(move.Done), "total": strconv.Itoa(move.All), "said": sentence(move.Err.Error())}), true
	}
	return Explanation{}, false
}

// NoSuchAct tells that an act does not exist, and which do.
func NoSuchAct(name string) string {
	var all []string
	for _, a := range store.Acts() {
		all = append(all, string(a))
	}
	return "There is no act " + name + ". The acts are " + strings.Join(all, ", ") + "."
}

// KeptUntil tells that events from a moment on must stay.
func KeptUntil(months int, oldest time.Time) string {
	return fmt.Sprintf("Events stay in the store for %d months, so --before is at latest %s.", max(months, moved.LeastMonths), oldest.Format("2006-01-02"))
}

// NothingToMove tells that no segment is old enough.
func NothingToMove(before time.Time) string {
	return "No sealed segment is older than " + before.UTC().Format("2006-01-02") + "; nothing was moved."
}

// MovedOut tells what was moved.
func MovedOut(r moved.Result, path string) string {
	return fmt.Sprintf("%s in %s: moved into %s, sha256 %x.", counted(int(r.Events), "event", "events"), counted(r.Segments, "segment", "segments"), path, r.SHA256)
}

// ArchiveIntact tells of a file that verifies, and what the store knows of it.
func ArchiveIntact(path string, r *moved.Report) string {
	s := fmt.Sprintf("%s is intact: events %d to %d", path, r.First(), r.Last())
	if r.Kept > 0 {
		s += ", and they agree with " + counted(r.Kept, "head that was", "heads that were") + " kept"
	}
	switch {
	case r.Only:
		return s + "; the store has them no more."
	case r.Known:
		return s + "; the store's seals are the same."
	}
	return s + "; this copy of the store has no seals of them yet."
}

// HeadsApart tells of heads that the store alone can't be compared with.
func HeadsApart(n int) string {
	return counted(n, "head is", "heads are") + " of events that were moved out; give their file with --archive."
}

// Checked is how far a check is.
func Checked(done, all uint64) string {
	return "Checked " + Number(int(done)) + " of " + Events(all) + "."
}

// ExportSays is the evidence of an export.
func ExportSays(format, path string) string {
	if path == "-" {
		return format + ", to standard output"
	}
	return format + ", to " + path
}
