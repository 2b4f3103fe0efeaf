package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Rekeyer is a store that can make itself a new data key and re-seal every secret under
// it. It is an optional power of a Store, found by type assertion.
//
// A run goes on while other processes read and write; each of them learns the new key in
// its next transaction, and seals under it from then on. It ends with the old key
// destroyed: its slots and what wrapped it are gone. A copy of the file that was made before
// or during the run still opens with what opened it then.
type Rekeyer interface {
	// Rekey begins a run, or goes on with the one that was begun: its slots were decided
	// then, and o's are not looked at. ErrLocked; *SlotProofError before anything is changed.
	// What ends it early, cancelling included, leaves a store that works and a run that a
	// later call finishes.
	Rekey(ctx context.Context, o RekeyOptions) (RekeyReport, error)
	// RekeyState tells of the data key; it needs no key.
	RekeyState(ctx context.Context) (RekeyState, error)
}

// RekeyOptions say what becomes of the slots. Slots for age and SSH keys are wrapped anew for
// the same public key, and the keyring gets a new entry; a passphrase must be proven.
type RekeyOptions struct {
	// Proofs are keys that open slots. An identity file in them proves that its slot may
	// carry a proof of who made it again.
	Proofs []Key
	// Drop names slots, by id or label, that are not taken over.
	Drop []string
	// New are slots to add.
	New []NewSlot
	// Progress is called now and then, from one goroutine; it may be nil.
	Progress func(RekeyProgress)
}

// RekeyProgress is how far a run is, in records that can hold secrets.
type RekeyProgress struct{ Done, Total int }

// RekeyReport is what a run did.
type RekeyReport struct {
	KeyID   string // the data key of now
	Resumed bool   // the run was begun earlier
	Secrets int    // re-sealed by this call
	Refused int    // values that did not open before and were left: they open no more
	Slots   []SlotInfo
}

// RekeyState tells of the data key.
type RekeyState struct {
	KeyID   string
	Made    time.Time // when the data key was made
	Running bool      // a run was begun and has not ended
	Begun   time.Time // of that run
}

// KeyAge is how old a data key may get before a new one is advised. Its cipher allows far more
// secrets than a store can hold (192-bit nonces, SP 800-38D's limit of 2^32 is one of 96-bit
// nonces), so age is what counts: SP 800-57 part 1, 5.3.6, names up to two years for such keys.
const KeyAge = 365 * 24 * time.Hour

// ErrRekeyed: another process gave the store a new data key, and this one has missed it.
// It is an ErrLocked: unlocking again is what helps.
var ErrRekeyed = fmt.Errorf("the store has a new data key since: %w", ErrLocked)

// ErrRekeying: slots can't be changed while a run is not finished.
var ErrRekeying = errors.New("a new data key is being put in use")

// SlotProofError: a new data key can't be wrapped for these slots without what opens them.
type SlotProofError struct{ Slots []SlotInfo }

func (e *SlotProofError) Error() string {
	return fmt.Sprintf("%d slots need their passphrase", len(e.Slots))
}
