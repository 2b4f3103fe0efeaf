package words_test

import (
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/policy"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/words"
)

// RV-5, RV-6: what shall be revoked is not told as revoked, and nothing is called wiped.
func TestRevokingIsNotRevoked(t *testing.T) {
	now := time.Date(2026, 11, 24, 14, 32, 0, 0, time.UTC)
	for state, want := range map[string]string{
		store.RevocationQueued:  "The revocation is queued since 14:21 UTC: HubSpot has not confirmed it yet.",
		store.RevocationConsole: "It waits since 14:21 UTC for a person at the console of HubSpot.",
		store.RevocationDying:   "Its refresh token is dead; its access token dies at 14:50 UTC.",
	} {
		e := words.Explain(&lifecycle.Failure{
			Kind: lifecycle.FailRevoking, Connection: "hubspot", Revocation: state, Since: now.Add(-11 * time.Minute), Next: now.Add(18 * time.Minute),
		}, words.Context{Provider: "HubSpot", Now: now})
		if e.Headline != "hubspot is being revoked: nothing is handed out any more." || e.Why != want || e.Command != "crmdeck revoke --pending" {
			t.Errorf("%s: %q", state, e.Lines())
		}
	}
}

// A name is written as it is, also at the beginning of a sentence.
func TestNamesKeepTheirLetters(t *testing.T) {
	c := words.Context{Connection: "hubspot", Provider: "acme"}
	for _, k := range []lifecycle.FailureKind{lifecycle.FailPaused, lifecycle.FailRevoked, lifecycle.FailUncertain} {
		if e := words.Explain(&lifecycle.Failure{Kind: k, Connection: "hubspot"}, c); !strings.HasPrefix(e.Headline, "hubspot ") {
			t.Error(e.Headline)
		}
	}
	if e := words.Explain(&lifecycle.Failure{Kind: lifecycle.FailConfig}, words.Context{}); !strings.HasPrefix(e.Headline, "The provider ") {
		t.Error(e.Headline)
	}
	e := words.Explain(&setup.InputError{Code: "same_grant", Detail: "hubspot"}, c)
	if !strings.HasPrefix(e.Headline, "hubspot has") || e.Command != "crmdeck show hubspot" {
		t.Errorf("%s %s", e.Headline, e.Command)
	}
}

// What no provider said or did is not told as if one had.
func TestOwnReasonsAreNobodysRefusal(t *testing.T) {
	for _, reason := range []string{lifecycle.ReasonAnswerLost, lifecycle.ReasonNoRefresh} {
		e := words.Explain(&lifecycle.Failure{Kind: lifecycle.FailReconnect, Reason: reason, Connection: "x"}, words.Context{Provider: "Salesforce"})
		if strings.Contains(e.Message(), "Salesforce") || strings.Contains(e.Message(), "refused") || e.Word != "reconnect" || e.Exit != words.ExitPerson {
			t.Errorf("%s: %s", reason, e.Message())
		}
	}
	if s := words.Why(policy.Reason{Code: policy.WhyRefused}, lifecycle.ReasonAnswerLost, ""); strings.Contains(s, "refused") {
		t.Error(s)
	}
	e := words.Explain(&oauth.Error{Class: store.Transient, Code: "dial", Description: "connection refused", Host: "login.example"}, words.Context{Command: "add"})
	if strings.Contains(e.Message(), "It says") || !strings.Contains(e.Message(), "No connection could be made") {
		t.Error(e.Message())
	}
}

// PR-8: a failure that a command helps with names it.
func TestNextHelps(t *testing.T) {
	now := time.Date(2026, 11, 24, 14, 32, 0, 0, time.UTC)
	c := words.Context{Connection: "x", Provider: "Close", ProviderID: "close", Command: "test", Now: now}
	for _, err := range []error{
		store.ErrLocked, store.ErrReadOnly, &store.BusyError{}, &lifecycle.Failure{Kind: lifecycle.FailHeld},
		&lifecycle.Failure{Kind: lifecycle.FailUnavailable, Class: store.Throttled, Next: now.Add(time.Hour)},
		&lifecycle.Failure{Kind: lifecycle.FailUnavailable}, &oauth.Error{Code: "access_denied"}, &oauth.PortBusyError{Port: 7317},
		&setup.InputError{Code: "same_grant", Detail: "other"}, &crm.Refused{HTTP: 401, Case: crm.CaseExpired},
		&oauth.Error{Code: "invalid_grant", Class: store.Dead, HTTP: 400}, &guard.Error{Kind: guard.KindDial}, setup.ErrDeclined,
		&oauth.Error{Code: "invalid_client", Class: store.Config, HTTP: 401},
	} {
		e := words.Explain(err, c)
		args := strings.Fields(strings.TrimPrefix(e.Command, words.Program))
		if e.Command == "" || run(append(args, "--help")) != words.ExitDone {
			t.Errorf("%v: next is %q", err, e.Command)
		}
	}
}
