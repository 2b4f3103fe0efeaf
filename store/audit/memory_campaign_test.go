//go:build campaign && linux

package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/bolt"
)

// childDir tells a child which store it shall check.
const childDir = "CRMDECK_TEST_CHECK"

// TestCampaignMillionEvents is AU-13: a process of its own that checks a log of
// CAMPAIGN_EVENTS events, 1,000,000 in the long form, stays under 64 MB of anonymous memory.
// How long it takes is told; the goal is 2 s for a million on 2 free cores.
func TestCampaignMillionEvents(t *testing.T) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("CAMPAIGN_EVENTS")); err == nil {
		n = v
	}
	dir := filepath.Join(t.TempDir(), "deck")
	st, err := bolt.New(bolt.Options{}).Create(t.Context(), dir, store.Key{IdentityFile: dir + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; {
		err := st.Write(t.Context(), func(w store.Writer) error {
			for end := min(i+20_000, n); i < end; i++ {
				_, err := w.Append(store.Event{Act: store.ActRefresh, Connection: fmt.Sprintf("hubspot-%04d", i%100), ConnectionID: store.ID(fmt.Sprintf("id%04d", i%100)),
					Outcome: "done", Evidence: "access token lasts 30m0s", Op: "op"})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestCampaignCheckChild$", "-test.v")
	child.Env = append(os.Environ(), childDir+"="+dir)
	var out bytes.Buffer
	child.Stdout, child.Stderr = &out, &out
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for peak := 0; ; {
		select {
		case err := <-ended:
			t.Logf("%d events, peak of %d KiB anonymous memory, child: %v\n%s", n, peak, err, out.String())
			if err != nil || peak == 0 || peak > 64<<10 {
				t.Errorf("%d KiB, %v", peak, err)
			}
			return
		case <-tick.C:
			peak = max(peak, anonymous(child.Process.Pid))
		}
	}
}

// anonymous is the anonymous resident memory of a process in KiB; 0 once it is gone.
func anonymous(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := bytes.Cut(b, []byte("RssAnon:"))
	n := 0
	_, _ = fmt.Sscan(string(rest), &n)
	return n
}

// TestCampaignCheckChild is the process that checks; by itself it does nothing.
func TestCampaignCheckChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	st, err := bolt.New(bolt.Options{}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Unlock(t.Context(), store.Key{IdentityFile: dir + ".key"}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := audit.Check(t.Context(), st.(audit.Log), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("checked %d events in %v", r.Head.Seq, time.Since(began))
}
