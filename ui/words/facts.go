package words

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Facts is what the sentences of the lower edge are made of.
type Facts struct {
	S      *store.Summary
	CRM    string
	State  policy.State
	Reason policy.Reason
	Now    time.Time
	Fig    widget.Figures
	// Refreshes: this deck refreshes ahead.
	Refreshes bool
	Policy    time.Duration
}

// Who is the first row of the lower edge behind the name: which account, whose consent.
func (f Facts) Who() string {
	s := f.S
	out := f.CRM
	if s.Environment != "" {
		out += " " + s.Environment
	}
	if s.Account.ID != "" {
		out += Between + s.Account.ID
	}
	if s.Account.Name != "" {
		out += " " + strconv.Quote(text.Cut(text.Clean(s.Account.Name), maxForeign))
	}
	switch {
	case s.HasKey && s.Account.User != "":
		out += Between + "key of " + s.Account.User
	case s.Account.User != "" && !s.Consented.IsZero():
		out += Between + "consented by " + s.Account.User + " on " + f.Fig.Date(s.Consented, f.Now)
	case s.Account.User != "":
		out += Between + s.Account.User
	case !s.Consented.IsZero():
		out += Between + "consented on " + f.Fig.Date(s.Consented, f.Now)
	}
	return text.Clean(out)
}

// What is the sentence of the lower edge: what happened and why, as far as it is known.
func (f Facts) What() string {
	say, ok := sayings[f.Reason.Code]
	if !ok {
		return ""
	}
	return text.Clean(say(f))
}

// leastForeign is the fewest cells in which words of a provider are of use.
const leastForeign = 16

// WhatIn is What for w cells: where it is longer, what the provider said in its own
// words is cut or left out, so that what follows it stays.
func (f Facts) WhatIn(w int) string {
	what := f.What()
	if widget.Width(what) <= w || f.S.Message == "" {
		return what
	}
	s, said := *f.S, f.S.Message
	f.S, s.Message = &s, ""
	bare := f.What()
	if bare == what { // the provider's words are no part of it
		return what
	}
	room := w - widget.Width(bare) - len(": ")
	if room < leastForeign {
		return bare
	}
	s.Message = widget.Cut(text.Cut(said, maxForeign), room)
	return f.What()
}

