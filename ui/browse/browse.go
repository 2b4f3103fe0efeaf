// Package browse shows a web page to the person at this computer.
//
// It promises that an address is one argument of one program and never meets a shell,
// that only https (and http on loopback) is opened, that the helper gets an
// environment of named variables and no file of ours, and that what the helper prints
// does not tear the screen. Start with Opener.Open.
package browse

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"crmdeck/store/text"
)

// ErrNoBrowser: there is nothing to open a page with, or no display to show it on.
var ErrNoBrowser = errors.New("there is no browser here")

// ErrAddress: the address is not one that is opened.
var ErrAddress = errors.New("only https addresses are opened in a browser")

// start is how long a helper may take to say that it can't open a browser. Some stay as
// long as the browser.
const start = 2 * time.Second

// Opener opens pages. The zero Opener uses this process's environment and programs.
type Opener struct {
	// Env looks up a variable; nil is os.LookupEnv.
	Env func(string) (string, bool)
	// Find finds a program; nil is exec.LookPath.
	Find func(string) (string, error)
}

// passed are the variables that a helper needs to find the person's desktop. Everything
// else, our own settings and whatever a job put there, stays here (LK-6).
var passed = []string{
	"DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "DISPLAY", "HOME", "LANG", "LC_ALL", "LC_MESSAGES", "LOGNAME", "PATH",
	"SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USER", "USERPROFILE", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "WSL_INTEROP", "XAUTHORITY",
	"XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP", "XDG_DATA_DIRS", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
	"XDG_SESSION_TYPE",
}

// Open shows a page. ErrAddress if it is none that is opened, ErrNoBrowser where there is
// no way to show it; the caller then prints the address.
func (o Opener) Open(address string) error {
	if err := check(address); err != nil {
		return err
	}
	cmd, err := o.command(address)
	if err != nil {
		return err
	}
	cmd.Env = o.environment()
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBrowser, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoBrowser, err)
		}
	case <-time.After(start): // it runs
	}
	return nil
}

// check admits https, and http to a loopback address. Every character must be one that an
// address can hold, so that there is nothing in it which a helper could take for another
// thing (SF-7).
func check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Host == "" || text.Clean(address) != address || strings.ContainsAny(address, " \"'`<>\\^{|}") {
		return ErrAddress
	}
	switch u.Scheme {
	case "https":
		return nil
	case "http":
		if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() || u.Hostname() == "localhost" {
			return nil
		}
	}
	return ErrAddress
}

// command is the program that shows the page, without a shell.
func (o Opener) command(address string) (*exec.Cmd, error) {
	if headless && o.get("DISPLAY") == "" && o.get("WAYLAND_DISPLAY") == "" {
		return nil, ErrNoBrowser
	}
	find := o.Find
	if find == nil {
		find = exec.LookPath
	}
	if own := o.get("BROWSER"); plainProgram(own) {
		if path, err := find(own); err == nil {
			return exec.Command(path, address), nil
		}
	}
	for _, h := range helpers {
		if path, err := find(h[0]); err == nil {
			return exec.Command(path, append(h[1:len(h):len(h)], address)...), nil
		}
	}
	return nil, ErrNoBrowser
}

// plainProgram reports that BROWSER names one program and is no command line: other
// forms of it are read by shells, which is what is avoided here (SF-8).
func plainProgram(name string) bool {
	return name != "" && !strings.HasPrefix(name, "-") && (filepath.IsAbs(name) || !strings.ContainsRune(name, filepath.Separator)) &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+") == ""
}

func (o Opener) get(name string) string {
	look := o.Env
	if look == nil {
		look = os.LookupEnv
	}
	v, _ := look(name)
	return v
}

func (o Opener) environment() []string {
	env := make([]string, 0, len(passed))
	for _, name := range passed {
		if v := o.get(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}
