package words

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// The tabs of the detail page and the titles in them.
const (
	TabOverview   = "overview"
	TabCredential = "credential"
	TabScopes     = "scopes"
	TabTests      = "tests"
	TabAudit      = "audit"

	TitleClock   = "clock"
	TitleLeft    = "left"
	TitleAt      = "at"
	TitleThen    = "what happens then"
	TitleAsked   = "asked"
	TitleGranted = "granted"
	TitleProven  = "proven"
	TitleScope   = "scope"
	TitleRisk    = "risk"
	TitleMeans   = "what it allows"
	TitleTime    = "time"
	TitleRead    = "read"
	TitleRecords = "records"
	TitleTook    = "took"
	TitleFailed  = "what failed"
	TitleNumber  = "#"
	TitleActor   = "actor"
	TitleHost    = "host"
	TitleAct     = "act"
	TitleOutcome = "outcome"
	TitleProof   = "evidence"

	LabelMethod  = "method"
	LabelUsedBy  = "used by"
	LabelShares  = "shares"
	LabelOwner   = "owner"
	LabelPurpose = "purpose"
	LabelTags    = "tags"

	NeverTested = "Never tested."
	TestNow     = "test now"
	NoEvents    = "No events yet: the first act writes the first."
	NobodyAsked = "nobody: no job has asked for a token yet"
	SharesNone  = "nothing: no other connection has this grant, client or secret"
	sharesGrant = "the grant with "
	sharesKey   = "the key with "
	sharesApp   = "the client registration with "
	diesToo     = ": what ends one ends all"
	LastRuns    = "records of the last runs"
	LastTest    = "last test"
)

// ClockTitle is what the overview calls a clock.
func ClockTitle(k policy.ClockKind, key bool) string {
	switch k {
	case policy.ClockAccess:
		return "access"
	case policy.ClockRefresh:
		return "refresh"
	case policy.ClockIdle:
		return "refresh, unused"
	case policy.ClockSecret:
		return "client secret"
	case policy.ClockKey:
		if key {
			return "key, by policy"
		}
		return "secret, by policy"
	case policy.ClockEnd:
		return "provider"
	case policy.ClockRetry:
		return "next try"
	case policy.ClockWait:
		return "wait"
	}
	return string(k)
}

// Then says what happens when a clock ends.
func (f Facts) Then(k policy.Clock) string {
	switch k.Kind {
	case policy.ClockAccess:
		return f.accessThen()
	case policy.ClockRefresh:
		return "a person consents again with c"
	case policy.ClockIdle:
		if f.Refreshes {
			return "it dies unless it is used; this deck uses it before"
		}
		return "it dies unless it is used; r uses it"
	case policy.ClockSecret:
		return f.CRM + " refuses the client from then on"
	case policy.ClockKey:
		if !k.At.After(f.Now) {
			return "it is past its policy, and works until somebody ends it"
		}
		return "it is overdue by policy, and works until somebody ends it"
	case policy.ClockEnd:
		return f.CRM + " ends this way to authenticate"
	case policy.ClockRetry:
		return "it is tried again by itself"
	case policy.ClockWait:
		if f.S.Revocation == store.RevocationDying {
			return "the access token is dead; crmdeck looks whether it is"
		}
		return "it is tried again, as " + f.CRM + " asked"
	}
	return ""
}

// accessThen is what the end of access means.
func (f Facts) accessThen() string {
	switch {
	case f.State == policy.Reconnect, f.State == policy.Stolen:
		return "a person consents again with c"
	case f.S.Revocation != "":
		return "nothing refreshes it: it is being revoked"
	case f.S.Paused:
		return "nothing refreshes it: it is paused"
	case f.State == policy.Blocked:
		return "nothing refreshes it while its settings are refused"
	case !f.S.HasRefresh:
		return "a person consents again with c"
	case f.Refreshes:
		return "this deck refreshes it before; jobs notice nothing"
	}
	return "the next job that asks gets it refreshed"
}

// NoEnd are the clocks that have no end, and what ends them.
func NoEnd(what string) string { return "no end" + Between + what }

// UsedBy is one job in a line: "campaigns-hourly  asked for a token 4m ago, 24 times today".
func UsedBy(u store.Use, now time.Time) string {
	out := text.Clean(u.Job) + "  asked for a token " + widget.Ago(now.Sub(u.Last))
	if u.Day == now.UTC().Format(time.DateOnly) && u.Today > 0 {
		out += ", " + Counted(u.Today, "time", "times") + " today"
	}
	return out
}

// Shares says who has the same grant, key or client.
func Shares(key bool, same, clients []store.Connection) []string {
	var lines []string
	if len(same) > 0 {
		what := sharesGrant
		if key {
			what = sharesKey
		}
		lines = append(lines, what+connectionNames(same)+diesToo)
	}
	if len(clients) > 0 {
		lines = append(lines, sharesApp+connectionNames(clients))
	}
	if lines == nil {
		return []string{SharesNone}
	}
	return lines
}

// connectionNames lists names, at most four.
func connectionNames(list []store.Connection) string {
	const most = 4
	var names []string
	for i, c := range list {
		if i == most {
			names = append(names, "+"+strconv.Itoa(len(list)-most))
			break
		}
		names = append(names, text.Clean(c.Name))
	}
	return strings.Join(names, ", ")
}

