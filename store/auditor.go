package store

import (
	"context"
	"fmt"
)

// AuditReader is a store whose audit log can be read as a whole, however long it is.
// It is an optional power of a Store, found by type assertion.
type AuditReader interface {
	// EachEvent calls fn with the events that the store holds after a sequence number, oldest first, a page
	// at a time, until there are no more; memory does not grow with the log. A page
	// and what it holds is valid only during the call. Pages are read in transactions of
	// their own, so that a long log holds nobody up: events that are appended meanwhile
	// come too. fn's error ends it and is returned as it is. An entry that can't be read
	// is an *UnreadableEventError, after the events before it.
	EachEvent(ctx context.Context, after uint64, fn func(page []Event) error) error
	// AuditHead is what the store notes about the end of its log; zero if it is empty.
	AuditHead(ctx context.Context) (AuditHead, error)
	// AuditSegments lists the sealed segments, oldest first, those that were moved out too.
	AuditSegments(ctx context.Context) ([]Segment, error)
	// AuditKey is a copy of the key that chains the log, which the caller clears, or ErrLocked.
	AuditKey() ([]byte, error)
}

// AuditHead is the end of an audit log: how many events were written, and the last one's chain value.
type AuditHead struct {
	Seq   uint64
	Chain []byte
}

// UnreadableEventError is an entry of the audit log that is not what was written.
type UnreadableEventError struct {
	Seq uint64 // of the place where it stands
	Err error
}

func (e *UnreadableEventError) Error() string {
	return fmt.Sprintf("reading audit event %d: %v", e.Seq, e.Err)
}

// Unwrap makes it an ErrDamaged.
func (e *UnreadableEventError) Unwrap() []error { return []error{ErrDamaged, e.Err} }
