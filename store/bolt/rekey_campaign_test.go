//go:build campaign && unix

package bolt

import (
	"bufio"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"testing"
	"time"

	"filippo.io/age"

	"crmdeck/store"
	"crmdeck/store/audit"
)

var rekeyKills = flag.Int("rekeykills", 12, "how often a process that makes a new data key, or changes slots, is killed")

// TestRekeyChild is the process that is killed; by itself it does nothing. It says "go" when it
// begins, goes on with a run or begins one, and changes slots after it.
func TestRekeyChild(t *testing.T) {
	dir := os.Getenv("BOLT_REKEY_CHILD")
	if dir == "" {
		return
	}
	st, err := New(Options{Host: "child"}).Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := st.(*Store)
	if err := s.Unlock(t.Context(), own(s)); err != nil {
		t.Fatal(err)
	}
	fmt.Println("go")
	for {
		if _, err := s.Rekey(t.Context(), store.RekeyOptions{Proofs: []store.Key{own(s)}}); err != nil {
			t.Fatal(err)
		}
		spare := os.Getenv("BOLT_REKEY_RECIPIENT") // it may be there, if the last child was killed between
		if _, err := s.AddSlot(t.Context(), store.NewSlot{Recipient: spare}); err != nil && !errors.Is(err, store.ErrSlotExists) {
			t.Fatal(err)
		}
		if _, err := s.RemoveSlot(t.Context(), spare); err != nil {
			t.Fatal(err)
		}
	}
}

// SE-10, SE-11: whenever a process is killed that makes a new data key or changes slots, the store opens,
// every secret opens, others can write, and a later run ends what was begun.
func TestCampaignRekeyKilled(t *testing.T) {
	a, _ := pair2(t)
	const n = 600
	fillGrants(t, a, n)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	spare, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	running := 0
	for round := range *rekeyKills {
		cmd := exec.Command(self, "-test.run=^TestRekeyChild$")
		cmd.Env = append(os.Environ(), "BOLT_REKEY_CHILD="+a.dir, "BOLT_REKEY_RECIPIENT="+spare.Recipient().String())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		if !said.Scan() || said.Text() != "go" {
			t.Fatalf("round %d: the child says %q", round, said.Text())
		}
		after, err := rand.Int(rand.Reader, big.NewInt(int64(200*time.Millisecond)))
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(after.Int64()))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		b := other(t, a, own(a))
		st, err := b.RekeyState(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if st.Running {
			running++
		}
		for i := range n {
			if val, err := openRefresh(t, b, grantID(i)); err != nil || val != "secret "+string(grantID(i)) {
				t.Fatalf("round %d, running %v, %d: %q %v", round, st.Running, i, val, err)
			}
		}
		putRefresh(t, b, "busy", "hush")
		if round%3 != 2 {
			continue // the next child finds it as it is
		}
		if _, err := b.Rekey(t.Context(), store.RekeyOptions{}); err != nil {
			t.Fatal(err)
		}
		wantGrants(t, other(t, a, own(a)), n, keyID(t, b))
		left, err := b.Slots(t.Context())
		if err != nil || len(left) > 2 {
			t.Fatalf("slots %v %v", left, err)
		}
	}
	if _, err := audit.Check(t.Context(), other(t, a, own(a)), nil, nil); err != nil {
		t.Errorf("the log: %v", err)
	}
	t.Logf("%d kills, %d of them within a run, no secret and no slot lost", *rekeyKills, running)
}
