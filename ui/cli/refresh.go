package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"crmdeck/ui/words"
)

// refreshJSON is what `refresh --json` prints.
type refreshJSON struct {
	Connection string   `json:"connection"`
	Refreshed  bool     `json:"refreshed"` // false: another process had just done it
	Generation uint64   `json:"generation"`
	ExpiresAt  *string  `json:"expires_at"`
	Assumed    bool     `json:"expiry_assumed,omitempty"`
	Added      []string `json:"scopes_added"`
	Lost       []string `json:"scopes_lost"`
}

func (a *app) refreshCommand() *cobra.Command {
	var attempt bool
	cmd := &cobra.Command{
		Use: "refresh NAME", Short: words.CmdRefresh, Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error { return a.refresh(cmd.Context(), names[0], attempt) },
	}
	cmd.Flags().BoolVar(&attempt, "attempt", false, words.FlagAttempt)
	return cmd
}

func (a *app) refresh(ctx context.Context, name string, attempt bool) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	c, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	r, err := s.eng.Refresh(ctx, c.ID, attempt)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(refreshJSON{name, r.Refreshed, r.Generation, moment(r.Expires), r.Assumed, list(r.Added), list(r.Lost)})
	}
	line := words.SayRefreshed
	if !r.Refreshed {
		line = words.SayAdopted
	}
	a.say(words.Fill(line, "name", name))
	for _, x := range slices.Concat(prefixed("+ ", r.Added), prefixed("- ", r.Lost)) {
		a.say(x)
	}
	return nil
}

func prefixed(sign string, scopes []string) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = sign + s
	}
	return out
}
