package cli

import (
	"context"
	"slices"
	"strconv"
	"time"

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
	connection   string
	acts         []string
	since, until string
	limit        int
	follow       bool
}

// The limits where --limit is not given: a page of history, or a few lines before what comes.
const (
	auditLimit  = 1000
	followLimit = 10
)

func (a *app) auditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use: "audit", Short: words.CmdAudit, Long: words.LongAudit, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck audit --act revoke --since 2026-11-01\n  crmdeck audit --follow --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.follow && !cmd.Flags().Changed("limit") {
				f.limit = followLimit
			}
			q, err := f.query(cmd)
			if err != nil {
				return err
			}
			return a.audit(cmd.Context(), f, q)
		},
	}
	cmd.AddCommand(a.auditVerifyCommand(), a.auditHeadCommand(), a.auditExportCommand(), a.auditArchiveCommand())
	cmd.Flags().StringVar(&f.connection, "connection", "", words.FlagConnection)
	cmd.Flags().StringArrayVar(&f.acts, "act", nil, words.FlagAct)
	cmd.Flags().StringVar(&f.since, "since", "", words.FlagAuditSince)
	cmd.Flags().StringVar(&f.until, "until", "", words.FlagUntil)
	cmd.Flags().IntVar(&f.limit, "limit", auditLimit, words.FlagLimit)
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, words.FlagFollow)
	return cmd
}

// query is which events are wanted.
type query struct {
	store.EventFilter
	since, until time.Time
}

// query reads the flags; the connection is found later, in the store.
func (f *auditFlags) query(cmd *cobra.Command) (q query, err error) {
	if f.limit < 1 {
		return q, usage(cmd, words.UseLimit)
	}
	if f.follow && f.until != "" {
		return q, usage(cmd, words.UseFollowUntil)
	}
	q.Limit = f.limit
	for _, name := range f.acts {
		if !slices.Contains(store.Acts(), store.Act(name)) {
			return q, usage(cmd, words.NoSuchAct(name))
		}
		q.Acts = append(q.Acts, store.Act(name))
	}
	if n, err := strconv.ParseUint(f.since, 10, 64); err == nil {
		q.After = n
	} else if q.since, err = parseMoment(f.since); err != nil {
		return q, err
	}
	if q.until, err = parseMoment(f.until); err != nil {
		return q, err
	}
	if !q.since.IsZero() && !q.until.IsZero() && !q.since.Before(q.until) {
		return q, usage(cmd, words.UseBefore)
	}
	return q, nil
}

// narrow reports that something is left out.
func (q *query) narrow() bool {
	return q.Connection != "" || len(q.Acts) > 0 || q.After > 0 || q.timed()
}

func (q *query) timed() bool { return !q.since.IsZero() || !q.until.IsZero() }

// wants reports whether an event is one of those, but for After and Limit.
func (q *query) wants(e *store.Event) bool {
	return (q.Connection == "" || e.ConnectionID == q.Connection) && (len(q.Acts) == 0 || slices.Contains(q.Acts, e.Act)) &&
		(q.since.IsZero() || !e.At.Before(q.since)) && (q.until.IsZero() || e.At.Before(q.until))
}

// audit writes events, the newest last, as a log is read.
func (a *app) audit(ctx context.Context, f auditFlags, q query) error {
	s, err := a.look(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if f.connection != "" {
		c, err := s.find(ctx, f.connection)
		if err != nil {
			return err
		}
		q.Connection = c.ID
	}
	if f.follow {
		return a.follow(ctx, s, q)
	}
	events, err := s.events(ctx, q)
	if err != nil {
		return err
	}
	if len(events) == 0 && q.narrow() {
		a.say(words.SayNoneFits)
		return nil
	}
	return a.printEvents(events)
}

// events are the newest that are wanted, oldest first.
func (s *session) events(ctx context.Context, q query) (out []store.Event, err error) {
	if q.timed() {
		return s.eventsByTime(ctx, q)
	}
	err = s.st.Read(ctx, func(r store.Reader) (err error) {
		out, err = r.Events(q.EventFilter)
		return err
	})
	slices.Reverse(out)
	return out, err
}

// eventsByTime goes through the whole log: a clock can go back, so that no event tells where
// to stop.
func (s *session) eventsByTime(ctx context.Context, q query) ([]store.Event, error) {
	log, err := s.auditReader()
	if err != nil {
		return nil, err
	}
	var out []store.Event
	err = log.EachEvent(ctx, q.After, func(page []store.Event) error {
		for i := range page {
			if e := &page[i]; q.wants(e) && (q.Before == 0 || e.Seq < q.Before) {
				out = append(out, *e)
			}
		}
		if n := len(out) - q.Limit; n > q.Limit { // now and then, so that memory stays bounded
			out = slices.Clone(out[n:])
		}
		return nil
	})
	return out[max(0, len(out)-q.Limit):], err
}

// auditTitles are the columns of events.
func auditTitles() []string {
	return []string{"number", "time (UTC)", "actor", "host", "act", "connection", "outcome", "evidence"}
}

func eventRow(e *store.Event) []string {
	return []string{
		strconv.FormatUint(e.Seq, 10), e.At.UTC().Format("2006-01-02 15:04:05"), e.Actor, e.Host, string(e.Act), e.Connection, e.Outcome, e.Evidence,
	}
}

func (a *app) eventJSON(e *store.Event) error {
	return a.json(eventJSON{e.Seq, moment(e.At), e.Actor, e.Host, e.Act, e.Connection, e.ConnectionID, e.Outcome, e.Evidence, e.Op})
}

func (a *app) printEvents(events []store.Event) error {
	var rows [][]string
	for i := range events {
		if a.global.json {
			if err := a.eventJSON(&events[i]); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, eventRow(&events[i]))
	}
	switch {
	case a.global.json:
	case len(rows) == 0:
		a.say(words.SayNoEvents)
	default:
		a.table(auditTitles(), rows)
	}
	return nil
}
