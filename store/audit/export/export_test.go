package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)

// log is a few events in memory.
type log []store.Event

func (l log) EachEvent(_ context.Context, after uint64, fn func([]store.Event) error) error {
	return fn(l[after:])
}
func (l log) AuditHead(context.Context) (store.AuditHead, error)     { return store.AuditHead{}, nil }
func (l log) AuditSegments(context.Context) ([]store.Segment, error) { return nil, nil }
func (l log) AuditKey() ([]byte, error)                              { return nil, store.ErrLocked }

var events = log{
	{Seq: 1, At: start, Actor: "ops", Host: "ops-1", Act: store.ActUnlock, Outcome: "done", Chain: []byte{1}},
	{Seq: 2, At: start.Add(time.Hour), Actor: "=cmd|' /C calc'!A0", Host: "@h", Act: store.ActRevoke, Connection: "+1", ConnectionID: "id", Outcome: "dead", Evidence: "-2 \x1b[2J\u202e\u0085 line\nbreak, \"quoted\"", Op: "op", Chain: []byte{2}},
	{Seq: 3, At: start.Add(2 * time.Hour), Actor: "ops", Act: store.ActSuspicious, Outcome: "odd \U000e0041", Chain: []byte{3}},
	{Seq: 4, At: start.Add(3 * time.Hour), Actor: "ops", Act: store.ActUnlockMiss, Outcome: "3 tries", Chain: []byte{4}},
}

func exported(t *testing.T, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := Run(t.Context(), events, &out, o); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() { // AU-10: nothing acts on a terminal
		if r < 0x20 && r != '\n' && r != '\r' || acts(r) {
			t.Errorf("%s: holds %q", o.Format, r)
		}
	}
	return out.String()
}

func TestJSONLinesHoldEverything(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(exported(t, Options{Format: JSONL}), "\n"), "\n")
	if len(lines) != len(events) {
		t.Fatalf("%d lines", len(lines))
	}
	const want = `{"seq":1,"at":"2026-03-01T12:00:00.000000005Z","actor":"ops","host":"ops-1","act":"unlock","outcome":"done","chain":"01"}`
	if lines[0] != want {
		t.Errorf("got %s", lines[0])
	}
	for i, line := range lines {
		var e jsonEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Evidence != events[i].Evidence || e.Outcome != events[i].Outcome {
			t.Errorf("%s reads as %+v, %v", line, e, err)
		}
	}
}

// RS-6: no cell is a formula.
func TestFormulasAreNeutralised(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(exported(t, Options{Format: CSV}))).ReadAll()
	if err != nil || len(rows) != len(events)+1 || rows[0][0] != "seq" {
		t.Fatalf("%q %v", rows, err)
	}
	if r := rows[2]; r[2] != "'=cmd|' /C calc'!A0" || r[3] != "'@h" || r[5] != "'+1" || r[8] != "'-2  [2J  line break, \"quoted\"" || r[7] != "dead" {
		t.Errorf("%q", r)
	}
	for _, lead := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\t=", "\u200b="} {
		if got := Cell(lead + "1"); !strings.HasPrefix(got, "'") {
			t.Errorf("%q becomes %q", lead+"1", got)
		}
	}
	for _, plain := range []string{"", " ", "a=1", "2026-03-01", "'x", "hubspot-prod"} {
		if got := Cell(plain); got != plain {
			t.Errorf("%q becomes %q", plain, got)
		}
	}
}

// The classes and what they need are those of OCSF 1.3.0.
func TestOCSF(t *testing.T) {
	var all []map[string]any
	for line := range strings.Lines(exported(t, Options{Format: OCSF, Version: "1.0"})) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata", "actor", "src_endpoint"} {
			if m[name] == nil {
				t.Errorf("%s lacks %s", line, name)
			}
		}
		if m["type_uid"] != m["class_uid"].(float64)*100+m["activity_id"].(float64) {
			t.Errorf("type of %s", line)
		}
		all = append(all, m)
	}
	for i, want := range []struct{ class, activity, status, severity float64 }{
		{3002, 1, 1, 1}, {6003, 4, 1, 1}, {6003, 99, 99, 4}, {3002, 1, 2, 3},
	} {
		m := all[i]
		if m["class_uid"] != want.class || m["activity_id"] != want.activity || m["status_id"] != want.status || m["severity_id"] != want.severity {
			t.Errorf("%d: %v", i, m)
		}
	}
	if all[0]["user"] == nil || all[0]["service"] == nil || all[1]["api"] == nil || all[1]["resources"] == nil {
		t.Errorf("%v", all[:2])
	}
}

func TestBounds(t *testing.T) {
	o := Options{Format: JSONL, Since: start.Add(time.Hour), Until: start.Add(3 * time.Hour)}
	if n := strings.Count(exported(t, o), "\n"); n != 2 {
		t.Errorf("%d events", n)
	}
	o.Keep = func(e *store.Event) bool { return e.Act == store.ActRevoke }
	if n := strings.Count(exported(t, o), "\n"); n != 1 {
		t.Errorf("%d events", n)
	}
	o = Options{Format: CSV, Since: start.Add(9 * time.Hour)}
	if got := exported(t, o); got != strings.Join(titles[:], ",")+"\r\n" {
		t.Errorf("no events: %q", got)
	}
	if _, err := Run(t.Context(), events, io.Discard, Options{Format: "xml"}); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
}

// A file is either whole or not there, and nothing is written over.
func TestToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.csv")
	stop := errors.New("stop")
	err := ToFile(path, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return stop })
	if _, gone := os.Stat(path); !errors.Is(err, stop) || !errors.Is(gone, fs.ErrNotExist) {
		t.Errorf("%v, %v", err, gone)
	}
	whole := func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }
	if err := ToFile(path, whole); err != nil {
		t.Fatal(err)
	}
	if err := ToFile(path, whole); !errors.Is(err, fs.ErrExist) {
		t.Errorf("again: %v", err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi, err)
	}
}
