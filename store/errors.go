package store

import (
	"errors"
	"fmt"
	"time"
)

// Conditions without data. They are wrapped; test with errors.Is.
var (
	// ErrNotFound: no record of that id or name.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the record changed since it was read.
	ErrConflict = errors.New("changed by somebody else meanwhile")
	// ErrNameTaken: another connection has the name.
	ErrNameTaken = errors.New("name is taken")
	// ErrLocked: the act needs the data key, and the store is locked.
	ErrLocked = errors.New("store is locked")
	// ErrWrongKey: no slot opens with the given passphrase or identity.
	ErrWrongKey = errors.New("no slot opens with this key")
	// ErrNoStore: the directory holds no store.
	ErrNoStore = errors.New("no store here")
	// ErrExists: the directory holds a store already.
	ErrExists = errors.New("a store is here already")
	// ErrSealed: a sealed value was moved, changed or truncated.
	ErrSealed = errors.New("sealed value does not open")
	// ErrReadOnly: the store was opened for looking only.
	ErrReadOnly = errors.New("store is open read-only")
	// ErrUnwritable: the disk is full or read-only, or a sync failed before.
	ErrUnwritable = errors.New("store cannot be written")
	// ErrUnaudited: a change came without an audit event.
	ErrUnaudited = errors.New("change without an audit event")
	// ErrNewer: the store was written by a newer format than this program knows.
	ErrNewer = errors.New("store has a newer format")
	// ErrDamaged: the file is not a store, or is damaged.
	ErrDamaged = errors.New("store is damaged")
)

// Holder is who holds a lock, as written into the lock file: advice, not proof.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	What  string    `json:"what"`
	Since time.Time `json:"since"`
}

func (h Holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s (%s)", h.PID, h.Host, h.What)
}

// HeldError: waiting for a lease ended before it was free.
type HeldError struct{ Holder Holder }

func (e *HeldError) Error() string { return "lease is held by " + e.Holder.String() }

// BusyError: waiting for a store transaction ended before its turn.
type BusyError struct{ Holder Holder }

func (e *BusyError) Error() string { return "store is busy: held by " + e.Holder.String() }

// UnsafeError: a file or directory that holds secrets could be read or changed by
// somebody else, or is not what it should be. Fix is the command that mends it,
// empty where there is none.
type UnsafeError struct{ Path, Problem, Fix string }

func (e *UnsafeError) Error() string {
	if e.Fix == "" {
		return e.Path + " " + e.Problem
	}
	return e.Path + " " + e.Problem + "; mend it with: " + e.Fix
}

// ErrLastSlot: without this slot nothing would open the store any more.
var ErrLastSlot = errors.New("it is the only slot that opens the store")

// ErrSlotExists: the store has a slot for that recipient already.
var ErrSlotExists = errors.New("a slot for this recipient is there already")

// ErrRecipient: what was given as a recipient is none that can be wrapped for.
var ErrRecipient = errors.New("this is no age recipient (age1…)")

// ErrShortPassphrase: a new passphrase has fewer than 15 characters (NIST SP 800-63B-4, 3.1.1.2).
var ErrShortPassphrase = errors.New("passphrase is shorter than 15 characters")

// DamageError: a sealed value, or what proves sealed values, is not what was stored last.
// It is ErrSealed where one value is refused, ErrDamaged where more than that is.
type DamageError struct {
	What    string // e.g. "the refresh token of grant abc"
	Problem string // e.g. "is an older one that was put back"
	Next    string // what to do, as a clause
	Owner   ID     // of the value; empty: more than one is meant
	Field   string
	Wide    bool // ErrDamaged: more than one value is refused
}

func (e *DamageError) Error() string { return e.What + " " + e.Problem + ": " + e.Next }

// Unwrap makes it an ErrSealed, and an ErrDamaged where more than one value is meant.
func (e *DamageError) Unwrap() []error {
	if e.Wide {
		return []error{ErrSealed, ErrDamaged}
	}
	return []error{ErrSealed}
}
