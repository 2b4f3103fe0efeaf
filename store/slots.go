package store

import "context"

// Kinds of slots.
const (
	SlotPassphrase = "passphrase"
	SlotIdentity   = "identity"  // an age identity or SSH key that was at hand when the slot was made
	SlotRecipient  = "recipient" // an age recipient or SSH public key whose private part is kept elsewhere
	SlotKeyring    = "keyring"   // a random key in the keyring of the system
)

// SlotKeeper is a store whose key slots can be changed. It is an optional power of a
// Store, found by type assertion. Each change is one transaction with its audit event: after
// a crash the old slots open the store, or the new ones. Secrets are not touched. While a
// new data key is being put in use, slots can't be changed: ErrRekeying.
type SlotKeeper interface {
	// Slots names the slots; it needs no key.
	Slots(ctx context.Context) ([]SlotInfo, error)
	// AddSlot wraps the data key for n. ErrLocked, ErrShortPassphrase, ErrWeakPassphrase,
	// ErrRecipient, ErrSlotExists, *PluginError, *KeyringError. An identity file that does not
	// exist is made, mode 0400.
	AddSlot(ctx context.Context, n NewSlot) (SlotInfo, error)
	// RemoveSlot takes a slot away by its ID or label. ErrNotFound; ErrLastSlot. Whoever has an
	// older copy of the file still opens that copy with it: rekey, and rotate what it held.
	RemoveSlot(ctx context.Context, id string) (SlotInfo, error)
}

// SlotReplacer is a SlotKeeper that can change what opens a slot.
type SlotReplacer interface {
	// ReplaceSlot puts a slot for n in the place of one, in one transaction: the old way in
	// opens the store, or the new one, and never neither. An empty label is kept as it was.
	ReplaceSlot(ctx context.Context, id string, n NewSlot) (SlotInfo, error)
}

// NewSlot is what a new slot is for; exactly one of Key, Recipient and Keyring is set.
type NewSlot struct {
	Key Key
	// Recipient is an age recipient, native (age1…), hybrid (age1pq1…) or a plugin's
	// (age1name1…), or an SSH public key (ssh-ed25519 …, ssh-rsa …). What opens it need not be here.
	Recipient string
	// Keyring keeps a random key in the keyring of the system.
	Keyring bool
	// Label tells passphrases and keyrings apart, e.g. "recovery".
	Label string
}
