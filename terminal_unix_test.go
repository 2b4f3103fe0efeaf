//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// onTerminal is the program on a real pseudo-terminal.
type onTerminal struct {
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	before *term.State

	mu  sync.Mutex
	out bytes.Buffer
}

// startOnTerminal runs crmdeck with a store of its own.
func startOnTerminal(t *testing.T, env []string, args ...string) *onTerminal {
	t.Helper()
	m, s, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = m.Close(), s.Close() })
	if err := pty.Setsize(m, &pty.Winsize{Rows: 30, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	x := &onTerminal{master: m, slave: s}
	if x.before, err = term.GetState(s.Fd()); err != nil {
		t.Fatal(err)
	}
	x.cmd = exec.Command("crmdeck", args...)
	x.cmd.Env = append(os.Environ(), append([]string{"TERM=xterm-256color", "LC_ALL=C.UTF-8"}, env...)...)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = s, s, s
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(x, m) }()
	return x
}

// Write implements io.Writer: what the program writes.
func (x *onTerminal) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.Write(p)
}

func (x *onTerminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.String()
}

// until waits until the program has written a text.
func (x *onTerminal) until(t *testing.T, text string) {
	t.Helper()
	limit, again := time.After(time.Minute), time.NewTicker(5*time.Millisecond)
	defer again.Stop()
	for !strings.Contains(x.text(), text) {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("the program never writes %q:\n%q", text, x.text())
		}
	}
}

// mode is a mode that a program switches on (h) or off (l).
var mode = regexp.MustCompile("\x1b\\[\\?([0-9;]+)([hl])")

// restored checks that the terminal is as it was.
func (x *onTerminal) restored(t *testing.T) {
	t.Helper()
	after, err := term.GetState(x.slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if *after != *x.before {
		t.Errorf("the terminal's settings are not what they were: %v, %v", after, x.before)
	}
	last := map[string]string{"25": "h"}
	for _, m := range mode.FindAllStringSubmatch(x.text(), -1) {
		for _, one := range strings.Split(m[1], ";") {
			last[one] = m[2]
		}
	}
	for m, set := range last {
		if want := map[bool]string{true: "h", false: "l"}[m == "25"]; set != want {
			t.Errorf("mode %s was left %s", m, set)
		}
	}
	if n, k := strings.Count(x.text(), "\x1b[>"), strings.Count(x.text(), "\x1b[<"); n > 0 && k == 0 && strings.Contains(x.text(), "\x1b[>1u") {
		t.Error("the keyboard's mode was left on")
	}
}

// TM-15: ctrl+c and SIGQUIT give the terminal back too, and no stack is written over it.
func TestQuitGivesTheTerminalBack(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	if out, err := exec.Command("crmdeck", "--home", home, "init", "--identity", filepath.Join(dir, "id")).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	for name, end := range map[string]func(*onTerminal) error{
		"ctrl+c":  func(x *onTerminal) error { _, err := x.master.WriteString("\x03"); return err },
		"SIGQUIT": func(x *onTerminal) error { return x.cmd.Process.Signal(syscall.SIGQUIT) },
	} {
		t.Run(name, func(t *testing.T) {
			x := startOnTerminal(t, nil, "--home", home)
			x.until(t, "No connections yet")
			if err := end(x); err != nil {
				t.Fatal(err)
			}
			_ = x.cmd.Wait()
			// All was read once a mark of ours comes through the terminal.
			if _, err := x.slave.WriteString("<END>"); err != nil {
				t.Fatal(err)
			}
			x.until(t, "<END>")
			x.restored(t)
			if strings.Contains(x.text(), "goroutine ") {
				t.Errorf("it ended with a stack:\n%s", x.text())
			}
		})
	}
}

// TM-14: a terminal that can't draw a screen is told of the commands, and gets no sequences.
func TestDumbTerminal(t *testing.T) {
	for _, args := range [][]string{{}, {"demo"}} {
		x := startOnTerminal(t, []string{"TERM=dumb"}, append([]string{"--home", filepath.Join(t.TempDir(), "home")}, args...)...)
		if err := x.cmd.Wait(); err == nil {
			t.Error("it ends well")
		}
		x.until(t, "crmdeck list")
		if strings.Contains(x.text(), "\x1b") {
			t.Errorf("%q", x.text())
		}
		x.restored(t)
	}
}
