//go:build campaign && linux

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

var canaryCount = flag.Int("canaries", 16, "keys of connections that go through every command and screen")

// leak is a home with connections, everything that the program gave away, and the secrets
// that must not be in it.
type leak struct {
	sim      *sim.Sim
	echo     atomic.Bool // providers answer with what they were sent
	work     string      // what is the person's: secret files, keys
	home     string
	given    map[string][]byte // what left the program, by name
	secrets  []string
	commands map[string]bool
}

// TestCampaignNoSecretLeaves is LK-1 and SE-1: secrets go through every command and screen
// of the program, against providers that work, fail, and echo what they were sent (LK-12).
// What the program prints, draws, logs and stores, the command line and environment of its
// processes, and what it leaves when it is aborted with a trace of all goroutines (LK-8),
// hold no piece of one in any form.
func TestCampaignNoSecretLeaves(t *testing.T) {
	l := newLeak(t)
	l.connect(t)
	l.everyCommand(t, "")
	l.echo.Store(true)
	l.everyCommand(t, "echoed ")
	l.echo.Store(false)
	l.everyScreen(t)
	l.opened(t)
	l.scan(t)
}

func newLeak(t *testing.T) *leak {
	base := t.TempDir()
	l := &leak{home: filepath.Join(base, "home"), work: filepath.Join(base, "work"), given: map[string][]byte{}, commands: map[string]bool{}}
	var err error
	if l.sim, err = sim.Start(context.Background(), sim.Config{Contacts: 30, Quota: "off"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.sim.Close() })
	err = errors.Join(os.MkdirAll(filepath.Join(l.home, "providers"), 0o700), os.Chmod(l.home, 0o700), os.Mkdir(l.work, 0o700), os.Mkdir(filepath.Join(base, "tmp"), 0o700))
	if err == nil {
		err = l.sim.WriteProviders(filepath.Join(l.home, "providers"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.sim.Endpoints() {
		l.between(t, e)
	}
	l.secret(t, "phrase", "Vq7-zebra-lantern-mocha-0x7391-quill")
	l.run(t, "init", "init", "--identity", l.file("identity"), "--passphrase-file", l.file("phrase"))
	id, err := os.ReadFile(l.file("identity"))
	if err != nil {
		t.Fatal(err)
	}
	l.secrets = append(l.secrets, strings.TrimSpace(string(id[bytes.Index(id, []byte("AGE-SECRET-KEY-")):])))
	return l
}

func (l *leak) file(name string) string { return filepath.Join(l.work, name) }

// secret keeps a secret in a file of the person's, and looks for it from now on.
func (l *leak) secret(t *testing.T, name, value string) string {
	t.Helper()
	if err := os.WriteFile(l.file(name), []byte(value+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.secrets = append(l.secrets, value)
	return l.file(name)
}

// between puts a server before a provider that can echo.
func (l *leak) between(t *testing.T, e sim.Endpoint) {
	t.Helper()
	to, err := url.Parse(e.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", to.Host, to.Host
	}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.echo.Load() {
			proxy.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		_, password, _ := r.BasicAuth()
		all := fmt.Sprintf("%s %s %v %s %s", body, r.Header.Get("Authorization"), form, password, r.URL)
		w.Header().Set("X-Echo", strings.Map(printable, all))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_request","error_description":%q,"message":%q,"errorCode":"X","category":"VALIDATION_ERROR","status":"error"}`, all, all)
	}))
	t.Cleanup(s.Close)
	name := filepath.Join(l.home, "providers", e.Provider+".toml")
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, bytes.ReplaceAll(text, []byte(to.Host), []byte(strings.TrimPrefix(s.URL, "http://"))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return '.'
	}
	return r
}

// environment is that of a person who debugs everything.
func (l *leak) environment() []string {
	return []string{
		"HOME=" + l.work, "PATH=" + os.Getenv("PATH"), "USER=tester", "TERM=xterm-256color", "TMPDIR=" + filepath.Join(l.home, "..", "tmp"),
		"CRMDECK_HOME=" + l.home, "CRMDECK_WIRE_LOG=" + filepath.Join(l.home, "wire.jsonl"), "GOTRACEBACK=all",
		"TEA_TRACE=" + filepath.Join(l.home, "tea.trace"), "TEA_DEBUG=1", "UV_DEBUG=" + filepath.Join(l.home, "uv.debug"),
		"SSLKEYLOGFILE=" + filepath.Join(l.home, "tls.keys"), "BASH_COMP_DEBUG_FILE=" + filepath.Join(l.home, "comp.debug"),
	}
}

// run keeps what a command prints under a name.
func (l *leak) run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "crmdeck", args...)
	cmd.Env = l.environment()
	if name != "init" {
		cmd.Env = append(cmd.Env, "CRMDECK_IDENTITY="+l.file("identity"))
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // many of them are to fail
	l.given[name+" stdout"], l.given[name+" stderr"] = out.Bytes(), errs.Bytes()
	if args[0] == "token" { // it is asked for this one secret
		l.given[name+" stdout"] = nil
	}
}

// connect fills the store with the canaries.
func (l *leak) connect(t *testing.T) {
	for i := range *canaryCount {
		provider := []string{sim.Close, sim.HubSpot}[i%2]
		key, err := l.sim.NewKey(provider, sim.KeyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		l.run(t, fmt.Sprint("add ", i), "add", fmt.Sprint("c", i), "--provider", provider, "--key-file", l.secret(t, fmt.Sprint("key", i), key), "--no-test")
	}
	for _, p := range []string{sim.HubSpot, sim.Salesforce} {
		e, err := l.sim.Endpoint(p)
		if err != nil {
			t.Fatal(err)
		}
		l.run(t, "take over "+p, "add", p, "--provider", p, "--method", "authorization_code", "--client-id", e.ClientID,
			"--client-secret-file", l.secret(t, p+".secret", e.ClientSecret), "--refresh-token-file", l.secret(t, p+".refresh", e.RefreshToken), "--yes", "--no-test")
	}
}

// everyCommand runs what there is, in text and as JSON.
func (l *leak) everyCommand(t *testing.T, when string) {
	file := l.file
	e, err := l.sim.Endpoint(sim.Close)
	if err != nil {
		t.Fatal(err)
	}
	commands := [][]string{
		{"version"}, {"help"}, {"completion", "bash"}, {"__complete", "show", ""}, {"config", "show"}, {"config", "check"}, {"providers"}, {"providers", "hubspot"},
		{"list"}, {"show", "c0"}, {"show", "hubspot"}, {"show", "salesforce"}, {"test", "c0"}, {"test", "hubspot"}, {"refresh", "hubspot"}, {"refresh", "salesforce"},
		{"token", "hubspot"}, {"token", "c1", "--as", "job"}, {"edit", "c0", "--owner", "ops"}, {"rename", "c0", "c00"}, {"rename", "c00", "c0"},
		{"add", "double", "--provider", "close", "--key-file", file("key0"), "--no-test"}, {"add", "wrong", "--provider", "hubspot", "--key-file", file("phrase")},
		{"add", "inline", "--provider", "close", "--key-file", e.APIKey}, {"list", "--passphrase-file", file("key0")}, {"refresh", "hubspot", "--passphrase-file", file("key0")},
		{"slots", "list"}, {"slots", "add", "--new-passphrase-file", file("phrase"), "--label", "again"}, {"slots", "add", "--recipient", "AGE-SECRET-KEY-1QQ"},
		{"audit"}, {"audit", "verify"}, {"audit", "head"}, {"audit", "export", "--format", "jsonl"}, {"audit", "export", "--format", "csv"}, {"audit", "export", "--format", "ocsf"},
		{"doctor"}, {"snapshot", filepath.Join(l.home, when+"snapshot.json")}, {"backup", filepath.Join(l.home, when+"backup.crmdeck")},
		{"export", "c1", filepath.Join(l.home, when+"export.crmdeck"), "--passphrase-file", file("phrase")}, {"store", "compact"}, {"store", "rekey"},
		{"revoke", "--pending"}, {"revoke", "hubspot", "--yes"}, {"remove", "c1"}, {"nonsense", "c0"}, {"show", "no-such"},
	}
	for _, c := range commands {
		l.run(t, when+strings.Join(c, " "), c...)
		l.run(t, when+strings.Join(c, " ")+" as JSON", append(slices.Clone(c), "--json")...)
	}
}

// everyScreen walks through the deck on a terminal and ends it with a trace of everything.
func (l *leak) everyScreen(t *testing.T) {
	cmd := exec.Command("crmdeck")
	cmd.Env = append(l.environment(), "CRMDECK_IDENTITY="+l.file("identity"))
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 36, Cols: 140})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	drawn := make(chan []byte, 1)
	go func() { b, _ := io.ReadAll(tty); drawn <- b }()
	proc := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	for _, keys := range []string{"", "\r", "\x1b", "?", "\x1b", ":", "\x1b", "t", "\x1b", "ga", "v", "\x1b", "gs", "\x1b", "R", "y", "n", "/hub\r", "\r", "y", "L"} {
		if _, err := io.WriteString(tty, keys); err != nil {
			t.Fatal(err)
		}
		l.settle(t, cmd.Process.Pid)
		for _, name := range []string{"cmdline", "environ", "comm"} {
			b, err := os.ReadFile(proc + name)
			if err != nil {
				t.Fatal(err)
			}
			l.given["/proc "+name] = append(l.given["/proc "+name], b...)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	l.given["screens and trace"] = <-drawn
	if n := len(l.given["screens and trace"]); n < 20_000 || !bytes.Contains(l.given["screens and trace"], []byte("goroutine ")) {
		t.Errorf("the screens and the trace are %d bytes: they were not seen", n)
	}
}

// settle waits until a process has used no processor for a while: it has drawn what it will.
func (l *leak) settle(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	before, calm := "", 0
	for range 50 {
		<-tick.C
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if used := fields[11] + fields[12]; used == before {
			calm++
		} else {
			before, calm = used, 0
		}
		if calm == 2 {
			return
		}
	}
}

// opened adds what the store holds by now: the tokens that the providers made meanwhile.
func (l *leak) opened(t *testing.T) {
	st, err := bolt.New(bolt.Options{Clock: clock.System{}}).Open(t.Context(), l.home)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Unlock(t.Context(), store.Key{IdentityFile: l.file("identity")}); err != nil {
		t.Fatal(err)
	}
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	before := len(l.secrets)
	err = st.Read(t.Context(), func(r store.Reader) error {
		list, err := r.Summaries()
		if err != nil {
			return err
		}
		for _, s := range list {
			c, err := r.Connection(s.ID)
			if err != nil {
				return err
			}
			g, err := r.Grant(c.Grant)
			if err != nil {
				return err
			}
			for _, f := range g.SealedFields() {
				val, err := v.Open(store.Binding{Owner: g.ID, Field: f.Field}, *f.Value)
				if err != nil {
					return err
				}
				l.secrets = append(l.secrets, val.Reveal())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.secrets)-before < *canaryCount-1 {
		t.Errorf("the store opens to %d secrets: they did not go in", len(l.secrets)-before)
	}
}

// scan looks for every secret in all that was given away, and in every file but the person's own.
func (l *leak) scan(t *testing.T) {
	c := storetest.NewCanaries(l.secrets...)
	files, size := 0, 0
	look := func(name string, data []byte) {
		files, size = files+1, size+len(data)
		if n, how, ok := c.Find(data); ok {
			t.Errorf("%s holds secret %d, %s", name, n, how)
		}
	}
	for name, data := range l.given {
		look(name, data)
	}
	err := filepath.WalkDir(filepath.Dir(l.home), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == l.work {
			return err
		}
		for _, name := range []string{"tea.trace", "uv.debug", "tls.keys", "comp.debug"} {
			if d.Name() == name {
				t.Errorf("a library wrote %s", name)
			}
		}
		data, err := os.ReadFile(path)
		look(path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d secrets in %d places, %d bytes: searched", len(l.secrets), files, size)
}
