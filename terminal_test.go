//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/ui/cli"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/uitest"
)

// TM-15: whatever ends the deck gives the terminal back: its modes as they were, the main
// screen, the cursor, and no mouse or paste reports.
func TestTerminalIsGivenBack(t *testing.T) {
	w := newFresh(t)
	for name, end := range map[string]func(*exec.Cmd, *os.File) error{
		"q":         func(_ *exec.Cmd, tty *os.File) error { _, err := tty.WriteString("q"); return err },
		"interrupt": func(c *exec.Cmd, _ *os.File) error { return c.Process.Signal(os.Interrupt) },
		"terminate": func(c *exec.Cmd, _ *os.File) error { return c.Process.Signal(syscall.SIGTERM) },
		"hang up":   func(c *exec.Cmd, _ *os.File) error { return c.Process.Signal(syscall.SIGHUP) },
	} {
		tty, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := pty.Setsize(tty, &pty.Winsize{Rows: 30, Cols: 100}); err != nil {
			t.Fatal(err)
		}
		before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		cmd := w.job()
		cmd.Env = append(cmd.Env, "TERM=xterm-256color")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		limit := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		seen := make(chan []byte, 1)
		drawn := make(chan struct{})
		go func() { seen <- readUntilClosed(tty, []byte(w.name), drawn) }()
		<-drawn
		if err := end(cmd, tty); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		limit.Stop()
		after, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		if err != nil || *after != *before {
			t.Errorf("%s: the terminal's modes are others than before: %v", name, err)
		}
		_ = slave.Close()
		out := <-seen
		_ = tty.Close()
		for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?25l": "\x1b[?25h"} {
			if bytes.LastIndex(out, []byte(on)) > bytes.LastIndex(out, []byte(off)) {
				t.Errorf("%s: %q was not undone", name, on)
			}
		}
	}
}

// readUntilClosed reads all that a terminal gets, and tells when it holds a text; or when it
// ends without.
func readUntilClosed(tty io.Reader, text []byte, holds chan struct{}) []byte {
	var all bytes.Buffer
	chunk, told := make([]byte, 32<<10), false
	for {
		n, err := tty.Read(chunk)
		all.Write(chunk[:n])
		if !told && (err != nil || bytes.Contains(all.Bytes(), text)) {
			close(holds)
			told = true
		}
		if err != nil {
			return all.Bytes()
		}
	}
}

// PR-9: what another process changes is on the screen by itself, without a key, and who edits what
// was changed meanwhile is told instead of overwriting it.
func TestOtherProcessOnScreen(t *testing.T) {
	w := newFresh(t)
	deps, done, err := root{clock: clock.System{}}.deck(t.Context(), cli.TUIOptions{
		Home: w.home, Actor: "admin", Settings: config.Settings{}, Key: store.Key{IdentityFile: w.identity},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	screen := uitest.Start(t, deps, 120, 36)
	screen.Until(w.name)
	var mine store.Connection
	read := func(r store.Reader) error {
		var err error
		mine, err = r.ConnectionByName(w.name)
		return err
	}
	if err := deps.Store.Read(context.Background(), read); err != nil {
		t.Fatal(err)
	}
	if code, said := w.code(t, "rename", w.name, "renamed-elsewhere"); code != 0 {
		t.Fatal(said)
	}
	screen.Until("renamed-elsewhere")
	mine.Owner = "late"
	err = deps.Store.Write(context.Background(), func(tx store.Writer) error {
		_, err := tx.Append(store.Event{Act: store.ActEdit, Outcome: "done"})
		return errors.Join(err, tx.PutConnection(&mine))
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("a late edit: %v", err)
	}
	if code, said := w.code(t, "show", "renamed-elsewhere", "--json"); code != 0 || strings.Contains(said, "late") {
		t.Errorf("%d %s", code, said)
	}
}
