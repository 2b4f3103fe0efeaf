// Package export writes audit events for other programs: JSON Lines with everything that
// a verifier needs, CSV for spreadsheets, and OCSF for a SIEM.
//
// It promises that no cell of a spreadsheet is a formula, that no byte acts on a terminal,
// and that memory does not grow with the log. It reads no key and changes nothing. Start
// with Run, or with ToFile for a file that is either whole or not there.
package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// Format names a form of export.
type Format string

// The formats.
const (
	JSONL Format = "jsonl" // one object a line, with chain values: another verifier's input
	CSV   Format = "csv"   // RFC 4180, titles first, formulas neutralised
	OCSF  Format = "ocsf"  // one OCSF 1.3.0 event a line
)

// Formats lists them in the order in which they are offered.
func Formats() []Format { return []Format{JSONL, CSV, OCSF} }

// Extension is the usual end of a file's name.
func (f Format) Extension() string {
	if f == OCSF {
		return ".ocsf.jsonl"
	}
	return "." + string(f)
}

// Options say what is exported.
type Options struct {
	Format Format
	// Since and Until bound the time of the events: from Since on, before Until. Zero: no bound.
	Since, Until time.Time
	// Keep leaves events out; nil keeps all. It must not hold on to the event.
	Keep func(*store.Event) bool
	// Version is the program's, for formats that name their maker.
	Version string
}

// ErrFormat: there is no such format.
var ErrFormat = errors.New("no such format")

// encoder writes one event after another.
type encoder interface {
	encode(e *store.Event) error
	flush() error
}

// Run writes the events of a log to w, oldest first, and tells how many.
func Run(ctx context.Context, log store.AuditReader, w io.Writer, o Options) (n int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	var enc encoder
	switch o.Format {
	case JSONL:
		enc = &jsonLines{w: out}
	case CSV:
		enc = newTable(out)
	case OCSF:
		enc = &ocsf{w: out, version: o.Version}
	default:
		return 0, fmt.Errorf("exporting as %q: %w", string(o.Format), ErrFormat)
	}
	err = log.EachEvent(ctx, 0, func(page []store.Event) error {
		for i := range page {
			if e := &page[i]; o.wants(e) {
				if err := enc.encode(e); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, errors.Join(err, enc.flush(), out.Flush())
}

// wants reports whether an event is within the bounds and kept.
func (o *Options) wants(e *store.Event) bool {
	return (o.Since.IsZero() || !e.At.Before(o.Since)) && (o.Until.IsZero() || e.At.Before(o.Until)) && (o.Keep == nil || o.Keep(e))
}

// ToFile lets fn write a file that did not exist before: mode 0600, synced, and gone again if
// anything failed. fs.ErrExist if there is something of that name.
func ToFile(path string, fn func(io.Writer) error) (err error) {
	f, err := ownfile.Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making the export: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(path)
		}
	}()
	if err := fn(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return ownfile.SyncDir(filepath.Dir(path))
}
