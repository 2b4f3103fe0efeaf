package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain is also the child that hardens itself and dies, or shows its environment.
func TestMain(m *testing.M) {
	switch os.Getenv("PROCESS_TEST_CHILD") {
	case "":
		os.Exit(m.Run())
	case "die":
		s := Harden()
		if !s.CoreOff && !s.Allowed {
			os.Exit(3)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case "show":
		Harden()
		n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		if err != nil || n != 0 {
			os.Exit(4)
		}
		os.Stdout.WriteString(strings.Join(os.Environ(), "\n"))
		os.Exit(0)
	}
}

func child(t *testing.T, dir, what string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The shell raises the limit as far as it may, so that a core could be written.
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -c hard 2>/dev/null || ulimit -c unlimited 2>/dev/null; exec "$0"`, self)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PROCESS_TEST_CHILD="+what), env...)
	return cmd
}

// LK-7: a process that dies of SIGSEGV leaves no core, and says by its status that it dumped none.
func TestNoCore(t *testing.T) {
	for _, trace := range []string{"single", "crash", "all"} { // LK-8
		dir := t.TempDir()
		cmd := child(t, dir, "die", "GOTRACEBACK="+trace)
		_ = cmd.Run()
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || !status.Signaled() && status.ExitStatus() != 2 {
			t.Errorf("%s: ended with %v", trace, cmd.ProcessState)
		}
		if status.CoreDump() {
			t.Errorf("%s: it dumped a core", trace)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("%s: it left %v", trace, left)
		}
	}
}

// LK-7: not dumpable; the variables of libraries that write what they see are gone (TL-6).
func TestQuietEnvironment(t *testing.T) {
	var given []string
	for _, name := range quiet {
		given = append(given, name+"=/tmp/leak")
	}
	out, err := child(t, t.TempDir(), "show", given...).Output()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	for _, name := range quiet {
		if strings.Contains("\n"+string(out), "\n"+name+"=") {
			t.Errorf("%s is still there", name)
		}
	}
}

// LK-7: the way out is there, and shows.
func TestAllowed(t *testing.T) {
	t.Setenv(AllowCore, "1")
	if s := Harden(); !s.Allowed || s.CoreOff || s.Unreadable {
		t.Errorf("%+v", s)
	}
}
