package words

import (
	"strconv"

	"crmdeck/store/text"
)

// The first start: how a new store shall open.
const (
	FirstTitle      = "A new store"
	FirstHow        = "How shall it open?"
	FirstPhrase     = "Passphrase"
	FirstIdentity   = "Identity file"
	FirstBoth       = "Both"
	FirstPhraseIs   = "you type it once a day; nothing on disk opens it"
	FirstIdentityIs = "for jobs that run without a person; guard the file"
	FirstBothIs     = "two locks, each opens it alone"
	FirstAbout      = UnlockAsk

	FirstAskPhrase   = "A passphrase nobody else knows"
	FirstAskIdentity = "Where shall the identity file be?"
	FirstAskBoth     = "A passphrase, and an identity file"
	FirstAgain       = "The same again"
	FirstPath        = "Identity file"
	FirstPhraseRule  = "15 characters or more, say several words. Nobody can recover it."
	FirstPathRule    = "Made if it is not there, readable by you alone. It opens the store."
	FirstCreating    = "creating the store takes a moment…"

	FirstDiffer  = "The two are not the same; type the second again."
	FirstNoPath  = "Type where the identity file is, or shall be."
	firstShort   = "At least 15 characters: "
	firstMissing = " missing."

	HintChoose        = "choose"
	HintCreate        = "create"
	HintCreateNothing = "create nothing"
	HintBackToChoice  = "back"

	FirstDone         = "the store is there and open; n sets the first connection up"
	firstDoneIdentity = "the store is there and open; next time: crmdeck --identity "
)

// FirstShort counts what a passphrase lacks.
func FirstShort(missing int) string { return firstShort + strconv.Itoa(missing) + firstMissing }

// FirstDoneWith tells how the store opens next time by its identity file.
func FirstDoneWith(path string) string { return firstDoneIdentity + text.Clean(path) }
