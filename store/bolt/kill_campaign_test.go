//go:build campaign && linux

package bolt_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
)

var (
	killPoints  = flag.Int("kill-points", 60, "system calls at which a process is killed, 0 for all")
	faultPoints = flag.Int("fault-points", 20, "system calls that fail, for each of ENOSPC, EDQUOT, EFBIG and EIO, 0 for all")
)

// writing are the system calls that change what is on disk, or make it durable.
var writing = []string{"pwrite64", "write", "fdatasync", "fsync", "ftruncate", "fallocate", "rename", "renameat", "renameat2",
	"unlink", "unlinkat", "openat", "mkdir", "mkdirat", "fchmod", "chmod", "copy_file_range", "sendfile"}

// needStrace says what to install where it is missing, or not allowed to trace.
func needStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("strace", "-qq", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Fatalf("this campaign needs strace, and the right to trace its children (install the package strace; in a container add SYS_PTRACE): %v %s", err, out)
	}
}

// traced runs a child under strace with more arguments for strace, and returns what it said.
func traced(t *testing.T, log string, strace []string, args ...string) (said string, err error) {
	t.Helper()
	exe, e := os.Executable()
	if e != nil {
		t.Fatal(e)
	}
	all := slices.Concat([]string{"-f", "-qq", "-o", log}, strace, []string{"--", exe}, args)
	cmd := exec.Command("strace", all...)
	cmd.Env = append(os.Environ(), childEnv+"=crash", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w %s", err, complaint.Bytes())
	}
	return out.String(), nil
}

// acknowledged counts the operations that a child said were done.
func acknowledged(said string) (n int) {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "done ") && strings.HasSuffix(line, "\n") {
			n++
		}
	}
	return n
}

// point is one system call of a scenario: the n-th of its kind on the thread that does the operations.
type point struct {
	scenario, call string
	n              int
	first          bool // within the first operation
}

func (p point) String() string { return fmt.Sprintf("%s, %s %d", p.scenario, p.call, p.n) }

var tracedCall = regexp.MustCompile(`^(\d+) +([a-z0-9_]+)\(`)

// points lists the system calls of a scenario.
func points(t *testing.T, re *rehearsal, calls []string) (all []point) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "trace")
	if said, err := traced(t, log, []string{"-e", "trace=" + strings.Join(calls, ",")}, re.stage(), re.name); err != nil || acknowledged(said) != len(re.ops) {
		t.Fatalf("%s: %v %s", re.name, err, said)
	}
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counts, first, opening := map[string]int{}, "", true
	for lines := bufio.NewScanner(f); lines.Scan(); {
		m := tracedCall.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		if first == "" {
			first = m[1]
		}
		if m[1] == first {
			counts[m[2]]++
			all = append(all, point{re.name, m[2], counts[m[2]], opening})
		}
		opening = opening && !strings.Contains(lines.Text(), `"done 0`)
	}
	return all
}

// sample picks n of the points, spread over all of them; 0: all.
func sample(all []point, n int) []point {
	if n == 0 || n >= len(all) {
		return all
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:n]
}

// rehearseAll prepares every scenario.
func rehearseAll(t *testing.T) map[string]*rehearsal {
	t.Helper()
	out := map[string]*rehearsal{}
	for _, name := range scenarioNames() {
		out[name] = rehearse(t, name)
	}
	return out
}

// killRounds is how often the writers of TestCampaignKilledWriters are killed.
var killRounds = flag.Int("kill-rounds", 25, "rounds in which four writers are killed at random")

// DB-2, AU-7: four writers, each of which is killed at random; what was acknowledged is there,
// and each change with its event, or neither.
func TestCampaignKilledWriters(t *testing.T) {
	begun := time.Now()
	killWriters(t, *killRounds, 4)
	t.Logf("%d writers killed, %s", 4**killRounds, time.Since(begun).Round(time.Second))
}

