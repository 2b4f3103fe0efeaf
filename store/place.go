package store

import (
	"context"
	"time"
)

// Placer is a store that knows where it lives, and notices that it is a copy, or an older
// state of itself that was put back. A refresh token that rotates may then have been spent
// by the other one, and using it again can cost both of them the grant (RFC 9700 section
// 4.14). It is an optional power of a Store, found by type assertion.
//
// What can't be noticed: a copy of the whole machine that is set back with all its files.
type Placer interface {
	// Place tells where the store lives and whether it is suspect. It needs no key, and
	// costs one look at the directory and one at the database.
	Place(ctx context.Context) (Place, error)
	// Adopt says that this is the store in use from now on, here: nothing is suspect any
	// more. The event of it is in the same transaction. ErrLocked.
	Adopt(ctx context.Context) error
	// MarkRestored makes the store suspect because what it holds was put back from a backup
	// of the moment made. It is audited. ErrLocked.
	MarkRestored(ctx context.Context, made time.Time) error
}

// Place is where a store lives. On disk: CBOR, bucket meta, key place. Machine and Dir
// are hashes together with the store's id: they tell nothing about where that is.
type Place struct {
	Machine string     `cbor:"1,keyasint,omitempty"` // empty: unknown, as in a container without a machine id
	Dir     string     `cbor:"2,keyasint,omitempty"` // empty: the system can't tell directories apart
	Since   time.Time  `cbor:"3,keyasint,omitzero"`  // when it was first seen here
	Suspect *Suspicion `cbor:"4,keyasint,omitempty"`
}

// Suspicion is why refresh tokens of a store may have been spent elsewhere.
type Suspicion struct {
	Why  SuspectWhy `cbor:"1,keyasint"`
	Seen time.Time  `cbor:"2,keyasint"`          // when it was noticed
	From time.Time  `cbor:"3,keyasint,omitzero"` // SuspectRestored: when the backup was made
}

// SuspectWhy sorts suspicions.
type SuspectWhy string

// Why a store is suspect.
const (
	SuspectMoved    SuspectWhy = "moved"    // another machine or directory than the one that it was in: a copy
	SuspectOlder    SuspectWhy = "older"    // it was newer once: an older file was put back
	SuspectRestored SuspectWhy = "restored" // it says so itself, see MarkRestored
)
