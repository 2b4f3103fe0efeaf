// Package clitest runs the whole program from scripts, against simulated CRMs.
//
// A script is a .txtar file of commands. Beside testscript's own there are: sim, which
// starts the CRMs and exports where they are; exitcode CODE, which runs the program with
// no terminal and checks how it ends; consent CODE, which plays the person with the
// browser; retire, which deletes a key at its provider; fault and
// interrupt. Whatever the program prints is searched for the secrets that
// the script knows: only `token` may print one (LK-1, LK-5).
package clitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"crmdeck/connectors/sim"
)

// Run runs the scripts of a directory. The test's TestMain has to provide the program as
// the command crmdeck.
func Run(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir:   dir,
		Setup: setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sim": cmdSim, "consent": cmdConsent, "exitcode": cmdExit, "retire": cmdRetire, "interrupt": cmdInterrupt,
			"fault": cmdFault,
		},
	})
}

func setupScript(env *testscript.Env) error {
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("CRMDECK_HOME", env.WorkDir+"/home")
	env.Setenv("USER", "tester")
	env.Values[worldKey{}] = &world{}
	return os.WriteFile(env.WorkDir+"/phrase", []byte(phrase+"\n"), 0o600)
}

const phrase = "CANARY horse battery staple"

type worldKey struct{}

// world is what one script talks to, and the secrets that no output may hold.
type world struct {
	sim     *sim.Sim
	secrets []string
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// cmdSim starts the simulated CRMs in this process and exports where they are, with an
// app of its own for each script, since scripts run beside each other.
func cmdSim(ts *testscript.TestScript, _ bool, args []string) {
	s, err := sim.Start(context.Background(), sim.Config{Contacts: 60, Faults: args})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() })
	w := worldOf(ts)
	w.sim, w.secrets = s, []string{phrase}
	home := ts.Getenv("CRMDECK_HOME")
	ts.Check(os.MkdirAll(home, 0o700))
	ts.Check(s.WriteProviders(home + "/providers"))
	port := freePort(ts)
	ts.Setenv("PORT", port)
	for _, e := range s.Endpoints() {
		p := strings.ToUpper(e.Provider)
		id, sec := e.ClientID, e.ClientSecret
		if e.Provider != sim.Close {
			id, sec, err = s.NewClient(e.Provider, sim.ClientOptions{RedirectURIs: []string{
				"http://localhost:" + port + "/callback/" + e.Provider, "http://localhost:" + port + "/callback/own",
			}})
			ts.Check(err)
		}
		ts.Setenv(p+"_CLIENT", id)
		ts.Setenv(p+"_URL", e.BaseURL)
		ts.Setenv(p+"_OWN_CLIENT", e.ClientID)
		ts.Setenv(p+"_ACCOUNT", e.Account)
		accounts, err := s.Accounts(e.Provider)
		ts.Check(err)
		ts.Setenv(p+"_OTHER", accounts[1].Name)
		for name, v := range map[string]string{"secret": sec, "own.secret": e.ClientSecret, "key": e.APIKey, "refresh": e.RefreshToken} {
			if v != "" {
				w.secrets = append(w.secrets, v)
				ts.Check(os.WriteFile(ts.MkAbs(e.Provider+"."+name), []byte(v+"\n"), 0o600))
			}
		}
	}
}

func freePort(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// command makes a run of the program with the script's environment and no terminal.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	dir, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	c := exec.Command(filepath.Join(dir, args[0]), args[1:]...)
	c.Dir = ts.MkAbs(".")
	for _, k := range []string{"HOME", "CRMDECK_HOME", "CRMDECK_THEME", "CRMDECK_ASCII", "XDG_DATA_HOME", "CRMDECK_IDENTITY", "CRMDECK_PASSPHRASE_FILE", "CRMDECK_KEYRING", "DBUS_SESSION_BUS_ADDRESS", "USER", "PATH", "TMPDIR", "GOCOVERDIR"} {
		if v := ts.Getenv(k); v != "" {
			c.Env = append(c.Env, k+"="+v)
		}
	}
	return c
}

