package words

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/policy"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// The set-up: title, crumbs, keys.
const (
	TitleConsent   = "crmdeck: waiting for consent"
	CrumbNew       = "new connection"
	CrumbReconnect = "reconnect"

	HintLeaveDraft    = "leave, kept as a draft"
	HintLeave         = "leave"
	HintGoOn          = "go on with it"
	HintCopy          = "copy"
	HintOpenAgain     = "open again"
	HintCancelConsent = "cancel, nothing is stored"
	HintReasons       = "the reasons"
	HintPreset        = "other preset"
	HintCheck         = "check"
	HintStore         = "yes, store it"
	HintDone          = "done"
	HintDecline       = "no: take it back"
	HintConfirm       = "confirm"
	HintToDeck        = "to the deck"
	HintOwner         = "owner, tags, key policy"

	WizardBusy = "working on it"
	DraftKept  = "kept as a draft; n goes on with it"
	CopiedURI  = "copied the redirect URI"
	CopiedURL  = "copied the address"
	GoodToKnow = "good to know"
	NotYet     = "crmdeck cannot do this yet"
	notBuilt   = " is known, and crmdeck cannot do it yet"
	Yes        = "yes"
	No         = "no"
)

// Declined says what became of what was not stored: a grant that was just consented to
// was revoked again, anything else is as it was.
func Declined(consented bool) string {
	if consented {
		return "nothing was stored; the new grant was taken back"
	}
	return "nothing was stored, and nothing was revoked"
}

// Ended is a sentence that elsewhere goes on with a command.
func Ended(s string) string {
	if head, ok := strings.CutSuffix(s, ":"); ok {
		return head + "."
	}
	return s
}

// NotBuilt says why something can't be chosen.
func NotBuilt(what string) string { return text.Clean(what) + notBuilt }

// StepOf places a step where there is no rail: "step 4 of 8  credentials".
func StepOf(n, all int, station string) string {
	return "step " + strconv.Itoa(n) + " of " + strconv.Itoa(all) + "  " + station
}

// stationNames are the rail's words.
var stationNames = map[string]string{setup.StationCRM: "CRM", setup.StationTest: "test sync"}

// Station is the rail's word for a station.
func Station(id string) string { return or(stationNames[id], id) }

// Drafts, and the choice of a CRM.
const (
	DraftsTitle  = "A set-up was left before its end. Go on with it?"
	DraftsNew    = "a new connection"
	DraftsAbout  = "A draft has no credentials in it: what is secret is asked for again."
	draftLeft    = "left "
	TypeToSearch = "type to search"
	noSuchCRM    = "No other CRM matches "
	ownFiles     = "; your own go into providers/*.toml."
	factsChecked = "facts read on "
)

// DraftLeft tells when a draft was left.
func DraftLeft(ago string) string { return draftLeft + ago }

// NoSuchCRM is the empty answer of the search.
func NoSuchCRM(query string) string {
	return noSuchCRM + strconv.Quote(text.Clean(query)) + ownFiles
}

// FactsChecked tells how old a provider's facts are.
func FactsChecked(day string) string { return factsChecked + text.Clean(day) }

// chooseTitles are the questions of steps with options.
var chooseTitles = map[string]string{
	"provider": "Which CRM?", "client": "Which app at {crm}?", "grant": "Where does the grant come from?",
}

// ChooseTitle asks the question of a step with options.
func ChooseTitle(step, crm string) string {
	return Fill(or(chooseTitles[step], spaced(step)), "crm", crm)
}

// optionLabels and optionNotes are the words for options that are crmdeck's own.
var (
	optionLabels = map[string]string{
		"client/new": "another app", "grant/consent": "consent in the browser", "grant/take_over": "take over a refresh token",
	}
	optionNotes = map[string]string{
		"client/new":      "a client id and secret of its own",
		"grant/consent":   "a person says yes; about a minute",
		"grant/take_over": "another program has it already, and hands it over",
	}
)

// OptionLabel is what an option is called.
func OptionLabel(step, value, label string) string { return or(optionLabels[step+"/"+value], label) }

// OptionNote says what an option means.
func OptionNote(step, value string, lines []string) string {
	return or(optionNotes[step+"/"+value], strings.Join(lines, Between))
}

