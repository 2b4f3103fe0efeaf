package words_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/clock"
	"crmdeck/ui/cli"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// Sentences are plain: no blame, no shouting, no apology, and each ends as one.
func TestSentencesArePlain(t *testing.T) {
	for name, s := range words.Sentences() {
		for i, line := range s[:3] {
			low := strings.ToLower(line)
			for _, bad := range []string{"!", "failed to", "oops", "please", "sorry", "invalid", "illegal", "you ", "unfortunately"} {
				if strings.Contains(low, bad) && !strings.Contains(low, "what you saw") {
					t.Errorf("%s: %q holds %q", name, line, bad)
				}
			}
			if line != "" && !strings.ContainsAny(line[len(line)-1:], ".:}") {
				t.Errorf("%s: %d: %q does not end", name, i, line)
			}
		}
		if s[0] == "" {
			t.Errorf("%s: no headline", name)
		}
		if s[3] != "" && !strings.HasSuffix(s[2], ":") && !strings.HasPrefix(s[3], "{") {
			t.Errorf("%s: %q stands before a command without a colon", name, s[2])
		}
	}
}

// An error never recommends a command or flag that does not exist.
func TestRecommendedCommandsExist(t *testing.T) {
	for name, s := range words.Sentences() {
		if s[3] == "" || strings.HasPrefix(s[3], "{") {
			continue
		}
		line := strings.NewReplacer("{name}", "some-name", "{command}", "list ").Replace(s[3])
		args := strings.Fields(strings.TrimPrefix(line, words.Program))
		if code := run(append(args, "--help")); code != words.ExitDone {
			t.Errorf("%s: %q ends with %d", name, line, code)
		}
	}
	for _, flags := range [][]string{
		{"list", "--identity", "x", "--passphrase-file", "y"}, {"add", "--redirect-port", "7317"}, {"add", "--yes"},
		{"remove", "x", "--forget"}, {"reconnect", "x", "--other-account"},
	} {
		if code := run(append(flags, "--help")); code != words.ExitDone {
			t.Errorf("%q ends with %d", flags, code)
		}
	}
}

func run(args []string) int {
	return cli.Main(context.Background(), args, cli.Deps{
		Clock: clock.System{}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Env: func(string) string { return "" }, IsTerminal: func() bool { return false },
	})
}

