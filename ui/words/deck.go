package words

import (
	"strconv"

	"crmdeck/connectors/policy"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Titles of the deck's columns.
const (
	ColState  = "state"
	ColName   = "name"
	ColCRM    = "CRM"
	ColEnv    = "env"
	ColMethod = "method"
	ColScopes = "scopes"
	ColAccess = "access"
	ColFirst  = "first"
	ColNext   = "next clock"
	ColKeyAge = "key age"
	ColKey    = "key"
	ColTest   = "test"
	ColOwner  = "owner"
)

// What the summary and the empty deck say.
const (
	GroupNeed     = "need you"
	GroupSoon     = "soon"
	GroupHand     = "in hand"
	GroupFine     = "fine"
	GroupOver     = "over"
	SummaryFirst  = "first"
	SummaryNext   = "next:"
	SummaryMarked = " marked"
	SummaryAll    = "all"
	NoConnections = "No connections yet."
	EmptyNew      = "set one up: HubSpot, Salesforce or Close; about 5 minutes"
	EmptyLeave    = "leave, and look at it first with crmdeck demo: 24 simulated ones"
	emptySealed   = "Secrets are sealed in "
	emptyOpens    = "; a passphrase opens it."
	emptyOpensKey = "; your key opens it."
	Paused        = "paused"
	Never         = "never"
	Now           = "now"
	Running       = widget.GlyphEllipsis
	nothingFits   = "Nothing matches "
	LockedHead    = "shown without secrets"
)

// What a filter understands, the most useful first.
const (
	FilterFields = "words of any column, or state:due  crm:close  env:sbx  owner:  method:key  tag:  account:"
	FilterClocks = "clocks: expires<7d  access<1h  key>90d  test>1w     all terms have to hold, ! turns one around"
	FilterTurn   = "enter keeps what is left, esc takes it back"
)

// EmptySealed says where secrets are, and what opens them.
func EmptySealed(home string, noPassphrase bool) string {
	opens := emptyOpens
	if noPassphrase {
		opens = emptyOpensKey
	}
	return emptySealed + text.Clean(home) + opens
}

// NothingMatches is the empty answer of a filter.
func NothingMatches(filter string) string {
	return nothingFits + strconv.Quote(text.Clean(filter)) + "."
}

// Groups are the words of the groups, most urgent first.
func Groups() [widget.GroupCount]string {
	return [...]string{GroupNeed, GroupSoon, GroupHand, GroupFine, GroupOver}
}

// FirstReason is the summary's reason for the first in line; key tells an API
// key from a grant.
func FirstReason(s policy.State, key bool) string {
	if s == policy.Reconnect && key {
		return "it needs a new key"
	}
	return firstReasons[s]
}

// firstReasons says in a few words why a state is first in line.
var firstReasons = map[policy.State]string{
	policy.Stolen:    "its refresh token may be stolen",
	policy.Reconnect: "a person must consent again", policy.Blocked: "its settings are refused",
	policy.Uncertain: "an answer was lost", policy.Overdue: "its key is past its policy", policy.Expired: "access is over",
	policy.Expiring: "a clock ends soon", policy.Reduced: "it has fewer scopes than asked",
	policy.Due: "its key is nearly due", policy.Throttled: "it waits as asked", policy.Retrying: "no answer yet",
	policy.Rotating: "two keys work", policy.Queued: "a revocation waits", policy.Healthy: "all holds",
}

// WaitJobs is what depends on a connection that does not work: "2 jobs wait for it".
func WaitJobs(n int, waiting bool) string {
	switch {
	case n == 0:
		return ""
	case n == 1 && waiting:
		return "1 job waits for it"
	case n == 1:
		return "1 job uses it"
	case !waiting:
		return Jobs(n) + " use it"
	}
	return Jobs(n) + " wait for it"
}

// The dialog of orders.
const (
	SortTitle = "Sort by"
	SortTurn  = "turn it around"
	HintSort  = "sort"
)

// sortNotes says what stands on top in each order.
var sortNotes = map[string]string{
	"state": "what needs a person first", "name": "from A to Z", "crm": "from A to Z", "env": "from A to Z",
	"method": "from A to Z", "scopes": "most risky scopes first", "access": "ends first", "next": "ends first",
	"key": "oldest first", "test": "longest ago first", "owner": "from A to Z",
}

// sortNames is how orders are called; the rest by their column's title.
var sortNames = map[string]string{"crm": ColCRM, "next": ColNext, "key": ColKeyAge}

// SortBy is what an order is called.
func SortBy(column string) string {
	if s, ok := sortNames[column]; ok {
		return s
	}
	return column
}

// SortNote says what stands on top.
func SortNote(column string) string { return sortNotes[column] }
