package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/words"
)

// noted are the flags of what is noted about a connection.
type noted struct {
	owner, environment, purpose, keyCreated string
	tags                                    []string
	sensitive, pause, resume                bool
	keyDays                                 int
}

func (n *noted) register(f *pflag.FlagSet) {
	f.StringVar(&n.owner, "owner", "", words.FlagOwner)
	f.StringVar(&n.environment, "environment", "", words.FlagEnvironment)
	f.StringArrayVar(&n.tags, "tag", nil, words.FlagTag)
	f.StringVar(&n.purpose, "purpose", "", words.FlagPurpose)
	f.BoolVar(&n.sensitive, "sensitive", false, words.FlagSensitive)
	f.StringVar(&n.keyCreated, "key-created", "", words.FlagKeyCreated)
}

// edit is the change that the given flags stand for; a flag that was not given
// changes nothing. A key cannot have been made after now.
func (n *noted) edit(f *pflag.FlagSet, now time.Time) (lifecycle.Edit, error) {
	var e lifecycle.Edit
	text := func(flag string, v *string) *string {
		if f.Changed(flag) {
			return v
		}
		return nil
	}
	e.Owner, e.Environment, e.Purpose = text("owner", &n.owner), text("environment", &n.environment), text("purpose", &n.purpose)
	if f.Changed("tag") {
		tags := []string{}
		for _, t := range n.tags {
			if t != "" {
				tags = append(tags, t)
			}
		}
		e.Tags = &tags
	}
	if f.Changed("sensitive") {
		e.Sensitive = &n.sensitive
	}
	if f.Changed("key-days") {
		e.KeyDays = &n.keyDays
	}
	if f.Changed("environment") && !lifecycle.KnownEnvironment(n.environment) {
		return e, &setup.InputError{Step: "identity", Field: setup.FieldEnvironment, Code: "environment", Detail: n.environment}
	}
	if f.Changed("key-created") && n.keyCreated == setup.UnknownDate {
		e.KeyMade = &time.Time{}
	} else if f.Changed("key-created") {
		at, err := time.Parse(time.DateOnly, n.keyCreated)
		if err != nil {
			return e, &setup.InputError{Step: "key", Field: setup.FieldKeyMade, Code: "date"}
		}
		if at.After(now) {
			return e, &setup.InputError{Step: "key", Field: setup.FieldKeyMade, Code: "future"}
		}
		e.KeyMade = &at
	}
	return e, nil
}

func (a *app) editCommand() *cobra.Command {
	var n noted
	cmd := &cobra.Command{
		Use: "edit NAME", Short: words.CmdEdit, Long: words.LongEdit, Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
	}
	n.register(cmd.Flags())
	cmd.Flags().IntVar(&n.keyDays, "key-days", 0, words.FlagKeyDays)
	cmd.Flags().BoolVar(&n.pause, "pause", false, words.FlagPause)
	cmd.Flags().BoolVar(&n.resume, "resume", false, words.FlagResume)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		changed := false
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { changed = changed || f.Changed })
		switch {
		case !changed:
			return usage(cmd, words.SayUnchanged)
		case n.pause && n.resume:
			return usage(cmd, words.UsePause)
		case n.keyDays < 0:
			return usage(cmd, "--key-days is not negative; 0 is the provider's own")
		}
		e, err := n.edit(cmd.Flags(), a.deps.Clock.Now())
		if err != nil {
			return err
		}
		return a.edit(cmd.Context(), names[0], e, n)
	}
	return cmd
}

func (a *app) edit(ctx context.Context, name string, e lifecycle.Edit, n noted) error {
	return a.change(ctx, name, words.SayEdited, func(s *session, c store.Connection) (string, error) {
		if e != (lifecycle.Edit{}) {
			if err := s.eng.Edit(ctx, c.ID, e); err != nil {
				return name, err
			}
		}
		if n.pause || n.resume {
			return name, s.eng.SetPaused(ctx, c.ID, n.pause)
		}
		return name, nil
	})
}

func (a *app) renameCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rename NAME NEW", Short: words.CmdRename, Args: args(2, 2, "a name and a new one"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			ctx, fresh := cmd.Context(), names[1]
			if !setup.ValidName(fresh) {
				return &setup.InputError{Step: "identity", Field: setup.FieldName, Code: "name"}
			}
			return a.change(ctx, names[0], words.SayRenamed, func(s *session, c store.Connection) (string, error) {
				err := s.eng.Rename(ctx, c.ID, fresh)
				if errors.Is(err, store.ErrNameTaken) {
					a.told.Connection = fresh
				}
				return fresh, err
			})
		},
	}
}

func (a *app) removeCommand() *cobra.Command {
	var forget, yes bool
	cmd := &cobra.Command{
		Use: "remove NAME", Aliases: []string{"rm"}, Short: words.CmdRemove, Long: words.LongRemove,
		Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			ctx, line := cmd.Context(), words.SayRemoved
			if forget && !yes && !a.deps.IsTerminal() {
				return usage(cmd, words.UseForget)
			}
			if forget {
				line = words.SayForgotten
			}
			return a.change(ctx, names[0], line, func(s *session, c store.Connection) (string, error) {
				if forget && !yes {
					if err := a.typeName(ctx, words.AskNameForget, c.Name); err != nil {
						return c.Name, err
					}
				}
				return c.Name, s.eng.Remove(ctx, c.ID, forget)
			})
		},
	}
	cmd.Flags().BoolVar(&forget, "forget", false, words.FlagForget)
	cmd.Flags().BoolVar(&yes, "yes", false, words.FlagYes)
	return cmd
}

// change runs one change of one connection and says how it went.
func (a *app) change(ctx context.Context, name, line string, do func(*session, store.Connection) (string, error)) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	c, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	now, err := do(s, c)
	if err != nil {
		return err
	}
	a.say(words.Fill(line, "name", now))
	if !a.global.json {
		return nil
	}
	x, err := s.one(ctx, now)
	if errors.Is(err, store.ErrNotFound) {
		return a.json(map[string]any{"name": name, "removed": true})
	}
	if err != nil {
		return fmt.Errorf("reading it again: %w", err)
	}
	return a.json(x.json())
}

// typeName asks a person to type a name before what cannot be undone.
func (a *app) typeName(ctx context.Context, prompt, name string) error {
	got, err := a.askLine(ctx, words.Fill(prompt, "name", name))
	if err != nil {
		return err
	}
	if got != name {
		return &words.Told{Name: "cancelled", Values: map[string]string{"said": words.UseNotTyped}}
	}
	return nil
}
