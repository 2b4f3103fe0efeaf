package cli

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// slotJSON is one key slot.
type slotJSON struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Label string `json:"label"`
}

func slotOf(s store.SlotInfo) slotJSON { return slotJSON{s.ID, s.Kind, s.Label} }

// slotFlags say what a new slot is for.
type slotFlags struct {
	phrase, identity, recipient, label string
	recovery, keyring                  bool
}

func (a *app) slotsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "slots", Short: words.CmdSlots, Args: args(0, 0, "list, add, remove or passphrase"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.slotsList(cmd.Context()) },
	}
	var f slotFlags
	add := &cobra.Command{
		Use: "add", Short: words.CmdSlotsAdd, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck slots add --recipient age1…\n  crmdeck slots add --recipient \"$(cat ~/.ssh/id_ed25519.pub)\"\n  crmdeck slots add --new-keyring\n  crmdeck slots add --new-passphrase-file - --label \"on call\"",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.slotsAdd(cmd, f) },
	}
	add.Flags().StringVar(&f.phrase, "new-passphrase-file", "", words.FlagNewPhrase)
	add.Flags().StringVar(&f.identity, "new-identity", "", words.FlagNewIdentity)
	add.Flags().StringVar(&f.recipient, "recipient", "", words.FlagRecipient)
	add.Flags().BoolVar(&f.keyring, "new-keyring", false, words.FlagNewChain)
	add.Flags().StringVar(&f.label, "label", "", words.FlagSlotLabel)
	add.Flags().BoolVar(&f.recovery, "recovery", false, words.FlagRecovery)
	var change slotFlags
	phrase := &cobra.Command{
		Use: "passphrase SLOT", Short: words.CmdSlotsPhrase, Args: args(1, 1, "the id or label of one slot"),
		RunE: func(cmd *cobra.Command, got []string) error { return a.slotsPassphrase(cmd, got[0], change) },
	}
	phrase.Flags().StringVar(&change.phrase, "new-passphrase-file", "", words.FlagNewPhrase)
	phrase.Flags().StringVar(&change.label, "label", "", words.FlagSlotLabel)
	cmd.AddCommand(
		phrase,
		&cobra.Command{Use: "list", Short: words.CmdSlotsList, Args: args(0, 0, "no arguments"),
			RunE: func(cmd *cobra.Command, _ []string) error { return a.slotsList(cmd.Context()) }},
		add,
		&cobra.Command{Use: "remove SLOT", Short: words.CmdSlotsRemove, Args: args(1, 1, "the id or label of one slot"),
			RunE: func(cmd *cobra.Command, got []string) error { return a.slotsRemove(cmd.Context(), got[0]) }},
	)
	return cmd
}

// keeper is the store's power over its slots.
func keeper(st store.Store) (store.SlotKeeper, error) {
	k, ok := st.(store.SlotKeeper)
	if !ok {
		return nil, usage(nil, words.UseNoSlots)
	}
	return k, nil
}

// slotsList needs no key.
func (a *app) slotsList(ctx context.Context) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	k, err := keeper(s.st)
	if err != nil {
		return err
	}
	list, err := k.Slots(ctx)
	if err != nil {
		return err
	}
	if err := a.noteRekeying(ctx, s.st); err != nil {
		return err
	}
	out, rows := []slotJSON{}, [][]string{}
	for _, x := range list {
		out, rows = append(out, slotOf(x)), append(rows, []string{x.ID, x.Kind, x.Label})
	}
	if a.global.json {
		return a.json(out)
	}
	a.table(words.SlotTitles(), rows)
	return nil
}

func (a *app) slotsAdd(cmd *cobra.Command, f slotFlags) error {
	ways := []bool{f.phrase != "", f.identity != "", f.recipient != "", f.recovery, f.keyring}
	if len(slices.DeleteFunc(ways, func(given bool) bool { return !given })) != 1 {
		return usage(cmd, words.UseOneSlot)
	}
	if f.recovery && a.global.json {
		return usage(cmd, words.UseRecoveryJSON)
	}
	ctx := cmd.Context()
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if f.recovery {
		return a.addRecovery(ctx, s.st)
	}
	n := store.NewSlot{Recipient: f.recipient, Keyring: f.keyring, Label: f.label, Key: store.Key{IdentityFile: f.identity, Ask: a.asker()}}
	if f.phrase != "" {
		if n.Key.Passphrase, err = a.readSecret(ctx, f.phrase); err != nil {
			return err
		}
		defer n.Key.Passphrase.Wipe()
	}
	in, err := addSlot(ctx, s.st, n)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(slotOf(in))
	}
	a.say(words.Fill(words.SaySlotAdded, "slot", slotName(in)))
	return nil
}

