//go:build campaign && linux

package seal

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"crmdeck/store"
	"crmdeck/store/secret"
)

const memoryCanary = "memory-canary-Zp81-quartz-lamp"

// TestMemoryChild is the child whose memory is looked at; by itself it does nothing.
func TestMemoryChild(t *testing.T) {
	if dir := os.Getenv("SEAL_MEMORY_CHILD"); dir != "" {
		if err := memoryChild(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// memoryChild opens a vault, opens a secret, and stops twice: before and after wiping.
func memoryChild(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "header"))
	if err != nil {
		return err
	}
	var h Header
	if err := cbor.Unmarshal(b, &h); err != nil {
		return err
	}
	k := store.Key{IdentityFile: filepath.Join(dir, "identity")}
	if os.Getenv("SEAL_MEMORY_PHRASE") != "" {
		phrase, err := os.ReadFile(filepath.Join(dir, "phrase"))
		if err != nil {
			return err
		}
		k = store.Key{Passphrase: secret.New(phrase)}
		clear(phrase)
	}
	v, err := h.Unlock(context.Background(), tools, k)
	if err != nil {
		return err
	}
	if b, err = os.ReadFile(filepath.Join(dir, "sealed")); err != nil {
		return err
	}
	var s store.Sealed
	if err := cbor.Unmarshal(b, &s); err != nil {
		return err
	}
	val, err := v.Open(store.Binding{Owner: "g", Field: "refresh"}, s)
	if err != nil {
		return err
	}
	in := bufio.NewReader(os.Stdin)
	fmt.Println("open", val.Len())
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	val.Wipe()
	k.Passphrase.Wipe()
	v.Wipe()
	debug.FreeOSMemory()
	fmt.Println("wiped")
	_, _ = in.ReadString('\n')
	runtime.KeepAlive(v)
	return nil
}

// SE-15: after a vault was wiped, the memory of the process holds neither the data key nor
// the opened secret nor the passphrase, as far as this program can see to it. That they are
// found before shows that the search sees.
func TestCampaignMemoryAfterWipe(t *testing.T) {
	for _, kind := range []string{"identity", "passphrase"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			const phrase = "passphrase-canary-Qw73-violet"
			keys := []store.Key{{IdentityFile: filepath.Join(dir, "identity")}, {Passphrase: secret.FromString(phrase)}}
			h, v, err := Create(t.Context(), tools, "store", time.Time{}, keys...)
			if err != nil {
				t.Fatal(err)
			}
			s, err := v.Seal(store.Binding{Owner: "g", Field: "refresh"}, 1, []string{"api.example"}, secret.FromString(memoryCanary))
			if err != nil {
				t.Fatal(err)
			}
			for name, what := range map[string]any{"header": h, "sealed": s} {
				b, err := cbor.Marshal(what)
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "phrase"), []byte(phrase), 0o600); err != nil {
				t.Fatal(err)
			}
			identity, err := os.ReadFile(filepath.Join(dir, "identity"))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]byte{"data key": v.data, "audit key": v.audit, "secret": []byte(memoryCanary)}
			if kind == "passphrase" {
				want["passphrase"] = []byte(phrase)
			} else {
				want["identity"] = bytes.TrimSpace(identity[bytes.Index(identity, []byte("AGE-SECRET-KEY-")):])
			}
			before, after := childMemory(t, dir, kind, want)
			if before["data key"] == 0 || before["secret"] == 0 {
				t.Errorf("not seen while it is open: %v", before)
			}
			t.Logf("while open %v, after wiping %v", before, after)
			for name, n := range after {
				// age keeps copies of an identity that nobody can overwrite; it also lies in its file.
				if n > 0 && name != "identity" {
					t.Errorf("%s is in memory %d times after wiping", name, n)
				}
			}
		})
	}
}

// childMemory counts how often each of want is in the child's memory, open and wiped.
func childMemory(t *testing.T, dir, kind string, want map[string][]byte) (before, after map[string]int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestMemoryChild$")
	cmd.Env = append(os.Environ(), "SEAL_MEMORY_CHILD="+dir)
	if kind == "passphrase" {
		cmd.Env = append(cmd.Env, "SEAL_MEMORY_PHRASE=1")
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	next := func(want string) {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Fatalf("the child says %q", lines.Text())
		}
	}
	next("open")
	before = count(t, cmd.Process.Pid, want)
	_, _ = io.WriteString(in, "\n")
	next("wiped")
	return before, count(t, cmd.Process.Pid, want)
}

// count searches the writable memory of a process.
func count(t *testing.T, pid int, want map[string][]byte) map[string]int {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	found := map[string]int{}
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "rw") {
			continue
		}
		lo, hi, _ := strings.Cut(fields[0], "-")
		from, _ := strconv.ParseInt(lo, 16, 64)
		to, _ := strconv.ParseInt(hi, 16, 64)
		b := make([]byte, to-from)
		n, _ := mem.ReadAt(b, from)
		for name, w := range want {
			found[name] += bytes.Count(b[:n], w)
		}
	}
	return found
}
