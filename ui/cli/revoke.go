package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/words"
)

type revokeFlags struct {
	yes, pending bool
	wait         time.Duration
}

func (a *app) revokeCommand() *cobra.Command {
	var f revokeFlags
	cmd := &cobra.Command{
		Use: "revoke NAME...", Short: words.CmdRevoke, Long: words.LongRevoke, ValidArgsFunction: a.completeNames,
		Args: func(cmd *cobra.Command, got []string) error {
			if f.pending {
				return args(0, 0, "no names with --pending")(cmd, got)
			}
			return args(1, -1, "one name or more")(cmd, got)
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			if f.wait < 0 {
				return usage(cmd, "--wait is not negative")
			}
			if !f.yes && !f.pending && !a.deps.IsTerminal() {
				return usage(cmd, words.UseYes)
			}
			return a.revoke(cmd.Context(), names, f)
		},
	}
	cmd.Flags().BoolVar(&f.yes, "yes", false, words.FlagYes)
	cmd.Flags().BoolVar(&f.pending, "pending", false, words.FlagPending)
	cmd.Flags().DurationVar(&f.wait, "wait", 0, words.FlagWait)
	return cmd
}

// revoke works through the names; one that does not end well does not keep the others
// from being revoked. The first failure is the one that is told last.
func (a *app) revoke(ctx context.Context, names []string, f revokeFlags) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if f.pending {
		return s.workOff(ctx)
	}
	var conns []store.Connection
	for _, name := range names { // a name that is wrong stops everything before anything is revoked
		c, err := s.find(ctx, name)
		if err != nil {
			return err
		}
		conns = append(conns, c)
	}
	var first error
	for _, c := range conns {
		err := s.revokeOne(ctx, c, f)
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil && first != nil {
			a.report(err)
		} else if err != nil {
			first = err
		}
	}
	return first
}

func (s *session) revokeOne(ctx context.Context, c store.Connection, f revokeFlags) error {
	a := s.app
	a.told.Connection, a.providerID = c.Name, c.Provider
	plan, err := s.eng.PlanRevoke(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := a.showPlan(c.Name, plan); err != nil {
		return err
	}
	if !f.yes {
		if err := a.typeName(ctx, words.AskName, c.Name); err != nil {
			return err
		}
	}
	o := lifecycle.RevokeOptions{Wait: f.wait, Console: a.deps.IsTerminal()}
	r, err := s.eng.Revoke(ctx, c.ID, o, func(p lifecycle.RevokeProgress) { a.revokeProgress(c.Name, p) })
	if err != nil {
		return err
	}
	return a.printRevocation(c.Name, r)
}

// planJSON is what hangs on a credential, and the page where a person revokes it if
// its provider has no call for that.
type planJSON struct {
	Event       string   `json:"event"`
	Connection  string   `json:"connection"`
	Connections []string `json:"connections"`
	Jobs        []string `json:"jobs"`
	ConsoleURL  string   `json:"console_url,omitempty"`
}

// showPlan says what dies with a credential.
func (a *app) showPlan(name string, p lifecycle.RevokePlan) error {
	plan := planJSON{Event: "plan", Connection: name, Connections: []string{}, Jobs: []string{}, ConsoleURL: p.ConsoleURL}
	for _, c := range append(append([]store.Connection{}, p.SameGrant...), p.SameKey...) {
		plan.Connections = append(plan.Connections, c.Name)
	}
	for _, u := range p.Jobs {
		plan.Jobs = append(plan.Jobs, cmp.Or(u.Job, words.NoJob))
	}
	if a.global.json {
		return a.json(plan)
	}
	if len(plan.Connections)+len(plan.Jobs) == 0 {
		a.note(words.SayNothingElse)
	} else {
		a.note(words.SayWhatHangs)
	}
	for _, l := range append(plan.Connections, plan.Jobs...) {
		a.note("  " + l)
	}
	if p.ConsoleURL != "" {
		a.note(words.SayConsole)
		a.note("  " + p.ConsoleURL)
	}
	return nil
}

func (a *app) revokeProgress(name string, p lifecycle.RevokeProgress) {
	step := fmt.Sprintf("%s  %s", p.Step.What, p.Step.Note)
	if p.Step.HTTP != 0 {
		step = fmt.Sprintf("%s  HTTP %d  %s", p.Step.What, p.Step.HTTP, p.Step.Note)
	}
	switch {
	case a.global.json && p.Step.What != "":
		_ = a.json(map[string]any{"event": "step", "connection": name, "at": moment(p.Step.At), "what": p.Step.What, "http": p.Step.HTTP, "note": p.Step.Note})
	case p.Step.What != "":
		a.note(step)
	}
}

// revocationJSON is how a revocation ended.
type revocationJSON struct {
	Event      string        `json:"event"`
	Connection string        `json:"connection"`
	State      string        `json:"state"`
	Verdict    store.Verdict `json:"verdict"`
	DiesAt     *string       `json:"dies_at"`
	Ended      *string       `json:"ended_at"`
}

func (a *app) printRevocation(name string, r store.Revocation) error {
	if a.global.json {
		return a.json(revocationJSON{"done", name, r.State, r.Verdict, moment(r.DiesAt), moment(r.Ended)})
	}
	verdict := words.Verdict(r.Verdict)
	if !r.DiesAt.IsZero() && r.State == store.RevocationDying {
		verdict += " " + r.DiesAt.UTC().Format("2006-01-02 15:04 UTC")
	}
	a.say(name + ": " + verdict)
	return nil
}

// workOff goes on with revocations that are not finished.
func (s *session) workOff(ctx context.Context) error {
	a := s.app
	done, left, err := s.eng.WorkOff(ctx, a.revokeProgress)
	if err != nil {
		return err
	}
	switch {
	case a.global.json:
		if err := a.json(map[string]any{"event": "done", "done": done, "left": left}); err != nil {
			return err
		}
	case done+left == 0:
		a.say(words.SayNothingLeft)
	default:
		a.say(fmt.Sprintf("%d finished, %d left", done, left))
	}
	if left > 0 {
		return &words.Told{Name: "pending_left", Values: map[string]string{"said": words.Unfinished(left)}}
	}
	return nil
}
