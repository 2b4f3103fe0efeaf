package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/connectors"
	"crmdeck/store"
	"crmdeck/store/envelope"
	"crmdeck/store/transfer"
	"crmdeck/ui/words"
)

// outFlags say how connections leave.
type outFlags struct {
	lock                     lockFlags
	handOver, copy, takeBack bool
	to                       string
}

func (a *app) exportCommand() *cobra.Command {
	var f outFlags
	cmd := &cobra.Command{
		Use: "export NAME... FILE", Short: words.CmdExport, Long: words.LongExport, ValidArgsFunction: a.completeNames,
		Args: func(cmd *cobra.Command, got []string) error {
			if f.takeBack {
				return args(1, -1, "one name or more, and no FILE with --take-back")(cmd, got)
			}
			return args(2, -1, "one name or more, and a FILE")(cmd, got)
		},
		Example: "  crmdeck export salesforce-prod --hand-over --recipient age1… --to \"the new server\" salesforce-prod.export",
		RunE: func(cmd *cobra.Command, names []string) error {
			switch {
			case f.handOver && f.copy, f.takeBack && (f.handOver || f.copy):
				return usage(cmd, words.UseOneWay)
			case f.takeBack:
				return a.takeBack(cmd.Context(), names)
			case (len(f.lock.recipients) > 0) == (f.lock.phrase != ""):
				return usage(cmd, words.UseExportLock)
			}
			last := len(names) - 1
			return a.export(cmd.Context(), names[:last], names[last], f)
		},
	}
	f.lock.register(cmd, "export-passphrase-file")
	cmd.Flags().BoolVar(&f.handOver, "hand-over", false, words.FlagHandOver)
	cmd.Flags().BoolVar(&f.copy, "copy", false, words.FlagCopy)
	cmd.Flags().BoolVar(&f.takeBack, "take-back", false, words.FlagTakeBack)
	cmd.Flags().StringVar(&f.to, "to", "", words.FlagTo)
	return cmd
}

// leaving are the connections that are exported, by grant.
type leaving struct {
	conns  []store.Connection
	grants []store.ID
	// rotates: at least one has a refresh token that its provider replaces.
	rotates bool
}

func (a *app) export(ctx context.Context, names []string, path string, f outFlags) error {
	if path != "-" && !f.lock.force {
		if err := isThere(path); err != nil {
			return err
		}
	}
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	l, err := s.leaving(ctx, names, f)
	if err != nil {
		return err
	}
	lock, who, err := a.lockFor(ctx, s, f.lock)
	if err != nil {
		return err
	}
	defer lock.Passphrase.Wipe()
	if f.to != "" {
		who = f.to
	}
	op, err := store.NewID(a.deps.Rand)
	if err != nil {
		return err
	}
	if f.handOver {
		err = s.handOver(ctx, op, l, path, f, lock, who)
	} else {
		if err = transfer.NoteCopy(ctx, s.st, op, a.deps.Clock.Now(), l.conns, who); err == nil {
			err = s.writeParcels(ctx, l, path, f, lock)
		}
	}
	if err != nil {
		return err
	}
	return a.exportSays(path, l, f, who)
}

