package bolt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

// placed is a store whose place can be changed, on a clock that stands still.
type placed struct {
	*testing.T
	dir     string
	machine string
	drafts  int
	clock   *clock.Scaled
}

func newPlaced(t *testing.T) *placed {
	t.Helper()
	p := &placed{T: t, machine: "0123456789abcdef0123456789abcdef", clock: clock.NewScaled(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), 0)}
	s, dir := storetest.NewIn(t, p.options())
	p.dir = dir
	p.write(s)
	return p
}

func (p *placed) options() bolt.Options {
	return bolt.Options{Clock: p.clock, Machine: func() string { return p.machine }, Actor: "tester", Host: "test-host", Strict: true}
}

// write raises the revision by one.
func (p *placed) write(s store.Store) {
	p.Helper()
	p.drafts++
	err := s.Write(p.Context(), func(w store.Writer) error {
		w.Bookkeeping()
		return w.PutDraft(&store.Draft{ID: store.ID(fmt.Sprint("d", p.drafts)), Label: "x"})
	})
	if err != nil {
		p.Fatal(err)
	}
}

// why opens the store in dir without a key and tells what is suspect.
func (p *placed) why(dir string) store.SuspectWhy {
	p.Helper()
	s, err := bolt.New(p.options()).Open(p.Context(), dir)
	if err != nil {
		p.Fatal(err)
	}
	defer s.Close()
	return p.of(s)
}

func (p *placed) of(s store.Store) store.SuspectWhy {
	p.Helper()
	at, err := s.(store.Placer).Place(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if at.Suspect == nil {
		return ""
	}
	return at.Suspect.Why
}

// unlocked opens the store in dir as another process would.
func (p *placed) unlocked(dir string) store.Store {
	p.Helper()
	s, err := bolt.New(p.options()).Open(p.Context(), dir)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = s.Close() })
	if err := s.Unlock(p.Context(), store.Key{IdentityFile: storetest.Identity(p.dir)}); err != nil {
		p.Fatal(err)
	}
	return s
}

// copyTo copies a store's directory, file by file.
func (p *placed) copyTo(to string) string {
	p.Helper()
	if err := os.CopyFS(to, os.DirFS(p.dir)); err != nil {
		p.Fatal(err)
	}
	if err := os.Chmod(to, 0o700); err != nil {
		p.Fatal(err)
	}
	for _, name := range []string{"store.db", "store.mark", "store.gate", "store.lock"} {
		if err := os.Chmod(filepath.Join(to, name), 0o600); err != nil {
			p.Fatal(err)
		}
	}
	return to
}

func (p *placed) want(got, want store.SuspectWhy) {
	p.Helper()
	if got != want {
		p.Fatalf("the store is suspect because %q, want %q", got, want)
	}
}

// RF-14: a copy of the directory is suspect, the original is not.
func TestCopiedStoreIsSuspect(t *testing.T) {
	p := newPlaced(t)
	there := p.copyTo(filepath.Join(t.TempDir(), "copy"))
	p.want(p.why(there), store.SuspectMoved)
	p.want(p.why(p.dir), "")
	s := p.unlocked(there)
	at, err := s.(store.Placer).Place(t.Context())
	if err != nil || at.Suspect == nil || !at.Suspect.Seen.Equal(p.clock.Now()) {
		t.Fatalf("place %+v, %v", at, err)
	}
	seen := at.Suspect.Seen
	p.clock.Advance(time.Hour)
	if at, _ = s.(store.Placer).Place(t.Context()); !at.Suspect.Seen.Equal(seen) {
		t.Fatalf("suspect since %v, then since %v: it was not noted", seen, at.Suspect.Seen)
	}
	p.wantEvents(s, store.ActSuspicious, 1)
	p.unlocked(there) // again, by another process
	p.wantEvents(s, store.ActSuspicious, 1)
}

func (p *placed) wantEvents(s store.Store, act store.Act, n int) {
	p.Helper()
	err := s.Read(p.Context(), func(r store.Reader) error {
		list, err := r.Events(store.EventFilter{Acts: []store.Act{act}})
		if len(list) != n {
			p.Errorf("%d events %s, want %d: %+v", len(list), act, n, list)
		}
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
}

// RF-14: moving the directory within its file system changes nothing.
func TestMovedStoreIsNotSuspect(t *testing.T) {
	p := newPlaced(t)
	there := filepath.Join(filepath.Dir(p.dir), "elsewhere")
	if err := os.Rename(p.dir, there); err != nil {
		t.Fatal(err)
	}
	p.want(p.why(there), "")
}

// RF-14: another computer with the same file system: a disk image that was cloned.
func TestStoreOnAnotherMachineIsSuspect(t *testing.T) {
	p := newPlaced(t)
	p.machine = "fedcba9876543210fedcba9876543210"
	p.want(p.why(p.dir), store.SuspectMoved)
	p.machine = "" // a container that has no id: nothing is known, so nothing is said
	p.want(p.why(p.dir), "")
}

// RF-14: an older store.db that is put back, also under a process that has it open.
func TestOlderStoreIsSuspect(t *testing.T) {
	p := newPlaced(t)
	db := filepath.Join(p.dir, "store.db")
	old, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	s := p.unlocked(p.dir)
	p.write(s)
	p.want(p.of(s), "")
	if err := os.WriteFile(db, old, 0o600); err != nil {
		t.Fatal(err)
	}
	p.want(p.why(p.dir), store.SuspectOlder)
	p.want(p.of(s), store.SuspectOlder)
	p.write(s) // notes it before it overwrites the mark
	p.write(s)
	p.want(p.why(p.dir), store.SuspectOlder)
	p.wantEvents(s, store.ActSuspicious, 1)
}

// RF-14: without a mark, or with half of one, nothing is suspect and everything works.
func TestMarkThatIsMissingOrTorn(t *testing.T) {
	p := newPlaced(t)
	mark := filepath.Join(p.dir, "store.mark")
	for _, content := range [][]byte{nil, []byte("crmdeck"), make([]byte, 46), make([]byte, 4096)} {
		if err := os.WriteFile(mark, content, 0o600); err != nil {
			t.Fatal(err)
		}
		p.want(p.why(p.dir), "")
		p.write(p.unlocked(p.dir))
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	p.want(p.why(p.dir), "")
}

// RF-14: a person says that this is the store in use.
func TestAdoptedStoreIsNotSuspect(t *testing.T) {
	p := newPlaced(t)
	there := p.copyTo(filepath.Join(t.TempDir(), "copy"))
	s := p.unlocked(there)
	if err := s.(store.Placer).Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.want(p.why(there), "")
	p.wantEvents(s, store.ActAdopt, 1)
	made := p.clock.Now().Add(-24 * time.Hour)
	if err := s.(store.Placer).MarkRestored(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	at, err := s.(store.Placer).Place(t.Context())
	if err != nil || at.Suspect == nil || at.Suspect.Why != store.SuspectRestored || !at.Suspect.From.Equal(made) {
		t.Fatalf("place %+v, %v", at, err)
	}
	s.Lock()
	if err := s.(store.Placer).Adopt(t.Context()); err == nil {
		t.Fatal("a locked store was adopted")
	}
}
