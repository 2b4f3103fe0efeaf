package moved_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/moved"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
)

// calendar is a clock that stands still until it is set.
type calendar struct {
	clock.System
	at time.Time
}

func (c *calendar) Now() time.Time { return c.at }

// months is a store with ten events in each month of 2024, and one in 2026.
func months(t testing.TB) (moved.Log, string) {
	t.Helper()
	c := &calendar{at: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)}
	dir := filepath.Join(t.TempDir(), "deck")
	st, err := bolt.New(bolt.Options{Host: "h", Actor: "a", Clock: c}).Create(t.Context(), dir, store.Key{IdentityFile: dir + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	for m := range 12 {
		c.at = time.Date(2024, time.Month(1+m), 20, 0, 0, m, 5, time.UTC)
		note(t, st, 10)
	}
	c.at = now
	note(t, st, 1)
	return st.(moved.Log), filepath.Dir(dir)
}

var now = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func note(t testing.TB, st store.Store, n int) {
	t.Helper()
	err := st.Write(t.Context(), func(w store.Writer) (err error) {
		for range n {
			_, err = w.Append(store.Event{Act: store.ActEdit, Connection: "größe", ConnectionID: "id", Outcome: "done", Evidence: "a \"quoted\" \u00a0 <line>", Op: "op"})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// old are the segments that are older than a date.
func old(t testing.TB, log moved.Log, before time.Time) moved.Choice {
	t.Helper()
	c, err := moved.Choose(t.Context(), log, before)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func verify(t testing.TB, log audit.Log, file []byte, kept ...audit.SignedHead) (moved.Report, error) {
	t.Helper()
	return moved.Verify(t.Context(), log, bytes.NewReader(file), kept)
}

// Events stay for 12 months whatever is asked, and whole segments go.
func TestChoose(t *testing.T) {
	log, _ := months(t)
	if got := moved.Oldest(now, 3); !got.Equal(now.AddDate(-1, 0, 0)) {
		t.Errorf("3 months: %v", got)
	}
	for before, want := range map[time.Time]int{
		moved.Oldest(now, 24): 1, moved.Oldest(now, 12): 12, time.Date(2024, 3, 20, 0, 0, 2, 5, time.UTC): 2, time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC): 0,
	} {
		if c := old(t, log, before); len(c.Segments) != want {
			t.Errorf("before %v: %d segments", before, len(c.Segments))
		}
	}
}

// AU-12: the file verifies, the rest verifies, and both are compared with heads of before.
func TestMove(t *testing.T) {
	log, dir := months(t)
	ctx := t.Context()
	segments := old(t, log, now).Segments
	key, _ := log.AuditKey()
	info, _ := log.Info(ctx)
	within := audit.Head{Seq: 5}
	_ = log.EachEvent(ctx, 4, func(page []store.Event) error { within.Chain = bytes.Clone(page[0].Chain); return nil })
	heads := []audit.SignedHead{audit.Sign(key, info.StoreID, within, now), audit.Sign(key, info.StoreID, audit.Head{Seq: segments[11].Last, Chain: segments[11].Chain}, now)}

	path := filepath.Join(dir, "2024-h1.jsonl")
	c := old(t, log, time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC))
	r, err := moved.Move(ctx, log, path, c, now, "op1")
	if err != nil || r.Segments != 6 || r.Events != c.Events() {
		t.Fatalf("%+v %v", r, err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi, err)
	}
	raw, _ := os.ReadFile(path)
	f, err := verify(t, log, raw, heads...)
	if err != nil || !f.Known || !f.Only || f.First() != 1 || f.Last() != segments[5].Last || f.Events != c.Events() || f.Kept != 1 {
		t.Errorf("%+v %v", f, err)
	}
	whole, err := audit.Check(ctx, log, heads, nil)
	if err != nil || whole.Out != f.Last() || whole.Kept != 1 || whole.Apart != 1 || whole.Segments != 12 {
		t.Errorf("%+v %v", whole, err)
	}
	// The next ones go into a file of their own, and nothing is written over.
	c = old(t, log, now)
	if _, err := moved.Move(ctx, log, path, c, now, "op2"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over it: %v", err)
	}
	second := filepath.Join(dir, "2024-h2.jsonl")
	if r, err := moved.Move(ctx, log, second, c, now, "op3"); err != nil || r.Segments != 6 {
		t.Errorf("%+v %v", r, err)
	}
	raw2, _ := os.ReadFile(second)
	if f, err := verify(t, log, raw2, heads...); err != nil || !f.Only || f.Kept != 1 || f.First() != segments[6].First {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := audit.Check(ctx, log, heads, nil); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// AU-2, AU-3, AU-12: whatever is changed in a file of segments is found, with its place.
func TestTamperedFile(t *testing.T) {
	log, dir := months(t)
	path := filepath.Join(dir, "f.jsonl")
	if _, err := moved.Move(t.Context(), log, path, old(t, log, time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)), now, "op"); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	lines := strings.SplitAfter(string(raw), "\n")
	lines = lines[:len(lines)-1]
	at := func(change func(l []string) []string) uint64 {
		l := change(append([]string(nil), lines...))
		_, err := verify(t, log, []byte(strings.Join(l, "")))
		var b *audit.BrokenError
		if err != nil && !errors.As(err, &b) {
			return 999
		}
		if b == nil {
			return 0
		}
		return b.Seq
	}
	if n := at(func(l []string) []string { return l }); n != 0 {
		t.Fatalf("whole: %d", n)
	}
	for name, x := range map[string]struct {
		want   uint64
		change func([]string) []string
	}{
		"cut":     {uint64(len(lines) - 1), func(l []string) []string { return l[:len(l)-1] }},
		"longer":  {3, func(l []string) []string { return append(l, l[3]) }},
		"removed": {4, func(l []string) []string { return append(l[:4], l[5:]...) }},
		"swapped": {4, func(l []string) []string { l[4], l[5] = l[5], l[4]; return l }},
		"changed": {4, func(l []string) []string { l[4] = strings.Replace(l[4], "edit", "test", 1); return l }},
		"spelled": {4, func(l []string) []string { l[4] = strings.Replace(l[4], `"seq":`, `"seq": `, 1); return l }},
		"added":   {4, func(l []string) []string { l[4] = strings.Replace(l[4], `"seq":`, `"x":1,"seq":`, 1); return l }},
		"empty":   {1, func(l []string) []string { return l[:1] }},
		"seal":    {1, func(l []string) []string { l[0] = strings.Replace(l[0], `"seal":"`, `"seal":"00`, 1); return l }},
		"time":    {1, func(l []string) []string { l[0] = strings.Replace(l[0], "2024-01-02", "2024-01-03", 1); return l }},
		"before": {1, func(l []string) []string {
			l[0] = strings.Replace(l[0], `"before_seal":"`, `"before_seal":"00`, 1)
			return l
		}},
		"store":  {999, func(l []string) []string { l[0] = strings.Replace(l[0], `"store":"`, `"store":"X`, 1); return l }},
		"format": {999, func(l []string) []string { l[0] = strings.Replace(l[0], "segments/1", "segments/2", 1); return l }},
		"title":  {999, func(l []string) []string { return l[1:] }},
	} {
		if n := at(x.change); n != x.want {
			t.Errorf("%s: %d, want %d", name, n, x.want)
		}
	}
	for i := 0; i < len(raw); i += 11 {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		r, err := verify(t, log, bad)
		if err == nil && r.Only {
			t.Fatalf("byte %d passes", i)
		}
	}
}

// stumbling is a log from which only so many segments can be moved.
type stumbling struct {
	moved.Log
	left int
}

var errStumbled = errors.New("stumbled")

func (s *stumbling) MoveOut(ctx context.Context, seg store.Segment, out store.SegmentOut, e store.Event) error {
	if s.left--; s.left < 0 {
		return errStumbled
	}
	return s.Log.MoveOut(ctx, seg, out, e)
}

// What breaks off leaves every event in the store, in the file, or in both; the run after it
// goes on with what is still there.
func TestBrokenOff(t *testing.T) {
	for n := range 4 {
		log, dir := months(t)
		c := old(t, log, time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC))
		path := filepath.Join(dir, "f.jsonl")
		r, err := moved.Move(t.Context(), &stumbling{log, n}, path, c, now, "op")
		if n < 3 && !errors.Is(err, errStumbled) || r.Segments != n {
			t.Errorf("%d: %+v %v", n, r, err)
		}
		raw, _ := os.ReadFile(path)
		if f, err := verify(t, log, raw); err != nil || f.Events != c.Events() || f.Only != (n == 3) || !f.Known {
			t.Errorf("%d: %+v %v", n, f, err)
		}
		if w, err := audit.Check(t.Context(), log, nil, nil); err != nil || n > 0 && w.Out != c.Segments[n-1].Last {
			t.Errorf("%d: %+v %v", n, w, err)
		}
		rest, err := moved.Move(t.Context(), log, filepath.Join(dir, "g.jsonl"), old(t, log, time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)), now, "op")
		if err != nil || rest.Segments != 3-n {
			t.Errorf("%d: %+v %v", n, rest, err)
		}
	}
}

// A file that can't be written leaves the log as it is.
func TestNoFile(t *testing.T) {
	log, dir := months(t)
	c := old(t, log, now)
	if _, err := moved.Move(t.Context(), log, filepath.Join(dir, "no", "f"), c, now, "op"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	// An event of a segment that is dated later than the rest, by a clock that was wrong.
	c.Before = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	var young *moved.YoungError
	path := filepath.Join(dir, "f")
	if _, err := moved.Move(t.Context(), log, path, c, now, "op"); !errors.As(err, &young) {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was left")
	}
	if r, err := audit.Check(t.Context(), log, nil, nil); err != nil || r.Out != 0 {
		t.Errorf("%+v %v", r, err)
	}
	log.(store.Store).Lock()
	if _, err := moved.Move(t.Context(), log, path, c, now, "op"); !errors.Is(err, store.ErrLocked) {
		t.Error(err)
	}
}
