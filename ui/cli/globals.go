package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmdeck/store"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// globals are the flags that every command takes.
type globals struct {
	home, identity, passphrase string
	view                       string // a snapshot instead of the store; see viewFlags
	readOnly, json, keyring    bool
}

func (g *globals) register(f *pflag.FlagSet) {
	f.StringVar(&g.home, "home", "", words.FlagHome)
	f.StringVar(&g.identity, "identity", "", words.FlagIdentity)
	f.StringVar(&g.passphrase, "passphrase-file", "", words.FlagPassphrase)
	f.BoolVar(&g.keyring, "keyring", false, words.FlagKeyring)
	f.BoolVar(&g.readOnly, "read-only", false, words.FlagReadOnly)
	f.BoolVar(&g.json, "json", false, words.FlagJSON)
}

// usage makes an error of the command line.
func usage(cmd *cobra.Command, text string) error {
	u := &words.Usage{Text: text}
	if cmd != nil {
		u.Command = commandName(cmd)
	}
	return u
}

// args checks the number of arguments; want says it in words. max of -1: any number.
func args(least, most int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if len(got) < least || most >= 0 && len(got) > most {
			s := strings.ReplaceAll(words.UseArgs, "{command}", cmd.CommandPath())
			return usage(cmd, strings.ReplaceAll(s, "{want}", want))
		}
		return nil
	}
}

// settings finds the home directory and reads its settings, flags on top.
func (a *app) settings() (string, *config.Config, error) {
	home, err := config.Home(a.global.home, a.deps.Env)
	var odd *store.UnsafeError
	if errors.As(err, &odd) {
		return "", nil, err
	}
	if err != nil {
		return "", nil, &words.Told{Name: "home", Values: map[string]string{"said": words.UseHome}, Err: err}
	}
	a.told.Home = home
	c, err := config.Load(home, a.deps.Env)
	if err != nil {
		return home, c, err
	}
	if a.global.identity != "" {
		c.Identity, c.PassphraseFile, c.Keyring = a.global.identity, "", false
		c.Flag("identity", a.global.identity)
	}
	if a.global.passphrase != "" {
		c.Identity, c.PassphraseFile, c.Keyring = "", a.global.passphrase, false
		c.Flag("passphrase_file", a.global.passphrase)
	}
	if a.global.keyring {
		c.Identity, c.PassphraseFile, c.Keyring = "", "", true
		c.Flag("keyring", "true")
		if a.global.identity != "" || a.global.passphrase != "" {
			return home, c, usage(nil, words.UseOneOpener)
		}
	}
	if a.global.identity != "" && a.global.passphrase != "" {
		return home, c, usage(nil, words.UseOneKey)
	}
	return home, c, nil
}

// actor is who acts, for the audit log.
func (a *app) actor() string {
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if v := a.deps.Env(name); v != "" {
			return v
		}
	}
	return words.Program
}
