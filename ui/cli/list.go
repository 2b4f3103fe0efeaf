package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: words.CmdList, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.look(cmd.Context())
			if err != nil {
				return err
			}
			defer s.close()
			rows, err := s.rows(cmd.Context(), a.global.json)
			if err != nil {
				return err
			}
			slices.SortFunc(rows, func(x, y row) int {
				if d := policy.Compare(&x.judge, &y.judge); d != 0 {
					return d
				}
				return strings.Compare(x.sum.Name, y.sum.Name)
			})
			if a.global.json {
				out := make([]connJSON, len(rows))
				for i := range rows {
					out[i] = rows[i].json()
				}
				return a.json(out)
			}
			a.printRows(s, rows)
			return nil
		},
	}
}

func (a *app) printRows(s *session, rows []row) {
	if len(rows) == 0 {
		a.say(words.SayNone)
		return
	}
	now := a.deps.Clock.Now()
	var table [][]string
	names := map[string]string{}
	for i := range rows {
		x := &rows[i]
		if names[x.sum.Provider] == "" {
			names[x.sum.Provider] = s.providerName(x.sum.Provider)
		}
		table = append(table, []string{
			string(x.judge.State), x.sum.Name, names[x.sum.Provider], x.sum.Environment, words.Method(x.sum.Method),
			scopeCell(x.sum), accessCell(x.sum, now), clockCell(x.judge.NextClock, x.sum.Paused, now),
			keyCell(x.judge.KeyAge), testCell(x.sum, now), x.sum.Owner,
		})
	}
	a.table([]string{"state", "name", "CRM", "env", "method", "scopes", "access", "next clock", "key age", "test", "owner"}, table)
}

// scopeCell is what was granted, of what was asked if that is more, and how many are risky.
func scopeCell(s store.Summary) string {
	out := ""
	switch {
	case s.HasKey:
		return "-"
	case s.Granted < 0:
		out = strconv.Itoa(s.Asked) + "?"
	case s.Missing > 0:
		out = strconv.Itoa(s.Granted) + "/" + strconv.Itoa(s.Asked)
	default:
		out = strconv.Itoa(s.Granted)
	}
	if s.Risky > 0 {
		out += " " + strconv.Itoa(s.Risky) + "!"
	}
	return out
}

func accessCell(s store.Summary, now time.Time) string {
	if !s.HasAccess || s.Access.IsZero() || s.Verdict == store.VerdictDead { // a tombstone keeps its clocks
		return "-"
	}
	left := s.Access.Sub(now)
	if s.AccessAssumed {
		return widget.Figures{}.Assumed(left)
	}
	return widget.Figures{}.Left(left)
}

func clockCell(c policy.Clock, paused bool, now time.Time) string {
	switch {
	case paused:
		return "paused"
	case c.IsZero():
		return "-"
	}
	if (c.Kind == policy.ClockRetry || c.Kind == policy.ClockWait) && !c.At.After(now) {
		return words.Clock(c.Kind) + " due"
	}
	return words.Clock(c.Kind) + " " + widget.Figures{}.Left(c.At.Sub(now))
}

func keyCell(a policy.Age) string {
	switch {
	case a.Of == 0:
		return "-"
	case !a.Known:
		return "≥ " + strconv.Itoa(a.Days) + "d"
	}
	return strconv.Itoa(a.Days) + "d"
}

func testCell(s store.Summary, now time.Time) string {
	if s.TestAt.IsZero() {
		return "never"
	}
	return s.TestOutcome + " " + widget.Age(now.Sub(s.TestAt))
}
