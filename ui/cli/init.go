package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

func (a *app) initCommand() *cobra.Command {
	var recovery bool
	cmd := &cobra.Command{
		Use: "init", Short: words.CmdInit, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck init --identity ~/.config/crmdeck.key\n  crmdeck init --passphrase-file -",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if recovery && a.global.json {
				return usage(cmd, words.UseRecoveryJSON)
			}
			return a.init(cmd.Context(), recovery)
		},
	}
	cmd.Flags().BoolVar(&recovery, "recovery", false, words.FlagRecovery)
	return cmd
}

// init makes the store, with a recovery slot if that is asked for.
func (a *app) init(ctx context.Context, recovery bool) error {
	home, conf, err := a.settings()
	var u *words.Usage
	if err != nil && (!errors.As(err, &u) || u.Text != words.UseOneKey) { // a new store may have both keys
		return err
	}
	if a.global.readOnly {
		return store.ErrReadOnly
	}
	keys, err := a.newKeys(ctx, conf)
	if err != nil {
		return err
	}
	for _, k := range keys {
		defer k.Passphrase.Wipe()
	}
	_, before := os.Stat(home)
	st, err := a.deps.Backend(false, a.actor()).Create(ctx, home, keys...)
	if err != nil {
		if before != nil {
			_ = os.Remove(home) // only if it is empty: what failed leaves nothing behind
		}
		return err
	}
	defer func() { _ = st.Close() }()
	info, err := st.Info(ctx)
	if err != nil {
		return err
	}
	if a.global.json {
		slots := []map[string]string{}
		for _, s := range info.Slots {
			slots = append(slots, map[string]string{"kind": s.Kind, "label": s.Label})
		}
		return a.json(map[string]any{"home": home, "store_id": info.StoreID, "slots": slots})
	}
	a.say(words.Fill(words.SayCreated, "home", home))
	for _, k := range keys {
		if k.IdentityFile != "" {
			a.say(words.Fill(words.SayIdentity, "path", k.IdentityFile))
		}
	}
	if recovery || a.wantsRecovery(ctx) {
		if err := a.addRecovery(ctx, st); err != nil {
			return err
		}
	}
	a.say(words.SayNext)
	return nil
}

// wantsRecovery offers a recovery slot to a person who did not ask for one. Who gives no answer
// gets none: the store is made, and a slot can be added at any time.
func (a *app) wantsRecovery(ctx context.Context) bool {
	if !a.deps.IsTerminal() {
		return false
	}
	line, err := a.askLine(ctx, words.AskRecovery)
	line = strings.ToLower(strings.TrimSpace(line))
	return err == nil && (line == "" || line == "y" || line == "yes")
}

// newKeys are the locks of a new store: both flags give two that each open it alone.
func (a *app) newKeys(ctx context.Context, conf *config.Config) ([]store.Key, error) {
	var keys []store.Key
	identity, phrase := conf.Identity, conf.PassphraseFile
	if a.global.identity != "" {
		identity = a.global.identity
	}
	if identity != "" {
		if _, err := os.Stat(filepath.Dir(identity)); err != nil {
			return nil, keyFile(conf, "identity", filepath.Dir(identity), err)
		}
		keys = append(keys, store.Key{IdentityFile: identity, Ask: a.asker()})
	}
	if conf.Keyring {
		keys = append(keys, store.Key{Keyring: true})
	}
	if phrase != "" {
		p, err := a.readSecret(ctx, phrase)
		if err != nil {
			return nil, err
		}
		keys = append(keys, store.Key{Passphrase: p})
	}
	if len(keys) > 0 {
		return keys, nil
	}
	if !a.deps.IsTerminal() {
		return nil, usage(nil, words.UseNewKey)
	}
	p, err := a.askTwice(ctx)
	if err != nil {
		return nil, err
	}
	return []store.Key{{Passphrase: p}}, nil
}

// askTwice asks for a new passphrase, and for the same again.
func (a *app) askTwice(ctx context.Context) (secret.Value, error) {
	first, err := a.askSecret(ctx, words.AskNewPhrase)
	if err != nil {
		return secret.Value{}, err
	}
	second, err := a.askSecret(ctx, words.AskAgain)
	if err != nil {
		return secret.Value{}, err
	}
	defer second.Wipe()
	if !first.Equal(second) {
		first.Wipe()
		return secret.Value{}, usage(nil, words.UseDiffer)
	}
	return first, nil
}
