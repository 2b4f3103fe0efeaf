//go:build unix && !darwin

package browse

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain is also the browser: it notes what it was given and ends.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "browser-of-the-test" {
		seen := strings.Join(os.Args[1:], "\n") + "\n--\n" + strings.Join(os.Environ(), "\n")
		if os.WriteFile(filepath.Join(filepath.Dir(os.Args[0]), "seen"), []byte(seen), 0o600) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// opener has a browser that notes what it gets; seen reads it.
func opener(t *testing.T, env map[string]string) (o Opener, seen func() string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "browser-of-the-test")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	o = Opener{
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Find: func(name string) (string, error) {
			if name == "xdg-open" || name == path {
				return path, nil
			}
			return "", exec.ErrNotFound
		},
	}
	return o, func() string { b, _ := os.ReadFile(filepath.Join(dir, "seen")); return string(b) }
}

// SF-7: one argument, whatever it holds; no shell, no other scheme.
func TestAddress(t *testing.T) {
	env := map[string]string{"DISPLAY": ":0", "CRMDECK_HOME": "/secret", "AWS_SECRET_ACCESS_KEY": "canary"}
	for _, good := range []string{
		"https://crm.example/authorize?a=1&b=$(id)&c=;id&d=%25VAR%25", "http://127.0.0.1:8080/x", "http://[::1]:1/", "http://localhost:9/",
	} {
		o, seen := opener(t, env)
		if err := o.Open(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
		args, given, _ := strings.Cut(seen(), "\n--\n")
		if args != good {
			t.Errorf("%s arrived as %q", good, args)
		}
		for _, leak := range []string{"canary", "CRMDECK", "AWS"} { // LK-6
			if strings.Contains(given, leak) {
				t.Errorf("the helper's environment has %s", leak)
			}
		}
	}
	for _, bad := range []string{
		"file:///etc/passwd", "smb://host/x", "app://x", "javascript:alert(1)", "http://crm.example/", "https://user@crm.example/", "-version",
		"https://crm.example/\n", "https://crm.example/\x1b[2J", "https://crm.example/a b", "https://crm.example/`id`", "https://crm.example/|id",
		`https://crm.example/"`, "https://", "", "http://127.0.0.1.crm.example/",
	} {
		o, seen := opener(t, env)
		if err := o.Open(bad); !errors.Is(err, ErrAddress) || seen() != "" {
			t.Errorf("%q: %v, opened %q", bad, err, seen())
		}
	}
}

// SF-8: a hostile BROWSER is not run, and not handed on; a plain one is the person's choice.
func TestBrowserVariable(t *testing.T) {
	const page = "https://crm.example/"
	for _, hostile := range []string{"sh -c id", "xterm;id", "$(id)", "-x", "../evil", "a b", "browser %s", "`id`"} {
		env := map[string]string{"DISPLAY": ":0", "BROWSER": hostile}
		o, seen := opener(t, env)
		if err := o.Open(page); err != nil || !strings.HasPrefix(seen(), page+"\n") || strings.Contains(seen(), "BROWSER") {
			t.Errorf("%q: %v %q", hostile, err, seen())
		}
	}
	var asked []string
	o := Opener{
		Env: func(name string) (string, bool) {
			return map[string]string{"DISPLAY": ":0", "BROWSER": "firefox"}[name], true
		},
		Find: func(name string) (string, error) { asked = append(asked, name); return "", exec.ErrNotFound },
	}
	if err := o.Open(page); !errors.Is(err, ErrNoBrowser) || !slices.Equal(asked, []string{"firefox", "xdg-open", "x-www-browser", "www-browser", "wslview"}) {
		t.Errorf("%v, asked for %v", err, asked)
	}
}

// SF-8, LB-13: without a display or a helper the address is the caller's to print.
func TestNoBrowser(t *testing.T) {
	o, seen := opener(t, nil)
	if err := o.Open("https://crm.example/"); !errors.Is(err, ErrNoBrowser) || seen() != "" {
		t.Errorf("%v %q", err, seen())
	}
	o.Find = func(string) (string, error) { return "", exec.ErrNotFound }
	o.Env = func(string) (string, bool) { return ":0", true }
	if err := o.Open("https://crm.example/"); !errors.Is(err, ErrNoBrowser) {
		t.Error(err)
	}
}

// PR-4: a helper inherits no file of ours but the standard three, which are the null device.
func TestNoFileIsInherited(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "fds")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nls -l /proc/self/fd > "+dir+"/out.new && mv "+dir+"/out.new "+dir+"/out\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	secret, err := os.Create(filepath.Join(dir, "secret-file"))
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	o := Opener{
		Env: func(name string) (string, bool) {
			return map[string]string{"DISPLAY": ":0", "PATH": os.Getenv("PATH")}[name], true
		},
		Find: func(string) (string, error) { return script, nil },
	}
	if err := o.Open("https://crm.example/"); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil || strings.Contains(string(out), "secret-file") || strings.Count(string(out), "/dev/null") < 2 {
		t.Errorf("%v\n%s", err, out)
	}
}
