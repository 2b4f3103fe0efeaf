package words

import (
	"strconv"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Revoking: what hangs on it, how it goes, what came of it.
const (
	revokeTitle  = "Revoke "
	RevokeStops  = "What stops working"
	RevokeAll    = "What is revoked, and what dies with it"
	RevokeNobody = "nothing else that crmdeck knows: no other connection has it, no job asked for a token"
	RevokeHow    = "How"
	RevokeThen   = "Then"
	RevokeUndone = "This cannot be undone."
	revokeWiped  = "the sealed {credential} is wiped; the audit log and a tombstone stay."
	revokeMany   = "Type the number of them, "

	HintRevoke     = "revoke"
	HintUndo       = "take it back"
	HintLeaveGoes  = "leave, it goes on"
	HintLeaveQueue = "leave it queued"
	HintProbe      = "probe again"
	HintConsole    = "console page"
	HintCopyURL    = "copy the address"
	HintRetire     = "simulate the deletion"
	HintOwnKey     = "reconnect the other"

	GraceHead = "Nothing is sent for "
	GraceSays = "u takes it back; so does esc. After that the provider is asked at once."
	Undone    = "nothing was sent; nothing was revoked"
	RevokeRun = "Revoking"

	consoleOpen = "Delete it on this page; crmdeck calls with it until it is refused."
	stillWorks  = "still works, asked "
	nextIn      = ", next in "
)

// RevokeTitle heads the dialog.
func RevokeTitle(names []string) string {
	if len(names) == 1 {
		return revokeTitle + text.Clean(names[0])
	}
	return revokeTitle + Connections(len(names))
}

// TypeCount asks for the number of connections.
func TypeCount(n int) string { return revokeMany + strconv.Itoa(n) + "," + toGoOn }

// MissingShort is Missing where there is little room.
func MissingShort(n int) string { return strconv.Itoa(n) + " missing" }

// credentialOf is what a plan is about.
func credentialOf(p *lifecycle.RevokePlan) string {
	if p.Grant.Key != nil {
		return "key"
	}
	return "grant"
}

// DiesToo says why another connection dies with it.
func DiesToo(p *lifecycle.RevokePlan) string {
	if p.Grant.Key != nil {
		return "has the same key, " + p.Grant.Key.Fingerprint + ": it dies too"
	}
	return "has the same grant: it dies too"
}

// JobSays tells what a job took.
func JobSays(u store.Use, now time.Time) string {
	out := "job, took a token " + widget.Ago(now.Sub(u.Last))
	if u.Today > 0 && u.Day == now.UTC().Format(time.DateOnly) {
		out += ", " + Counted(u.Today, "time", "times") + " today"
	}
	return out
}

// RevokeHowSays tells how it is revoked.
func RevokeHowSays(p *lifecycle.RevokePlan, crm string, f widget.Figures, now time.Time) string {
	crm = text.Clean(crm)
	switch {
	case p.How == connectors.RevokeRFC7009:
		out := crm + " revokes by API, refresh token first"
		if left := p.AccessEnds.Sub(now); left > 0 {
			out += "; access may live up to " + f.Left(left) + " more"
		}
		return out + ". crmdeck then calls with it, to prove it."
	case p.ConsoleURL == "":
		return crm + " has no API for it, and crmdeck knows no page. End it at " + crm + "; crmdeck calls with it until it is refused."
	case p.Last4 != "":
		return crm + " has no API for it. Its console page opens; you delete the " + credentialOf(p) + " that ends in " +
			text.Clean(p.Last4) + "; crmdeck calls with it until " + crm + " refuses."
	}
	return crm + " has no API for it. Its console page opens; you delete the " + credentialOf(p) + "; crmdeck calls with it until " +
		crm + " refuses."
}

// RevokeShort tells how in a word, for a list.
func RevokeShort(p *lifecycle.RevokePlan) string {
	if p.How == connectors.RevokeRFC7009 {
		return "by API"
	}
	return "in the console"
}

// AlsoDies counts what dies with one of several.
func AlsoDies(n int) string { return Counted(n, "other dies", "others die") + " with it" }

// RevokeThenSays tells what stays.
func RevokeThenSays(p *lifecycle.RevokePlan) string {
	return Fill(revokeWiped, "credential", credentialOf(p))
}

// MoreOf counts what a list has no room for.
func MoreOf(n int) string { return "+" + strconv.Itoa(n) + ToastMore }

// OpenIt asks to end the credential at the provider's page.
func OpenIt() string { return consoleOpen }

// StillWorks tells how often was asked, and when the next time is.
func StillWorks(asked int, next time.Duration) string {
	out := stillWorks + Counted(asked, "time", "times")
	if next > 0 {
		out += nextIn + widget.Figures{}.Left(next)
	}
	return out
}

// Outcome is what a revocation came to, in the words that signs have: dead, dies
// at, alive, unknown, or queued.
func Outcome(r *store.Revocation) string {
	switch r.State {
	case store.RevocationQueued, store.RevocationConsole:
		return "queued"
	}
	switch r.Verdict {
	case store.VerdictDead:
		return "dead"
	case store.VerdictDiesAt:
		return "dies at"
	case store.VerdictAlive:
		return "alive"
	}
	return "unknown"
}

// VerdictTitle heads the verdict.
func VerdictTitle(name string, r *store.Revocation) string {
	name = text.Clean(name)
	switch Outcome(r) {
	case "dead":
		return name + " is dead"
	case "dies at":
		return name + " is revoked"
	case "alive":
		return name + " still works"
	case "queued":
		return name + " is queued"
	}
	return name + ": nobody could tell"
}

// VerdictSays is the sentence of a verdict.
func VerdictSays(p *lifecycle.RevokePlan, r *store.Revocation, crm string, f widget.Figures, now time.Time) string {
	crm, what := text.Clean(crm), credentialOf(p)
	if what == "grant" {
		what = "access token"
	}
	switch Outcome(r) {
	case "dead":
		return crm + " refuses the " + what + " since " + f.Evidence(r.Ended) + "."
	case "dies at":
		return "The refresh token is refused; the access token lives until " + f.Moment(r.DiesAt, now) + "."
	case "alive":
		return crm + " still takes the " + what + ". Nothing is wiped."
	case "queued":
		if r.State == store.RevocationConsole {
			return "It waits for you at " + crm + "'s console; crmdeck looks again by itself."
		}
		return "No answer from " + crm + ". It is tried again" + againAt(r.Next, f, now) + ", and by crmdeck revoke --pending."
	}
	return "No answer said whether it still works. Nothing is wiped."
}

// againAt is when it is tried again.
func againAt(at time.Time, f widget.Figures, now time.Time) string {
	if at.IsZero() || !at.After(now) {
		return " soon"
	}
	return " in " + f.Left(at.Sub(now))
}

// HadTheSame tells what became of the others.
func HadTheSame(p *lifecycle.RevokePlan) string {
	if p.Grant.Key != nil {
		return "had the same key: reconnect."
	}
	return "had the same grant: reconnect."
}

// RevokedToast tells the end to somebody who did not wait.
func RevokedToast(name string, r *store.Revocation) string { return VerdictTitle(name, r) }

// RevokedMany heads the verdicts of several.
func RevokedMany(dead, all int) string {
	return widget.Figures{}.Of(int64(dead), int64(all)) + " are dead"
}
