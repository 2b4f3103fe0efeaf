//go:build campaign && linux

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"crmdeck/connectors/sim"
)

// loopbackOnly is every address that a connect or sendto may name in this test.
var loopbackOnly = regexp.MustCompile(`sin_addr=inet_addr\("127\.|inet_pton\(AF_INET6, "(::1|::ffff:127\.[0-9.]+)"`)

// TestCampaignNoTelemetry is LK-13: no command, and not the deck, speaks to anybody but the
// provider of the connection that it is about. Every address that the program connects or
// sends to is seen by the kernel's trace; in this test all providers are on loopback.
func TestCampaignNoTelemetry(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this campaign watches system calls: install strace")
	}
	w := newExpired(t, sim.HubSpot)
	for _, args := range [][]string{
		{"version"}, {"help"}, {"list"}, {"show", w.name}, {"audit"}, {"providers"}, {"config", "check"}, {"test", w.name}, {"refresh", w.name},
		{"token", w.name}, {"audit", "verify"}, {"doctor"}, {"slots", "list"}, {"nonsense"}, {"revoke", w.name, "--yes"},
	} {
		trace := filepath.Join(t.TempDir(), "trace")
		job := w.job(args...)
		cmd := exec.Command("strace", append([]string{"-f", "-q", "-e", "trace=connect,sendto,sendmsg", "-o", trace, "--"}, job.Args...)...)
		cmd.Env = job.Env
		_ = cmd.Run()
		checkTrace(t, strings.Join(args, " "), trace, args[0] == "test" || args[0] == "refresh" || args[0] == "revoke")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	job := w.job()
	deck := exec.Command("strace", append([]string{"-f", "-q", "-e", "trace=connect,sendto,sendmsg", "-o", trace, "--"}, job.Args...)...)
	deck.Env = append(job.Env, "TERM=xterm-256color")
	tty, err := pty.StartWithSize(deck, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, tty); close(ended) }()
	if _, err := io.WriteString(tty, "q"); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(20*time.Second, func() { _ = deck.Process.Kill() })
	if err := deck.Wait(); err != nil {
		t.Errorf("the deck: %v", err)
	}
	limit.Stop()
	_ = tty.Close()
	<-ended
	checkTrace(t, "the deck", trace, false)
}

// checkTrace reads what the kernel saw.
func checkTrace(t *testing.T, what, trace string, talks bool) {
	t.Helper()
	b, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, "AF_INET") {
			continue // pipes, the name service's local socket
		}
		if seen++; !loopbackOnly.MatchString(line) {
			t.Errorf("%s speaks to somebody: %s", what, line)
		}
	}
	if talks && seen == 0 {
		t.Errorf("%s: the trace saw nothing", what)
	}
}
