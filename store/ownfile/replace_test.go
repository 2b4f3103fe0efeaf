//go:build unix

package ownfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"crmdeck/store"
)

// write returns a writer of text.
func write(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func TestReplaceHasItsModeWhateverTheUmask(t *testing.T) { // FP-1, FP-6
	for _, mask := range []int{0, 0o022, 0o077, 0o777} {
		dir := t.TempDir()
		path := filepath.Join(dir, "file")
		for i, perm := range []fs.FileMode{0o600, 0o400, 0o644} {
			old := syscall.Umask(mask)
			err := Replace(path, perm, write(fmt.Sprint(i)))
			syscall.Umask(old)
			if err != nil {
				t.Fatalf("umask %o: %v", mask, err)
			}
			b, _ := os.ReadFile(path)
			fi, err := os.Stat(path)
			if err != nil || fi.Mode().Perm() != perm || string(b) != fmt.Sprint(i) {
				t.Errorf("umask %o: %v, %q, %v", mask, fi.Mode(), b, err)
			}
		}
		if n := names(t, dir); len(n) != 1 {
			t.Errorf("umask %o left %v", mask, n)
		}
	}
}

func TestReplaceThatFailsLeavesTheOld(t *testing.T) { // FP-6
	dir := t.TempDir()
	path := filepath.Join(dir, strings.Repeat("n", 255)) // the longest name
	if err := Replace(path, 0o600, write("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Replace(path, 0o600, func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		return broken
	})
	if b, _ := os.ReadFile(path); !errors.Is(err, broken) || string(b) != "old" || len(names(t, dir)) != 1 {
		t.Errorf("%v: %q beside %v", err, b, names(t, dir))
	}
}

func TestReplaceRefusesWhatIsNotOurs(t *testing.T) { // FP-3, FP-4, FP-6
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(os.WriteFile(at("target"), []byte("t"), 0o600), os.Symlink(at("target"), at("link")),
		os.Symlink(at("nowhere"), at("dangling")), syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("dir"), 0o700),
		os.WriteFile(at("one"), []byte("t"), 0o600), os.Link(at("one"), at("two")))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", "dangling", "pipe", "dir", "two"} {
		var u *store.UnsafeError
		if err := Replace(at(name), 0o600, write("new")); !errors.As(err, &u) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"target", "one"} {
		if b, err := os.ReadFile(at(name)); string(b) != "t" {
			t.Errorf("%s was touched: %q, %v", name, b, err)
		}
	}
	if _, err := os.Lstat(at("nowhere")); err == nil {
		t.Error("a file was made behind a dangling link")
	}
}

// replaceDir names the directory in which the child replaces a file until it is killed.
const replaceDir = "OWNFILE_REPLACE_DIR"

func TestReplaceChild(t *testing.T) {
	dir := os.Getenv(replaceDir)
	if dir == "" {
		return // it is the parent's tool, not a test
	}
	for i := 0; ; i++ {
		body := strings.Repeat(fmt.Sprintf("%07d\n", i), 10_000)
		if err := Replace(filepath.Join(dir, "file"), 0o600, write(body)); err != nil {
			t.Fatal(err)
		}
		fmt.Println("replaced", i)
	}
}

// killReplacing starts a child, kills it with SIGKILL after n bytes of its output, and returns
// the number that it acknowledged last.
func killReplacing(t *testing.T, dir string, lines int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestReplaceChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), replaceDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for i := 0; i < lines; i++ {
		if _, err := fmt.Fscanf(out, "replaced %d\n", &last); err != nil {
			break
		}
	}
	_ = cmd.Process.Kill()
	rest, _ := io.ReadAll(out)
	for line := range strings.Lines(string(rest)) {
		if n := 0; strings.HasSuffix(line, "\n") {
			if _, err := fmt.Sscanf(line, "replaced %d", &n); err == nil {
				last = n
			}
		}
	}
	_ = cmd.Wait()
	return last
}

func TestReplaceKilled(t *testing.T) { replaceKilled(t, 12) } // FP-6

// replaceKilled kills a process that replaces a file, and looks at the file each time.
func replaceKilled(t *testing.T, rounds int) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	left := 0
	for i := range rounds {
		last := killReplacing(t, dir, i%5)
		left += max(0, len(names(t, dir))-1)
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && last < 0 {
			continue // killed before the first was done
		}
		if err != nil || len(b) != 80_000 {
			t.Fatalf("round %d: %d bytes, %v", i, len(b), err)
		}
		if got := string(b[:8]); strings.Count(string(b), got) != 10_000 {
			t.Fatalf("round %d: the file is of two makes", i)
		}
		var n int
		if _, _ = fmt.Sscanf(string(b[:7]), "%d", &n); last >= 0 && n < last {
			t.Fatalf("round %d: %d was acknowledged, the file holds %d", i, last, n)
		}
		if err := Replace(path, 0o600, write(strings.Repeat("0000000\n", 10_000))); err != nil {
			t.Fatal(err)
		}
		if n := names(t, dir); len(n) != 1 {
			t.Fatalf("round %d: the next one left %v", i, n)
		}
	}
	t.Logf("%d rounds, %d temporary files were left and removed", rounds, left)
}

func TestReplaceAtOnce(t *testing.T) { // FP-6: nobody takes a living process's file for dead
	path := filepath.Join(t.TempDir(), "file")
	done := make(chan error)
	for i := range 8 {
		go func() {
			for range 25 {
				if err := Replace(path, 0o600, write(strings.Repeat(fmt.Sprint(i), 1000))); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 1000 || strings.Trim(string(b), string(b[:1])) != "" {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