// finish checks the exit code and that no secret was printed (LK-1), and hands the
// output to the script.
func finish(ts *testscript.TestScript, want string, args []string, err error, out, errs []byte) {
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	_, _ = ts.Stdout().Write(out)
	_, _ = ts.Stderr().Write(errs)
	if strconv.Itoa(code) != want {
		ts.Fatalf("%q ended with %d, want %s\n%s%s", args, code, want, out, errs)
	}
	for _, s := range worldOf(ts).secrets {
		if !slices.Contains(args, "token") && (bytes.Contains(out, []byte(s)) || bytes.Contains(errs, []byte(s))) {
			ts.Fatalf("%q printed a secret", args)
		}
	}
}

// cmdExit runs the program: exitcode CODE crmdeck ARGS... [< FILE]
func cmdExit(ts *testscript.TestScript, _ bool, args []string) {
	want, args := args[0], args[1:]
	c := command(ts, args)
	if n := len(args); n > 2 && args[n-2] == "<" {
		f, err := os.Open(ts.MkAbs(args[n-1]))
		ts.Check(err)
		defer func() { _ = f.Close() }()
		c.Args, c.Stdin = c.Args[:n-2], f
	}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	finish(ts, want, args, c.Run(), out.Bytes(), errs.Bytes())
}

// cmdConsent runs a set-up and plays the person with the browser:
// consent CODE [-deny] [-account A] [-drop SCOPE] crmdeck ARGS...
func cmdConsent(ts *testscript.TestScript, _ bool, args []string) {
	want, args := args[0], args[1:]
	var o sim.ConsentOptions
	for strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-deny":
			o.Deny, args = true, args[1:]
		case "-account":
			o.Account, args = args[1], args[2:]
		case "-drop":
			o.DropScopes, args = append(o.DropScopes, args[1]), args[2:]
		}
	}
	c := command(ts, append(args, "--no-browser", "--json"))
	var errs bytes.Buffer
	c.Stderr = &errs
	pipe, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	var out bytes.Buffer
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		out.WriteString(lines.Text() + "\n")
		var e struct{ Event, URL string }
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Event == "open_url" {
			if err := worldOf(ts).sim.Consent(context.Background(), e.URL, o); err != nil {
				_ = c.Process.Kill()
				ts.Fatalf("consenting: %v", err)
			}
		}
	}
	finish(ts, want, args, c.Wait(), out.Bytes(), errs.Bytes())
}

// cmdRetire deletes a key at the simulated provider: retire PROVIDER FILE
func cmdRetire(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(worldOf(ts).sim.DeleteKey(args[0], strings.TrimSpace(ts.ReadFile(args[1]))))
}

// cmdFault makes the simulated CRMs fail from now on: fault NAME..., or fault none.
func cmdFault(ts *testscript.TestScript, _ bool, args []string) {
	s := worldOf(ts).sim
	s.ClearFaults()
	for _, name := range args {
		if name == "none" {
			continue
		}
		f, err := sim.ParseFault(name)
		ts.Check(err)
		ts.Check(s.Inject(f))
	}
}

// cmdInterrupt runs the program, sends it an interrupt once it has printed a line, and
// checks how it ends: interrupt CODE crmdeck ARGS...
func cmdInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	want, args := args[0], args[1:]
	c := command(ts, args)
	var out, errs bytes.Buffer
	c.Stderr = &errs
	pipe, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	lines := bufio.NewScanner(pipe)
	for sent := false; lines.Scan(); {
		out.WriteString(lines.Text() + "\n")
		if !sent {
			ts.Check(c.Process.Signal(os.Interrupt))
			sent = true
		}
	}
	finish(ts, want, args, c.Wait(), out.Bytes(), errs.Bytes())
}
