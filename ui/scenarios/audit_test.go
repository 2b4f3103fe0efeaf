package scenarios_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/ui/uitest"
)

// note appends an event, as another process would.
func (w *world) note(e store.Event) {
	w.t.Helper()
	must(w.t, w.deps.Store.Write(context.Background(), func(tx store.Writer) error {
		_, err := tx.Append(e)
		return err
	}))
}

// filled is a world with some events.
func filled(t *testing.T, width, height int) (*world, *uitest.Terminal) {
	t.Helper()
	w := newWorld(t)
	x := w.open(width, height)
	for i := range 40 {
		w.note(store.Event{Act: store.ActRefresh, Connection: fmt.Sprintf("hubspot-%02d", i), Outcome: "done", Evidence: "lasts 30m0s"})
	}
	w.note(store.Event{Act: store.ActRevoke, Actor: "mira", Host: "mira-mb", Connection: "close-nightly", ConnectionID: "id-close", Outcome: "dead", Op: "op-7", Evidence: strings.Repeat("refused 2 times, 401; ", 9)})
	return w, x
}

// The log is listed newest first, an event is shown whole, a filter leaves what it names,
// and new events appear by themselves.
func TestAuditLog(t *testing.T) {
	for _, s := range append(sizes, size{40, 12}) {
		w, x := filled(t, s.w, s.h)
		x.Press("g", "a")
		x.Until("revoke")
		wide := "dead" // what a screen of 40 columns has no room for
		if s.w == 40 {
			wide = "revoke"
		}
		x.Want("crmdeck › audit", wide)
		wantOneBar(t, x)
		x.Press("enter")
		x.Want("Event 42", "mira-mb")
		for range 30 { // further than there are lines
			x.Press("j")
		}
		x.Want("chain value")
		x.Press("esc")
		x.WantNot("Event 42")
		x.Press("/")
		x.Type("act:revoke,consent mira")
		x.Press("enter")
		x.Want("revoke")
		x.WantNot("hubspot-39")
		x.Press("/")
		x.Type(" nobody")
		x.Press("enter")
		x.Want("No event matches.")
		x.Press("esc")
		x.Want("revoke", wide)
		// Follow: at the top the newest shows, elsewhere the focus stays.
		w.note(store.Event{Act: store.ActPause, Connection: "hubspot-00", Outcome: "done"})
		x.Until("pause")
		x.Press("G")
		w.note(store.Event{Act: store.ActResume, Connection: "hubspot-00", Outcome: "done"})
		x.Press("g", "g")
		x.Until("resume")
		x.Press("esc")
		x.Want("No connections yet.")
	}
}

// V verifies, with the store's key; a chain that is broken is said on every page (AU-2).
func TestAuditVerify(t *testing.T) {
	w, x := filled(t, 120, 36)
	x.Press("g", "a")
	x.Until("- chain not checked  42 events · head ")
	x.Press("V")
	x.Until("✓ chain intact  42 events")
	w.note(store.Event{Act: store.ActPause, Outcome: "done"})
	x.Until("chain intact up to 42  43 events")
	db, err := bbolt.Open(filepath.Join(w.home, "store.db"), 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		b, k := tx.Bucket([]byte("audit")), binary.BigEndian.AppendUint64(nil, 17)
		v := append([]byte(nil), b.Get(k)...)
		i := strings.Index(string(v), "lasts")
		v[i] = 'p'
		return b.Put(k, v)
	}))
	must(t, db.Close())
	x.Press("V")
	x.Until("× chain broken at 17")
	x.Want("keep a copy of the store as it is", " CHAIN BROKEN ", "The audit log is broken at event 17.")
	x.Press("esc")
	x.Want("No connections yet.", " CHAIN BROKEN ")
	x.Press("g", "a")
	x.Until("× chain broken at 17")
}

