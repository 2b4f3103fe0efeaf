package words

import (
	"errors"
	"strconv"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/text"
)

// What is said of a store that is a copy or was put back, and of where secrets may go.
const (
	CmdAdopt  = "Say that this is the store in use, after it was copied or put back"
	LongAdopt = `A store that was copied, moved to another disk or computer, or put back from a backup does not
use refresh tokens that the other copy may have spent: a CRM that replaces refresh tokens
can end the access of both. Adopting says that this store is the one in use from now on.
The other copy must not be used any more: delete it, or reconnect its connections there.`
	SayAdoptedStore = "This store is the one in use now. The other copy must not be used any more."
	SayNotSuspect   = "Nothing was suspect: the store is where it was."
	AskYesNo        = "[y/N] "
	SayNotChanged   = "Nothing was changed."
	AskAdopt        = "Is this the store in use, and will the other copy never be used again?"

	CmdRebind  = "Change the hosts that a connection's secrets may be sent to"
	LongRebind = `The hosts that a secret may be sent to are sealed together with it, and no change of a provider
file or of crmdeck changes them. When a provider moves to another host, this does: it shows the
hosts of now and the new ones, asks, and seals the secrets anew. Hosts that the provider's
definition does not name need --foreign, and the name of the connection typed again.`
	FlagHosts         = "the hosts that its secrets may go to, with commas (their port too, unless it is 443)"
	FlagForeign       = "allow hosts that the provider's definition does not name"
	FlagRebindYes     = "do not ask"
	AskRebind         = "Seal the secrets of {name} to these hosts?"
	AskRebindType     = "The definition of {provider} does not name {hosts}. Type the name of the connection to send its secrets there:"
	SayRebound        = "{name} sends its secrets to {hosts} from now on."
	SayReboundSame    = "{name} has these hosts already."
	SayReboundWith    = "The same grant or app is used by {names}: it is changed for them too."
	RebindNow         = "now"
	RebindNew         = "new"
	RebindCredentials = "credential"
)

// hows say where a credential came from.
var hows = map[store.HowMade]string{
	store.MadeByConsent: "consent", store.MadeByKey: "key given", store.MadeByTakeOver: "taken over",
	store.MadeByReconnect: "reconnect", store.MadeByRefresh: "refresh",
}

// HowMade says where a credential came from.
func HowMade(h store.HowMade) string { return or(hows[h], text.Clean(string(h))) }

// LabelHistory heads the credentials that a grant has had.
const LabelHistory = "history"

// Generation names a credential of a grant.
func Generation(n uint64) string { return "generation " + strconv.FormatUint(n, 10) }

// History is one credential of a grant in a line, newest first as the caller has them.
func History(m store.Made) string {
	s := HowMade(m.How)
	if m.Fingerprint != "" {
		s += "  " + text.Clean(m.Fingerprint)
	}
	if m.By != "" {
		s += "  by " + text.Clean(m.By)
	}
	return s
}

// causes name the entries of refusals of which we know more than the provider's code.
var causes = map[store.Cause]string{
	store.CauseTheft: "theft", store.CauseSecondTry: "second_try", store.CauseOtherCopy: "other_copy",
}

// causeWhys say the same in a few words, for a list.
var causeWhys = map[store.Cause]string{
	store.CauseTheft:     "the provider ended the grant: its refresh token was used by somebody else, or revoked there",
	store.CauseSecondTry: "the answer to a refresh was lost, and the second try was refused",
	store.CauseOtherCopy: "its refresh token was refused; another copy of this store can have used it",
}

// Code is what is known of a refusal: the cause, if we have one, else the provider's code.
func Code(s store.Summary) string {
	if causeWhys[s.Cause] != "" {
		return string(s.Cause)
	}
	return s.Reason
}

// placed tells more of a failure that is about where a store is, or a secret may go.
func placed(f *lifecycle.Failure, name string, values map[string]string) string {
	var net *guard.Error
	switch {
	case f.Kind == lifecycle.FailSuspect:
		values["what"] = suspect(f)
	case f.Kind == lifecycle.FailConfig && errors.As(f.Err, &net) && net.Kind == guard.KindRefused && net.Host != "":
		values["host"] = text.Clean(net.Host)
		return "host_refused"
	}
	return name
}

// suspect says what happened to the store of a suspect refresh token.
func suspect(f *lifecycle.Failure) string {
	switch f.Suspect.Why {
	case store.SuspectMoved:
		return "is a copy, or was moved to another disk or computer"
	case store.SuspectOlder:
		return "is an older one that was put back"
	}
	s := "was put back from a backup"
	if !f.Suspect.From.IsZero() {
		s += " of " + f.Suspect.From.UTC().Format(time.DateOnly)
	}
	return s
}

// host tells why a rebinding was refused.
func (c Context) host(h *lifecycle.HostError) Explanation {
	name := "host_bad"
	switch {
	case errors.Is(h.Err, lifecycle.ErrForeignHost):
		name = "host_foreign"
	case errors.Is(h.Err, lifecycle.ErrStranded):
		name = "host_stranded"
	}
	return c.entry(name, "", map[string]string{"host": text.Clean(h.Host)})
}

// fields name the sealed values of a connection.
var fields = map[string]string{
	store.FieldAccess: "access token", store.FieldRefresh: "refresh token", store.FieldKey: "API key", store.FieldClientSecret: "client secret",
}

// Field names a sealed value.
func Field(f string) string { return or(fields[f], f) }
