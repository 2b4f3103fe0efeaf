//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
)

// built builds the program as a user gets it, and an empty one to compare with.
func built(b *testing.B) (crmdeck, empty string) {
	b.Helper()
	dir := b.TempDir()
	source := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	crmdeck, empty = filepath.Join(dir, "crmdeck"), filepath.Join(dir, "empty")
	for out, what := range map[string]string{crmdeck: ".", empty: source} {
		if text, err := exec.Command("go", "build", "-o", out, what).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, text)
		}
	}
	return crmdeck, empty
}

// BenchmarkToken is `crmdeck token` with a fresh token, opened by an identity file, as
// whole processes; beside it an empty Go program.
func BenchmarkToken(b *testing.B) {
	crmdeck, empty := built(b)
	w := newFresh(b)
	for name, args := range map[string][]string{
		"empty": {empty},
		"token": {crmdeck, "--home", w.home, "--identity", w.identity, "token", w.name},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if out, err := exec.Command(args[0], args[1:]...).Output(); err != nil || (name == "token") != (len(out) > 0) {
					b.Fatalf("%q, %v", out, err)
				}
			}
		})
	}
}

// BenchmarkStart is the time from the start of the process to the first frame with
// connections on a terminal, without a key, and the memory that takes (RL-1: 150 MB).
func BenchmarkStart(b *testing.B) {
	crmdeck, _ := built(b)
	for _, n := range []int{1000, 10000} {
		home := filled(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				firstFrame(b, exec.Command(crmdeck, "--home", home))
			}
		})
	}
}

// firstFrame starts a program on a terminal and waits until a row is drawn.
func firstFrame(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 36, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		b.StopTimer()
		if kb := anonymous(cmd.Process.Pid); kb > 150<<10 {
			b.Errorf("it has %d kB of memory of its own", kb)
		} else if kb > 0 {
			b.ReportMetric(float64(kb)/1024, "MB-RssAnon")
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = tty.Close()
		b.StartTimer()
	}()
	var seen bytes.Buffer
	chunk := make([]byte, 64<<10)
	for !bytes.Contains(seen.Bytes(), []byte("conn-")) {
		n, err := tty.Read(chunk)
		if err != nil {
			b.Fatalf("%v\n%s", err, seen.Bytes())
		}
		seen.Write(chunk[:n])
	}
}

// anonymous is the RssAnon of a process in kB; 0 where the system does not tell.
func anonymous(pid int) (kb int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, rest, ok := bytes.Cut(status, []byte("RssAnon:")); ok {
		_, _ = fmt.Sscan(string(rest), &kb)
	}
	return kb
}

// filled makes a store with n connections to look at.
func filled(b *testing.B, n int) string {
	b.Helper()
	home, now := filepath.Join(b.TempDir(), "home"), time.Now()
	st, err := bolt.New(bolt.Options{}).Create(b.Context(), home, store.Key{IdentityFile: filepath.Join(b.TempDir(), "identity.txt")})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	err = st.Write(b.Context(), func(w store.Writer) error {
		for i := range n {
			id := store.ID(fmt.Sprintf("%06d", i))
			g := store.Grant{ID: id, Provider: sim.HubSpot, Method: store.AuthorizationCode, Generation: 7, Created: now, Refreshed: now,
				Granted: []string{"oauth"}, GrantedKnown: true,
				Access:  &store.Token{Issued: now, Expires: now.Add(time.Duration(i%1800) * time.Second)},
				Refresh: &store.Token{Issued: now, Fingerprint: "FP-" + string(id)}}
			if err := w.PutGrant(&g); err != nil {
				return err
			}
			c := store.Connection{ID: id, Name: fmt.Sprintf("conn-%06d", i), Provider: sim.HubSpot, Environment: "prod", Owner: "ops",
				Method: store.AuthorizationCode, Grant: id, Asked: []string{"oauth"}, Created: now, Updated: now,
				Account: store.Account{ID: string(id), Name: "Amber Kettle Works"}}
			if err := w.PutConnection(&c); err != nil {
				return err
			}
		}
		_, err := w.Append(store.Event{Act: store.ActAdd, Outcome: "done"})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return home
}
