package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/words"
)

func (a *app) testCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "test NAME", Short: words.CmdTest, Long: words.LongTest, Args: args(1, 1, "one name"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error { return a.test(cmd.Context(), names[0], all) },
	}
	cmd.Flags().BoolVar(&all, "all", false, words.FlagAll)
	return cmd
}

// objectJSON is one kind of record of a test sync.
type objectJSON struct {
	Name    string   `json:"name"`
	Outcome string   `json:"outcome"`
	Records int      `json:"records"`
	Total   *int     `json:"total"`
	Pages   int      `json:"pages"`
	Proved  []string `json:"scopes_proven"`
	Reason  string   `json:"reason,omitempty"`
	Message string   `json:"message,omitempty"`
}

// runJSON is a finished test sync.
type runJSON struct {
	Event      string       `json:"event"`
	Connection string       `json:"connection"`
	Outcome    string       `json:"outcome"`
	At         *string      `json:"at"`
	Seconds    float64      `json:"seconds"`
	Requests   int          `json:"requests"`
	Retries    int          `json:"retries"`
	All        bool         `json:"all"`
	Objects    []objectJSON `json:"objects"`
	Reason     string       `json:"reason,omitempty"`
	Message    string       `json:"message,omitempty"`
}

func (a *app) test(ctx context.Context, name string, all bool) error {
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	c, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	if all && !a.global.json {
		if cost, err := s.eng.Cost(ctx, c.ID); err == nil && cost.Calls >= 0 {
			a.note(fmt.Sprintf("All of it takes about %d calls for %d records.", cost.Calls, cost.Records))
		}
	}
	run, err := s.eng.Test(ctx, c.ID, lifecycle.TestOptions{All: all}, a.testProgress(name))
	if err != nil {
		return err
	}
	if err := a.printRun(name, run); err != nil {
		return err
	}
	return runFailure(name, run)
}

// runFailure is the failure that a test sync ended in, for the exit code; the run
// itself is told already.
func runFailure(name string, run store.TestRun) error {
	switch run.Outcome {
	case "failed":
		return &words.Told{Name: "test_failed", Values: map[string]string{"said": words.Said(run.Reason, run.Message), "code": coded(run.Reason), "name": name}}
	case "cancelled":
		return context.Canceled
	}
	return nil
}

func coded(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// testProgress shows how a test sync goes: a line that changes at a terminal, JSON lines
// under --json, nothing elsewhere.
func (a *app) testProgress(name string) func(lifecycle.TestProgress) {
	last := time.Time{}
	return func(p lifecycle.TestProgress) {
		if a.global.json {
			objects := []objectJSON{}
			for _, o := range p.Objects {
				objects = append(objects, objectOf(o.TestObject))
			}
			_ = a.json(map[string]any{"event": "progress", "connection": name, "objects": objects, "requests": p.Requests,
				"retries": p.Retries, "records_per_second": int(p.Rate), "waiting_seconds": int(p.Waiting.Seconds())})
			return
		}
		if !a.deps.IsTerminal() || p.Done || time.Since(last) < 500*time.Millisecond {
			return
		}
		last = time.Now()
		var parts []string
		for _, o := range p.Objects {
			parts = append(parts, fmt.Sprintf("%s %d", o.Name, o.Records))
		}
		a.note(fmt.Sprintf("%s · %d requests · %.0f/s", strings.Join(parts, " · "), p.Requests, p.Rate))
	}
}

func objectOf(o store.TestObject) objectJSON {
	out := objectJSON{Name: o.Name, Outcome: o.Outcome, Records: o.Records, Pages: o.Pages, Proved: list(o.Proved), Reason: o.Reason, Message: o.Message}
	if o.Total >= 0 {
		out.Total = &o.Total
	}
	return out
}

func (a *app) printRun(name string, run store.TestRun) error {
	if a.global.json {
		out := runJSON{Event: "done", Connection: name, Outcome: run.Outcome, At: moment(run.At), Seconds: run.Took.Seconds(),
			Requests: run.Requests, Retries: run.Retries, All: run.All, Objects: []objectJSON{}, Reason: run.Reason, Message: run.Message}
		for _, o := range run.Objects {
			out.Objects = append(out.Objects, objectOf(o))
		}
		return a.json(out)
	}
	var rows [][]string
	for _, o := range run.Objects {
		total := "?"
		if o.Total >= 0 {
			total = fmt.Sprint(o.Total)
		}
		rows = append(rows, []string{o.Name, o.Outcome, fmt.Sprint(o.Records), total, fmt.Sprint(o.Pages), strings.Join(o.Proved, " "), o.Message})
	}
	a.say(fmt.Sprintf("%s: %s in %.1fs, %d requests, %d retries", name, run.Outcome, run.Took.Seconds(), run.Requests, run.Retries))
	a.table([]string{"object", "outcome", "records", "of", "pages", "proved", "said"}, rows)
	for _, o := range run.Objects {
		for _, line := range o.Sample {
			a.say("  " + o.Name + "  " + line)
		}
	}
	return nil
}
