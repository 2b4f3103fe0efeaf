// Package policy judges connections: which state one is in, which of its clocks runs
// out first, when to refresh, which method to choose, what its scopes are worth.
//
// Everything here is a pure function of records, facts of the provider and a time. It
// reads no store, asks nobody and knows no sentence: answers are codes and data, and
// the words for people stand in ui. What is a rule is a row of a table.
package policy

// State is the one word for how a connection fares.
type State string

// The states, in the order in which the first that holds is taken.
const (
	// Stolen: the provider ended the grant as if its refresh token had been used by somebody else (RF-7).
	Stolen    State = "revoked_by_provider"
	Reconnect State = "reconnect" // the provider refused the grant or key for good, or nothing is left to refresh with
	Blocked   State = "blocked"   // the provider refuses our settings: client, redirect, scope, address
	Uncertain State = "uncertain" // a refresh was sent and its answer is lost
	Overdue   State = "overdue"   // key or secret is older than its policy
	Expired   State = "expired"   // access is over; a refresh is still possible
	Expiring  State = "expiring"  // access, refresh, secret or provider end past its warning
	Reduced   State = "reduced"   // fewer scopes than asked
	Due       State = "due"       // key or secret past the warning share of its policy
	Throttled State = "throttled" // the provider asked to wait
	Retrying  State = "retrying"  // network, 5xx or a refresh elsewhere; tried again by itself
	Rotating  State = "rotating"  // old and new key both work
	Queued    State = "queued"    // a revocation waits: for the network, a console or the end of a token
	Healthy   State = "healthy"   // none of the others
	Revoked   State = "revoked"   // tombstone
)

// Group sorts states by what they ask of a person.
type Group string

// The groups, in the order of the deck.
const (
	NeedYou Group = "need_you"
	Soon    Group = "soon"
	InHand  Group = "in_hand"
	Fine    Group = "fine"
	Over    Group = "over"
)

// The actions that mend a state, by the ids of the action registry.
const (
	ActReconnect = "reconnect"
	ActEdit      = "edit"
	ActRefresh   = "refresh"
	ActTest      = "test"
	ActOpen      = "open"
	ActRevoke    = "revoke"
)

// StateInfo is one row of the table of states.
type StateInfo struct {
	State State
	Group Group
	Act   string // the action that mends it, unless the cause says otherwise
}

// table is in the order of precedence, which is the order of urgency too. A key that is
// too old is mended by reconnecting with a new one.
var table = [...]StateInfo{
	{Stolen, NeedYou, ActReconnect},
	{Reconnect, NeedYou, ActReconnect},
	{Blocked, NeedYou, ActEdit},
	{Uncertain, NeedYou, ActRefresh},
	{Overdue, NeedYou, ActReconnect},
	{Expired, Soon, ActRefresh},
	{Expiring, Soon, ActRefresh},
	{Reduced, Soon, ActReconnect},
	{Due, Soon, ActReconnect},
	{Throttled, InHand, ""},
	{Retrying, InHand, ActRefresh},
	{Rotating, InHand, ActOpen},
	{Queued, InHand, ActRevoke},
	{Healthy, Fine, ActTest},
	{Revoked, Over, ""},
}

// States lists all states, most urgent first.
func States() []StateInfo { return append([]StateInfo(nil), table[:]...) }

// rank is a state's place in the table.
func rank(s State) int {
	for i := range table {
		if table[i].State == s {
			return i
		}
	}
	return len(table)
}

// GroupOf is the group of a state.
func GroupOf(s State) Group {
	if i := rank(s); i < len(table) {
		return table[i].Group
	}
	return Over
}

// ReasonCode says why a connection is in its state; ui has the sentence for each.
type ReasonCode string

// The reasons.
const (
	WhyTheft          ReasonCode = "theft"           // the newest refresh token was refused: used by somebody else, or revoked there
	WhyRefused        ReasonCode = "refused"         // class dead; Summary.Reason and Message say more
	WhyRefreshEnded   ReasonCode = "refresh_ended"   // access is over and the refresh token has reached its end
	WhyNoRefresh      ReasonCode = "no_refresh"      // access is over and there never was a refresh token
	WhyNoCredential   ReasonCode = "no_credential"   // neither token nor key is left
	WhySettings       ReasonCode = "settings"        // class config
	WhyAnswerLost     ReasonCode = "answer_lost"     // of a refresh
	WhyKeyOld         ReasonCode = "key_old"         // past its policy
	WhySecretOld      ReasonCode = "secret_old"      //
	WhyAccessOver     ReasonCode = "access_over"     //
	WhyAccessEnds     ReasonCode = "access_ends"     //
	WhyRefreshEnds    ReasonCode = "refresh_ends"    //
	WhyIdle           ReasonCode = "idle"            // the refresh token dies if nobody uses it
	WhySecretEnds     ReasonCode = "secret_ends"     //
	WhyProviderEnds   ReasonCode = "provider_ends"   // the provider ends the method or kind of key
	WhyScopesMissing  ReasonCode = "scopes_missing"  // Reason.Count of them
	WhyKeyDue         ReasonCode = "key_due"         //
	WhySecretDue      ReasonCode = "secret_due"      //
	WhyAskedToWait    ReasonCode = "asked_to_wait"   //
	WhyUnreachable    ReasonCode = "unreachable"     // class transient
	WhyBusy           ReasonCode = "busy"            // another refresh runs at the provider
	WhyRevokeOffline  ReasonCode = "revoke_offline"  // queued until the provider can be reached
	WhyRevokeConsole  ReasonCode = "revoke_console"  // waits for a person at the provider's console
	WhyRevokeDying    ReasonCode = "revoke_dying"    // revoked; access lives until DiesAt
	WhyRevokeUnproven ReasonCode = "revoke_unproven" // done, and nobody could tell whether it is dead
	WhyStillAlive     ReasonCode = "still_alive"     // done, and the credential still works
	WhyRevoked        ReasonCode = "revoked"         //
	WhyWorks          ReasonCode = "works"           // none of the others
)

// Reason is why, with its data. Whatever the provider said stands in the summary.
type Reason struct {
	Code  ReasonCode
	Clock Clock // the clock that is the cause, if one is
	Count int   // of missing scopes
}
