package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/store"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func write(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPrecedence(t *testing.T) {
	dir := write(t, "theme = \"light\"\nascii = true\nredirect_port = 7400\n")
	c, err := Load(dir, env("CRMDECK_THEME", "mono"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Theme != "mono" || !c.ASCII || c.RedirectPort != 7400 || !c.AutoRefresh || c.ReducedMotion {
		t.Errorf("got %+v", c.Settings)
	}
	want := map[string]Source{"theme": FromEnv, "ascii": FromFile, "auto_refresh": FromDefault}
	for _, v := range c.Values() {
		if w, ok := want[v.Key]; ok && v.From != w {
			t.Errorf("%s comes from %s, want %s", v.Key, v.From, w)
		}
	}
}

func TestMotionIsReducedOverSSH(t *testing.T) {
	c, err := Load(t.TempDir(), env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22"))
	if err != nil || !c.ReducedMotion {
		t.Errorf("reduced=%v err=%v", c.ReducedMotion, err)
	}
}

// LK-15: a secret in the file is refused, and not repeated. Every mistake has its line.
func TestMistakesNameLineAndField(t *testing.T) {
	cases := []struct {
		name, content, field string
		line                 int
	}{
		{"unknown", "theme = \"dark\"\ncolour = \"red\"\n", "colour", 2},
		{"wrong type", "\n\nascii = \"maybe\"\n", "ascii", 3},
		{"secret", "passphrase = \"CANARY-hunter2\"\n", "passphrase", 1},
		{"syntax", "theme = \"dark\"\nascii = = CANARY\n", "", 2},
		{"port", "redirect_port = 80\n", "redirect_port", 1},
		{"table", "[client_secret]\nx = 1\n", "client_secret", 1},
	}
	for _, c := range cases {
		_, err := Load(write(t, c.content), env())
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v", c.name, err)
			continue
		}
		if e.Line != c.line || e.Field != c.field && c.field != "" {
			t.Errorf("%s: got line %d field %q", c.name, e.Line, e.Field)
		}
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the value is repeated: %v", c.name, err)
		}
	}
}

func TestHome(t *testing.T) {
	cases := []struct {
		flag, goos, want string
		env              func(string) string
	}{
		{"/a", "linux", "/a", env("CRMDECK_HOME", "/b")},
		{"", "linux", "/b", env("CRMDECK_HOME", "/b", "XDG_DATA_HOME", "/c")},
		{"", "linux", "/c/crmdeck", env("XDG_DATA_HOME", "/c", "HOME", "/h")},
		{"", "linux", "/h/.local/share/crmdeck", env("XDG_DATA_HOME", "relative", "HOME", "/h")},
		{"", "darwin", "/h/Library/Application Support/crmdeck", env("HOME", "/h")},
	}
	for _, c := range cases {
		got, err := home(c.flag, c.env, c.goos)
		if err != nil || filepath.ToSlash(got) != c.want {
			t.Errorf("got %q %v, want %q", got, err, c.want)
		}
	}
}

func TestNoHome(t *testing.T) { // FP-11
	for _, e := range []func(string) string{
		env(), env("HOME", ""), env("HOME", "relative"), env("HOME", "~"), env("XDG_DATA_HOME", "relative"), env("XDG_DATA_HOME", "$HOME/x", "HOME", ""),
	} {
		for _, goos := range []string{"linux", "darwin", "windows"} {
			if got, err := home("", e, goos); !errors.Is(err, ErrNoHome) {
				t.Errorf("%s: %q, %v", goos, got, err)
			}
		}
	}
}

func TestOddHome(t *testing.T) { // FP-8, FP-11
	for _, odd := range []string{"/a\nb", "/a\x00b", "/a\xffb", "/" + strings.Repeat("d/", 2048), "relative\x1b[2J"} {
		for _, e := range []func(string) string{env("CRMDECK_HOME", odd), env("XDG_DATA_HOME", "/x"+odd), env("HOME", "/h"+odd)} {
			var u *store.UnsafeError
			if _, err := Home("", e); !errors.As(err, &u) || len(err.Error()) > 200 {
				t.Errorf("%.20q: %v", odd, err)
			}
		}
	}
}
