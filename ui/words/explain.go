package words

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/store/transfer"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/widget"
)

// Usage is a command line that says something else than it should.
type Usage struct{ Text, Command string }

func (u *Usage) Error() string { return u.Text }

// Told is an error for which this table has an entry of that name; it carries the
// values of the entry's places.
type Told struct {
	Name   string
	Values map[string]string
	Err    error
}

func (t *Told) Error() string {
	if t.Err == nil {
		return t.Name
	}
	return t.Name + ": " + t.Err.Error()
}

func (t *Told) Unwrap() error { return t.Err }

// sentinels are the conditions without data, each with its entry. The first that
// matches is told, so that the more precise ones stand first.
var sentinels = []struct {
	err  error
	name string
}{
	{setup.ErrDeclined, "declined"},
	{lifecycle.ErrInstance, "instance"},
	{context.Canceled, "cancelled"},
	{store.ErrNameTaken, "name_taken"},
	{store.ErrConflict, "conflict"},
	{store.ErrNoStore, "no_store"},
	{store.ErrExists, "exists"},
	{store.ErrLocked, "locked"},
	{store.ErrWrongKey, "wrong_key"},
	{store.ErrShortPassphrase, "short_passphrase"},
	{store.ErrReadOnly, "read_only"},
	{store.ErrUnwritable, "unwritable"},
	{store.ErrSealed, "sealed"},
	{store.ErrDamaged, "damaged"},
	{store.ErrNewer, "newer"},
	{store.ErrNotFound, "not_found"},
	{syscall.EPIPE, "pipe"},
	{io.ErrClosedPipe, "pipe"},
}

// Explain tells an error. It never returns an empty explanation.
func Explain(err error, c Context) Explanation {
	var (
		told    *Told
		usage   *Usage
		failure *lifecycle.Failure
		input   *setup.InputError
		answer  *oauth.Error
		net     *guard.Error
		refused *crm.Refused
		busy    *oauth.PortBusyError
	)
	switch {
	case errors.As(err, &told):
		return c.entry(told.Name, "", told.Values)
	case errors.As(err, &usage):
		return c.entry("usage", "", map[string]string{"said": sentence(usage.Text), "command": spaced(or(usage.Command, c.Command))})
	case errors.As(err, &failure):
		return c.failure(failure)
	case errors.As(err, &input):
		return c.input(input)
	case errors.Is(err, context.Canceled):
		return c.entry("cancelled", "", nil)
	case errors.As(err, &refused):
		return c.refused(refused)
	case errors.As(err, &busy):
		return c.entry("port_taken", "", map[string]string{"said": sentence(busy.Error())})
	case errors.As(err, &answer):
		return c.answer(answer)
	case errors.As(err, &net):
		return c.network(net)
	}
	if e, ok := c.stored(err); ok {
		return e
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return c.entry(s.name, "", nil)
		}
	}
	return c.entry("failed", "", map[string]string{"said": sentence(err.Error())})
}

// stored tells the errors of the store and the configuration that carry data.
func (c Context) stored(err error) (Explanation, bool) {
	var (
		held   *store.HeldError
		busy   *store.BusyError
		unsafe *store.UnsafeError
		damage *store.DamageError
		conf   *config.Error
		lint   *catalog.LintError
		host   *lifecycle.HostError
	)
	switch {
	case errors.As(err, &held):
		return c.entry("held", "", map[string]string{"holder": c.holder(held.Holder)}), true
	case errors.As(err, &busy):
		return c.entry("busy", "", map[string]string{"holder": c.holder(busy.Holder)}), true
	case errors.As(err, &unsafe):
		name := "unsafe"
		if unsafe.Fix == "" {
			name = "unsafe_odd"
		}
		return c.entry(name, "", map[string]string{"path": unsafe.Path, "problem": unsafe.Problem, "fix": unsafe.Fix}), true
	case errors.As(err, &damage):
		return c.entry("sealed_told", "", map[string]string{"what": sentence(damage.What + " " + damage.Problem), "next": sentence(damage.Next)}), true
	case errors.As(err, &host):
		return c.host(host), true
	case errors.As(err, &conf):
		return c.entry("config", "", map[string]string{"said": sentence(lines(err))}), true
	case errors.As(err, &lint):
		return c.entry("definition", "", map[string]string{"said": sentence(problems(err))}), true
	}
	for _, says := range []func(error) (Explanation, bool){c.unlockSays, c.placeSays, c.auditSays} {
		if e, ok := says(err); ok {
			return e, true
		}
	}
	return Explanation{}, false
}

