package words

import (
	"strconv"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Why an action can't work now, and what acts say when they are done.
const (
	HelpsHere    = "helps"
	WhyNotHere   = "this crmdeck has no page for it"
	WhyOneOnly   = "it works on one connection at a time"
	openYourself = "no browser could be opened; the page is "
	noConsole    = " has no such page that crmdeck knows"
	opened       = "opened the page at "
	copied       = "copied the fingerprint "
)

// WhyRevoked, WhyAlready, WhyKey, WhyNoRefresh and WhyNoFingerprint say why a row can't.
func WhyRevoked(name string) string { return text.Clean(name) + " is revoked" }

// WhyAlready: it was revoked before.
func WhyAlready(name string) string { return text.Clean(name) + " is revoked already" }

// WhyKey: a key is never refreshed.
func WhyKey(name string) string { return text.Clean(name) + " has a key: there is nothing to refresh" }

// WhyNoRefresh: it has no refresh token.
func WhyNoRefresh(name string) string { return text.Clean(name) + " has no refresh token" }

// WhyNoFingerprint: there is no credential.
func WhyNoFingerprint(name string) string { return text.Clean(name) + " has no credential to name" }

// NoConsole: the catalogue names no page.
func NoConsole(crm string) string { return crm + noConsole }

// Opened tells that a browser shows the page.
func Opened(crm string) string { return opened + crm }

// OpenYourself names the page where no browser could be opened.
func OpenYourself(url string) string { return openYourself + text.Clean(url) }

// Copied names what is on the clipboard.
func Copied(fingerprint string) string { return copied + fingerprint }

// Refreshed tells what a refresh brought.
func Refreshed(name string, r lifecycle.RefreshResult, fig widget.Figures, now time.Time) string {
	out := text.Clean(name) + " refreshed"
	if !r.Refreshed {
		out = text.Clean(name) + " was fresh already: another process had refreshed it"
	}
	if !r.Expires.IsZero() {
		left := fig.Left(r.Expires.Sub(now))
		if r.Assumed {
			left = fig.Assumed(r.Expires.Sub(now))
		}
		out += Between + "access " + left
	}
	if n := len(r.Lost); n > 0 {
		out += Between + Counted(n, "scope is", "scopes are") + " gone"
	}
	return out
}

// PausedNow tells that a connection is paused, or goes on.
func PausedNow(name string, paused bool) string {
	if paused {
		return text.Clean(name) + " is paused: nothing refreshes it and no job gets a token"
	}
	return text.Clean(name) + " goes on"
}

// ScopesShort is the scopes column in a sentence: "scopes 7, 1 risky".
func ScopesShort(granted, asked, missing, risky int) string {
	if granted < 0 {
		return "scopes " + widget.GlyphQuestion
	}
	out := "scopes " + strconv.Itoa(granted)
	if missing > 0 {
		out = "scopes " + strconv.Itoa(asked-missing) + "/" + strconv.Itoa(asked)
	}
	if risky > 0 {
		out += ", " + strconv.Itoa(risky) + " risky"
	}
	return out
}

// RenameTaken says that a name is another connection's.
func RenameTaken(name string) string { return text.Clean(name) + " is another connection's name." }

// LeftOut says on how many of several connections an act does not work.
func LeftOut(n, all int) string {
	return strconv.Itoa(n) + " of " + strconv.Itoa(all) + " left out: it does not work on them"
}

// TestShort is the test column in a sentence: "test ✓ 12m".
func TestShort(at time.Time, outcome string, now time.Time) string {
	if at.IsZero() {
		return "never tested"
	}
	return "test " + widget.TestSign(outcome).Glyph + " " + widget.Age(now.Sub(at))
}

// The dialogs that change a connection.
const (
	EditTitle   = "Edit "
	RenameTitle = "Rename "
	RemoveTitle = "Remove "

	FieldOwner   = "owner"
	FieldEnv     = "environment"
	FieldPurpose = "purpose"
	FieldTags    = "tags"
	FieldKeyDays = "key policy, days"
	FieldKeyMade = "key made on"
	FieldMade    = "secret made on"
	FieldName    = "new name"

	HoldOwner   = "who answers for it"
	HoldEnv     = "prod, sbx, test or dev"
	HoldPurpose = "what it is for"
	HoldTags    = "words, parted by blanks"
	HoldKeyDays = "the provider's policy"
	HoldKeyMade = "2026-01-31"

	HintSave   = "save"
	HintNext   = "next field"
	HintRename = "rename"
	HintRemove = "remove"
	HintKeepIt = "keep"

	EditDays     = "The policy is a number of days, from 1 to 3,650; empty is the provider's."
	EditDate     = "The day is written 2026-01-31."
	EditFuture   = "That day has not come yet."
	EditEnv      = "The environment is prod, sbx, test or dev."
	EditNothing  = "nothing was changed"
	RenameAsk    = "Jobs that ask for it by its name need the new one."
	RenameEmpty  = "Type the new name."
	RenameBad    = "1 to 64 letters, digits, . - and _, a letter or digit first."
	removeDead   = "It is revoked: nothing at the provider hangs on it. The audit log stays."
	removeAlive  = "Its credential still works at "
	removeLiving = "; removing forgets it here without revoking it."
	removeRather = "To end it at the provider as well, revoke it first with x."
	removeUndone = "This cannot be undone."
	typeName     = "Type "
	toGoOn       = " to go on"
	lettersToGo  = " letters missing"
	letterToGo   = " letter missing"
	savedNow     = " is changed"
	renamedNow   = " is now called "
	removedNow   = " is removed; its audit events stay"
)

// RemoveSays is what removing does, in lines.
func RemoveSays(dead bool, crm string) []string {
	if dead {
		return []string{removeDead, "", removeUndone}
	}
	return []string{removeAlive + crm + ".", removeLiving, removeRather, removeUndone}
}

// TypeName asks for a name.
func TypeName(name string) string { return typeName + text.Clean(name) + toGoOn }

// Missing counts the letters that are still to be typed.
func Missing(n int) string {
	if n == 1 {
		return "1" + letterToGo
	}
	return strconv.Itoa(n) + lettersToGo
}

// Saved, Renamed and Removed tell that a change is done.
func Saved(name string) string { return text.Clean(name) + savedNow }

// Renamed tells the new name.
func Renamed(from, to string) string { return text.Clean(from) + renamedNow + text.Clean(to) }

// Removed tells that a connection is gone.
func Removed(name string) string { return text.Clean(name) + removedNow }
