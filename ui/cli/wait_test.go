package cli_test

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/store/clock"
	"crmdeck/ui/cli"
	"crmdeck/ui/words"
)

// A secret that nobody writes is waited for, and an interrupt ends that (PR-5).
func TestWaitingForASecretIsCancelled(t *testing.T) {
	for _, file := range append([]string{"-"}, pipes(t)...) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		silent, end := io.Pipe()
		code := cli.Main(ctx, []string{"init", "--home", filepath.Join(t.TempDir(), "home"), "--passphrase-file", file}, cli.Deps{
			Clock: clock.System{}, Stdin: silent, Stdout: io.Discard, Stderr: io.Discard,
			Env: func(string) string { return "" }, IsTerminal: func() bool { return false },
		})
		_ = end.Close()
		if code != words.ExitCancelled {
			t.Errorf("%s: ended with %d", file, code)
		}
	}
}

// No help shows the quotes that name a flag's value in the code.
func TestHelpHasNoBackQuotes(t *testing.T) {
	for _, cmd := range []string{"", "add", "init", "sim", "audit", "audit verify", "audit archive", "audit export", "backup", "restore", "export", "import", "snapshot", "doctor", "rebind", "slots add", "store rekey", "store adopt"} {
		var out strings.Builder
		cli.Main(context.Background(), append(strings.Fields(cmd), "--help"), cli.Deps{
			Clock: clock.System{}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
			Env: func(string) string { return "" }, IsTerminal: func() bool { return false },
		})
		if out.Len() == 0 || strings.Contains(out.String(), "`") {
			t.Errorf("%s:\n%s", cmd, out.String())
		}
	}
}
