// Package snapshot writes what a store shows without a key into one file, and shows such
// a file as a store that can only be read.
//
// A snapshot holds connections, the clocks and health of their grants, their clients, what
// was found at the time, and the newest audit events. It promises to hold nothing that is
// sealed, nothing that was sealed, no key and no header: what is written is an allow-list of
// its own types, so that a field that is added to a record stays out until it is added here.
// Left out on purpose are the last characters of keys, claims of tokens, sample rows of test
// syncs, the hash of a token that was sent, and set-ups that were left.
//
// The file is JSON, in an order of its own, so that equal stores make equal files. It is not
// signed: it tells what somebody who could write the file wanted to tell. A file from outside
// is bounded and checked whole before anything of it is shown. Start with Take and Open.
package snapshot

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"crmdeck/store"
)

// Version is that of the file's form. A file with another one is refused; fields that are
// added within a version are passed over by those who do not know them.
const Version = 1

// MaxSize is the largest file that is read, in bytes: about 100,000 connections.
const MaxSize = 256 << 20

// maxDepth is how deep the parts of a file may lie in each other; a real one has 6.
const maxDepth = 12

// Document is a snapshot. On disk: JSON.
type Document struct {
	Version int       `json:"crmdeck_snapshot"`
	Taken   time.Time `json:"taken"`
	By      string    `json:"by,omitempty"`
	Host    string    `json:"host,omitempty"`
	Program string    `json:"program,omitempty"` // version of the program that wrote it
	Store   About     `json:"store"`

	Connections []connection `json:"connections"` // by name
	Grants      []grant      `json:"grants"`      // by id
	Clients     []client     `json:"clients"`     // by id
	Findings    []Finding    `json:"findings"`    // by name
	Events      []event      `json:"events"`      // oldest first
}

// About is the store that the snapshot is of.
type About struct {
	Name     string         `json:"name,omitempty"` // of its directory
	ID       string         `json:"id"`
	Format   int            `json:"format"`
	Created  time.Time      `json:"created,omitzero"`
	Revision store.Revision `json:"revision"`
	Events   uint64         `json:"events"`         // how many it had
	Head     string         `json:"head,omitempty"` // of its audit log, shortened
	Slots    []string       `json:"slots"`          // their kinds
}

// Finding is what a connection was found to be when the snapshot was taken.
type Finding struct {
	Connection string    `json:"connection"`
	State      string    `json:"state"`
	Why        string    `json:"why,omitempty"`    // code of the cause
	Reason     string    `json:"reason,omitempty"` // the provider's own code
	NextClock  string    `json:"next_clock,omitempty"`
	NextAt     time.Time `json:"next_at,omitzero"`
	KeyDays    int       `json:"key_age_days,omitempty"`
	KeyPolicy  int       `json:"key_policy_days,omitempty"`
}

// Error is a file that is no snapshot, or not one that this program can show. At is where in
// the file, as a field or byte; empty: the whole.
type Error struct{ Path, At, Problem string }

func (e *Error) Error() string {
	at := e.Path
	if e.At != "" {
		at += ": " + e.At
	}
	return at + ": " + e.Problem
}

// Encode writes a document.
func Encode(w io.Writer, d *Document) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("writing snapshot: %w", err)
	}
	return nil
}
