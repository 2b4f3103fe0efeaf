package words

import "crmdeck/connectors/setup"

// questions are the questions of a set-up by step and field, as they are asked.
var questions = map[string]string{
	"provider":              "which CRM (--provider)",
	"purpose":               "what it is for",
	"method":                "how it authenticates (--method)",
	"tenant":                "which instance (--param)",
	"tenant.login_host":     "the login host (--param login_host=HOST)",
	"client":                "which app at the provider (--client-id)",
	"client.client_id":      "the client id (--client-id)",
	"client.client_secret":  "the client secret (--client-secret-file)",
	"client.redirect_port":  "the port of the redirect URI (--redirect-port)",
	"key":                   "the key (--key-file)",
	"key.key":               "the key (--key-file)",
	"key.kind":              "the kind of key (--key-kind)",
	"key.made":              "when the key was made (--key-created)",
	"refresh.refresh_token": "the refresh token (--refresh-token-file)",
	"scopes":                "what it may do (--scopes or --scope-set)",
	"identity":              "whether this is the right account (--yes)",
	"identity.name":         "the name of the connection",
}

// Question names what a step or field of a set-up asks for.
func Question(step, field string) string {
	for _, k := range []string{step + "." + field, step, field} {
		if q := questions[k]; q != "" {
			return q
		}
	}
	return step + " " + field
}

// inputCodes are the sentences of answers that do not fit; {field} is the question.
var inputCodes = map[string]string{
	"required":     "It has no default: {field}.",
	"choose":       "There is more than one: {field}.",
	"unknown":      "There is no such choice for {field}: {detail}.",
	"pattern":      "This does not look right for {field}. {detail}",
	"length":       "The length does not fit for {field}. {detail}",
	"control":      "It holds a line break or another character that cannot be part of {field}.",
	"not_built":    "{detail} is known, and crmdeck cannot do it yet.",
	"not_offered":  "The provider has no such way: {detail}.",
	"date":         "A date is needed as 2006-01-02, or unknown: {field}.",
	"future":       "That day has not come yet: {field}.",
	"environment":  "The environment is one of prod, sbx, test and dev: {detail} is none.",
	"port":         "A port from 1024 to 65535 is needed.",
	"name":         "A name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.",
	"lightning":    "This is an address of Salesforce's pages, not of its logins: use the one that ends in my.salesforce.com.",
	"host":         "This is no host that the provider's definition allows: {detail}.",
	"other_client": "The connection was made with another app; reconnecting uses the same one.",
	"wait":         "This step waits by itself; there is nothing to answer.",
	"answer":       "This step needs an answer: {field}.",
	"same_grant":   "{detail} has this very credential already. It needs --yes.",
	"taken":        "Another connection is called {detail}.",
	"confirm":      "It belongs to another account than before: {detail}. It needs --other-account.",
}

func inputSays(e *setup.InputError) string {
	s, ok := inputCodes[e.Code]
	if !ok {
		s = "This does not fit for {field}. {detail}"
	}
	return tidy(fill(s, map[string]string{"field": Question(e.Step, e.Field), "detail": e.Detail}))
}

// Input says what is wrong with an answer in one sentence, beside its field.
func Input(e *setup.InputError) string { return inputSays(e) }

// IdentityWarnings are what a person should know before saying that an account is
// the right one. notes are those of the step.
func IdentityWarnings(id *setup.Identity, notes []string) []string {
	var out []string
	for _, name := range id.SameGrant {
		out = append(out, fill("! {name} has this very credential: if one is revoked, the other dies too.", map[string]string{"name": name}))
	}
	for _, name := range id.Twins {
		out = append(out, fill("! {name} is already connected to this account.", map[string]string{"name": name}))
	}
	if id.OtherAccount != nil {
		out = append(out, fill("! Before, it was account {id} {name}.", map[string]string{"id": id.OtherAccount.ID, "name": id.OtherAccount.Name}))
	}
	if id.Known && len(id.Granted) < len(id.Asked) {
		out = append(out, "! Fewer scopes were granted than asked for.")
	}
	for _, n := range notes {
		if n == setup.NoteOddKey {
			n = "The key begins otherwise than keys of its kind do. It works."
		}
		out = append(out, "! "+n)
	}
	return out
}
