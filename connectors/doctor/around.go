package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/store"
)

const (
	// ahead is how far in the future a file or event may lie: clocks are set by small steps.
	ahead = 2 * time.Minute
	// skewed is the difference to a provider's clock from which on tokens are judged wrongly.
	skewed = 2 * time.Minute
	// jump is how far the clock may move against the time that really passed in one run.
	jump = 2 * time.Second
)

// clock compares this computer's clock with what it can be compared with: files and events
// can't be from the future, and providers tell the time in their answers.
func (x *examination) clock(ctx context.Context) error {
	before := len(x.found)
	now := x.Clock.Now()
	if fi, err := os.Stat(filepath.Join(x.Home, "store.db")); err == nil && fi.ModTime().Sub(now) > ahead {
		x.find(Bad, "clock_behind_file", "ahead", fi.ModTime().Sub(now).Round(time.Second).String())
	}
	if x.Store != nil {
		if err := x.recordClocks(ctx, now); err != nil {
			return err
		}
	}
	// Round drops the monotonic reading, so that one difference is of the wall clock.
	end := time.Now()
	if moved := end.Round(0).Sub(x.began.Round(0)) - end.Sub(x.began); moved.Abs() > jump {
		x.find(Warn, "clock_jumped", "by", moved.Round(time.Millisecond).String())
	}
	if len(x.found) == before {
		x.find(Fine, "clock", "now", now.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return nil
}

func (x *examination) recordClocks(ctx context.Context, now time.Time) error {
	off := map[time.Duration][]string{}
	err := x.Store.Read(ctx, func(r store.Reader) error {
		events, err := r.Events(store.EventFilter{Limit: 1})
		if err != nil {
			return err
		}
		if len(events) == 1 && events[0].At.Sub(now) > ahead {
			x.find(Bad, "clock_behind_event", "ahead", events[0].At.Sub(now).Round(time.Second).String())
		}
		sums, err := r.Summaries()
		for _, s := range sums {
			g, e := r.Grant(s.Grant)
			if e == nil && g.Skew.Abs() >= skewed {
				off[g.Skew] = append(off[g.Skew], s.Name)
			}
		}
		return err
	})
	if err != nil || len(off) == 0 {
		return err
	}
	var worst time.Duration
	var names []string
	for d, list := range off {
		if d.Abs() > worst.Abs() {
			worst = d
		}
		names = append(names, list...)
	}
	slices.Sort(names)
	x.find(Warn, "clock_skew", "by", worst.Round(time.Second).String(), "names", few(names))
	return nil
}

// settings tells mistakes in the settings.
func (x *examination) settings(context.Context) error {
	if x.ConfigErr == nil {
		x.find(Fine, "settings")
		return nil
	}
	for _, line := range strings.Split(x.ConfigErr.Error(), "\n") {
		x.find(Bad, "settings_wrong", "said", line)
	}
	return nil
}

// providers tells mistakes in a person's own provider files.
func (x *examination) providers(context.Context) error {
	if x.Catalog == nil {
		return nil
	}
	problems := catalog.Problems(x.Catalog.CheckOwn())
	told := map[string]int{}
	for _, p := range problems {
		if told[p.File]++; told[p.File] == 1 {
			x.find(Bad, "provider_wrong", "path", p.File, "said", p.String())
		}
	}
	if len(problems) == 0 {
		x.find(Fine, "providers", "count", strconv.Itoa(len(x.Catalog.IDs())))
	}
	return nil
}

// loud are variables that let something out of the process that is better kept in. "*": any value.
var loud = []struct{ name, value, code string }{
	{"GOTRACEBACK", "all", "env_trace"}, {"GOTRACEBACK", "system", "env_trace"}, {"GOTRACEBACK", "crash", "env_trace"},
	{"CRMDECK_WIRE_LOG", "*", "env_wire"}, {"SSLKEYLOGFILE", "*", "env_keylog"}, {"TEA_TRACE", "*", "env_library"},
	{"TEA_DEBUG", "*", "env_library"},
}

// process looks at what others could see of this process.
func (x *examination) process(context.Context) error {
	before := len(x.found)
	for _, l := range loud {
		if v := x.Env(l.name); v == l.value || l.value == "*" && v != "" {
			x.find(Warn, l.code, "name", l.name)
		}
	}
	p := x.Process
	switch {
	case p.Allowed:
		x.find(Warn, "core_allowed")
	case p.Unsupported:
		x.find(Unknown, "core_unsupported")
	case !p.CoreOff:
		x.find(Warn, "core_on")
	case len(x.found) == before:
		x.find(Fine, "process")
	}
	return nil
}

// The deck is drawn from 40 columns and 12 rows on, and shows all its columns from here on.
const roomyWidth, roomyHeight = 80, 24

// terminal looks at what the deck is drawn on.
func (x *examination) terminal(context.Context) error {
	t := x.Terminal
	size := fmt.Sprintf("%dx%d", t.Width, t.Height)
	facts := []string{"term", t.Term, "size", size, "colours", t.Colours}
	switch {
	case !t.Is:
		x.find(Fine, "terminal_none")
		return nil
	case t.Term == "" || t.Term == "dumb":
		x.find(Warn, "terminal_dumb", facts...)
		return nil
	}
	before := len(x.found)
	if !t.UTF8 {
		x.find(Warn, "terminal_ascii", facts...)
	}
	if t.Width > 0 && (t.Width < roomyWidth || t.Height < roomyHeight) {
		x.find(Warn, "terminal_small", facts...)
	}
	if len(x.found) == before {
		code := "terminal"
		if t.Remote {
			code = "terminal_remote"
		}
		x.find(Fine, code, facts...)
	}
	return nil
}