// sayings is one sentence a reason.
var sayings = map[policy.ReasonCode]func(Facts) string{
	policy.WhyTheft: func(f Facts) string {
		return f.CRM + " ended this grant" + f.at(f.S.Since) + f.code() + ": its refresh token was used by somebody else, or revoked there. Nothing is sent any more."
	},
	policy.WhyRefused: func(f Facts) string {
		switch f.S.Cause {
		case store.CauseSecondTry:
			return "A refresh was sent" + f.at(f.S.Since) + ", its answer was lost, and the second try was refused. Nothing was erased." + f.lives()
		case store.CauseOtherCopy:
			return f.CRM + " refused the refresh token" + f.at(f.S.Since) + ": another copy of this store can have used it. Nothing was erased." + f.lives()
		}
		switch f.S.Reason { // nobody refused these
		case lifecycle.ReasonAnswerLost:
			return "A refresh was sent twice" + f.at(f.S.Since) + " and both answers are lost: the refresh token may be spent. Nothing was erased." + f.lives()
		case lifecycle.ReasonSharedKey:
			return "Another connection with the same " + f.credential() + " was revoked" + f.at(f.S.Since) + "."
		}
		return f.CRM + " refused the " + f.credential() + f.at(f.S.Since) + f.code() + f.told() + " Nothing was erased."
	},
	policy.WhyRefreshEnded: func(f Facts) string {
		return "The refresh token reached its end" + f.on(f.S.Refresh) + ", and access is over."
	},
	policy.WhyNoRefresh: func(f Facts) string {
		return "Access ended " + widget.Ago(f.Now.Sub(f.S.Access)) + ", and there is no refresh token."
	},
	policy.WhyNoCredential: func(f Facts) string { return "Neither a token nor a key is left." },
	policy.WhySettings: func(f Facts) string {
		return f.CRM + " refuses the settings of this connection" + f.since() + f.code() + f.told()
	},
	policy.WhyAnswerLost: func(f Facts) string {
		return "A refresh was sent" + f.at(f.S.IntentBegun) + " and its answer is lost: the old token may be spent." + f.lives()
	},
	policy.WhyKeyOld: func(f Facts) string { return "The key is " + f.keyAge() + " old, past its policy." + f.works() },
	policy.WhySecretOld: func(f Facts) string {
		return "The client secret is " + f.keyAge() + " old, past its policy." + f.works()
	},
	policy.WhyKeyDue: func(f Facts) string {
		return "The key is " + f.keyAge() + " old: its policy runs out in " + f.left() + "."
	},
	policy.WhySecretDue: func(f Facts) string {
		return "The client secret is " + f.keyAge() + " old: its policy runs out in " + f.left() + "."
	},
	policy.WhyAccessOver:   accessOver,
	policy.WhyAccessEnds:   accessEnds,
	policy.WhyRefreshEnds:  func(f Facts) string { return "The refresh token ends in " + f.left() + f.on(f.Reason.Clock.At) + "." },
	policy.WhyIdle:         func(f Facts) string { return "The refresh token dies in " + f.left() + " unless it is used." },
	policy.WhySecretEnds:   func(f Facts) string { return "The client secret ends in " + f.left() + f.on(f.Reason.Clock.At) + "." },
	policy.WhyProviderEnds: func(f Facts) string { return f.CRM + " ends this way to authenticate" + f.on(f.Reason.Clock.At) + "." },
	policy.WhyScopesMissing: func(f Facts) string {
		return f.CRM + " granted " + f.scopes() + f.on(f.S.Consented) + "."
	},
	policy.WhyAskedToWait: func(f Facts) string { return f.CRM + " asked to wait" + f.code() + "." + f.again() + f.lives() },
	policy.WhyUnreachable: func(f Facts) string {
		return f.CRM + " gives no answer" + f.since() + f.code() + f.told() + f.again() + f.lives()
	},
	policy.WhyBusy: func(f Facts) string {
		return f.CRM + " says that another refresh runs" + f.code() + "." + f.again() + f.lives()
	},
	policy.WhyRevokeOffline: func(f Facts) string {
		return "Its revocation is queued: " + f.CRM + " has not confirmed it yet." + f.again()
	},
	policy.WhyRevokeConsole: func(f Facts) string {
		return "Its revocation waits until the " + f.credential() + " is deleted in " + f.CRM + "'s console."
	},
	policy.WhyRevokeDying: func(f Facts) string { return "It is revoked; its access token lives on for " + f.left() + "." },
	policy.WhyRevokeUnproven: func(f Facts) string {
		return "It was revoked" + f.on(f.S.RevokedAt) + ", and nobody could tell whether it is dead."
	},
	policy.WhyStillAlive: func(f Facts) string {
		return "It was revoked" + f.on(f.S.RevokedAt) + ", and " + f.CRM + " still accepts it."
	},
	policy.WhyRevoked: func(f Facts) string { return "Revoked" + f.on(f.S.RevokedAt) + f.verdict() + "." },
	policy.WhyWorks:   works,
}

// accessOver says since when, and what stands in the way.
func accessOver(f Facts) string {
	out := "There is no access token; a refresh gets one."
	if f.S.HasAccess && !f.S.Access.IsZero() {
		out = "The access token ended " + widget.Ago(f.Now.Sub(f.S.Access)) + "; a refresh gets a new one."
	}
	if f.S.Paused {
		return out + " It is paused: nothing does so by itself."
	}
	if f.S.Class == "" {
		return out
	}
	return out + " The last try failed" + f.since() + f.code() + f.told()
}

// accessEnds says when, and who sees to it.
func accessEnds(f Facts) string {
	out := "The access token ends in " + f.left() + "."
	switch {
	case f.S.Paused:
		return out + " It is paused: nothing refreshes it."
	case f.Refreshes:
		return out + " This deck refreshes it ahead."
	}
	return out
}

// works says what goes on by itself.
func works(f Facts) string {
	switch {
	case f.S.Paused:
		return "It is paused: nothing refreshes it and no job gets a token."
	case f.S.HasKey:
		return "All holds. The key is " + f.keyAge() + " old."
	case f.Refreshes:
		return "All holds. This deck refreshes it ahead."
	}
	return "All holds."
}

