package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// rekeyFlags say what becomes of the slots.
type rekeyFlags struct {
	proofs, drop []string
	recovery     bool
}

func (a *app) rekeyCommand() *cobra.Command {
	var f rekeyFlags
	cmd := &cobra.Command{
		Use: "rekey", Short: words.CmdRekey, Long: words.LongRekey, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck store rekey\n  crmdeck store rekey --drop recovery --recovery",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.recovery && a.global.json {
				return usage(cmd, words.UseRecoveryJSON)
			}
			return a.rekey(cmd.Context(), f)
		},
	}
	cmd.Flags().StringArrayVar(&f.proofs, "proof-passphrase-file", nil, words.FlagProof)
	cmd.Flags().StringArrayVar(&f.drop, "drop", nil, words.FlagDrop)
	cmd.Flags().BoolVar(&f.recovery, "recovery", false, words.FlagRecovery)
	return cmd
}

func rekeyer(st store.Store) (store.Rekeyer, error) {
	k, ok := st.(store.Rekeyer)
	if !ok {
		return nil, usage(nil, words.UseNoRekey)
	}
	return k, nil
}

// noteRekeying tells of a run that was begun and has not ended.
func (a *app) noteRekeying(ctx context.Context, st store.Store) error {
	k, ok := st.(store.Rekeyer)
	if !ok {
		return nil
	}
	state, err := k.RekeyState(ctx)
	if err == nil && state.Running {
		a.note(words.Fill(words.SayRekeying, "since", state.Begun.UTC().Format(time.RFC3339)))
	}
	return err
}

// rekey begins a run or goes on with one.
func (a *app) rekey(ctx context.Context, f rekeyFlags) error {
	if a.global.readOnly {
		return store.ErrReadOnly
	}
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	k, err := rekeyer(s.st)
	if err != nil {
		return err
	}
	state, err := k.RekeyState(ctx)
	if err != nil {
		return err
	}
	if state.Running {
		if f.recovery || len(f.drop)+len(f.proofs) > 0 {
			return usage(nil, words.UseRekeyRunning)
		}
		a.note(words.Fill(words.SayRekeyGoesOn, "since", state.Begun.UTC().Format(time.RFC3339)))
	}
	own, err := s.unlockKeeping(ctx)
	defer own.Passphrase.Wipe()
	if err != nil {
		return err
	}
	o := store.RekeyOptions{Drop: f.drop, Proofs: []store.Key{own}, Progress: a.steps()}
	defer func() {
		for _, p := range o.Proofs[1:] {
			p.Passphrase.Wipe()
		}
	}()
	for _, path := range f.proofs {
		p, err := a.readSecret(ctx, path)
		if err != nil {
			return err
		}
		o.Proofs = append(o.Proofs, store.Key{Passphrase: p})
	}
	var phrase secret.Value
	if f.recovery {
		if phrase, err = a.recoveryPhrase(); err != nil {
			return err
		}
		defer phrase.Wipe()
		o.New = append(o.New, store.NewSlot{Key: store.Key{Passphrase: phrase}, Label: words.RecoveryLabel})
	}
	rep, err := a.rekeyAsking(ctx, k, &o)
	if f.recovery && a.begun(ctx, k, state, err) {
		a.showRecovery(phrase)
	}
	if err != nil {
		return slotError(err)
	}
	return a.rekeyed(rep)
}

// begun reports that the slots of the run are those of the store, whether it ended or not.
func (a *app) begun(ctx context.Context, k store.Rekeyer, before store.RekeyState, err error) bool {
	if err == nil {
		return true
	}
	now, e := k.RekeyState(context.WithoutCancel(ctx))
	return e == nil && (now.Running || now.KeyID != before.KeyID)
}

// rekeyAsking asks a person for the passphrases that are missing.
func (a *app) rekeyAsking(ctx context.Context, k store.Rekeyer, o *store.RekeyOptions) (store.RekeyReport, error) {
	rep, err := k.Rekey(ctx, *o)
	var missing *store.SlotProofError
	if !errors.As(err, &missing) || !a.deps.IsTerminal() {
		return rep, err
	}
	for _, slot := range missing.Slots {
		p, e := a.askSecret(ctx, words.Fill(words.AskSlotPhrase, "slot", slotName(slot)))
		if e != nil {
			return rep, e
		}
		if p.IsZero() {
			return rep, err
		}
		o.Proofs = append(o.Proofs, store.Key{Passphrase: p})
	}
	return k.Rekey(ctx, *o)
}

// slotError tells of a slot that was named and is not there, or is the last.
func slotError(err error) error {
	switch {
	case errors.Is(err, store.ErrLastSlot):
		return &words.Told{Name: "last_slot", Err: err, Values: map[string]string{"slot": "that is left"}}
	case errors.Is(err, store.ErrNotFound):
		return &words.Told{Name: "no_slot", Err: err, Values: map[string]string{"slot": "of that name"}}
	}
	return err
}

// stepsOf is how many lines of progress a long run writes.
const stepsOf = 10

// steps writes how far a long run is, now and then.
func (a *app) steps() func(store.RekeyProgress) {
	next := 0
	return func(p store.RekeyProgress) {
		if a.global.json || p.Total < 5000 || p.Done < next {
			return
		}
		next = p.Done + p.Total/stepsOf
		a.note(words.Fill(words.Fill(words.SayRekeyStep, "done", strconv.Itoa(p.Done)), "total", strconv.Itoa(p.Total)))
	}
}

// rekeyed tells what was done.
func (a *app) rekeyed(rep store.RekeyReport) error {
	if a.global.json {
		slots := []slotJSON{}
		for _, x := range rep.Slots {
			slots = append(slots, slotOf(x))
		}
		return a.json(map[string]any{"key_id": rep.KeyID, "resumed": rep.Resumed, "secrets": rep.Secrets, "refused": rep.Refused, "slots": slots})
	}
	a.say(words.Fill(words.Fill(words.SayRekeyed, "key", rep.KeyID), "count", words.Secrets(rep.Secrets)))
	if rep.Refused > 0 {
		a.say(words.Fill(words.SayRekeyRefused, "count", words.Values(rep.Refused)))
	}
	a.say(words.SayRekeyCopies)
	return nil
}
