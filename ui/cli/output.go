package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"crmdeck/store/text"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// output is standard output. It remembers the first write that failed, so that a
// closed pipe or a full disk ends in an exit code and not in silence.
type output struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if err != nil {
		o.err = &words.Told{Name: "pipe", Err: err}
	}
	return n, o.err
}

// say writes one line for people to standard output, or nowhere under --json.
func (a *app) say(line string) {
	if !a.global.json {
		_, _ = fmt.Fprintln(a.out, text.Clean(line))
	}
}

// note writes one line for people to standard error.
func (a *app) note(line string) { _, _ = fmt.Fprintln(a.deps.Stderr, text.Clean(line)) }

// json writes v as one line.
func (a *app) json(v any) error {
	b, err := jsonLine(v)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	_, err = a.out.Write(b)
	return err
}

// jsonLine encodes v on one line. Characters that act on a terminal are escaped:
// encoding/json leaves DEL, C1 controls and bidi overrides as they are.
func jsonLine(v any) ([]byte, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	b := bytes.TrimRight(raw.Bytes(), "\n")
	var out bytes.Buffer
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029) && r <= 0xffff {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else if r <= 0xffff || !unicode.Is(unicode.Cf, r) {
			out.Write(b[:n])
		}
		b = b[n:]
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// moment writes a time as RFC 3339 in UTC, and nothing as null.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// table writes rows under titles, in columns two blanks apart. Columns that are
// empty in every row are left out. Cells are cleaned and cut to one line.
func (a *app) table(titles []string, rows [][]string) {
	widths := make([]int, len(titles))
	for _, row := range rows {
		for i := range row {
			row[i] = text.Cut(text.Clean(row[i]), maxCell)
			if w := widget.Width(row[i]); w > widths[i] {
				widths[i] = w
			}
		}
	}
	for i, t := range titles {
		if widths[i] > 0 {
			widths[i] = max(widths[i], widget.Width(t))
		}
	}
	for _, row := range append([][]string{titles}, rows...) {
		a.row(row, widths)
	}
}

// maxCell is the most characters that a cell of a table shows; evidence is longest.
const maxCell = 200

func (a *app) row(row []string, widths []int) {
	var line strings.Builder
	for i, cell := range row {
		if widths[i] == 0 {
			continue
		}
		line.WriteString(widget.PadRight(cell, widths[i]))
		line.WriteString("  ")
	}
	_, _ = fmt.Fprintln(a.out, strings.TrimRight(line.String(), " "))
}

// pairs writes names and values below each other; empty values are left out.
func (a *app) pairs(rows [][2]string) {
	w := 0
	for _, r := range rows {
		if r[1] != "" {
			w = max(w, widget.Width(r[0]))
		}
	}
	for _, r := range rows {
		if r[1] != "" {
			_, _ = fmt.Fprintln(a.out, widget.PadRight(r[0], w)+"  "+text.Clean(r[1]))
		}
	}
}
