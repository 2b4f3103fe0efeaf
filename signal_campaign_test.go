//go:build campaign && linux

package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

var signalRounds = flag.Int("signal-rounds", 8, "decks that get a signal at a random moment")

// PR-5: a deck on a terminal gets a signal at a random moment, from before its first frame on. What can
// be caught gives the terminal back as it was, and the main screen; whatever it is, the next job works.
func TestCampaignSignals(t *testing.T) {
	w := newFresh(t)
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGWINCH, syscall.SIGCONT, syscall.SIGKILL}
	begun, restored := time.Now(), 0
	for round := range *signalRounds {
		cmd := exec.Command("crmdeck", "--home", w.home, "--identity", w.identity)
		cmd.Env = append(os.Environ(), "TERM=xterm-256color")
		tty, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		_ = pty.Setsize(tty, &pty.Winsize{Rows: 36, Cols: 120})
		was, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		drawn, ended := new(atomic.Int64), make(chan []byte, 1)
		go func() {
			var all bytes.Buffer
			_, _ = io.Copy(io.MultiWriter(&all, counter{drawn}), tty)
			ended <- all.Bytes()
		}()
		// Bytes on the screen are the clock: the moment is one of drawing, or before it.
		limit, look := time.After(time.Second), time.NewTicker(time.Millisecond)
		for at, waiting := int64(rand.IntN(6000)), true; waiting && drawn.Load() < at; {
			select {
			case <-limit: // it draws no more
				waiting = false
			case <-look.C:
			}
		}
		look.Stop()
		sig := signals[rand.IntN(len(signals))]
		_ = cmd.Process.Signal(sig)
		if sig == syscall.SIGWINCH || sig == syscall.SIGCONT { // neither ends it
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
		err = cmd.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		is, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		_ = slave.Close()
		said := <-ended
		_ = tty.Close()
		if sig != syscall.SIGKILL {
			if *is != *was {
				t.Errorf("round %d: %v after %d bytes left the terminal changed", round, sig, len(said))
			}
			if n := bytes.Count(said, []byte("\x1b[?1049h")) - bytes.Count(said, []byte("\x1b[?1049l")); n > 0 {
				t.Errorf("round %d: %v after %d bytes left the second screen", round, sig, len(said))
			}
			restored++
		}
		if code, said := w.code(t, "token", w.name); code != 0 {
			t.Errorf("round %d: after %v a job ended with %d: %s", round, sig, code, said)
		}
	}
	if code, said := w.code(t, "audit", "verify"); code != 0 {
		t.Errorf("the audit log does not verify: %d %s", code, said)
	}
	t.Logf("%d decks, %d terminals given back, %s", *signalRounds, restored, time.Since(begun).Round(time.Second))
}

// counter counts what is written.
type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}