// Fields.
const (
	RegisterURI   = "register this redirect URI, exactly"
	CopyTwo       = "copy two values from the same page"
	MadeAt        = "Made in the console: "
	AnotherValue  = "another"
	SecretHelp    = "sealed as soon as it is stored; never shown again"
	HoldKeyMadeOr = "2026-01-31; empty if nobody knows"
	wayThere      = "The way there at "
	keyTried      = " is called once with it, to see whose it is. Only then is it sealed."
	noteTooLong   = "It is longer than any key; nothing was taken."
	noteControl   = "It holds a line break or another character that no key has; nothing was taken."
)

// WayThere heads the way through a console.
func WayThere(crm string) string { return wayThere + text.Clean(crm) + ":" }

// KeyTried says that a key is tried before it is stored.
func KeyTried(crm string) string { return text.Clean(crm) + keyTried }

// FieldNote says what a field has to say about what was pasted.
func FieldNote(n widget.FieldNote) string {
	switch n {
	case widget.NoteTooLong:
		return noteTooLong
	case widget.NoteControl:
		return noteControl
	}
	return ""
}

// askTitles are the questions of steps with fields.
var askTitles = map[string]string{
	"purpose": "What is it for?", "tenant": "Which {crm}?", "app": "The app at {crm}", "key": "The key from {crm}",
	"refresh": "The refresh token that is handed over",
}

// AskTitle asks the question of a step with fields.
func AskTitle(step, crm string) string { return Fill(or(askTitles[step], spaced(step)), "crm", crm) }

// fieldLabels and fieldHelps are the words for fields that are crmdeck's own; a
// provider's own parameters have theirs in the catalogue.
var (
	fieldLabels = map[string]string{
		"purpose/consents": "does a person consent?", "purpose/personal": "is the data personal?",
		"purpose/unattended": "does it run unattended?",
		"app/client_id":      "client id", "app/client_secret": "client secret", "app/redirect_port": "port",
		"key/kind": "kind of key", "key/key": "key", "key/made": "made on", "refresh/refresh_token": "refresh token",
	}
	fieldHelps = map[string]string{
		"purpose/consents":      "somebody who may install apps in the account is at hand",
		"purpose/personal":      "names, addresses, anything about people",
		"purpose/unattended":    "jobs use it while nobody watches",
		"app/redirect_port":     "of the redirect URI; another one only if this is taken on your computer",
		"key/made":              "so that its age is known; unknown counts from today",
		"refresh/refresh_token": "It is used once, to prove that it works. Where it was used before, it may stop working.",
	}
)

// FieldLabel is what a field is called; FieldHelp says what it means.
func FieldLabel(step, field, label string) string { return or(fieldLabels[step+"/"+field], label) }

// FieldHelp says what a field means.
func FieldHelp(step, field, help string) string { return or(fieldHelps[step+"/"+field], help) }

// ShortChoice is a ready answer without what was said about it.
func ShortChoice(label string) string {
	short, _, _ := strings.Cut(label, ": ")
	return short
}

// ChoiceHelp says what a ready answer stands for.
func ChoiceHelp(value, label, help string) string {
	if _, why, ok := strings.Cut(label, ": "); ok {
		return why
	}
	if strings.Contains(value, ".") {
		return value
	}
	return help
}

// InputHere says what is wrong with an answer where it was typed.
func InputHere(e *setup.InputError) string {
	if s, ok := hereCodes[e.Code]; ok {
		return tidy(fill(s, map[string]string{"detail": e.Detail}))
	}
	return inputSays(e)
}

// hereCodes are the sentences of answers that do not fit, beside their field.
var hereCodes = map[string]string{
	"required":    "This is needed.",
	"pattern":     "This does not look right. {detail}",
	"length":      "The length does not fit.",
	"control":     "It holds a line break or another character that it cannot have.",
	"unknown":     "There is no such choice: {detail}.",
	"date":        "The day is written 2026-01-31; leave it empty if nobody knows.",
	"future":      "That day has not come yet.",
	"environment": EditEnv,
	"taken":       "Another connection is called {detail}.",
	"confirm":     "It belongs to another account than before; confirm that first.",
}

// The method.
const (
	MethodTitle = "How should it authenticate?"
	MethodKept  = "Your choice and these reasons are kept with the connection."
	Advised     = "advised"
	Ending      = "no new ones"
	Because     = "because"
	Against     = "against"
	Costs       = "costs"
	ChooseIt    = "choose"
	Note        = "note"
	RulesOut    = "rules out"
	Sum         = "in all"
	chooseWhen  = "it when "
)

