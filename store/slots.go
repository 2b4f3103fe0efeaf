package store

import "context"

// SlotKeeper is a store whose key slots can be changed. It is an optional power of a
// Store, found by type assertion. Each change is one transaction with its audit event: after
// a crash the old slots open the store, or the new ones. Secrets are not touched.
type SlotKeeper interface {
	// Slots names the slots; it needs no key.
	Slots(ctx context.Context) ([]SlotInfo, error)
	// AddSlot wraps the data key for n. ErrLocked, ErrShortPassphrase, ErrRecipient,
	// ErrSlotExists. An identity file that does not exist is made, mode 0400.
	AddSlot(ctx context.Context, n NewSlot) (SlotInfo, error)
	// RemoveSlot takes a slot away by its ID or label. ErrNotFound; ErrLastSlot. Whoever has an
	// older copy of the file still opens that copy with it: rekey, and rotate what it held.
	RemoveSlot(ctx context.Context, id string) (SlotInfo, error)
}

// NewSlot is what a new slot is for; exactly one of Key and Recipient is set.
type NewSlot struct {
	Key Key
	// Recipient is an age recipient, native (age1…) or hybrid (age1pq1…), whose identity
	// need not be here.
	Recipient string
	// Label tells passphrases apart, e.g. "recovery".
	Label string
}
