//go:build campaign

package audit_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/export"
	"crmdeck/store/storetest"
)

// TestCampaignSecondVerifier is AU-15: a verifier in another language comes to the same
// verdict on exports of a real store, whole and tampered with, and on heads.
// CAMPAIGN_ROUNDS is how many tampered logs.
func TestCampaignSecondVerifier(t *testing.T) {
	rounds := 300
	if n, err := strconv.Atoi(os.Getenv("CAMPAIGN_ROUNDS")); err == nil {
		rounds = n
	}
	dir := t.TempDir()
	log, key, heads := scene(t)
	info, err := log.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := export.Run(t.Context(), log, &out, export.Options{Format: export.JSONL}); err != nil {
		t.Fatal(err)
	}
	whole := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	write(t, filepath.Join(dir, "key"), hex.EncodeToString(key))
	logs := [][]string{whole, {}, whole[:1]}
	random := rand.New(rand.NewPCG(7, 7))
	for range rounds {
		logs = append(logs, tampered(random, slices.Clone(whole)))
	}
	kept := map[string][]audit.SignedHead{"none": nil, "all": heads, "first": heads[:1]}
	for i, change := range []func(*audit.SignedHead){
		func(h *audit.SignedHead) { h.Count++ }, func(h *audit.SignedHead) { h.Chain = whole[0][len(whole[0])-66 : len(whole[0])-2] },
		func(h *audit.SignedHead) { h.At = h.At.Add(1) }, func(h *audit.SignedHead) { h.Store += "x" },
		func(h *audit.SignedHead) { h.Signature = h.Signature[2:] }, func(h *audit.SignedHead) { h.Signature = strings.Repeat("0", 128) },
	} {
		h := heads[0]
		change(&h)
		kept[fmt.Sprint("changed ", i)] = []audit.SignedHead{h}
	}
	agreed := map[string]int{}
	for name, hs := range kept {
		some := logs
		if strings.HasPrefix(name, "changed") {
			some = logs[:3]
		}
		for i, verdict := range second(t, dir, info.StoreID, some, hs) {
			want := first(t, key, info.StoreID, some[i], hs)
			if verdict != want {
				t.Errorf("heads %s, log %d: the other verifier says %q, this one %q", name, i, verdict, want)
			}
			agreed[strings.Fields(want)[0]]++
		}
	}
	if agreed["good"] == 0 || agreed["bad"] < rounds || agreed["head"] == 0 {
		t.Errorf("verdicts %v", agreed)
	}
	t.Logf("%d logs of %d events; both say %v", len(logs), len(whole), agreed)
}

// scene is a store with some events, its audit key, and heads that were signed on the way.
func scene(t *testing.T) (audit.Log, []byte, []audit.SignedHead) {
	t.Helper()
	st := storetest.New(t)
	log := st.(audit.Log)
	var heads []audit.SignedHead
	for i := range 4 {
		err := st.Write(t.Context(), func(w store.Writer) error {
			for j := range 25 {
				e := store.Event{Act: store.ActEdit, Connection: "hubspot-größe", ConnectionID: store.ID(fmt.Sprint("id", j%3)), Outcome: "done", Evidence: "a \"quoted\" \\ line 日本", Op: "op"}
				if j%4 == 0 {
					e = store.Event{Act: store.ActUnlock, Outcome: "done"}
				}
				if _, err := w.Append(e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h, err := audit.SignNow(t.Context(), log, time.Date(2026, 3, 1, i, 0, 0, 7, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, h)
	}
	key, err := log.AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	return log, key, heads
}

// tampered does one thing to a log.
func tampered(r *rand.Rand, l []string) []string {
	i, j := r.IntN(len(l)), r.IntN(len(l))
	switch r.IntN(6) {
	case 0:
		return slices.Delete(l, i, i+1)
	case 1:
		return slices.Insert(l, i, l[j])
	case 2:
		l[i], l[j] = l[j], l[i]
		return l
	case 3:
		return l[:i]
	case 4:
		fields := []string{"actor", "host", "act", "outcome", "at", "chain", "connection", "op", "seq"}
		var m map[string]any
		_ = json.Unmarshal([]byte(l[i]), &m)
		switch f := fields[r.IntN(len(fields))]; f {
		case "at":
			m[f] = "2026-03-01T12:00:00.000000001Z"
		case "chain":
			m[f] = strings.Repeat("ab", 32)
		case "seq":
			m[f] = r.IntN(2 * len(l))
		default:
			m[f] = fmt.Sprint(m[f]) + "x"
		}
		b, _ := json.Marshal(m)
		l[i] = string(b)
		return l
	default: // a digit of the chain value
		b := []byte(l[i])
		at := len(b) - 3 - r.IntN(60)
		b[at] = "0123456789abcdef"[(strings.IndexByte("0123456789abcdef", b[at])+1)%16]
		l[i] = string(b)
		return l
	}
}

// second asks the other verifier about all logs.
func second(t *testing.T, dir, storeID string, logs [][]string, heads []audit.SignedHead) []string {
	t.Helper()
	args := []string{"testdata/verify.py", "--key", filepath.Join(dir, "key"), "--store", storeID}
	if len(heads) > 0 {
		var lines []string
		for _, h := range heads {
			b, _ := json.Marshal(h)
			lines = append(lines, string(b))
		}
		write(t, filepath.Join(dir, "heads"), strings.Join(lines, "\n"))
		args = append(args, "--head", filepath.Join(dir, "heads"))
	}
	for i, l := range logs {
		path := filepath.Join(dir, fmt.Sprint("log", i))
		write(t, path, strings.Join(l, "\n"))
		args = append(args, path)
	}
	c := exec.Command("python3", args...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v: %s", err, errs.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// first is this package's verdict on the same log.
func first(t *testing.T, key []byte, storeID string, lines []string, heads []audit.SignedHead) string {
	t.Helper()
	l := &exported{key: key, id: storeID}
	for _, line := range lines {
		var x struct {
			store.Event
			ConnectionID store.ID `json:"connection_id"`
			Chain        string
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		e := x.Event
		e.ConnectionID = x.ConnectionID
		e.Chain, _ = hex.DecodeString(x.Chain)
		l.events = append(l.events, e)
	}
	r, err := audit.Check(t.Context(), l, heads, nil)
	var b *audit.BrokenError
	var h *audit.HeadError
	switch {
	case errors.As(err, &b):
		return fmt.Sprint("bad ", b.Seq)
	case errors.As(err, &h):
		return "head"
	case err != nil:
		t.Fatal(err)
	}
	return fmt.Sprint("good ", r.Head.Seq)
}

// exported is a log that was read from an export: it knows no end but its own.
type exported struct {
	key    []byte
	id     string
	events []store.Event
}

func (l *exported) EachEvent(_ context.Context, after uint64, fn func([]store.Event) error) error {
	for i := int(after); i < len(l.events); i++ {
		if err := fn(l.events[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (l *exported) AuditHead(context.Context) (store.AuditHead, error) {
	if len(l.events) == 0 {
		return store.AuditHead{}, nil
	}
	e := l.events[len(l.events)-1]
	return store.AuditHead{Seq: e.Seq, Chain: e.Chain}, nil
}

func (l *exported) AuditSegments(context.Context) ([]store.Segment, error) { return nil, nil }

func (l *exported) AuditKey() ([]byte, error) { return slices.Clone(l.key), nil }
func (l *exported) Info(context.Context) (store.Info, error) {
	return store.Info{StoreID: l.id, Events: uint64(len(l.events))}, nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