// ChooseWhen says when to choose a method.
func ChooseWhen(when string) string {
	if when == "" {
		return ""
	}
	return chooseWhen + when
}

// List joins facts in one line.
func List(list []string) string { return strings.Join(list, Between) }

// criteria are the facts of a case that speak for or against a method.
var criteria = map[string]string{
	"person_grants":           "a person grants it",
	"needs_person":            "a person has to consent, and none does",
	"no_person_needed":        "no person is needed",
	"person_named":            "the person is named in the audit log",
	"nobody_named":            "no person is named in the audit log",
	"short_access":            "access lasts {life}, so a stolen token is worth little",
	"lives_until_rotated":     "it lives until it is rotated (policy {days})",
	"personal_and_long_lived": "the data is personal, and the credential long-lived",
	"narrow_scopes":           "scopes can be narrowed to reading",
	"personal_and_narrow":     "the data is personal, and only what is needed is asked for",
	"broad_scopes":            "it cannot be narrowed to reading",
	"revoked_by_api":          "it can be revoked by API",
	"revoked_by_hand":         "it is revoked by hand",
	"nothing_to_refresh":      "there is nothing to refresh",
	"lost_answer_costs_grant": "a lost answer to a refresh costs the grant",
	"app_needed":              "an app has to be registered once",
	"closing":                 "the provider ends it",
}

// Criterion tells one fact of the case.
func Criterion(c policy.Criterion) string {
	return fill(or(criteria[c.Code], spaced(c.Code)), map[string]string{
		"life": left(time.Duration(c.Seconds) * time.Second), "days": strconv.Itoa(c.Days) + "d",
	})
}

// Criteria tells several.
func Criteria(list []policy.Criterion) string {
	var out []string
	for _, c := range list {
		out = append(out, Criterion(c))
	}
	return List(out)
}

// Scopes.
const (
	ScopesTitle  = "What may it do?"
	OwnChoice    = "own choice"
	NeverNeeded  = "crmdeck never needs it"
	AlwaysNeeded = "always there"
	AlwaysThere  = "this scope is always there: nothing works without it"
)

// ScopesRisk counts what is asked for: "4 scopes, 1 risky".
func ScopesRisk(asked, risky int) string {
	return Counted(asked, "scope", "scopes") + ", risk " + strconv.Itoa(risky) + " high"
}

// Consent.
const (
	ConsentTitle   = "Waiting for consent in your browser"
	GivesUp        = "gives up in "
	BrowserOpening = "opening the browser"
	BrowserOpened  = "browser opened"
	BrowserNone    = "no browser could be opened here"
	ConsentProbing = "it came back; asking whose account it is"
	OtherBrowser   = "Not the right browser, or none here? Open this address where you are signed in:"
	listeningOn    = "listening on "
	notBackYet     = " has not come back yet"
)

// ListeningOn names the address that waits for the browser.
func ListeningOn(host string) string { return listeningOn + text.Clean(host) }

// NotBackYet tells who is waited for.
func NotBackYet(crm string) string { return text.Clean(crm) + notBackYet }

// ProviderShort says in a few words what a CRM is to crmdeck: how it authenticates,
// how long access lasts, how it is revoked.
func ProviderShort(p *connectors.Provider) string {
	var ways []string
	oauth, key := false, false
	for _, m := range p.Methods {
		if m.Built {
			oauth = oauth || m.ID == store.AuthorizationCode
			key = key || m.ID == store.APIKey
			ways = append(ways, Method(m.ID))
		}
	}
	out := []string{strings.Join(ways, " or ")}
	if oauth && p.Tokens.AccessLifetime > 0 {
		out = append(out, "access "+left(time.Duration(p.Tokens.AccessLifetime)*time.Second))
	}
	switch api := p.Revoke.OAuth == connectors.RevokeRFC7009; {
	case oauth && api && key:
		out = append(out, "revoked by API, keys in the console")
	case oauth && api:
		out = append(out, "revoked by API")
	default:
		out = append(out, "revoked in the console")
	}
	return List(out)
}

// ClientUsed says which connections use an app, and when its secret was made.
func ClientUsed(names []string, made string) string {
	out := "used by nothing now"
	if len(names) > 0 {
		out = "used by " + text.Clean(names[0])
	}
	if n := len(names) - 1; n > 0 {
		out += " +" + strconv.Itoa(n)
	}
	if made != "" {
		out += Between + "made " + text.Clean(made)
	}
	return out
}
