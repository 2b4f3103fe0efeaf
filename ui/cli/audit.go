package cli

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/ui/words"
)

// eventJSON is one audit event as a JSON line.
type eventJSON struct {
	Seq        uint64    `json:"seq"`
	At         *string   `json:"at"`
	Actor      string    `json:"actor"`
	Host       string    `json:"host"`
	Act        store.Act `json:"act"`
	Connection string    `json:"connection,omitempty"`
	ID         store.ID  `json:"connection_id,omitempty"`
	Outcome    string    `json:"outcome"`
	Evidence   string    `json:"evidence,omitempty"`
	Op         store.ID  `json:"op,omitempty"`
}

type auditFlags struct {
	connection string
	acts       []string
	since      uint64
	limit      int
}

func (a *app) auditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use: "audit", Short: words.CmdAudit, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.limit < 1 {
				return usage(cmd, "--limit is at least 1")
			}
			return a.audit(cmd.Context(), f)
		},
	}
	cmd.AddCommand(a.auditVerifyCommand(), a.auditHeadCommand(), a.auditExportCommand())
	cmd.Flags().StringVar(&f.connection, "connection", "", words.FlagConnection)
	cmd.Flags().StringArrayVar(&f.acts, "act", nil, words.FlagAct)
	cmd.Flags().Uint64Var(&f.since, "since", 0, words.FlagSince)
	cmd.Flags().IntVar(&f.limit, "limit", 1000, words.FlagLimit)
	return cmd
}

// audit writes events, the newest last, as a log is read.
func (a *app) audit(ctx context.Context, f auditFlags) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	filter := store.EventFilter{After: f.since, Limit: f.limit}
	for _, act := range f.acts {
		filter.Acts = append(filter.Acts, store.Act(act))
	}
	if f.connection != "" {
		c, err := s.find(ctx, f.connection)
		if err != nil {
			return err
		}
		filter.Connection = c.ID
	}
	var events []store.Event
	err = s.st.Read(ctx, func(r store.Reader) (err error) {
		events, err = r.Events(filter)
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(events)
	if len(events) == 0 && (filter.Connection != "" || len(filter.Acts) > 0 || filter.After > 0) {
		a.say(words.SayNoneFits)
		return nil
	}
	return a.printEvents(events)
}

func (a *app) printEvents(events []store.Event) error {
	var rows [][]string
	for _, e := range events {
		if a.global.json {
			err := a.json(eventJSON{e.Seq, moment(e.At), e.Actor, e.Host, e.Act, e.Connection, e.ConnectionID, e.Outcome, e.Evidence, e.Op})
			if err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{
			strconv.FormatUint(e.Seq, 10), e.At.UTC().Format("2006-01-02 15:04:05"), e.Actor, e.Host, string(e.Act), e.Connection, e.Outcome, e.Evidence,
		})
	}
	switch {
	case a.global.json:
	case len(rows) == 0:
		a.say(words.SayNoEvents)
	default:
		a.table([]string{"number", "time (UTC)", "actor", "host", "act", "connection", "outcome", "evidence"}, rows)
	}
	return nil
}