// holder names who holds a lock and since when.
func (c Context) holder(h store.Holder) string {
	s := h.String()
	if !c.Now.IsZero() && !h.Since.IsZero() {
		s += " for " + left(c.Now.Sub(h.Since))
	}
	return s
}

// kinds maps the engine's kinds to entries, where the kind alone decides.
var kinds = map[lifecycle.FailureKind]string{
	lifecycle.FailReconnect:   "reconnect",
	lifecycle.FailUncertain:   "uncertain",
	lifecycle.FailSuspect:     "suspect",
	lifecycle.FailConflict:    "conflict",
	lifecycle.FailUnavailable: "unavailable",
	lifecycle.FailConfig:      "blocked",
	lifecycle.FailPaused:      "paused",
	lifecycle.FailRevoked:     "revoked",
	lifecycle.FailRevoking:    "revoking",
	lifecycle.FailPending:     "pending",
	lifecycle.FailNotAlive:    "not_dead",
	lifecycle.FailHeld:        "held",
	lifecycle.FailUnsupported: "unsupported",
}

// failure tells what the engine ran into.
func (c Context) failure(f *lifecycle.Failure) Explanation {
	if f.Connection != "" {
		c.Connection = f.Connection
	}
	if c.Provider == "" {
		c.Provider = f.Provider
	}
	name, ok := kinds[f.Kind]
	switch {
	case !ok:
		name = "failed"
	case f.Kind == lifecycle.FailUnavailable && f.Class == store.Throttled:
		name = "throttled"
	case f.Kind == lifecycle.FailNotAlive && c.Command == "remove":
		name = "living"
	case f.Kind == lifecycle.FailReconnect:
		name = or(causes[f.Cause], or(ownReasons[f.Reason], name))
	}
	values := map[string]string{"said": c.said(f), "retry": c.retry(f.Next)}
	name = placed(f, name, values)
	if !f.Since.IsZero() {
		values["since"] = " since " + c.clock(f.Since)
	}
	if !f.AccessEnds.IsZero() && f.AccessEnds.After(c.Now) {
		values["ends"] = " The access token it has lasts until " + c.clock(f.AccessEnds) + "."
	}
	var held *store.HeldError
	if errors.As(f.Err, &held) {
		values["holder"] = c.holder(held.Holder)
	}
	return c.entry(name, f.Reason, values)
}

// ownReasons are the reasons that no provider gave, with what is told of them.
var ownReasons = map[string]string{
	lifecycle.ReasonAnswerLost: "lost_twice",
	lifecycle.ReasonNoRefresh:  "no_refresh",
	lifecycle.ReasonSharedKey:  "key_gone",

	transfer.ReasonHandedOver:  "handed_over",
	transfer.ReasonHandingOver: "handing_over",
}

// said is what is known of the cause of a failure, as a sentence.
func (c Context) said(f *lifecycle.Failure) string {
	var net *guard.Error
	switch {
	case f.Revocation != "" && f.Reason == "":
		return c.revoking(f)
	case f.HTTP == 0 && netWords[guard.Kind(f.Reason)] != "": // nobody answered, so nobody said anything
		return netWords[guard.Kind(f.Reason)]
	case f.Message != "":
		return sentence(f.Message)
	case errors.As(f.Err, &net):
		return networkSays(net.Kind)
	case f.HTTP != 0:
		return fmt.Sprintf("It answered with HTTP %d.", f.HTTP)
	}
	return ""
}

// revoking says how far a revocation is that is not finished.
func (c Context) revoking(f *lifecycle.Failure) string {
	since := ""
	if !f.Since.IsZero() {
		since = " since " + c.clock(f.Since)
	}
	provider := or(c.Provider, "the provider")
	switch f.Revocation {
	case store.RevocationConsole:
		return "It waits" + since + " for a person at the console of " + provider + "."
	case store.RevocationDying:
		if f.Next.IsZero() {
			return "Its access token still works, and is looked at again."
		}
		return "Its refresh token is dead; its access token dies at " + c.clock(f.Next) + "."
	}
	return "The revocation is queued" + since + ": " + provider + " has not confirmed it yet."
}

