package words

// Key slots: what the commands and their flags are, and what they say.
const (
	CmdSlots       = "List, add and remove what opens the store"
	CmdSlotsList   = "List the key slots"
	CmdSlotsAdd    = "Add a key slot"
	CmdSlotsRemove = "Remove a key slot by its id or label"

	FlagNewPhrase   = "FILE with the passphrase of the new slot, - for standard input"
	FlagNewIdentity = "FILE of an age identity or SSH private key for the new slot; an identity is made if it is absent"
	FlagRecipient   = "age RECIPIENT (age1…, age1name1… of a plugin) or SSH public key, whose private part is kept elsewhere"
	FlagRecovery    = "make a recovery passphrase and show it once"
	FlagSlotLabel   = "what a passphrase is for, e.g. \"on call\""

	RecoveryLabel = "recovery"

	UseOneSlot      = "Say what opens the new slot: one of --new-passphrase-file, --new-identity, --recipient, --new-keyring and --recovery."
	UseRecoveryJSON = "--recovery shows a passphrase once, which --json must not hold: leave --json out."
	UseNoSlots      = "This store cannot change its slots."
	UseRecipient    = "--recipient is an age recipient, age1…, or an SSH public key of ed25519 or RSA; nothing was changed."
	UseSlotExists   = "There is a slot for this recipient already; nothing was changed."
	SaySlotAdded    = "Slot {slot} opens the store from now on."
	SaySlotRemoved  = "Slot {slot} opens this store no more. Copies of the file that were made before still open with it."
	SayRecovery     = "This recovery passphrase opens the store. It is shown once and stored nowhere; write it down and lock it away:"
	slotKind        = "KIND"
	slotID          = "ID"
	slotLabel       = "LABEL"
)

// SlotTitles are the columns of the list of slots.
func SlotTitles() []string { return []string{slotID, slotKind, slotLabel} }
