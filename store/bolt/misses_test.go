package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"crmdeck/store"
)

// missable is a store with a passphrase, and what opens it as other processes would.
func missable(t *testing.T) (dir string, clock *testClock, right store.Key, open func() *Store) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "deck")
	clock, right = newTestClock(), phrase("seven quiet lamps")
	e := New(Options{Clock: clock, Host: "test-host"})
	s, err := e.Create(t.Context(), dir, right, store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	return dir, clock, right, func() *Store {
		s, err := e.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s.(*Store)
	}
}

func slept(c *testClock) (out []time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out, c.slept = c.slept, nil
	return out
}

// SE-6: wrong keys of each kind give one error; they slow further passphrases in all processes, are
// told in the log at the next unlock, and are forgotten then. Right keys of jobs are not held up.
func TestMissesSlowPassphrases(t *testing.T) {
	dir, clock, right, open := missable(t)
	id := store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")}
	theirs, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	stranger := store.Key{IdentityFile: identityFile(t, theirs.String())}
	told := time.Duration(0)
	wrong := phrase("seven quiet lambs")
	wrong.Wait = func(d time.Duration) { told = d }
	for i, k := range []store.Key{wrong, stranger, stranger, wrong, wrong} {
		told = 0
		err := open().Unlock(t.Context(), k)
		if !errors.Is(err, store.ErrWrongKey) || err.Error() != "unlocking: "+store.ErrWrongKey.Error() {
			t.Errorf("try %d: %v", i, err)
		}
		want := []time.Duration{0, 0, 0, time.Second, 2 * time.Second}[i]
		got := slept(clock)
		if want == 0 && len(got) > 0 || want > 0 && (len(got) != 1 || got[0] != want) || told != want {
			t.Errorf("try %d waited %v, told %v, want %v", i, got, told, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open().Unlock(ctx, wrong); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	right.Unattended = true
	if err := open().Unlock(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if got := slept(clock); len(got) != 1 || got[0] > jobDelay {
		t.Errorf("a job waited %v", got)
	}
	s := open()
	if err := s.Unlock(t.Context(), id); err != nil || len(slept(clock)) > 0 {
		t.Errorf("after that: %v", err)
	}
	var list []store.Event
	err = s.Read(t.Context(), func(r store.Reader) (err error) {
		list, err = r.Events(store.EventFilter{Acts: []store.Act{store.ActUnlockMiss}})
		return err
	})
	if err != nil || len(list) != 1 || !strings.HasPrefix(list[0].Evidence, "5 tries from 2026-03-01T12:00:00Z to 2026-03-01T12:00:03Z (passphrase 3, identity file 2") {
		t.Errorf("events %+v %v", list, err)
	}
}

// SE-6: an identity file is never slowed, whoever failed before.
func TestMissesDoNotSlowIdentities(t *testing.T) {
	dir, clock, _, open := missable(t)
	s := open()
	for range 20 {
		s.misses().note(t.Context(), clock.Now(), store.Key{})
	}
	if err := s.Unlock(t.Context(), store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")}); err != nil || len(slept(clock)) > 0 {
		t.Errorf("%v", err)
	}
}

// SE-6, CK-1: no clock makes anybody wait longer than the longest wait, and it is over by itself.
func TestMissesAndClocks(t *testing.T) {
	_, clock, right, open := missable(t)
	s := open()
	for range 600 {
		s.misses().note(t.Context(), clock.Now(), store.Key{})
	}
	fi, err := os.Stat(s.misses().path)
	if err != nil || fi.Size() != missesSize || runtime.GOOS != "windows" && fi.Mode() != 0o600 {
		t.Errorf("%v %v", fi, err)
	}
	for name, c := range map[string]struct{ by, want time.Duration }{
		"at once": {0, maxDelay}, "set back for years": {-30 * 365 * 24 * time.Hour, maxDelay},
		"nearly over": {maxDelay - time.Second, time.Second}, "over": {maxDelay, 0}, "years later": {30 * 365 * 24 * time.Hour, 0},
	} {
		now := clock.Now().Add(c.by)
		f, err := os.Open(s.misses().path)
		if err != nil {
			t.Fatal(err)
		}
		if got := readTally(f).delay(now, maxDelay); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		_ = f.Close()
	}
	if err := s.Unlock(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(s.misses().path); err != nil || fi.Size() != missesSize {
		t.Errorf("%v %v", fi, err)
	}
	_ = open().Unlock(t.Context(), right)
	if got := slept(clock); len(got) != 1 {
		t.Errorf("after a good one it waited again: %v", got)
	}
}

// SE-6: what is in the file, or in its place, never keeps anybody out.
func TestMissesOfAnotherForm(t *testing.T) {
	a, _ := pair2(t)
	path := a.misses().path
	told := []string{}
	for name, content := range map[string]string{"text": "hello", "long": strings.Repeat("x", 5000), "zeros": strings.Repeat("\x00", 10), "no sum": missesMagic + strings.Repeat("\xff", 56)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		clock := newTestClock()
		if err := a.misses().delay(t.Context(), clock, phrase("whatever it is")); err != nil || len(slept(clock)) > 0 {
			t.Errorf("%s: %v", name, err)
		}
		_ = other(t, a, own(a))
		told = append(told, "failed")
		wantActs(t, a, store.ActUnlockMiss, told...)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	a.misses().note(t.Context(), time.Now(), store.Key{})
	_ = other(t, a, own(a))
}

// SE-6: misses of many processes are all counted.
func TestMissesOfManyProcesses(t *testing.T) {
	_, clock, _, open := missable(t)
	var work sync.WaitGroup
	for range 8 {
		s := open()
		work.Go(func() {
			for range 25 {
				s.misses().note(t.Context(), clock.Now(), store.Key{Keyring: true})
			}
		})
	}
	work.Wait()
	f, err := os.Open(open().misses().path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := readTally(f); n.count[missKeyring] != 200 || n.total() != 200 {
		t.Errorf("%+v", n)
	}
}
