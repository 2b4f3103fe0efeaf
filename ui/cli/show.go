package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: words.CmdShow, Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			s, err := a.look(cmd.Context())
			if err != nil {
				return err
			}
			defer s.close()
			x, err := s.one(cmd.Context(), names[0])
			if err != nil {
				return err
			}
			if a.global.json {
				out := x.json()
				out.History = history(x.grant)
				return a.json(out)
			}
			s.print(x)
			return nil
		},
	}
}

// shownHistory is how many credentials are told to people; --json has all that are kept.
const shownHistory = 5

// print writes a connection for people.
func (s *session) print(x row) {
	a, c, g, now := s.app, x.conn, x.grant, s.app.deps.Clock.Now()
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format("2006-01-02 15:04 UTC")
	}
	a.pairs([][2]string{
		{"name", c.Name},
		{"state", string(x.judge.State) + "  " + words.Why(x.judge.Reason, words.Code(x.sum), x.sum.Message)},
		{words.AtSnapshot, s.pastCell(x.past)},
		{"CRM", s.providerName(c.Provider) + "  " + c.Environment},
		{"account", strings.TrimSpace(c.Account.ID + "  " + c.Account.Name + "  " + c.Account.Kind)},
		{"person", c.Account.User},
		{"method", words.Method(c.Method)},
		{"owner", c.Owner}, {"purpose", c.Purpose}, {"tags", strings.Join(c.Tags, ", ")},
		{"data", map[bool]string{true: "personal"}[c.Sensitive]},
		{"paused", map[bool]string{true: "yes"}[c.Paused]},
		{"fingerprint", x.sum.Fingerprint},
		{"generation", fmt.Sprint(g.Generation)},
		{"access", accessCell(x.sum, now)},
		{"next clock", clockCell(x.judge.NextClock, c.Paused, now)},
		{"key age", keyCell(x.judge.KeyAge)},
		{"refreshed", stamp(x.sum.Refreshed)}, {"consented", stamp(x.sum.Consented)}, {"created", stamp(x.sum.Created)},
		{"last test", testCell(x.sum, now)},
		{"verdict", string(x.sum.Verdict)},
	})
	for i, m := range slices.Backward(g.History) {
		if len(g.History)-i > shownHistory {
			break
		}
		a.say(fmt.Sprintf("generation %d  %s  %s", m.Generation, stamp(m.At), words.History(m)))
	}
	for _, u := range c.Uses {
		job := u.Job
		if job == "" {
			job = words.NoJob
		}
		a.say("used by  " + job + "  " + widget.Ago(now.Sub(u.Last)))
	}
	p := s.provider(c.Provider)
	if p == nil || c.Method == store.APIKey {
		return
	}
	var rows [][]string
	for _, r := range policy.Scopes(p, c.Asked, g.Granted, g.GrantedKnown, c.Proven) {
		if !r.Asked && r.Granted != policy.GrantedYes {
			continue
		}
		rows = append(rows, []string{r.Name, string(r.Risk), string(r.Granted), map[bool]string{true: "proven"}[r.Proven], r.Meaning})
	}
	_, _ = fmt.Fprintln(a.out)
	a.table([]string{"scope", "risk", "granted", "test", "meaning"}, rows)
}

// completeNames completes the names of connections; it needs no key.
func (a *app) completeNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s, err := a.look(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.close()
	var names []string
	_ = s.st.Read(ctx, func(r store.Reader) error { // a completion that fails completes nothing
		all, err := r.Summaries()
		for _, x := range all {
			names = append(names, x.Name)
		}
		return err
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}
