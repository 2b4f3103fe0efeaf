package words

import (
	"errors"
	"strings"
	"time"

	"crmdeck/store"
)

// Unlocking with keys that ask, and a new data key: what the commands are and what they say.
const (
	CmdStore       = "Look after the store's file and its data key"
	CmdRekey       = "Make a new data key and seal every secret under it, while others work"
	CmdSlotsPhrase = "Change what opens a slot to a new passphrase, at once"

	LongRekey = "Makes a new data key, seals every secret anew under it and destroys the old one. Other processes may read, write and refresh meanwhile. " +
		"A run that was stopped or killed goes on when the command is run again.\n\n" +
		"Slots for age and SSH keys and for the keyring are taken over by themselves. A passphrase slot needs its passphrase: it is asked for at a terminal, or given with " +
		"--proof-passphrase-file; a slot whose passphrase is not at hand, like a recovery slot that is locked away, has to be named with --drop, and --recovery makes a new one.\n\n" +
		"Copies of the store that were made before, or while it ran, still hold the old key and open with what opened them then. Afterwards run: crmdeck store compact"

	FlagKeyring  = "open the store with the entry in the system's keyring"
	FlagProof    = "FILE with the passphrase of a slot that is taken over, - for standard input; may be repeated"
	FlagDrop     = "SLOT, by id or label, that is not taken over; may be repeated"
	FlagNewChain = "keep a key in the system's keyring"

	AskKeyPhrase  = "Passphrase of the key {path}: "
	AskPlugin     = "{from}: {text}"
	AskChoice     = "({yes} or {no})"
	AskNo         = "stop"
	AskSlotPhrase = "Passphrase of slot {slot}, empty to stop: "
	AskRecovery   = "Make a recovery passphrase too, for the day when this key is lost? [Y/n] "

	SaySlow         = "Earlier tries were wrong, so this one waits {time}. Press Ctrl+C to stop."
	SayRekeyed      = "The store has data key {key} now; {count} sealed anew, and the old key is destroyed."
	SayRekeyRefused = "{count} did not open before and was left: what belongs to it has to be reconnected."
	SayRekeyCopies  = "Copies of the store that were made before still hold the old key. Clear its traces from the file with: crmdeck store compact"
	SayRekeyGoesOn  = "Going on with the run that was begun {since}."
	SayRekeying     = "A new data key is being put in use since {since}. Finish it with: crmdeck store rekey"
	SayRekeyStep    = "{done} of {total} records done."
	SaySlotReplaced = "Slot {slot} is in the place of the old one, which opens this store no more. Copies of the file that were made before still open with it."

	UseNoRekey      = "This store cannot change its data key."
	UseRekeyRunning = "A run goes on with the slots that it was begun with: leave --drop, --proof-passphrase-file and --recovery out."
	UseSlotWay      = "Give the new passphrase with --new-passphrase-file, or run it at a terminal."
	UseOneOpener    = "Give only one of --identity, --passphrase-file and --keyring."
)

// Wait writes a waiting time in whole seconds.
func Wait(d time.Duration) string {
	return counted(int((d+time.Second-1)/time.Second), "second", "seconds")
}

// Secrets counts sealed values.
func Secrets(n int) string { return counted(n, "secret is", "secrets are") }

// Values counts sealed values that did not open.
func Values(n int) string { return counted(n, "secret", "secrets") }

// SlotNames lists slots as a person knows them.
func SlotNames(list []store.SlotInfo) string {
	names := make([]string, 0, len(list))
	for _, s := range list {
		names = append(names, strings.TrimSpace(s.ID+" "+s.Label))
	}
	return strings.Join(names, ", ")
}

