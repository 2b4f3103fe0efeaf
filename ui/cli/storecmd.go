package cli

import (
	"github.com/spf13/cobra"

	"crmdeck/ui/words"
)

// storeCommand looks after the store itself.
func (a *app) storeCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "store", Short: words.CmdStore, Args: args(0, 0, "rekey or compact"),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(a.rekeyCommand(), a.compactCommand(), a.adoptCommand())
	return cmd
}
