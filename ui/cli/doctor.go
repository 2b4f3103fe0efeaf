package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/doctor"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/process"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

func (a *app) doctorCommand() *cobra.Command {
	var network, all bool
	cmd := &cobra.Command{
		Use: "doctor", Short: words.CmdDoctor, Long: words.LongDoctor, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), network, all) },
	}
	cmd.Flags().BoolVar(&network, "network", false, words.FlagNetwork)
	cmd.Flags().BoolVar(&all, "all", false, words.FlagAllFound)
	return cmd
}

// doctor looks at the whole. What is wrong is what it is asked for, so nothing that it runs
// into ends it but the interrupt.
func (a *app) doctor(ctx context.Context, network, all bool) error {
	home, conf, err := a.settings()
	var wrong *config.Error
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	s := doctor.Subject{
		Home: home, Clock: a.deps.Clock, Env: a.deps.Env, Network: network, Terminal: a.terminal(), Process: protection(),
		CheckPages: a.pageChecker(home), Progress: a.doctorProgress(),
	}
	if err != nil {
		s.ConfigErr = err
	} else if list := checkValues(home, conf); errors.Join(list...) != nil {
		s.ConfigErr = errors.Join(list...)
	}
	if s.Catalog, err = catalog.Load(home); err != nil {
		s.ConfigErr = errors.Join(s.ConfigErr, err)
	}
	s.Store, s.OpenErr = a.deps.Backend(a.global.readOnly, a.actor()).Open(ctx, home)
	if s.OpenErr != nil {
		s.Store = nil
	} else {
		defer func() { _ = s.Store.Close() }()
		s.KeyErr = a.openQuietly(ctx, s.Store, conf)
	}
	s.KeyFiles = keyFiles(conf)
	found, err := doctor.Run(ctx, s)
	if err != nil {
		return err
	}
	if err := a.printFindings(home, found, all); err != nil {
		return err
	}
	if doctor.Worst(found) == doctor.Bad {
		return told{words.ExitFailed}
	}
	return nil
}

// told ends the program with a code; what there is to say was said.
type told struct{ exit int }

func (t told) Error() string { return fmt.Sprintf("ended with %d", t.exit) }

// openQuietly opens the store with what was given, and asks nobody.
func (a *app) openQuietly(ctx context.Context, st store.Store, conf *config.Config) error {
	if conf == nil || a.global.readOnly {
		return nil
	}
	k, err := a.key(ctx, conf)
	if err != nil || k.IsZero() {
		return err
	}
	defer k.Passphrase.Wipe()
	return st.Unlock(ctx, k)
}

// keyFiles are the files that the settings name to open the store.
func keyFiles(conf *config.Config) map[string]string {
	out := map[string]string{}
	if conf == nil {
		return out
	}
	for key, path := range map[string]string{"identity": conf.Identity, "passphrase_file": conf.PassphraseFile} {
		if fi, err := os.Stat(path); path != "" && path != "-" && (errors.Is(err, fs.ErrNotExist) || err == nil && fi.Mode().IsRegular()) {
			out[conf.Named(key)] = path
		}
	}
	return out
}

// protection is what holds for this process; main has asked for it already.
func protection() doctor.Process {
	p := process.Harden()
	return doctor.Process{CoreOff: p.CoreOff, Unreadable: p.Unreadable, Allowed: p.Allowed, Unsupported: p.Unsupported}
}

// terminal is what the deck would be drawn on.
func (a *app) terminal() doctor.Terminal {
	t := doctor.Terminal{Term: a.deps.Env("TERM"), Remote: a.deps.Env("SSH_CONNECTION") != "" || a.deps.Env("SSH_TTY") != "", Colours: "256 colours"}
	if f, ok := a.deps.Stdout.(*os.File); ok && a.deps.IsTerminal() && term.IsTerminal(int(f.Fd())) {
		t.Is = true
		t.Width, t.Height, _ = term.GetSize(int(f.Fd()))
	}
	if c := a.deps.Env("COLORTERM"); c == "truecolor" || c == "24bit" {
		t.Colours = "true colour"
	}
	if a.deps.Env("NO_COLOR") != "" {
		t.Colours = "no colour"
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set decides (POSIX, 8.2)
		if v := strings.ToUpper(a.deps.Env(name)); v != "" {
			t.UTF8 = strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
			break
		}
	}
	return t
}

// doctorProgress tells a person how far a long check is, at most once a second.
func (a *app) doctorProgress() func(string, int, int) {
	if a.global.json || !a.deps.IsTerminal() {
		return nil
	}
	last := time.Now()
	return func(check string, done, all int) {
		if now := time.Now(); now.Sub(last) > time.Second {
			last = now
			a.note(words.DoctorAt(check, done, all))
		}
	}
}

