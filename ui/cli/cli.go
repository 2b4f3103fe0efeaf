// Package cli is crmdeck without a screen: the commands that people type and
// scripts rely on.
//
// It promises the exit codes of package words, one JSON object on standard output
// for a failure under --json, sentences for people on standard error, and that
// nothing prompts where there is no terminal. No flag, variable or setting takes
// the value of a secret, and no output holds one, except that of `token`. Every
// command calls the same lifecycle and setup as the screens do. What it needs from
// outside is in Deps; start with Main.
package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/ui/words"
)

// Deps is what the commands stand on. All fields are needed, except those that say so.
type Deps struct {
	Clock clock.Clock
	Rand  io.Reader
	// Backend makes the engine of the store, for looking only or for an actor's acts.
	Backend func(readOnly bool, actor string) store.Backend
	// HTTP makes the client of every request; it is called by commands that send one.
	HTTP func() *guard.Client

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            func(string) string
	// IsTerminal reports whether a person is at standard input.
	IsTerminal func() bool
	// OpenBrowser shows an address to the person; nil where there is no browser.
	OpenBrowser func(url string) error

	RunTUI  func(ctx context.Context, o TUIOptions) error
	RunDemo func(ctx context.Context, o DemoOptions) error
	RunSim  func(ctx context.Context, o SimOptions) error
	Version string
	// Self is the path of this program, which it runs for what can end a process; empty: not done.
	Self string
}

// app is one run of the program.
type app struct {
	deps   Deps
	global globals
	out    *output
	// stdin is taken by one secret at most.
	stdinTaken bool
	// told is what a failure is told with. Its provider's name is looked up then, by
	// providerID: parsing a definition would cost `token` more than all the rest.
	told       words.Context
	providerID string
	cat        *catalog.Catalog
}

// Main runs the program with the arguments after its name and returns its exit code.
func Main(ctx context.Context, args []string, d Deps) int {
	a := &app{deps: d, out: &output{w: d.Stdout}}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(d.Stdin)
	root.SetOut(a.out)
	root.SetErr(d.Stderr)
	a.global.json = asksJSON(args) // a failure before the flags are read is told as asked, too
	stop := a.patience(ctx)
	err := a.run(ctx, root, args)
	stop()
	if err == nil {
		err = a.out.err
	}
	if err == nil {
		return words.ExitDone
	}
	return a.report(err)
}

// unwinding is how long an interrupted command may take before it says what for.
const unwinding = 300 * time.Millisecond

// patience tells a person who interrupts what is still being finished: a request that
// was sent is not left without its answer (RF-11). The function it returns ends it.
func (a *app) patience(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(unwinding):
			a.note(words.SayFinishing)
		}
	})
	return func() {
		unhook()
		close(done)
	}
}

// run executes the command. Fang's styles are made only for what shows them: they
// would cost `token` and `version` a multiple of their own time.
func (a *app) run(ctx context.Context, root *cobra.Command, args []string) error {
	if !wantsHelp(args) {
		return root.ExecuteContext(ctx)
	}
	return fang.Execute(ctx, root, fang.WithoutVersion(), fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}))
}

func wantsHelp(args []string) bool {
	for i, arg := range args {
		switch {
		case arg == "--":
			return false
		case arg == "-h", arg == "--help", i == 0 && (arg == "help" || arg == "man"):
			return true
		}
	}
	return false
}

func asksJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == "--json" || strings.HasPrefix(arg, "--json=") && arg != "--json=false" {
			return true
		}
	}
	return false
}