// PR-8: the exit-code table, error by error.
func TestExitCodes(t *testing.T) {
	fail := func(k lifecycle.FailureKind) error {
		return fmt.Errorf("doing: %w", &lifecycle.Failure{Kind: k, Connection: "x"})
	}
	cases := []struct {
		err  error
		word string
		exit int
	}{
		{errors.New("something"), "failed", 1},
		{fail(lifecycle.FailPaused), "paused", 1},
		{fail(lifecycle.FailNotAlive), "not_dead", 1},
		{store.ErrDamaged, "damaged", 1},
		{store.ErrSealed, "sealed", 1},
		{&audit.BrokenError{Seq: 7, Reason: "changed"}, "chain_broken", 1},
		{&audit.HeadError{Reason: "it is cut off"}, "audit_head", 1},
		{syscall.EPIPE, "output", 1},
		{&words.Usage{Text: "no"}, "usage", 2},
		{fail(lifecycle.FailUnsupported), "unsupported", 2},
		{store.ErrShortPassphrase, "short_passphrase", 2},
		{&setup.InputError{Step: "scopes", Code: "unknown"}, "usage", 2},
		{&setup.InputError{Step: "provider", Code: "required"}, "needs_answer", 2},
		{store.ErrNotFound, "not_found", 3},
		{store.ErrNoStore, "no_store", 3},
		{&setup.InputError{Step: "provider", Code: "unknown_provider"}, "unknown_provider", 3},
		{store.ErrLocked, "locked", 4},
		{store.ErrWrongKey, "wrong_key", 4},
		{fail(lifecycle.FailReconnect), "reconnect", 5},
		{fail(lifecycle.FailRevoked), "revoked", 5},
		{fail(lifecycle.FailSuspect), "suspect", 5},
		{&lifecycle.Failure{Kind: lifecycle.FailReconnect, Cause: store.CauseTheft}, "revoked_by_provider", 5},
		{&lifecycle.Failure{Kind: lifecycle.FailReconnect, Cause: store.CauseSecondTry}, "reconnect", 5},
		{&oauth.Error{Code: "access_denied"}, "denied", 5},
		{&oauth.Error{Code: "timeout", Class: store.Transient}, "no_answer", 5},
		{&oauth.Error{Code: "invalid_grant", Class: store.Dead, HTTP: 400}, "token_refused", 5},
		{&crm.Refused{HTTP: 401, Case: crm.CaseExpired}, "key_refused", 5},
		{fail(lifecycle.FailUncertain), "uncertain", 6},
		{fail(lifecycle.FailConflict), "conflict", 6},
		{fail(lifecycle.FailHeld), "held", 6},
		{store.ErrNameTaken, "name_taken", 6},
		{store.ErrConflict, "conflict", 6},
		{store.ErrExists, "exists", 6},
		{&store.BusyError{}, "busy", 6},
		{&store.HeldError{}, "held", 6},
		{&oauth.PortBusyError{Port: 7317}, "port_taken", 6},
		{fail(lifecycle.FailUnavailable), "unavailable", 7},
		{&guard.Error{Kind: guard.KindDial, Host: "api.example"}, "unavailable", 7},
		{&oauth.Error{Code: "server_error", Class: store.Transient, HTTP: 500}, "unavailable", 7},
		{&crm.Refused{HTTP: 429, Case: crm.CaseRateLimit, Class: store.Throttled}, "throttled", 7},
		{fail(lifecycle.FailConfig), "config", 8},
		{&oauth.Error{Code: "invalid_client", Class: store.Config, HTTP: 401}, "config", 8},
		{&guard.Error{Kind: guard.KindRefused}, "refused", 8},
		{lifecycle.ErrInstance, "refused", 8},
		{&config.Error{File: "config.toml", Line: 3}, "config", 8},
		{&catalog.LintError{}, "definition", 8},
		{&store.UnsafeError{Path: "key.txt", Problem: "is open"}, "unsafe", 8},
		{&store.DamageError{What: "sealed value \"key\" of x", Problem: "was moved", Next: "reconnect it"}, "sealed", 1},
		{store.ErrReadOnly, "read_only", 9},
		{store.ErrUnwritable, "unwritable", 9},
		{fail(lifecycle.FailPending), "pending", 10},
		{fail(lifecycle.FailRevoking), "pending", 10},
		{&words.Told{Name: "key_file"}, "config", 8},
		{context.Canceled, "cancelled", 130},
		{&oauth.Error{Code: "cancelled"}, "cancelled", 130},
		{setup.ErrDeclined, "declined", 130},
	}
	seen := map[int]bool{}
	for _, c := range cases {
		e := words.Explain(fmt.Errorf("wrapped: %w", c.err), words.Context{Connection: "x"})
		seen[e.Exit] = true
		if e.Word != c.word || e.Exit != c.exit || e.Headline == "" {
			t.Errorf("%v: got %s %d, want %s %d", c.err, e.Word, e.Exit, c.word, c.exit)
		}
	}
	for name, exit := range words.Exits() {
		if !seen[exit] {
			t.Errorf("%s: no case has exit code %d", name, exit)
		}
	}
}

// AR-5: each standard error has a sentence of its own, and an unknown one is named.
func TestOAuthErrorsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, code := range []string{
		"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope", "server_error",
		"temporarily_unavailable", "invalid_client", "invalid_grant", "unsupported_grant_type", "something_new",
	} {
		e := words.Explain(&oauth.Error{Code: code, Class: store.Config, HTTP: 400}, words.Context{Provider: "HubSpot"})
		if e.Reason != code {
			t.Errorf("%s: reason %q", code, e.Reason)
		}
		if other, ok := seen[e.Message()]; ok {
			t.Errorf("%s reads like %s: %s", code, other, e.Message())
		}
		seen[e.Message()] = code
	}
}

// TM-4, AR-6: what a provider says can neither steer a terminal nor forge a line.
func TestForeignWordsAreCleaned(t *testing.T) {
	f := &lifecycle.Failure{
		Kind: lifecycle.FailConfig, Connection: "x", Message: "\x1b]52;c;aGk=\x07 no\nAll is well.\u202e", Reason: "bad\x1b[2J",
	}
	for _, line := range words.Explain(f, words.Context{}).Lines() {
		if strings.ContainsAny(line, "\x1b\x07\n\r") || strings.ContainsRune(line, 0x202e) {
			t.Errorf("%q", line)
		}
	}
}

func TestFailureTellsWhatIsStillTrue(t *testing.T) {
	now := time.Date(2026, 11, 17, 14, 32, 0, 0, time.UTC)
	e := words.Explain(&lifecycle.Failure{
		Kind: lifecycle.FailUnavailable, Class: store.Transient, Connection: "hubspot-prod", HTTP: 503,
		Since: now.Add(-11 * time.Minute), Next: now.Add(80 * time.Second), AccessEnds: now.Add(18 * time.Minute),
	}, words.Context{Provider: "HubSpot", Now: now})
	want := []string{
		"HubSpot gives hubspot-prod no answer that helps since 14:21 UTC.",
		"It answered with HTTP 503. The access token it has lasts until 14:50 UTC.",
		"Nothing to do: the next try is in 1m 20s.",
	}
	if got := e.Lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
