package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/ui/words"
)

// adoptJSON is what `store adopt --json` prints.
type adoptJSON struct {
	Adopted bool             `json:"adopted"` // false: nothing was suspect
	Why     store.SuspectWhy `json:"why,omitempty"`
	Since   *string          `json:"since"`
}

func (a *app) adoptCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "adopt", Short: words.CmdAdopt, Long: words.LongAdopt, Args: args(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.adopt(cmd.Context(), yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, words.FlagRebindYes)
	return cmd
}

// adopt says that the store is the one in use.
func (a *app) adopt(ctx context.Context, yes bool) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	placer, ok := s.st.(store.Placer)
	if !ok {
		return a.adopted(store.Place{})
	}
	at, err := placer.Place(ctx)
	if err != nil {
		return err
	}
	if at.Suspect == nil {
		return a.adopted(at)
	}
	switch {
	case yes:
	case !a.deps.IsTerminal():
		return &words.Told{Name: "adopt_yes"}
	default:
		if err := a.confirm(ctx, words.AskAdopt); err != nil {
			return err
		}
	}
	if err := placer.Adopt(ctx); err != nil {
		return err
	}
	return a.adopted(at)
}

// adopted tells what was suspect before.
func (a *app) adopted(was store.Place) error {
	out, line := adoptJSON{Adopted: was.Suspect != nil}, words.SayNotSuspect
	if x := was.Suspect; x != nil {
		since := x.Seen.UTC().Format(time.RFC3339)
		out.Why, out.Since, line = x.Why, &since, words.SayAdoptedStore
	}
	if a.global.json {
		return a.json(out)
	}
	a.say(line)
	return nil
}

// confirm asks a person for a yes; anything else cancels.
func (a *app) confirm(ctx context.Context, question string) error {
	line, err := a.askLine(ctx, question+" "+words.AskYesNo)
	if err != nil {
		return err
	}
	if line = strings.ToLower(strings.TrimSpace(line)); line != "y" && line != "yes" {
		return &words.Told{Name: "cancelled", Values: map[string]string{"said": words.SayNotChanged}}
	}
	return nil
}
