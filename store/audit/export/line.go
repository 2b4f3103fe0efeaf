package export

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"crmdeck/store"
)

// ErrLine: a line is not one event as JSON Lines have it.
var ErrLine = errors.New("it is no event as an export writes it")

// Lines writes events, and what stands before them, as lines of JSON.
type Lines struct{ json jsonLines }

// NewLines writes to w, as it is told, without a buffer.
func NewLines(w io.Writer) *Lines { return &Lines{jsonLines{w: w}} }

// Event writes one event.
func (l *Lines) Event(e *store.Event) error { return l.json.encode(e) }

// Value writes anything else.
func (l *Lines) Value(v any) error { return l.json.line.write(l.json.w, v) }

// ReadEvent reads one line, without its end. It accepts exactly the form that an event is
// written in, so that nothing in the line can change unseen; else it is ErrLine.
func ReadEvent(line []byte) (store.Event, error) {
	var j jsonEvent
	if err := json.Unmarshal(line, &j); err != nil {
		return store.Event{}, ErrLine
	}
	at, errTime := time.Parse(time.RFC3339Nano, j.At)
	chain, errChain := hex.DecodeString(j.Chain)
	if errTime != nil || errChain != nil {
		return store.Event{}, ErrLine
	}
	e := store.Event{
		Seq: j.Seq, At: at, Actor: j.Actor, Host: j.Host, Act: j.Act, Connection: j.Connection, ConnectionID: j.ConnectionID,
		Outcome: j.Outcome, Evidence: j.Evidence, Op: j.Op, Chain: chain,
	}
	var again bytes.Buffer
	if err := NewLines(&again).Event(&e); err != nil || !bytes.Equal(bytes.TrimSuffix(again.Bytes(), []byte("\n")), line) {
		return store.Event{}, ErrLine
	}
	return e, nil
}
