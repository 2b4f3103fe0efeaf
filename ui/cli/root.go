package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/ui/words"
)

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	var noAuto, ascii bool
	var theme string
	root := &cobra.Command{
		Use: words.Program, Short: words.CmdRoot, Long: words.LongRoot,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, got []string) error {
			if len(got) > 0 {
				return usage(nil, strings.ReplaceAll(words.UseUnknownCommand, "{word}", got[0]))
			}
			return nil
		},
		PersistentPreRun: func(cmd *cobra.Command, _ []string) { a.told.Command = commandName(cmd) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.deck(cmd.Context(), deckFlags{noAuto: noAuto, ascii: ascii, theme: theme})
		},
	}
	a.global.register(root.PersistentFlags())
	root.Flags().BoolVar(&noAuto, "no-auto", false, words.FlagNoAuto)
	root.Flags().BoolVar(&ascii, "ascii", false, words.FlagASCII)
	root.Flags().StringVar(&theme, "theme", "", words.FlagTheme)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err.Error()) })
	root.AddCommand(
		a.demoCommand(), a.initCommand(), a.configCommand(), a.versionCommand(), a.providersCommand(),
		a.addCommand(), a.reconnectCommand(), a.editCommand(), a.renameCommand(), a.removeCommand(),
		a.listCommand(), a.showCommand(), a.auditCommand(), a.testCommand(), a.refreshCommand(),
		a.tokenCommand(), a.revokeCommand(), a.simCommand(), a.slotsCommand(), a.storeCommand(), a.rebindCommand(),
		a.snapshotCommand(), a.doctorCommand(), a.pagesCommand(), a.backupCommand(), a.restoreCommand(), a.exportCommand(), a.importCommand(),
	)
	a.viewFlags(root)
	strict(root)
	return root
}

// commandName is how a command is called, without the program's name.
func commandName(cmd *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), words.Program))
}

// strict makes the commands that cobra adds refuse what they do not know, as all others
// do: by themselves they show their help and say that all is well.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd("completion") // it is made only beside other commands, or when it is called
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, got []string) error {
				if to, rest, err := root.Find(got); err != nil || to == nil || len(rest) > 0 || to == root && len(got) > 0 {
					return usage(nil, strings.ReplaceAll(words.UseUnknownCommand, "{word}", strings.Join(got, " ")))
				}
				return nil
			}
		case "completion":
			cmd.Args = func(cmd *cobra.Command, got []string) error {
				if len(got) > 0 {
					return usage(cmd, words.UseShell)
				}
				return nil
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// unicode reports a locale whose text is UTF-8. One that nobody set is taken for it, as
// terminals are since long ago; C, POSIX and the old character sets are not (TM-14).
func (a *app) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the order of POSIX.1-2017, section 8.2
		if v := strings.ToUpper(a.deps.Env(name)); v != "" {
			return strings.HasSuffix(v, "UTF-8") || strings.HasSuffix(v, "UTF8")
		}
	}
	return true
}

// deckFlags are the flags of the deck itself.
type deckFlags struct {
	noAuto, ascii bool
	theme         string
}

func (a *app) deck(ctx context.Context, f deckFlags) error {
	home, conf, err := a.settings()
	if err != nil {
		return err
	}
	if !a.deps.IsTerminal() {
		return usage(nil, words.UseTerminal)
	}
	if a.deps.Env("TERM") == "dumb" { // it can't move its cursor
		return usage(nil, words.UseDumb)
	}
	o := TUIOptions{Home: home, Settings: conf.Settings, ReadOnly: a.global.readOnly, Actor: a.actor()}
	o.NoAuto = f.noAuto || !conf.AutoRefresh
	o.Settings.ASCII = o.Settings.ASCII || f.ascii || !a.unicode()
	if f.theme != "" {
		o.Settings.Theme = f.theme
	}
	if a.global.view != "" {
		if o.View, err = openView(a.global.view); err != nil {
			return err
		}
		o.ReadOnly, o.NoAuto = true, true
	}
	if !o.ReadOnly {
		if o.Key, err = a.key(ctx, conf); err != nil {
			return err
		}
	}
	return a.deps.RunTUI(ctx, o)
}
