package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/clock"
)

// TestInterruptedRefreshIsFinished is RF-11: a job that is interrupted while its refresh is
// at the provider says what it waits for, stores the answer, and then ends as cancelled.
func TestInterruptedRefreshIsFinished(t *testing.T) {
	w := newExpired(t, sim.Salesforce)
	if err := w.sim.Inject(sim.Fault{Provider: w.provider, Endpoint: "token.refresh", Kind: "latency", Delay: time.Hour, Count: 1}); err != nil {
		t.Fatal(err)
	}
	job := exec.Command("crmdeck", "--home", w.home, "--identity", w.identity, "refresh", w.name)
	said, err := job.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Start(); err != nil {
		t.Fatal(err)
	}
	w.until(t, func() bool { return w.refreshes(t) == 1 })
	if err := job.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Finishing") {
	}
	w.sim.ClearFaults() // the provider answers now
	for lines.Scan() {
	}
	if err := job.Wait(); job.ProcessState.ExitCode() != 130 {
		t.Errorf("ended with %v, want 130", err)
	}
	st, err := root{clock: clock.System{}}.backend(true, "test").Open(t.Context(), w.home)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	err = st.Read(t.Context(), func(r store.Reader) error {
		c, err := r.ConnectionByName(w.name)
		if err != nil {
			return err
		}
		g, err := r.Grant(c.Grant)
		if g.Intent != nil || g.Refreshes == 0 {
			t.Errorf("intent %v, %d refreshes: the answer was not stored", g.Intent, g.Refreshes)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for another process to have come so far.
func (w *scene) until(t *testing.T, there func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it never came so far")
		}
	}
}