// DB-1, SE-10, DB-15, FP-6: a process is killed at system calls that write, of every operation: what it
// acknowledged is there, each operation whole or absent.
func TestCampaignKillAtEverySyscall(t *testing.T) {
	needStrace(t)
	all := rehearseAll(t)
	var list []point
	for _, name := range scenarioNames() {
		list = append(list, points(t, all[name], writing)...)
	}
	known, begun, killed, bad := len(list), time.Now(), 0, 0
	byCall := map[string]int{}
	for _, p := range sample(list, *killPoints) {
		re := all[p.scenario]
		dir := re.stage()
		said, err := traced(t, os.DevNull, []string{"-e", "trace=" + p.call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", p.call, p.n)}, dir, re.name)
		if err != nil {
			killed++
			byCall[p.call]++
		}
		if err := re.check(dir, acknowledged(said), false); err != nil {
			bad++
			t.Errorf("killed at %s: %v", p, err)
		}
		clearStage(t, dir)
	}
	t.Logf("%d of %d system calls, killed at %d, %d bad, %s; %v", len(sample(list, *killPoints)), known, killed, bad, time.Since(begun).Round(time.Second), byCall)
}

// clearStage removes a directory that is no longer needed, since thousands of them are much.
func clearStage(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		t.Fatal(err)
	}
}

// DB-5, DB-6: system calls that write fail. No room is an error that leaves the old state
// whole and reads working; an error of a sync or write leaves unknown what is there, which
// the process says, and what is there afterwards is a whole state.
func TestCampaignFaults(t *testing.T) {
	needStrace(t)
	all := rehearseAll(t)
	var list []point
	for _, name := range scenarioNames() {
		mine := points(t, all[name], []string{"pwrite64", "write", "fdatasync", "fsync", "ftruncate", "fallocate", "openat", "rename", "renameat", "copy_file_range"})
		if len(all[name].ops) > 1 && all[name].start == "small" {
			// Where a store is noted at the first unlock, if that can be; scenario unlock is about it.
			mine = slices.DeleteFunc(mine, func(p point) bool { return p.first })
		}
		list = append(list, mine...)
	}
	for _, errno := range []string{"ENOSPC", "EDQUOT", "EFBIG", "EIO"} {
		t.Run(errno, func(t *testing.T) {
			begun, failed, unknown, bad := time.Now(), 0, 0, 0
			some := sample(slices.Clone(list), *faultPoints)
			for _, p := range some {
				re := all[p.scenario]
				dir := re.stage()
				said, err := traced(t, os.DevNull, []string{"-e", "trace=" + p.call, "-e", fmt.Sprintf("inject=%s:error=%s:when=%d", p.call, errno, p.n)}, dir, re.name)
				var exit *exec.ExitError
				switch {
				case strings.Contains(said, "unknown\n") && err == nil:
					unknown++
				case errors.As(err, &exit) && exit.ExitCode() == 1 && !strings.Contains(said, "unknown\n"), err == nil && strings.Contains(said, "failed "):
					failed++
				case err != nil:
					bad++
					t.Errorf("%s at %s: %v", errno, p, err)
				}
				if err := re.check(dir, acknowledged(said), undone(said)); err != nil {
					bad++
					t.Errorf("%s at %s: %s: %v", errno, p, lastLine(said), err)
				}
				clearStage(t, dir)
			}
			t.Logf("%s at %d of %d system calls: %d operations failed, of %d the outcome was unknown, %d bad, %s", errno, len(some), len(list), failed, unknown, bad, time.Since(begun).Round(time.Second))
		})
	}
}

// undone reports that a process said that an operation failed, and left the old state whole.
func undone(said string) bool {
	return strings.Contains(said, "failed ") && strings.Contains(said, store.ErrUnwritable.Error()) && !strings.Contains(said, "unknown\n") &&
		!strings.Contains(said, "outcome is unknown")
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