// MethodLine says how it authenticates and why.
func MethodLine(c *store.Connection, fig widget.Figures, now time.Time) string {
	out := string(c.Method)
	if c.Method == store.AuthorizationCode {
		out += " + PKCE"
	}
	if c.Sensitive {
		out += Between + "the data is personal"
	}
	if c.Unattended {
		out += Between + "it runs without a person"
	}
	if d := c.Decision; d != nil {
		if d.By != "" {
			out += Between + "decided by " + d.By
		}
		if !d.At.IsZero() {
			out += Between + fig.Date(d.At, now)
		}
		if d.Advised != "" && d.Advised != d.Method {
			out += Between + "advised was " + string(d.Advised)
		}
	}
	return text.Clean(out)
}

// scopeWords is what is said of one scope.
var scopeWords = map[policy.Word]string{
	policy.WordNotGranted: "not granted", policy.WordNotAsked: "never asked for", policy.WordNeverAsked: "not asked for",
	policy.WordNeverUsed: "never used", policy.WordTestReads: "a test only reads", policy.WordForRefresh: "a refresh uses it",
}

// ScopeWord is what is said of one scope; "" for one that is proven.
func ScopeWord(w policy.Word) string { return scopeWords[w] }

// ScopeTold is one scope in full. A key is not asked for scopes: what it may do was set
// where it was made.
func ScopeTold(name, meaning string, key bool) string {
	out := text.Clean(name) + ": " + text.Clean(meaning) + "."
	if key {
		out += " A key is not asked for scopes: it may do what was set for it, or for its user, at the CRM."
	}
	return out
}

// ScopeNote stands behind the meaning of a scope that nobody described.
const ScopeNote = "not described; counted as high"

// credential tab
const (
	LabelType        = "type"
	LabelFingerprint = "fingerprint"
	LabelIssued      = "issued"
	LabelGeneration  = "generation"
	LabelRefreshed   = "refreshed"
	LabelSealed      = "sealed"
	LabelEnds        = "ends"
	LabelToken       = "token"
	LabelKeyKind     = "kind"
	LabelLast4       = "ends in"
	LabelMade        = "made"
	LabelClient      = "client id"
	LabelRedirect    = "redirect"
	LabelSecret      = "client secret"
	LabelClaims      = "claims"
	FingerprintSame  = "same secret, same fingerprint"
	NeverShown       = "never shown; crmdeck token gives it to jobs"
	MadeUnknown      = "nobody knows; seen first on "
	Wiped            = "wiped"
	NoneHeld         = "none"
	ClaimsNote       = "as the token says; its signature is not checked here"
	typeKey          = "API key"
	typeAccess       = "access token"
	typeBoth         = "access and refresh token"
	typeRefresh      = "refresh token"
	sealedWith       = "XChaCha20-Poly1305, bound to "
)

// CredentialType is what the credential is.
func CredentialType(g *store.Grant) string {
	switch {
	case g.Key != nil:
		return typeKey
	case g.Access != nil && g.Refresh != nil:
		return typeBoth + ", " + strings.ToLower(or(text.Clean(g.Access.Type), "bearer"))
	case g.Access != nil:
		return typeAccess + ", " + strings.ToLower(or(text.Clean(g.Access.Type), "bearer"))
	case g.Refresh != nil:
		return typeRefresh
	}
	return NoneHeld
}

// SealedTo says how a secret is sealed and for whom.
func SealedTo(s store.Sealed) string {
	if s.IsZero() {
		return Wiped
	}
	return sealedWith + text.Clean(strings.Join(s.Hosts, ", "))
}

// Generations counts a grant's credentials: "212  211 refreshes, 0 rotations".
func Generations(g *store.Grant) string {
	return strconv.FormatUint(g.Generation, 10) + "  " + Counted(g.Refreshes, "refresh", "refreshes") + ", " +
		Counted(g.Rotations, "rotation", "rotations")
}

// ObjectsRead is "3 of 3" of a test run.
func ObjectsRead(t store.TestRun) (ok, all, records int) {
	for _, o := range t.Objects {
		if o.Outcome != "failed" && o.Outcome != "skipped" && o.Outcome != "cancelled" {
			ok++
		}
		records += o.Records
	}
	return ok, len(t.Objects), records
}

// TestFailed is what a test run says of its failure, in one line.
func TestFailed(t store.TestRun) string {
	for _, o := range t.Objects {
		if o.Outcome == "failed" {
			return text.Clean(strings.TrimSpace(o.Name + ": " + or(o.Message, o.Reason)))
		}
	}
	return text.Clean(strings.TrimSpace(t.Message))
}

// More of the detail page.
const (
	NoEndWord  = "no end"
	NoClock    = "none runs"
	HintResume = "go on"
)

// RefreshEndless says what ends a refresh token without an end.
func RefreshEndless(crm string) string { return "ends when the app is uninstalled at " + crm }

// Last4Note says why four characters of a key are shown.
func Last4Note(crm string) string { return crm + "'s console lists keys by them" }

// AssumedNote says that an end is a guess.
func AssumedNote(crm string) string { return crm + " sends no lifetime" }

// In is a time left in a sentence: "in 27m".
func In(left string) string { return "in " + left }
