package words

import (
	"strconv"
	"time"

	"crmdeck/store/text"
)

// Locking: what the row above the footer says.
const (
	LockedNow     = "Locked: nothing is refreshed now. Secrets stay sealed."
	LockedRekeyed = "Locked, since the store has a new data key: nothing is refreshed now. Unlock it again."
	LockedAway    = "Locked, the data key is gone: nothing is refreshed now. Unlock it again."
	WhyLocked     = "the store is locked already"
	WhyDemoLock   = "the demo's store opens by itself; there is nothing to lock"
	HintLock      = "lock"
)

// LocksSoon warns that the deck locks; refreshing says that it refreshes ahead until then.
func LocksSoon(left time.Duration, refreshing bool) string {
	s := "Locks in " + strconv.Itoa(int((left+time.Second-1)/time.Second)) + " s"
	if refreshing {
		s += ", then nothing is refreshed ahead"
	}
	return s + "; any key keeps it open."
}

// LockedIdle says that nobody pressed a key for so long.
func LockedIdle(d time.Duration) string {
	return "Locked after " + Period(d) + " idle: nothing is refreshed now. Secrets stay sealed."
}

// Period writes a length of time that a person set: "15 minutes", "90 seconds", "2 hours".
func Period(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return Counted(int(d/time.Hour), "hour", "hours")
	case d%time.Minute == 0:
		return Counted(int(d/time.Minute), "minute", "minutes")
	}
	return Counted(int(d/time.Second), "second", "seconds")
}

// The settings page on what the deck does by itself.
const (
	SettingsDeck    = "this deck"
	settingsLocks   = "locks after "
	settingsUnmoved = " without a key"
	settingsNoLock  = "never locks by itself"
	settingsOnFile  = ": an identity file opened it"
	settingsHow     = "  auto_lock in config.toml"
)

// SettingsLock says when the deck locks by itself; onFile that it would, had a person opened it.
func SettingsLock(d time.Duration, onFile bool) string {
	switch {
	case d > 0:
		return settingsLocks + Period(d) + settingsUnmoved
	case onFile:
		return settingsNoLock + settingsOnFile
	}
	return settingsNoLock
}

// SettingsLockHow names the setting.
const SettingsLockHow = settingsHow

// The unlock dialog's further ways, and what a key asks.
const (
	UnlockKeyring   = "Keyring"
	UnlockByKeyring = "the entry in this computer's keyring"
	UnlockAnswer    = "Answer"
	HintKeyring     = "keyring"
	HintAnswer      = "answer"
	HintStopTrying  = "stop"
)

// UnlockKeyPhrase asks for the passphrase of a key in a file.
func UnlockKeyPhrase(path string) string {
	return "The key " + text.Clean(path) + " has a passphrase of its own."
}

// UnlockAsks is what an age plugin asks or says.
func UnlockAsks(plugin, said string) string {
	if plugin == "" {
		return text.Clean(said)
	}
	return text.Clean(plugin) + ": " + text.Clean(said)
}

// UnlockSlow says how long a passphrase still waits.
func UnlockSlow(left time.Duration) string {
	return "Earlier tries were wrong, so this one waits " + Counted(int((left+time.Second-1)/time.Second), "second", "seconds") + "."
}
