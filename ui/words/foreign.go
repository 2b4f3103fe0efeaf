package words

import (
	"fmt"
	"strings"

	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/store"
)

// netWords says what happened below HTTP.
var netWords = map[guard.Kind]string{
	guard.KindRefused:   "It is no address that a credential may be sent to.",
	guard.KindDial:      "No connection could be made; nothing was sent.",
	guard.KindTLS:       "Its certificate or TLS version was not accepted; nothing was sent.",
	guard.KindTimeout:   "It did not answer in time.",
	guard.KindReset:     "The connection broke off.",
	guard.KindTruncated: "Its answer ended before its end.",
	guard.KindTooLarge:  "Its answer was larger than any answer should be.",
	guard.KindRedirect:  "It wanted to send the request elsewhere, which is never followed.",
}

func networkSays(kind guard.Kind) string {
	if s := netWords[kind]; s != "" {
		return s
	}
	return "Its answer was of no use."
}

// network tells a failure below HTTP.
func (c Context) network(e *guard.Error) Explanation { return c.under(e.Kind, e.Host) }

func (c Context) under(kind guard.Kind, host string) Explanation {
	name := "network"
	switch kind {
	case guard.KindCancelled:
		name = "cancelled"
	case guard.KindRefused, guard.KindRedirect, guard.KindTLS:
		name = "refused"
	}
	return c.entry(name, string(kind), map[string]string{"host": or(host, "the provider"), "said": networkSays(kind)})
}

// Said is what is known of a failed call from its record: the provider's own words, or
// what happened where it said none.
func Said(reason, message string) string {
	if s := netWords[guard.Kind(reason)]; s != "" {
		return s
	}
	return sentence(message)
}

// oauthWords says what the standard error codes mean (RFC 6749 sections 4.1.2.1 and
// 5.2, RFC 8628 section 3.5) and our own stable words of lost or odd answers.
var oauthWords = map[string]string{
	"invalid_request":           "It found a mistake in the request.",
	"unauthorized_client":       "This app may not use this way of signing in.",
	"unsupported_response_type": "It does not offer this way of signing in.",
	"unsupported_grant_type":    "It does not offer this kind of grant.",
	"invalid_scope":             "It does not know one of the scopes, or the account has no right to it.",
	"invalid_client":            "It does not accept the client id or the client secret.",
	"invalid_grant":             "It does not accept the grant: it is used up, revoked, or belongs to another app.",
	"server_error":              "It had a fault of its own.",
	"temporarily_unavailable":   "It is overloaded or being worked on.",
	"redirect_uri_mismatch":     "The redirect URI is not the registered one.",
	"not_oauth":                 "What came back is no OAuth answer; a proxy or sign-in page may stand between.",
	"truncated":                 "Its answer broke off.",
	"timeout":                   "It did not answer in time.",
	"mix_up":                    "The answer names another issuer than was asked; it was not used.",
}

// answer tells a refused or lost exchange while a connection is set up.
func (c Context) answer(e *oauth.Error) Explanation {
	name := map[store.Class]string{
		store.Config: "setup_blocked", store.Dead: "token_refused", store.Throttled: "throttled",
	}[e.Class]
	switch {
	case e.Code == "cancelled":
		return c.entry("cancelled", "", nil)
	case e.Code == "access_denied":
		name = "access_denied"
	case e.Code == "no_answer" || e.Code == "timeout" && e.HTTP == 0 && e.Host == "":
		name = "no_answer"
	case e.HTTP == 0 && netWords[guard.Kind(e.Code)] != "":
		return c.under(guard.Kind(e.Code), e.Host)
	case name == "":
		name = "unavailable"
	}
	said := oauthWords[e.Code]
	if e.Description != "" {
		said = strings.TrimSpace(said + " It says: " + sentence(e.Description))
	}
	if said == "" {
		said = "It answered with " + e.Code + "."
	}
	return c.entry(name, e.Code, map[string]string{"said": said, "retry": "Try again:", "host": e.Host})
}

// refused tells an answer of the identity call that is not the wanted one.
func (c Context) refused(e *crm.Refused) Explanation {
	name := "unavailable"
	switch {
	case e.Unauthorized():
		name = "key_refused"
	case e.Class == store.Throttled:
		name = "throttled"
	case e.Class == store.Config:
		name = "setup_blocked"
	}
	said := sentence(e.Message)
	if said == "" {
		said = fmt.Sprintf("It answered with HTTP %d.", e.HTTP)
	}
	return c.entry(name, e.Reason(), map[string]string{"said": said, "retry": "Try again:"})
}

// input tells an answer of a set-up that does not fit.
func (c Context) input(e *setup.InputError) Explanation {
	values := map[string]string{"field": Question(e.Step, e.Field), "said": inputSays(e)}
	switch e.Code {
	case "same_grant":
		return c.entry("same_grant", "", map[string]string{"said": e.Detail})
	case "access_over":
		c.Connection = or(e.Detail, c.Connection)
		return c.entry("join_refresh", "", nil)
	case "taken":
		c.Connection = or(e.Detail, c.Connection)
		return c.entry("name_taken", "", nil)
	case "required", "choose":
		if e.Code == "required" { // the headline has said that
			values["said"] = ""
		}
		return c.entry("needs_answer", "", values)
	case "unknown_provider":
		return c.entry("unknown_provider", "", map[string]string{"said": e.Detail})
	}
	return c.entry("usage", "", map[string]string{"said": values["said"], "command": spaced(or(c.Command, "add"))})
}
