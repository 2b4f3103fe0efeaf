package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/ui/words"
)

// calendar is a clock that stands still until it is set.
type calendar struct {
	clock.System
	at time.Time
}

func (c *calendar) Now() time.Time { return c.at }

// desk runs commands on one home, at any date.
type desk struct {
	t     *testing.T
	dir   string
	clock *calendar
}

func newDesk(t *testing.T) *desk {
	d := &desk{t, t.TempDir(), &calendar{at: time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC)}}
	d.ok("init")
	return d
}

func (d *desk) deps(out, errs io.Writer) Deps {
	return Deps{
		Clock: d.clock, Rand: rand.Reader,
		Backend: func(readOnly bool, actor string) store.Backend {
			return bolt.New(bolt.Options{Clock: d.clock, Actor: actor, ReadOnly: readOnly})
		},
		HTTP: func() *guard.Client { return guard.New(guard.Options{}) }, Stdin: strings.NewReader(""), Stdout: out, Stderr: errs,
		Env: func(string) string { return "" }, IsTerminal: func() bool { return false }, Version: "test",
	}
}

// run runs a command in the directory of the desk.
func (d *desk) run(args ...string) (code int, out, errs string) {
	d.t.Helper()
	d.t.Chdir(d.dir)
	var o, e bytes.Buffer
	code = Main(d.t.Context(), append(args, "--home", "home", "--identity", "key"), d.deps(&o, &e))
	return code, o.String(), e.String()
}

func (d *desk) want(code int, args ...string) (out, errs string) {
	d.t.Helper()
	got, out, errs := d.run(args...)
	if got != code {
		d.t.Fatalf("%v: exit code %d\n%s%s", args, got, out, errs)
	}
	return out, errs
}

func (d *desk) ok(args ...string) string {
	d.t.Helper()
	out, _ := d.want(words.ExitDone, args...)
	return out
}

func (d *desk) has(text string, parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			d.t.Errorf("%q lacks %q", text, p)
		}
	}
}

// AU-12: segments leave after the time of retention, into a file, and only when somebody says so.
func TestAuditArchive(t *testing.T) {
	d := newDesk(t)
	for m := range 6 {
		d.clock.at = time.Date(2024, time.Month(1+m), 20, 0, 0, 0, 0, time.UTC)
		d.ok("audit", "head")
	}
	head := d.ok("audit", "head")
	if err := os.WriteFile(filepath.Join(d.dir, "heads"), []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	d.clock.at = time.Date(2026, 4, 21, 0, 0, 0, 0, time.UTC) // 24 months after 20 April 2024
	d.has(d.ok("audit", "archive", "early.jsonl", "--before", "2024-01-20"), "nothing was moved")
	_, errs := d.want(words.ExitUsage, "audit", "archive", "f", "--before", "2025-01-01")
	d.has(errs, "24 months", "2024-04-21")
	d.want(words.ExitUsage, "audit", "archive", "-")
	d.want(words.ExitUsage, "audit", "archive", "heads")
	d.want(words.ExitUsage, "audit", "archive", "no/f")
	d.want(words.ExitUnwritable, "audit", "archive", "f", "--read-only")
	d.has(d.ok("audit", "archive", "f.jsonl"), "4 segments: moved into f.jsonl", "Keep that file")
	d.has(d.ok("audit", "verify", "--archive", "f.jsonl", "--head", "heads"), "f.jsonl is intact: events 1 to", "has them no more", "were moved out and whose seals hold", "agree with 1 head")
	var v struct {
		Intact   bool
		Moved    uint64 `json:"moved_out"`
		Segments int
		Archives []archiveJSON
	}
	if err := json.Unmarshal([]byte(d.ok("audit", "verify", "--archive", "f.jsonl", "--json")), &v); err != nil || !v.Intact || v.Segments != 6 || len(v.Archives) != 1 || v.Archives[0].Last != v.Moved || !v.Archives[0].Only {
		t.Errorf("%+v %v", v, err)
	}
	d.has(d.ok("audit", "--act", "audit_move", "--json"), `"evidence":"events 1 to`, "into f.jsonl, sha256")
	if strings.Contains(d.ok("audit", "--json"), `"seq":1,`) {
		t.Error("the first event is still in the store")
	}
	d.has(d.ok("audit", "archive", "g.jsonl"), "nothing was moved")

	// Another retention, and a file that was changed.
	if err := os.WriteFile(filepath.Join(d.dir, "home", "config.toml"), []byte("audit_retention_months = 12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.has(d.ok("audit", "archive", "g.jsonl", "--json"), `"segments":2`)
	raw, _ := os.ReadFile(filepath.Join(d.dir, "g.jsonl"))
	if err := os.WriteFile(filepath.Join(d.dir, "h.jsonl"), bytes.Replace(raw, []byte("audit_head"), []byte("audit_hood"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs = d.want(words.ExitFailed, "audit", "verify", "--archive", "h.jsonl")
	d.has(errs, "h.jsonl does not hold what was moved out", "It breaks at event", "--act audit_move")
	_, errs = d.want(words.ExitFailed, "audit", "verify", "--archive", "heads")
	d.has(errs, "It is no file of audit segments")
	d.want(words.ExitUsage, "audit", "verify", "--archive", "missing")
	if err := os.WriteFile(filepath.Join(d.dir, "home", "config.toml"), []byte("audit_retention_months = 11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.want(words.ExitConfig, "audit", "archive", "h2.jsonl")
}

// What leaves the log, and a head that is signed, are events; a locked store's log can be
// read all the same.
func TestAuditOfTheAudit(t *testing.T) {
	d := newDesk(t)
	var head struct{ Count uint64 }
	if err := json.Unmarshal([]byte(d.ok("audit", "head")), &head); err != nil {
		t.Fatal(err)
	}
	d.ok("audit", "export", "--format", "csv", "out.csv")
	out := d.ok("audit", "--json")
	d.has(out, `"act":"audit_head"`, `"act":"audit_export"`, `"evidence":"csv, to out.csv"`)
	var last struct {
		Seq uint64
		Act store.Act
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[head.Count-1]), &last); err != nil || last.Act != store.ActAuditHead || last.Seq != head.Count {
		t.Errorf("the head counts %d, that is %+v", head.Count, last)
	}
	raw, _ := os.ReadFile(filepath.Join(d.dir, "out.csv"))
	d.has(string(raw), "audit_export")
	d.want(words.ExitUsage, "audit", "export", "out.csv")
	if n := strings.Count(d.ok("audit", "--json", "--act", "audit_export"), "\n"); n != 1 {
		t.Errorf("%d exports", n)
	}
}
