package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/connectors/lifecycle"
	"crmdeck/ui/words"
)

// rebindJSON is what `rebind --json` prints.
type rebindJSON struct {
	Connection string      `json:"connection"`
	Changed    bool        `json:"changed"`
	Values     []boundJSON `json:"values"`
	Named      []string    `json:"named"`  // hosts that the provider's definition names
	Shared     []string    `json:"shared"` // connections with the same grant or app
}

type boundJSON struct {
	Credential string   `json:"credential"`
	Hosts      []string `json:"hosts"`
	Before     []string `json:"before,omitempty"`
}

// rebindFlags are what `rebind` is told.
type rebindFlags struct {
	hosts        []string
	foreign, yes bool
}

func (a *app) rebindCommand() *cobra.Command {
	var f rebindFlags
	cmd := &cobra.Command{
		Use: "rebind NAME [--hosts A,B]", Short: words.CmdRebind, Long: words.LongRebind,
		Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error { return a.rebind(cmd.Context(), names[0], f) },
	}
	cmd.Flags().StringSliceVar(&f.hosts, "hosts", nil, words.FlagHosts)
	cmd.Flags().BoolVar(&f.foreign, "foreign", false, words.FlagForeign)
	cmd.Flags().BoolVar(&f.yes, "yes", false, words.FlagRebindYes)
	return cmd
}

// rebind shows the hosts of a connection's secrets, and changes them if new ones are given.
func (a *app) rebind(ctx context.Context, name string, f rebindFlags) error {
	open := a.act
	if len(f.hosts) == 0 {
		open = a.look
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	c, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	plan, err := s.eng.Hosts(ctx, c.ID, f.hosts, f.foreign)
	if err != nil {
		return err
	}
	if !a.global.json {
		a.printHosts(plan, len(f.hosts) > 0)
	}
	if len(f.hosts) == 0 || plan.Same {
		return a.tellHosts(name, plan, false, len(f.hosts) > 0)
	}
	if err := a.mayRebind(ctx, s, name, plan, f); err != nil {
		return err
	}
	done, err := s.eng.Rebind(ctx, c.ID, f.hosts, f.foreign)
	if err != nil {
		return err
	}
	return a.tellHosts(name, done, true, true)
}

// mayRebind asks. Where nobody can be asked, --yes has to say it; for hosts that the
// definition does not name a person types the name, unless --yes says that too.
func (a *app) mayRebind(ctx context.Context, s *session, name string, plan lifecycle.Rebinding, f rebindFlags) error {
	if f.yes {
		return nil
	}
	if !a.deps.IsTerminal() {
		return &words.Told{Name: "rebind_yes"}
	}
	if foreign := s.unnamed(plan); len(foreign) > 0 {
		prompt := words.Fill(words.Fill(words.AskRebindType, "provider", a.told.Provider), "hosts", strings.Join(foreign, ", "))
		return a.typeName(ctx, prompt+" ", name)
	}
	return a.confirm(ctx, words.Fill(words.AskRebind, "name", name))
}

// unnamed are the new hosts that the definition does not name.
func (s *session) unnamed(plan lifecycle.Rebinding) []string {
	var out []string
	for _, v := range plan.Values {
		for _, h := range v.New {
			if !slices.Contains(plan.Named, h) && !slices.Contains(v.Now, h) && !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	return out
}

func (a *app) printHosts(plan lifecycle.Rebinding, change bool) {
	head := []string{words.RebindCredentials, words.RebindNow}
	if change {
		head = append(head, words.RebindNew)
	}
	var rows [][]string
	for _, v := range plan.Values {
		row := []string{words.Field(v.Field), strings.Join(v.Now, ", ")}
		if change {
			row = append(row, strings.Join(v.New, ", "))
		}
		rows = append(rows, row)
	}
	a.table(head, rows)
	if len(plan.Others) > 0 {
		a.say(words.Fill(words.SayReboundWith, "names", strings.Join(plan.Others, ", ")))
	}
}

func (a *app) tellHosts(name string, r lifecycle.Rebinding, changed, asked bool) error {
	if a.global.json {
		out := rebindJSON{Connection: name, Changed: changed, Values: []boundJSON{}, Named: list(r.Named), Shared: list(r.Others)}
		for _, v := range r.Values {
			b := boundJSON{Credential: v.Field, Hosts: v.Now}
			if changed {
				b.Hosts, b.Before = v.New, v.Now
			}
			out.Values = append(out.Values, b)
		}
		return a.json(out)
	}
	switch {
	case changed:
		var all []string
		for _, v := range r.Values {
			for _, h := range v.New {
				if !slices.Contains(all, h) {
					all = append(all, h)
				}
			}
		}
		a.say(words.Fill(words.Fill(words.SayRebound, "name", name), "hosts", strings.Join(all, ", ")))
	case asked:
		a.say(words.Fill(words.SayReboundSame, "name", name))
	}
	return nil
}
