package export

import (
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/text"
)

// table writes RFC 4180 CSV with titles.
type table struct {
	w     *csv.Writer
	begun bool
}

// titles are the columns.
var titles = [...]string{"seq", "at", "actor", "host", "act", "connection", "connection_id", "outcome", "evidence", "op", "chain"}

func newTable(w io.Writer) *table {
	t := &table{w: csv.NewWriter(w)}
	t.w.UseCRLF = true
	return t
}

func (t *table) encode(e *store.Event) error {
	if err := t.begin(); err != nil {
		return err
	}
	row := []string{
		strconv.FormatUint(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), e.Actor, e.Host, string(e.Act), e.Connection, string(e.ConnectionID),
		e.Outcome, e.Evidence, string(e.Op), hex.EncodeToString(e.Chain),
	}
	for i := range row {
		row[i] = Cell(row[i])
	}
	if err := t.w.Write(row); err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	return nil
}

// begin writes the titles, also of an export without events.
func (t *table) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	if err := t.w.Write(titles[:]); err != nil {
		return fmt.Errorf("writing the titles: %w", err)
	}
	return nil
}

func (t *table) flush() error {
	if err := t.begin(); err != nil {
		return err
	}
	t.w.Flush()
	return t.w.Error()
}

// formula are the characters that make a spreadsheet read a cell as a formula, also in
// their full-width forms, and those before which it looks further (OWASP, CSV injection;
// ASVS 1.2.10).
const formula = "=+-@\t\r\n＝＋－＠"

// Cell is s as a cell that no spreadsheet reads as a formula: one that begins with a
// character of formula, blanks left aside, gets an apostrophe before it. What acts on a
// terminal is taken out after that was looked at.
func Cell(s string) string {
	risky := s != "" && (strings.ContainsRune(formula, first(s)) || strings.ContainsRune(formula, first(strings.TrimSpace(s))))
	s = text.Clean(s)
	if risky || s != "" && strings.ContainsRune(formula, first(strings.TrimSpace(s))) {
		return "'" + s
	}
	return s
}

// first is the first character; of an empty text none that begins a formula.
func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