// slotsPassphrase puts a new passphrase in the place of a slot.
func (a *app) slotsPassphrase(cmd *cobra.Command, id string, f slotFlags) error {
	if f.phrase == "" && !a.deps.IsTerminal() {
		return usage(cmd, words.UseSlotWay)
	}
	ctx := cmd.Context()
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	k, ok := s.st.(store.SlotReplacer)
	if !ok {
		return usage(nil, words.UseNoSlots)
	}
	n := store.NewSlot{Label: f.label}
	if f.phrase != "" {
		n.Key.Passphrase, err = a.readSecret(ctx, f.phrase)
	} else {
		n.Key.Passphrase, err = a.askTwice(ctx)
	}
	if err != nil {
		return err
	}
	defer n.Key.Passphrase.Wipe()
	in, err := k.ReplaceSlot(ctx, id, n)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noSlot(id, err)
	case err != nil:
		return err
	}
	if a.global.json {
		return a.json(slotOf(in))
	}
	a.say(words.Fill(words.SaySlotReplaced, "slot", slotName(in)))
	return nil
}

func noSlot(id string, err error) error {
	return &words.Told{Name: "no_slot", Err: err, Values: map[string]string{"slot": id}}
}

func addSlot(ctx context.Context, st store.Store, n store.NewSlot) (store.SlotInfo, error) {
	k, err := keeper(st)
	if err != nil {
		return store.SlotInfo{}, err
	}
	in, err := k.AddSlot(ctx, n)
	switch {
	case errors.Is(err, store.ErrRecipient):
		return in, usage(nil, words.UseRecipient)
	case errors.Is(err, store.ErrSlotExists):
		return in, usage(nil, words.UseSlotExists)
	}
	return in, err
}

// addRecovery adds a slot for a passphrase that nobody chose, and shows it once.
func (a *app) addRecovery(ctx context.Context, st store.Store) error {
	phrase, err := a.recoveryPhrase()
	if err != nil {
		return err
	}
	defer phrase.Wipe()
	in, err := addSlot(ctx, st, store.NewSlot{Key: store.Key{Passphrase: phrase}, Label: words.RecoveryLabel})
	if err != nil {
		return err
	}
	a.say(words.Fill(words.SaySlotAdded, "slot", slotName(in)))
	a.showRecovery(phrase)
	return nil
}

// showRecovery shows a recovery passphrase, once.
func (a *app) showRecovery(phrase secret.Value) {
	a.say(words.SayRecovery)
	a.say("    " + phrase.Reveal())
}

// recoveryPhrase draws 160 bits and writes them in Crockford's alphabet, eight groups of
// four, so that they can be read aloud and copied by hand.
func (a *app) recoveryPhrase() (secret.Value, error) {
	var b [20]byte
	if _, err := io.ReadFull(a.deps.Rand, b[:]); err != nil {
		return secret.Value{}, fmt.Errorf("drawing a passphrase: %w", err)
	}
	defer clear(b[:])
	t := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(b[:])
	var groups []string
	for part := range slices.Chunk([]byte(t), 4) {
		groups = append(groups, string(part))
	}
	return secret.FromString(strings.Join(groups, "-")), nil
}

func (a *app) slotsRemove(ctx context.Context, id string) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	k, err := keeper(s.st)
	if err != nil {
		return err
	}
	in, err := k.RemoveSlot(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noSlot(id, err)
	case errors.Is(err, store.ErrLastSlot):
		return &words.Told{Name: "last_slot", Err: err, Values: map[string]string{"slot": id}}
	case err != nil:
		return err
	}
	if a.global.json {
		return a.json(slotOf(in))
	}
	a.say(words.Fill(words.SaySlotRemoved, "slot", slotName(in)))
	return nil
}

func slotName(s store.SlotInfo) string {
	return strings.TrimSpace(s.ID + " " + s.Label)
}