// ClockKind is how the next clock column calls what runs out; key tells an API
// key from a client secret, which have the same kind of policy.
func ClockKind(k policy.ClockKind, key bool) string {
	switch {
	case k == policy.ClockEnd:
		return "CRM end"
	case k == policy.ClockKey && !key:
		return string(policy.ClockSecret)
	}
	return string(k)
}

// credential is what was refused.
func (f Facts) credential() string {
	if f.S.HasKey {
		return "key"
	}
	return "refresh token"
}

// keyAge is "143d of 90d", "≥ 143d" where nobody knows when it was made.
func (f Facts) keyAge() string {
	age := f.Now.Sub(f.S.KeyMade)
	out := widget.Days(age)
	if f.Policy > 0 {
		out = widget.DaysOf(age, f.Policy)
	}
	if !f.S.KeyMadeKnown {
		out = widget.GlyphAtLeast + " " + out
	}
	return out
}

// left is the time left of the clock that is the cause.
func (f Facts) left() string { return f.Fig.Left(f.Reason.Clock.At.Sub(f.Now)) }

// since is " since 12:28", "" if nobody knows.
func (f Facts) since() string {
	if f.S.Since.IsZero() {
		return ""
	}
	return " since " + f.Fig.Moment(f.S.Since, f.Now)
}

// code is the provider's own word in brackets.
func (f Facts) code() string {
	if f.S.Reason == "" {
		return ""
	}
	return " (" + f.S.Reason + ")"
}

// told is what the provider said, and the end of the sentence.
func (f Facts) told() string {
	if f.S.Message == "" {
		return "."
	}
	said := text.Cut(f.S.Message, maxForeign)
	if strings.HasSuffix(said, widget.GlyphEllipsis) {
		return ": " + upper(said)
	}
	return ": " + sentence(said)
}

// again is when it is tried again.
func (f Facts) again() string {
	if !f.S.Next.After(f.Now) {
		return ""
	}
	return " Next try in " + f.Fig.Left(f.S.Next.Sub(f.Now)) + "."
}

// lives says how long jobs notice nothing.
func (f Facts) lives() string {
	if !f.S.HasAccess || !f.S.Access.After(f.Now) {
		return ""
	}
	return " The token it has lasts until " + f.Fig.Moment(f.S.Access, f.Now) + "."
}

// works says what is still true of an old key.
func (f Facts) works() string {
	if f.S.Class == "" {
		return " It still works."
	}
	return ""
}

// at is " at 14:29", on is " on 17 Nov"; "" for no moment.
func (f Facts) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	when := f.Fig.Moment(t, f.Now)
	if strings.Contains(when, " ") { // another day
		return " on " + when
	}
	return " at " + when
}

func (f Facts) on(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " on " + f.Fig.Date(t, f.Now)
}

// scopes is what was granted of what was asked.
func (f Facts) scopes() string {
	if f.S.Missing == 0 {
		return "fewer scopes than the time before"
	}
	return strconv.Itoa(f.S.Asked-f.S.Missing) + " of the " + strconv.Itoa(f.S.Asked) + " scopes asked for"
}

// verdict is what the revocation proved.
func (f Facts) verdict() string {
	switch f.S.Verdict {
	case store.VerdictDead:
		return "; " + f.CRM + " refused it afterwards, it is dead"
	case store.VerdictDiesAt:
		return "; its access token dies" + f.at(f.S.DiesAt)
	case store.VerdictAlive:
		return "; " + f.CRM + " still accepts it"
	case store.VerdictUnknown:
		return "; nobody could tell whether it is dead"
	}
	return ""
}

// Mend is what the action that helps does here.
func (f Facts) Mend(act string) string {
	switch act {
	case policy.ActReconnect:
		switch {
		case f.S.HasKey:
			return "give it a new key"
		case f.State == policy.Reduced:
			return "ask again for what is missing"
		}
		return "reconnect in the browser, about 1 minute"
	case policy.ActEdit:
		if f.State == policy.Blocked {
			return "look at its settings"
		}
		return "note when the new secret was made, once it is in place"
	case policy.ActRefresh:
		if f.State == policy.Uncertain {
			return "try once with what is stored; if that is refused, reconnect"
		}
		return "refresh it now"
	case policy.ActTest:
		return "prove that it works"
	case policy.ActRevoke:
		return "go on with the revocation"
	}
	return ""
}