// A locked store shows its log; verifying asks for the key, and a read-only deck has none.
func TestAuditLocked(t *testing.T) {
	w, _ := filled(t, 120, 36)
	w.deps.Store.Lock()
	w.deps.Store, w.deps.Lifecycle = w.reopen(), nil
	x := uitest.Start(t, w.deps, 120, 36)
	x.Press("g", "a")
	x.Until("revoke")
	x.Want(" LOCKED ")
	x.Press("V")
	x.Want("Unlock the store")
	x.Press("tab")
	x.Paste(filepath.Join(w.home, "identity.txt"))
	x.Press("enter")
	x.Until("✓ chain intact")

	w.deps.Settings.ReadOnly = true
	w.deps.Store = w.reopen()
	x = uitest.Start(t, w.deps, 80, 24)
	x.Press("g", "a")
	x.Until("revoke")
	x.Press("V")
	x.Want("verifying needs the store's key")
	x.WantNot("Unlock the store")
}

// Exports go to a file that is asked for, in three formats, and nothing is written over (RS-6).
func TestAuditExport(t *testing.T) {
	for _, s := range sizes {
		w, x := filled(t, s.w, s.h)
		dir := t.TempDir()
		x.Press("g", "a")
		x.Until("revoke")
		x.Press("/")
		x.Type("act:revoke")
		x.Press("enter", "E")
		x.Want("Export the audit log", ".jsonl", "JSON Lines", "match the filter")
		x.Press("tab")
		x.Want("CSV, for spreadsheets", ".csv")
		x.Press("ctrl+u")
		x.Paste(filepath.Join(dir, "out.csv"))
		x.Press("enter")
		x.Until("1 event is in")
		b, err := os.ReadFile(filepath.Join(dir, "out.csv"))
		must(t, err)
		if n := strings.Count(string(b), "\n"); n != 2 || !strings.Contains(string(b), "close-nightly") {
			t.Errorf("%d lines: %s", n, b)
		}
		x.Press("E", "ctrl+u")
		x.Paste(filepath.Join(dir, "out.csv"))
		x.Press("enter")
		x.Until("That file is there already.")
		x.Press("ctrl+u")
		x.Paste(filepath.Join(dir, "no", "out.csv"))
		x.Press("enter")
		x.Until("There is no directory")
		x.Press("esc")
		x.WantNot("Export the audit log")
		_ = w
	}
}

// slowLog is a store whose log is read one page and then no further.
type slowLog struct {
	store.Store
	log store.AuditReader
}

func (s slowLog) EachEvent(ctx context.Context, after uint64, fn func([]store.Event) error) error {
	_ = s.log.EachEvent(ctx, after, fn)
	<-ctx.Done()
	return ctx.Err()
}
func (s slowLog) AuditHead(ctx context.Context) (store.AuditHead, error) { return s.log.AuditHead(ctx) }
func (s slowLog) AuditKey() ([]byte, error)                              { return s.log.AuditKey() }
func (s slowLog) AuditSegments(ctx context.Context) ([]store.Segment, error) {
	return s.log.AuditSegments(ctx)
}

// A check shows how far it is, and esc or ctrl+c stops it.
func TestAuditVerifyStopped(t *testing.T) {
	w, _ := filled(t, 120, 36)
	w.deps.Store = slowLog{w.deps.Store, w.deps.Store.(store.AuditReader)}
	x := uitest.Start(t, w.deps, 120, 36)
	for _, key := range []string{"esc", "ctrl+c"} {
		x.Press("g", "a")
		x.Until("chain not checked")
		x.Press("V")
		x.Until("checking the chain  ━━━━━━━━━━━━━━━━━━━━  42 of 42")
		x.Want("esc stop")
		x.Press(key)
		x.Until("the check was stopped")
		x.Want("chain not checked")
		x.Press("esc")
	}
}

// Without an event the page says so.
func TestAuditLogEmpty(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deps, 80, 24)
	x.Press("g", "a")
	x.Want("No events yet: the first act writes the first.")
	x.Press("V")
	x.Want("can't be read as a whole")
}