// retry says when something is tried again by itself.
func (c Context) retry(at time.Time) string {
	if at.IsZero() || c.Now.IsZero() || !at.After(c.Now) {
		return "Try again:"
	}
	return "Nothing to do: the next try is in " + left(at.Sub(c.Now)) + "."
}

// clock writes a moment as clock time of the reader's zone, with the day if it is another.
func (c Context) clock(t time.Time) string {
	zone, suffix := c.Zone, ""
	if zone == nil {
		zone, suffix = time.UTC, " UTC"
	}
	t = t.In(zone)
	now := c.Now.In(zone)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04") + suffix
	}
	return t.Format("2 Jan 15:04") + suffix
}

// entry makes the explanation of a condition of the table.
func (c Context) entry(name, reason string, values map[string]string) Explanation {
	e, ok := entries[name]
	if !ok {
		e = entries["failed"]
	}
	return c.tell(e, reason, values)
}

// tell fills in the places of an entry.
func (c Context) tell(e entry, reason string, values map[string]string) Explanation {
	v := map[string]string{
		"name": or(c.Connection, "the connection"), "provider": or(c.Provider, "the provider"),
		"home": or(c.Home, "its directory"), "command": spaced(c.Command),
		"code": "", "since": "", "ends": "", "said": "", "retry": "", "holder": "another process",
		"host": "the provider", "field": "", "path": "", "problem": "", "fix": "", "setting": "",
		"again": c.again(), "id": c.ProviderID, "setup": spaced(or(c.Command, "add")),
	}
	if reason != "" {
		v["code"] = " (" + reason + ")"
	}
	for k, s := range values {
		v[k] = s
	}
	out := Explanation{
		Word: e.word, Exit: e.exit, Key: e.key, Reason: text.Clean(reason), Connection: c.Connection,
		Headline: begun(tidy(fill(e.headline, v))), Why: begun(tidy(fill(e.why, v))), Next: begun(tidy(fill(e.next, v))),
		Command: tidy(fill(e.command, v)),
	}
	if c.Connection == "" && strings.Contains(e.command, "{name}") {
		out.Command = Program + " list"
	}
	return out
}

// again is the command that was run, for those to whom doing it again is what helps. A
// set-up is begun again with all its flags, and a screen has no command.
func (c Context) again() string {
	switch {
	case c.Command == "":
		return ""
	case c.Connection != "" && repeatable[c.Command]:
		return Program + " " + c.Command + " " + c.Connection
	}
	return Program + " " + c.Command + " --help"
}

// repeatable are the commands that need no more than a name.
var repeatable = map[string]bool{"show": true, "test": true, "refresh": true, "token": true, "reconnect": true}

// begun makes the first letter of a sentence a capital. One that begins with a name
// keeps it as it is written: only our own words for an unknown one are changed.
func begun(s string) string {
	if strings.HasPrefix(s, "the ") || strings.HasPrefix(s, "another ") {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// tidy takes away what an empty place left behind.
func tidy(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "  ", " ")) }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return s + " "
}

// sentence makes a clause a sentence.
func sentence(s string) string {
	s = upper(strings.TrimSpace(s))
	if s == "" || strings.ContainsRune(".:?)", rune(s[len(s)-1])) && !strings.HasSuffix(s, ")") {
		return s
	}
	return s + "."
}

// upper makes the first letter a capital, unless the first word is a name that is
// written small: a path, a flag, a connection.
func upper(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first == "" || strings.ContainsAny(first, "-/_.:0123456789") || first == Program {
		return s
	}
	if !strings.HasPrefix(s, "the ") && !plain(first) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// plain reports a word of small ASCII letters.
func plain(word string) bool {
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == ""
}

// left writes a time left as the screens do.
func left(d time.Duration) string { return widget.Figures{}.Left(max(d, 0)) }

// problems joins every mistake of every definition in an error.
func problems(err error) string {
	var out []string
	for _, p := range catalog.Problems(err) {
		out = append(out, p.String())
	}
	return strings.Join(out, "; ")
}

// lines joins an error of several lines.
func lines(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
