package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// compactDir names the store that TestCompactChild compacts until it is killed.
const compactDir = "CRMDECK_COMPACT_DIR"

func TestCompactChild(t *testing.T) {
	dir := os.Getenv(compactDir)
	if dir == "" {
		return // it is its parent's tool, not a test
	}
	s := storetest.Open(t, dir, bolt.Options{Actor: "child", Host: "test-host"})
	for i := 0; ; i++ {
		if _, err := s.(store.Compacter).Compact(context.Background()); err != nil {
			t.Fatal(err)
		}
		fmt.Println("compacted", i)
	}
}

// compacting starts a process that compacts, and returns what kills it once it has said
// a number of lines.
func compacting(t *testing.T, dir string) (kill func(lines int)) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCompactChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), compactDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func(lines int) {
		said := bufio.NewScanner(out)
		for ; lines > 0 && said.Scan(); lines-- {
		}
		_ = cmd.Process.Kill()
		for said.Scan() {
		}
		_ = cmd.Wait() // says that it was killed
	}
}

// DB-13: writers go on beside a process that compacts and is killed at random: nothing that
// was acknowledged is lost, each change has its event, and the next one clears up.
func TestCompactBesideWriters(t *testing.T) { compactBesideWriters(t, 6) }

func compactBesideWriters(t *testing.T, rounds int) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	if _, err := step(t.Context(), s, "g0"); err != nil {
		t.Fatal(err)
	}
	compactions := 0
	for round := range rounds {
		writers := []*proc{start(t, "write", dir, "g0", "0"), start(t, "write", dir, "g1", "0")}
		kill := compacting(t, dir)
		acked := [2]uint64{}
		for i, p := range writers {
			acked[i] = number(t, p.line())
		}
		kill(round % 4)
		for i, p := range writers {
			acked[i] = number(t, p.line())
			if last := p.kill(); last != "" {
				acked[i] = number(t, last)
			}
		}
		events := chainHolds(t, s)
		for i, a := range acked {
			id := store.ID(fmt.Sprintf("g%d", i))
			gen, n := generation(t, s, id), uint64(0)
			for _, e := range events {
				if e.Evidence == string(id) {
					n++
				}
			}
			if gen < a || gen > a+1 || n != gen {
				t.Fatalf("round %d: %s: %d acknowledged, %d stored, %d events", round, id, a, gen, n)
			}
		}
		compactions = 0
		for _, e := range events {
			if e.Act == store.ActCompact {
				compactions++
			}
		}
	}
	if compactions == 0 {
		t.Error("nothing was compacted")
	}
	if _, err := s.(store.Compacter).Compact(t.Context()); err != nil {
		t.Error(err)
	}
	list, err := os.ReadDir(dir)
	for _, e := range list {
		if e.Name() == "store.stage" {
			t.Error("the next one left what a killed one had left")
		}
	}
	t.Logf("%d compactions, %v", compactions, err)
}
