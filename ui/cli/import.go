package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/envelope"
	"crmdeck/store/transfer"
	"crmdeck/ui/words"
)

// importFlags say what opens the file, and how its one connection is called here.
type importFlags struct {
	open   openFlags
	as     string
	dryRun bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import FILE", Short: words.CmdImport, Long: words.LongImport, Args: args(1, 1, "a FILE, or - for standard input"),
		Example: "  crmdeck import --export-identity ~/.ssh/id_ed25519 salesforce-prod.export",
		RunE: func(cmd *cobra.Command, names []string) error {
			if f.as != "" && lifecycle.CheckName(f.as) != nil {
				return usage(cmd, lifecycle.ErrName.Error())
			}
			return a.importFile(cmd.Context(), names[0], f)
		},
	}
	cmd.Flags().StringArrayVar(&f.open.identities, "export-identity", nil, words.FlagExportIdentity)
	cmd.Flags().StringVar(&f.open.phrase, "export-passphrase-file", "", words.FlagExportPhrase)
	cmd.Flags().StringVar(&f.as, "as", "", words.FlagImportAs)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, words.FlagDryRun)
	return cmd
}

// errDry gives up a transaction that only wanted to know how it would end.
var errDry = errors.New("only looking")

// importFile reads and checks everything, and writes all of it in one transaction.
func (a *app) importFile(ctx context.Context, path string, f importFlags) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	head, parcels, err := s.readExport(ctx, path, f)
	if err != nil {
		return err
	}
	for _, p := range parcels {
		defer p.Wipe()
	}
	if err := s.fits(parcels, f); err != nil {
		return err
	}
	op, err := store.NewID(a.deps.Rand)
	if err != nil {
		return err
	}
	v, err := s.st.Vault()
	if err != nil {
		return err
	}
	var out []transfer.Outcome
	err = s.st.Write(ctx, func(w store.Writer) error {
		if out, err = transfer.Put(w, v, s.marked(head, parcels), s.importRules(head, op, f)); err == nil && f.dryRun {
			return errDry
		}
		return err
	})
	if errors.Is(err, transfer.ErrInvalid) {
		return &words.Archived{Path: path, Kind: "export", Err: err}
	}
	if err != nil && !errors.Is(err, errDry) {
		return err
	}
	return a.importSays(head, out, f)
}

func (s *session) importRules(head transfer.Head, op store.ID, f importFlags) transfer.Rules {
	how := "a copy"
	if head.HandOver {
		how = "handed over"
	}
	r := transfer.Rules{Act: store.ActImport, Op: op, Evidence: how + ", written " + head.Made.UTC().Format(time.RFC3339) + " by store " + string(head.StoreID)}
	if f.as != "" {
		r.Rename = func(store.Connection) string { return f.as }
	}
	return r
}

// marked notes on copies that their refresh token may be spent: the store that they come from
// has it too. Where the provider does not replace it, nothing can be spent.
func (s *session) marked(head transfer.Head, parcels []*transfer.Parcel) []*transfer.Parcel {
	for _, p := range parcels {
		p.Grant.Restored = time.Time{}
		if !head.HandOver && p.Grant.Refresh != nil && s.replaces(p.Grant.Provider) {
			p.Grant.Restored = s.app.deps.Clock.Now()
		}
	}
	return parcels
}

// readExport decrypts into memory only.
func (s *session) readExport(ctx context.Context, path string, f importFlags) (h transfer.Head, parcels []*transfer.Parcel, err error) {
	in, done, err := s.app.openIn(path)
	if err != nil {
		return h, nil, err
	}
	defer done()
	k, err := s.app.envelopeKey(ctx, in, s.conf, f.open, words.AskExportPhrase)
	if err != nil {
		return h, nil, err
	}
	defer k.Passphrase.Wipe()
	plain, err := envelope.Open(in, k)
	if err == nil {
		h, parcels, err = transfer.Read(plain)
	}
	if err != nil {
		return h, nil, &words.Archived{Path: path, Kind: "export", Err: err}
	}
	return h, parcels, nil
}

// fits checks what the records alone can't tell: providers and names.
func (s *session) fits(parcels []*transfer.Parcel, f importFlags) error {
	n := 0
	for _, p := range parcels {
		if _, err := s.cat.Provider(p.Grant.Provider); err != nil {
			return &words.Told{Name: "unknown_provider", Values: map[string]string{"said": p.Grant.Provider}, Err: err}
		}
		n += len(p.Connections)
		for _, c := range p.Connections {
			if err := lifecycle.CheckName(c.Name); err != nil && f.as == "" {
				return &words.Archived{Path: c.Name, Kind: "export", Err: transfer.ErrInvalid}
			}
		}
	}
	if f.as != "" && n != 1 {
		return usage(nil, words.UseAsOne)
	}
	return nil
}

func (a *app) importSays(head transfer.Head, out []transfer.Outcome, f importFlags) error {
	if a.global.json {
		return a.json(map[string]any{"dry_run": f.dryRun, "handed_over": head.HandOver, "made": moment(head.Made), "from": head.StoreID, "connections": mergedOf(out)})
	}
	a.outcomes(out)
	joined := slices.ContainsFunc(out, func(o transfer.Outcome) bool { return o.Why == transfer.WhySame })
	switch {
	case f.dryRun:
		a.say(words.SayRestoreChecked)
	case !head.HandOver:
		a.note(words.SayImportedCopy)
	default:
		a.note(words.SayImported)
	}
	if joined {
		a.note(words.SayImportJoined)
	}
	return nil
}