// unlockSays tells what is wrong with a key, or with the data key.
func (c Context) unlockSays(err error) (Explanation, bool) {
	var (
		proof   *store.SlotProofError
		plugin  *store.PluginError
		keyring *store.KeyringError
		file    *store.KeyFileError
	)
	tell := func(e entry, values ...string) (Explanation, bool) {
		v := make(map[string]string, len(values)/2)
		for i := 0; i+1 < len(values); i += 2 {
			v[values[i]] = values[i+1]
		}
		return c.tell(e, "", v), true
	}
	switch {
	case errors.As(err, &proof):
		return tell(entry{"slot_proof", ExitUsage, "The new data key cannot be wrapped for: {said}.", "A passphrase slot is taken over with its passphrase only. Nothing was changed.",
			"Give the passphrases with --proof-passphrase-file, or let slots go with --drop:", Program + " store rekey --help", ""}, "said", SlotNames(proof.Slots))
	case errors.As(err, &plugin):
		return c.pluginSays(plugin), true
	case errors.As(err, &keyring):
		return c.keyringSays(keyring), true
	case errors.As(err, &file) && errors.Is(file.Err, store.ErrNobody):
		return tell(entry{"key_passphrase", ExitLocked, "The private key {path} has a passphrase.", "It is asked for at a terminal only, and there is none.",
			"Run it at a terminal, or open the store with a key that has none:", Program + " slots list", ""}, "path", file.Path)
	case errors.As(err, &file):
		return tell(entry{"wrong_key", ExitLocked, "The private key {path} does not open with this passphrase.", "The store was not tried.",
			"Try again:", "{again}", "U"}, "path", file.Path)
	case errors.Is(err, store.ErrRekeyed):
		return tell(entry{"locked", ExitLocked, "The store has a new data key since it was unlocked here.", "Another process made it, and this one knows only the old one.",
			"Unlock it again:", "{again}", "U"})
	case errors.Is(err, store.ErrRekeying):
		return tell(entry{"rekeying", ExitConflict, "The key slots cannot be changed now.", "A new data key is being put in use, with the slots that there were.",
			"Finish that first:", Program + " store rekey", ""})
	case errors.Is(err, store.ErrWeakPassphrase):
		return tell(entry{"weak_passphrase", ExitUsage, "This passphrase is one of those that are tried first.", "It repeats itself, follows the keyboard, or is on the list of usual ones.",
			"Choose several words that do not belong together, or use an identity file:", Program + " init --identity FILE", ""})
	case errors.Is(err, store.ErrPluginIdentity):
		return tell(entry{"usage", ExitUsage, "A slot is not made from the identity of an age plugin.", "The identity may hold a secret of the plugin; its recipient is public.",
			"Give the recipient:", Program + " slots add --recipient age1name1…", ""})
	}
	return Explanation{}, false
}

func (c Context) pluginSays(p *store.PluginError) Explanation {
	v := map[string]string{"field": p.Name, "said": sentence(p.Said)}
	if p.Missing {
		return c.tell(entry{"plugin", ExitConfig, "The age plugin {field} is not installed.", "Its program age-plugin-{field} is in none of the directories of PATH.",
			"Install it, or open the store with another slot:", Program + " slots list", ""}, "", v)
	}
	if p.Said == "" {
		v["said"] = sentence(p.Err.Error())
	}
	return c.tell(entry{"plugin", ExitFailed, "The age plugin {field} did not do it.", "{said}",
		"Connect what it needs and try again, or open the store with another slot:", Program + " slots list", ""}, "", v)
}

func (c Context) keyringSays(k *store.KeyringError) Explanation {
	if k.Gone {
		return c.tell(entry{"keyring", ExitLocked, "The system's keyring has no entry for this store.", "An entry belongs to one user on one machine, and to the slot it was made for.",
			"Open the store with another slot, then make one:", Program + " slots add --new-keyring", "U"}, "", nil)
	}
	return c.tell(entry{"keyring", ExitLocked, "The system's keyring cannot be used.", "{said} Nothing was kept anywhere else instead.",
		"Unlock the keyring, or open the store with another slot:", Program + " slots list", "U"}, "", map[string]string{"said": sentence(k.Err.Error())})
}
