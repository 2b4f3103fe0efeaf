package cli_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/store/clock"
	"crmdeck/ui/cli"
	"crmdeck/ui/words"
)

// TM-14: a terminal that can't be drawn on gets a sentence instead of escape sequences, and a
// locale without UTF-8 gets glyphs from ASCII.
func TestPoorTerminals(t *testing.T) {
	for _, c := range []struct {
		env   map[string]string
		code  int
		ascii bool
	}{
		{map[string]string{"TERM": "dumb"}, words.ExitUsage, false},
		{map[string]string{"TERM": "xterm-256color"}, 0, false},
		{map[string]string{"TERM": "xterm", "LANG": "en_US.UTF-8"}, 0, false},
		{map[string]string{"TERM": "xterm", "LANG": "de_DE.utf8"}, 0, false},
		{map[string]string{"TERM": "xterm", "LANG": "C"}, 0, true},
		{map[string]string{"TERM": "vt100", "LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, 0, true},
		{map[string]string{"TERM": "xterm", "LC_CTYPE": "de_DE.ISO-8859-1"}, 0, true},
		{map[string]string{"TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"}, 0, false},
	} {
		var got *cli.TUIOptions
		var said bytes.Buffer
		code := cli.Main(context.Background(), []string{"--home", filepath.Join(t.TempDir(), "home")}, cli.Deps{
			Clock: clock.System{}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &said,
			Env: func(name string) string { return c.env[name] }, IsTerminal: func() bool { return true },
			RunTUI: func(_ context.Context, o cli.TUIOptions) error { got = &o; return nil },
		})
		if code != c.code || (got != nil) != (code == 0) || got != nil && got.Settings.ASCII != c.ascii {
			t.Errorf("%v: code %d, %+v", c.env, code, got)
		}
		if code != 0 && (!strings.Contains(said.String(), "crmdeck list") || strings.Contains(said.String(), "\x1b[?")) {
			t.Errorf("%v: says %q", c.env, said.String())
		}
	}
}