// leaving finds the connections and refuses what can't leave, before anything is done.
func (s *session) leaving(ctx context.Context, names []string, f outFlags) (l leaving, err error) {
	for _, name := range names {
		c, err := s.find(ctx, name)
		if err != nil {
			return l, err
		}
		if !slices.ContainsFunc(l.conns, func(x store.Connection) bool { return x.ID == c.ID }) {
			l.conns = append(l.conns, c)
		}
		if !slices.Contains(l.grants, c.Grant) {
			l.grants = append(l.grants, c.Grant)
		}
	}
	err = s.st.Read(ctx, func(r store.Reader) error {
		for _, id := range l.grants {
			if err := s.mayLeave(r, id, &l, f); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

func (s *session) mayLeave(r store.Reader, id store.ID, l *leaving, f outFlags) error {
	g, err := r.Grant(id)
	if err != nil {
		return err
	}
	all, err := r.ConnectionsOf(id)
	if err != nil {
		return err
	}
	named := slices.IndexFunc(l.conns, func(c store.Connection) bool { return c.Grant == id })
	blocked := &transfer.BlockedError{Name: l.conns[named].Name, Why: transfer.Blocked(g)}
	rotates := g.Refresh != nil && s.replaces(g.Provider)
	l.rotates = l.rotates || rotates
	for _, c := range all {
		if !slices.ContainsFunc(l.conns, func(x store.Connection) bool { return x.ID == c.ID }) {
			blocked.Others = append(blocked.Others, c.Name)
		}
	}
	switch {
	case blocked.Why != "":
	case f.handOver && len(blocked.Others) > 0:
		blocked.Why = transfer.BlockedShared
	case rotates && !f.handOver && !f.copy:
		blocked.Why = transfer.BlockedRotates
	default:
		return nil
	}
	return blocked
}

// replaces reports a provider that gives a new refresh token at a refresh, or may do so. Of one
// that is not known any more the worst is assumed.
func (s *session) replaces(provider string) bool {
	p := s.provider(provider)
	return p == nil || p.Tokens.Rotates != connectors.RotatesNever
}

// writeParcels writes the file. Only named connections are in it.
func (s *session) writeParcels(ctx context.Context, l leaving, path string, f outFlags, lock envelope.Lock) error {
	parcels, err := transfer.Pack(ctx, s.st, l.grants)
	if err != nil {
		return err
	}
	for _, p := range parcels {
		defer p.Wipe()
		if len(p.Refused) > 0 {
			return p.Refused[0]
		}
		p.Unmarked()
		p.Connections = slices.DeleteFunc(p.Connections, func(c store.Connection) bool {
			return !slices.ContainsFunc(l.conns, func(x store.Connection) bool { return x.ID == c.ID })
		})
	}
	info, err := s.st.Info(ctx)
	if err != nil {
		return err
	}
	head := transfer.Head{Made: s.app.deps.Clock.Now().UTC(), StoreID: info.StoreID, HandOver: f.handOver}
	return s.app.writeOut(path, f.lock.force, "export", func(w io.Writer) error {
		out, err := lock.Seal(w)
		if err != nil {
			return err
		}
		if err := transfer.Write(out, head, parcels); err != nil {
			return err
		}
		return out.Close()
	})
}

// handOver marks, writes, wipes. If the file was not written, the mark is taken away again; if it
// may be there, the mark stays, and nothing is used before a person has decided.
func (s *session) handOver(ctx context.Context, op store.ID, l leaving, path string, f outFlags, lock envelope.Lock, who string) error {
	h, err := transfer.Begin(ctx, s.st, s.app.deps.Clock, op, l.grants, who)
	if err != nil {
		return err
	}
	defer h.Release()
	if err := s.writeParcels(ctx, l, path, f, lock); err != nil {
		if _, there := lstat(path); errors.Is(there, fs.ErrNotExist) && path != "-" {
			return errors.Join(err, h.TakeBack(ctx))
		}
		return err
	}
	return h.Finish(ctx, "to "+who)
}

// takeBack undoes a hand-over that was broken off.
func (a *app) takeBack(ctx context.Context, names []string) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	op, err := store.NewID(a.deps.Rand)
	if err != nil {
		return err
	}
	var grants []store.ID
	for _, name := range names {
		c, err := s.find(ctx, name)
		if err != nil {
			return err
		}
		if !slices.Contains(grants, c.Grant) {
			grants = append(grants, c.Grant)
		}
	}
	if err := transfer.Again(s.st, a.deps.Clock, op, grants).TakeBack(ctx); err != nil {
		return err
	}
	if a.global.json {
		return a.json(map[string]any{"names": names, "taken_back": true})
	}
	a.say(words.Fill(words.SayTakenBack, "names", strings.Join(names, ", ")))
	return nil
}

func (a *app) exportSays(path string, l leaving, f outFlags, who string) error {
	var names []string
	for _, c := range l.conns {
		names = append(names, c.Name)
	}
	if a.global.json && path != "-" {
		return a.json(map[string]any{"path": path, "names": names, "handed_over": f.handOver, "to": who})
	}
	say := a.say
	if path == "-" {
		say, path = a.note, "standard output"
	}
	say(words.Left(names, path, f.handOver))
	switch {
	case f.handOver:
		a.note(words.SayHandedOver)
	case l.rotates:
		a.note(words.SayCopiedRotates)
	default:
		a.note(words.SayCopied)
	}
	return nil
}
