package export

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"crmdeck/store"
)

// jsonEvent is a line of JSON Lines, see the package comment of store/audit.
type jsonEvent struct {
	Seq          uint64    `json:"seq"`
	At           string    `json:"at"`
	Actor        string    `json:"actor"`
	Host         string    `json:"host"`
	Act          store.Act `json:"act"`
	Connection   string    `json:"connection,omitempty"`
	ConnectionID store.ID  `json:"connection_id,omitempty"`
	Outcome      string    `json:"outcome"`
	Evidence     string    `json:"evidence,omitempty"`
	Op           store.ID  `json:"op,omitempty"`
	Chain        string    `json:"chain"`
}

// jsonLines writes one object a line.
type jsonLines struct {
	w    io.Writer
	line lineWriter
}

func (j *jsonLines) encode(e *store.Event) error {
	return j.line.write(j.w, jsonEvent{
		e.Seq, e.At.UTC().Format(time.RFC3339Nano), e.Actor, e.Host, e.Act, e.Connection, e.ConnectionID, e.Outcome, e.Evidence, e.Op,
		hex.EncodeToString(e.Chain),
	})
}

func (j *jsonLines) flush() error { return nil }

// lineWriter writes values as lines of JSON, in memory that it uses again.
type lineWriter struct{ raw, out bytes.Buffer }

// write encodes v on one line. encoding/json leaves DEL, C1 controls and characters of no
// width as they are; they are escaped, so that the line can be shown on a terminal and
// still reads as what was written.
func (l *lineWriter) write(w io.Writer, v any) error {
	l.raw.Reset()
	enc := json.NewEncoder(&l.raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	b := l.raw.Bytes()
	if bytes.IndexFunc(b, acts) >= 0 {
		l.out.Reset()
		for len(b) > 0 {
			r, n := utf8.DecodeRune(b)
			switch {
			case !acts(r):
				l.out.Write(b[:n])
			case r <= 0xffff:
				fmt.Fprintf(&l.out, `\u%04x`, r)
			default:
				high, low := utf16.EncodeRune(r)
				fmt.Fprintf(&l.out, `\u%04x\u%04x`, high, low)
			}
			b = b[n:]
		}
		b = l.out.Bytes()
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	return nil
}

// acts reports characters that can act on a terminal or reorder what stands beside them.
func acts(r rune) bool {
	return r >= 0x7f && (unicode.Is(unicode.Cc, r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}
