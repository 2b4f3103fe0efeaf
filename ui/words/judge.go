package words

import (
	"fmt"
	"strings"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/transfer"
)

// methods are the names of the methods, as short as a column wants them.
var methods = map[store.Method]string{
	store.AuthorizationCode: "OAuth", store.DeviceCode: "device", store.ClientCredentials: "client",
	store.JWTBearer: "JWT", store.APIKey: "key", store.TBA: "TBA",
}

// Method is the short name of a method.
func Method(m store.Method) string { return or(methods[m], string(m)) }

// clockKinds are the names of the clocks.
var clockKinds = map[policy.ClockKind]string{
	policy.ClockAccess: "access", policy.ClockRefresh: "refresh", policy.ClockIdle: "idle", policy.ClockSecret: "secret",
	policy.ClockKey: "key", policy.ClockEnd: "CRM end", policy.ClockRetry: "retry", policy.ClockWait: "wait",
}

// Clock is the name of a clock.
func Clock(k policy.ClockKind) string { return or(clockKinds[k], string(k)) }

// whys say why a connection is in its state.
var whys = map[policy.ReasonCode]string{
	policy.WhyTheft:          causeWhys[store.CauseTheft],
	policy.WhyRefused:        "the provider refused the credential",
	policy.WhyRefreshEnded:   "access is over, and the refresh token has reached its end",
	policy.WhyNoRefresh:      "access is over, and there never was a refresh token",
	policy.WhyNoCredential:   "no credential is left",
	policy.WhySettings:       "the provider refuses the settings",
	policy.WhyAnswerLost:     "the answer to a refresh was lost",
	policy.WhyKeyOld:         "the key is older than its policy",
	policy.WhySecretOld:      "the client secret is older than its policy",
	policy.WhyAccessOver:     "access is over; a refresh is still possible",
	policy.WhyAccessEnds:     "access ends soon",
	policy.WhyRefreshEnds:    "the refresh token ends soon",
	policy.WhyIdle:           "the refresh token dies soon if nobody uses it",
	policy.WhySecretEnds:     "the client secret ends soon",
	policy.WhyProviderEnds:   "the provider ends this way of signing in",
	policy.WhyScopesMissing:  "fewer scopes were granted than asked for",
	policy.WhyKeyDue:         "the key comes near the end of its policy",
	policy.WhySecretDue:      "the client secret comes near the end of its policy",
	policy.WhyAskedToWait:    "the provider asked to wait",
	policy.WhyUnreachable:    "the provider could not be reached",
	policy.WhyBusy:           "another refresh runs at the provider",
	policy.WhyRevokeOffline:  "its revocation waits for the network",
	policy.WhyRevokeConsole:  "its revocation waits for a person at the console",
	policy.WhyRevokeDying:    "it is revoked; the access token lives a little longer",
	policy.WhyRevokeUnproven: "it is revoked, and nobody could tell whether it is dead",
	policy.WhyStillAlive:     "it is revoked, and the credential still works",
	policy.WhyRevoked:        "it is revoked",
	policy.WhyWorks:          "",
}

// ownWhys are the causes of a dead credential that no provider refused.
var ownWhys = map[string]string{
	string(store.CauseSecondTry): causeWhys[store.CauseSecondTry],
	string(store.CauseOtherCopy): causeWhys[store.CauseOtherCopy],
	lifecycle.ReasonAnswerLost:   "two answers to a refresh were lost; the refresh token may be spent",
	lifecycle.ReasonSharedKey:    "another connection with the same key was revoked",

	transfer.ReasonHandedOver:  "it was handed over to another store",
	transfer.ReasonHandingOver: "a hand-over to another store was begun and is not finished",
}

// Why says why a connection is in its state, with the provider's own code and words
// where it refused something.
func Why(r policy.Reason, code, message string) string {
	s := whys[r.Code]
	if handed(code) && message != "" { // it says to whom
		return message
	}
	if own := ownWhys[code]; own != "" && r.Code == policy.WhyRefused {
		return own
	}
	switch r.Code {
	case policy.WhyScopesMissing:
		return fmt.Sprintf("%s: %d are missing", s, r.Count)
	case policy.WhyRefused, policy.WhySettings, policy.WhyUnreachable, policy.WhyAskedToWait:
		if code != "" {
			s += " (" + code + ")"
		}
		if message != "" {
			s += ": " + message
		}
	}
	return strings.TrimSpace(s)
}

// verdicts say what a revocation proved.
var verdicts = map[store.Verdict]string{
	store.VerdictDead:    "dead: the provider refused the credential afterwards",
	store.VerdictDiesAt:  "revoked; the access token lives until",
	store.VerdictAlive:   "alive: the credential still works",
	store.VerdictUnknown: "unknown: nobody could tell whether it is dead",
}

// Verdict says what a revocation proved.
func Verdict(v store.Verdict) string { return or(verdicts[v], "not finished") }
