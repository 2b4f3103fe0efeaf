// Package wire keeps a log of the requests that crmdeck sends, for whoever must find out
// what passed between crmdeck and a provider.
//
// It promises that the log holds what guard.Exchange lets out and nothing else: no body,
// no credential, no value of a form or a query. It is JSON lines in a file that is the
// person's alone, and one exchange is one write. Start with Open.
package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store/ownfile"
)

// Log is an open log. It is safe for concurrent use, also by several processes.
type Log struct {
	mu   sync.Mutex
	file *os.File
}

// Open opens the log at path for appending, and makes it with mode 0600 if it is missing. A
// file that others could read or write is a *store.UnsafeError.
func Open(path string) (*Log, error) {
	f, err := ownfile.Open(path, os.O_WRONLY|os.O_APPEND, 0)
	if os.IsNotExist(err) {
		f, err = ownfile.Open(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the log of requests: %w", err)
	}
	return &Log{file: f}, nil
}

// line is one exchange as it is written. Fields are only ever added.
type line struct {
	At         string            `json:"at"` // RFC 3339, UTC
	Took       float64           `json:"took_ms"`
	Method     string            `json:"method"`
	Host       string            `json:"host"`
	Path       string            `json:"path"`
	Query      []string          `json:"query,omitempty"`
	Fields     []string          `json:"fields,omitempty"`
	Credential string            `json:"credential_in,omitempty"`
	Status     int               `json:"status,omitempty"`
	Header     map[string]string `json:"header,omitempty"`
	Bytes      int64             `json:"bytes"`
	Fault      guard.Kind        `json:"fault,omitempty"`
	Sent       bool              `json:"may_have_been_sent,omitempty"`
}

// Add writes one exchange. What can't be written is dropped: a log must not stop a
// refresh.
func (l *Log) Add(x guard.Exchange) {
	b, err := json.Marshal(line{
		At: x.Began.UTC().Format(time.RFC3339Nano), Took: float64(x.Took.Microseconds()) / 1000, Method: x.Method, Host: x.Host,
		Path: x.Path, Query: x.Query, Fields: x.Fields, Credential: x.Credential, Status: x.Status, Header: x.Header,
		Bytes: x.Bytes, Fault: x.Fault, Sent: x.Sent,
	})
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.file.Write(append(b, '\n'))
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }
