package cli

import (
	"context"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/ui/words"
)

func (a *app) compactCommand() *cobra.Command {
	return &cobra.Command{
		Use: "compact", Short: words.CmdCompact, Long: words.LongCompact, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.compact(cmd.Context()) },
	}
}

// compact writes the store's file anew.
func (a *app) compact(ctx context.Context) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	c, ok := s.st.(store.Compacter)
	if !ok {
		return usage(nil, words.UseNoCompact)
	}
	done, err := c.Compact(ctx)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(map[string]any{"bytes_before": done.Before, "bytes_after": done.After, "keys": done.Keys})
	}
	a.say(words.Compacted(done.Before, done.After))
	return nil
}
