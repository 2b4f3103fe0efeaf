package store

import "context"

// Checkup is a store that can look into itself while others use it. It is an optional power
// of a Store, found by type assertion. Nothing it does changes anything.
type Checkup interface {
	// Space tells how the file is used. It needs no key.
	Space(ctx context.Context) (Space, error)
	// SlotCosts tells what guessing a passphrase costs, for each slot that has one. It needs no key.
	SlotCosts(ctx context.Context) ([]SlotCost, error)
	// CheckPages goes through every page of the file: ErrDamaged names the first that is
	// wrong. It needs no key. A page that leads out of the file can end the process with a
	// fault that nothing can catch, so a child process is to ask.
	CheckPages(ctx context.Context) error
	// CheckSealed looks at every sealed value: whether it is the newest, and opens. A few
	// records are read in each transaction, so that nobody waits for long; fn is told after each
	// how far it is, and what was refused. ErrLocked; fn's error ends it and is returned.
	CheckSealed(ctx context.Context, fn func(SealedProgress) error) error
}

// Space is how the file of a store is used.
type Space struct {
	Size   int64 // bytes of the file that hold pages
	Free   int64 // of these, bytes of pages that hold nothing
	Format int   // of the file
	Newest int   // the format that this program writes
}

// SlotCost is what trying one passphrase costs.
type SlotCost struct {
	SlotInfo
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
	// Low: less than what a slot that is made today costs.
	Low bool
}

// SealedProgress is how far looking at sealed values is.
type SealedProgress struct {
	Records, All int // that can hold sealed values; All is as of the start
	Values       int // looked at so far
	// Refused are the values of the last step that are not the newest or do not open.
	Refused []*DamageError
}