// findingJSON is a finding for programs. Fields are only ever added.
type findingJSON struct {
	Check   string            `json:"check"`
	Level   doctor.Level      `json:"level"`
	Code    string            `json:"code"`
	Found   string            `json:"found"`
	Why     string            `json:"why,omitempty"`
	Next    string            `json:"next,omitempty"`
	Command string            `json:"command,omitempty"`
	Facts   map[string]string `json:"facts"`
}

func (a *app) printFindings(home string, found []doctor.Finding, all bool) error {
	if a.global.json {
		out := struct {
			Home  string        `json:"home"`
			At    *string       `json:"checked_at"`
			Worst doctor.Level  `json:"worst"`
			Found []findingJSON `json:"findings"`
		}{home, moment(a.deps.Clock.Now()), doctor.Worst(found), []findingJSON{}}
		for _, f := range found {
			w := words.Doctor(f)
			out.Found = append(out.Found, findingJSON{f.Check, f.Level, f.Code, w.Found, w.Why, w.Next, w.Command, f.Facts})
		}
		return a.json(out)
	}
	hidden := false
	for _, f := range found {
		if f.Level == doctor.Fine && !all && doctor.Worst(found) != doctor.Fine {
			hidden = true
			continue
		}
		a.printFinding(f)
	}
	a.say(words.DoctorSum(found, hidden))
	return nil
}

// The columns of a finding: level, check, and what is said, in 80 cells.
const (
	levelCells = 10
	checkCells = 15
	saidCells  = 80 - levelCells - checkCells
)

func (a *app) printFinding(f doctor.Finding) {
	w := words.Doctor(f)
	lines := wrap(w.Found, saidCells)
	if f.Level != doctor.Fine {
		lines = append(append(lines, wrap(w.Why, saidCells)...), wrap(w.Next, saidCells)...)
		if w.Command != "" {
			lines = append(lines, "  "+w.Command) // whole, to be copied
		}
	}
	for i, line := range lines {
		level, check := "", ""
		if i == 0 {
			level, check = words.DoctorLevel(f.Level), f.Check
		}
		_, _ = fmt.Fprintln(a.out, strings.TrimRight(widget.PadRight(level, levelCells)+widget.PadRight(check, checkCells)+text.Clean(line), " "))
	}
	if len(lines) > 1 {
		_, _ = fmt.Fprintln(a.out)
	}
}

// wrap breaks a text at its blanks. A word that is longer than a line stays whole.
func wrap(s string, cells int) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(text.Clean(s)) {
		switch {
		case line == "":
			line = word
		case widget.Width(line)+1+widget.Width(word) > cells:
			out = append(out, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

// pagesCommand is the command that pageChecker runs.
const pagesCommand = "__pages"

func (a *app) pagesCommand() *cobra.Command {
	return &cobra.Command{
		Use: pagesCommand, Short: words.CmdCheckPages, Hidden: true, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := config.Home(a.global.home, a.deps.Env)
			if err != nil {
				return err
			}
			st, err := a.deps.Backend(true, a.actor()).Open(cmd.Context(), home)
			if err != nil {
				return err
			}
			defer func() { _ = st.Close() }()
			if c, ok := st.(store.Checkup); ok {
				return c.CheckPages(cmd.Context())
			}
			return nil
		},
	}
}

// pageChecker goes through a file in a child process: a page that leads out of the file can
// end the one that follows it, and nothing can catch that (DB-8). nil if there is no way to.
func (a *app) pageChecker(home string) func(context.Context) error {
	if a.deps.Self == "" {
		return nil
	}
	return func(ctx context.Context) error {
		c := exec.CommandContext(ctx, a.deps.Self, pagesCommand, "--home", home)
		c.Args[0], c.Env = words.Program, []string{"SYSTEMROOT=" + a.deps.Env("SYSTEMROOT")} // Windows needs it
		err := c.Run()
		var exit *exec.ExitError
		switch {
		case err == nil || ctx.Err() != nil:
			return ctx.Err()
		case !errors.As(err, &exit):
			return err
		case exit.ExitCode() == words.ExitConflict:
			return &store.BusyError{}
		case exit.ExitCode() > words.ExitFailed:
			return fmt.Errorf("looking at the pages: the process ended with %d", exit.ExitCode())
		case exit.ExitCode() == words.ExitFailed:
			return fmt.Errorf("%w: a page is not what it should be", store.ErrDamaged)
		}
		return fmt.Errorf("%w: looking at its pages ended the process (%s)", store.ErrDamaged, exit.ProcessState)
	}
}
