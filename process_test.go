//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/clock"
)

// job is a run of the program on the scene.
func (w *scene) job(args ...string) *exec.Cmd {
	cmd := exec.Command("crmdeck", append([]string{"--home", w.home, "--identity", w.identity}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "USER=job", "GOTRACEBACK=all"}
	return cmd
}

// code runs a job and tells how it ended and what it said.
func (w *scene) code(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := w.job(args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// PR-2: processes that act on the same connections in opposite orders all come to an end:
// nobody holds the lease of one grant while waiting for that of another.
func TestOppositeOrders(t *testing.T) {
	w := newExpired(t, sim.Salesforce)
	second := w.name + "-b"
	w.name = second
	w.connectAgain(t)
	first := strings.TrimSuffix(second, "-b")
	var all sync.WaitGroup
	for i := range 8 {
		a, b := first, second
		if i%2 == 1 {
			a, b = b, a
		}
		all.Go(func() {
			for _, args := range [][]string{{"refresh", a}, {"token", b}, {"refresh", b}, {"token", a}} {
				if code, said := w.code(t, args...); code != 0 {
					t.Errorf("%v ended with %d: %s", args, code, said)
				}
			}
		})
	}
	all.Wait()
	for i := range 2 {
		a, b := first, second
		if i == 1 {
			a, b = b, a
		}
		all.Go(func() {
			if code, said := w.code(t, "revoke", a, b, "--yes"); code != 0 {
				t.Errorf("revoking %s and %s ended with %d: %s", a, b, code, said)
			}
		})
	}
	all.Wait()
}

// connectAgain adds a connection under the scene's name, with a grant of its own.
func (w *scene) connectAgain(t *testing.T) {
	t.Helper()
	r := root{clock: clock.System{}}
	st, err := r.backend(false, "test").Open(t.Context(), w.home)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Unlock(t.Context(), store.Key{IdentityFile: w.identity}); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(w.home)
	if err != nil {
		t.Fatal(err)
	}
	w.connect(t, r.parts(st, cat, "test", 0))
}

// PR-3: who dies with the right to refresh leaves nothing that keeps others out: the lock
// is the kernel's, and the file that stays behind says nothing.
func TestDeadHolderLeavesNoLock(t *testing.T) {
	w := newExpired(t, sim.HubSpot)
	if err := w.sim.Inject(sim.Fault{Provider: w.provider, Endpoint: "token.refresh", Kind: "latency", Delay: time.Hour, Count: 1}); err != nil {
		t.Fatal(err)
	}
	holder := w.job("refresh", w.name)
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	w.until(t, func() bool { return w.refreshes(t) == 1 })
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	locks, err := filepath.Glob(filepath.Join(w.home, "locks", "*"))
	if err != nil || len(locks) == 0 {
		t.Fatalf("%v %v", locks, err)
	}
	b, err := os.ReadFile(locks[0])
	if err != nil || !bytes.Contains(b, []byte(fmt.Sprint(holder.Process.Pid))) {
		t.Errorf("the file names nobody: %s %v", b, err)
	}
	w.sim.ClearFaults()
	// The refresh token of this provider lives on, so that nothing else stands in the way.
	code, said := w.code(t, "token", w.name)
	if code != 0 || strings.Contains(said, "held") {
		t.Errorf("ended with %d: %s", code, said)
	}
}

// PR-7: an output that is full or closed ends every command with a failure, and no panic.
func TestFullOutput(t *testing.T) {
	w := newFresh(t)
	commands := [][]string{
		{"version"}, {"help"}, {"completion", "bash"}, {"config", "show"}, {"providers"}, {"providers", "hubspot"}, {"list"}, {"show", w.name},
		{"token", w.name}, {"audit"}, {"audit", "verify"}, {"audit", "head"}, {"audit", "export"}, {"slots", "list"}, {"test", w.name}, {"doctor"},
	}
	for _, args := range commands {
		for _, json := range []bool{false, true} {
			if json && args[0] == "help" {
				continue
			}
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Logf("this system has no /dev/full: %v", err)
				return
			}
			cmd := w.job(args...)
			if json {
				cmd.Args = append(cmd.Args, "--json")
			}
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = full, &said
			err = cmd.Run()
			_ = full.Close()
			if err == nil || strings.Contains(said.String(), "panic") || strings.Contains(said.String(), "goroutine ") {
				t.Errorf("%v, json %v: %v\n%s", args, json, err, said.String())
			}
		}
	}
}

// PR-5: a signal at any moment leaves no lock, no half record and no temporary file: the
// next job works.
func TestSignalsLeaveNothingBehind(t *testing.T) {
	w := newFresh(t)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGQUIT, syscall.SIGKILL}
	for i, sig := range signals {
		cmd := w.job("test", w.name, "--all")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before, err := w.sim.Counters(w.provider)
		if err != nil {
			t.Fatal(err)
		}
		w.until(t, func() bool { // it is in the middle of it
			now, err := w.sim.Counters(w.provider)
			return err != nil || now["contacts"]+now["query"] > before["contacts"]+before["query"] || cmd.ProcessState != nil
		})
		_ = cmd.Process.Signal(sig)
		_ = cmd.Wait()
		if code, said := w.code(t, "edit", w.name, "--owner", fmt.Sprint("owner-", i)); code != 0 {
			t.Errorf("after %v an edit ended with %d: %s", sig, code, said)
		}
	}
	if code, said := w.code(t, "audit", "verify"); code != 0 {
		t.Errorf("the audit log does not verify: %d %s", code, said)
	}
	left, err := filepath.Glob(filepath.Join(w.home, "*.new*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// PR-10: many jobs of one minute on one connection: nobody fails, and the provider
// sees one refresh.
func TestManyJobsAtOnce(t *testing.T) {
	w := newExpired(t, sim.HubSpot)
	const jobs, together = 60, 20
	slots := make(chan struct{}, together)
	var all sync.WaitGroup
	for i := range jobs {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if code, said := w.code(t, "token", w.name, "--as", fmt.Sprint("job-", i)); code != 0 {
				t.Errorf("job %d ended with %d: %s", i, code, said)
			}
		})
	}
	all.Wait()
	if n := w.refreshes(t); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}
