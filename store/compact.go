package store

import "context"

// Compacter is a store whose file can be written anew, without the room and the remains
// of what was removed. It is an optional power of a Store, found by type assertion.
type Compacter interface {
	// Compact writes the store into a new file beside, compares the two, and puts the new
	// one in the place of the old. Other processes go on reading and writing; at the end
	// they wait for one transaction as long as it takes to bring what they wrote meanwhile
	// into the new file. Whatever fails or dies when, the store is the old file or the new
	// one, and nothing that was acknowledged is lost. It needs room for two copies.
	//
	// The event of it is in the new file. ErrLocked, ErrReadOnly, ErrUnwritable; ErrDamaged
	// if the old file does not hold together; *BusyError if another process compacts, backs up
	// or restores here.
	Compact(ctx context.Context) (Compaction, error)
}

// Compaction is what Compact did.
type Compaction struct {
	Before, After int64 // bytes of the file
	Keys          int   // compared, one by one
	CaughtUp      int   // keys that others changed meanwhile
}
