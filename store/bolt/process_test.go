package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// chainHolds verifies the whole audit log and returns its events, oldest first.
func chainHolds(t *testing.T, s store.Store) []store.Event {
	t.Helper()
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	key, err := v.(interface{ AuditKey() ([]byte, error) }).AuditKey()
	if err != nil {
		t.Fatal(err)
	}
	var events []store.Event
	err = s.Read(t.Context(), func(r store.Reader) error {
		events, err = r.Events(store.EventFilter{Limit: 1 << 30})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(events)
	in, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	head, err := audit.Verify(key, audit.Head{}, events, audit.Head{})
	if err != nil || head.Seq != in.Events {
		t.Fatalf("audit log: %v, %d of %d events", err, head.Seq, in.Events)
	}
	return events
}

func generation(t *testing.T, s store.Store, id store.ID) uint64 {
	t.Helper()
	var g store.Grant
	err := s.Read(t.Context(), func(r store.Reader) (err error) {
		g, err = r.Grant(id)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return g.Generation
}

// DB-2, AU-7: two writers are killed at random; what was acknowledged is there, and
// each change with its event, or neither.
func TestKilledWriters(t *testing.T) { killWriters(t, 15, 2) }

// killWriters kills writers of one store, all of them in each round. Every some rounds a new store
// is begun, since all of the log is verified after each.
func killWriters(t *testing.T, rounds, writers int) {
	for done := 0; done < rounds; done += 25 {
		killWritersOf(t, min(25, rounds-done), writers)
	}
}

func killWritersOf(t *testing.T, rounds, writers int) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	for round := range rounds {
		var all []*proc
		acked := make([]uint64, writers)
		for i := range writers {
			all = append(all, start(t, "write", dir, fmt.Sprint("g", i), "0"))
		}
		for i, p := range all {
			for range 1 + rand.IntN(6) { // where in its next write it dies is up to the scheduler
				acked[i] = number(t, p.line())
			}
		}
		for i, p := range all {
			if last := p.kill(); last != "" {
				acked[i] = number(t, last)
			}
		}
		events := chainHolds(t, s)
		for i, a := range acked {
			id := store.ID(fmt.Sprint("g", i))
			gen := generation(t, s, id)
			if gen < a || gen > a+1 {
				t.Errorf("round %d: %d acknowledged, %d stored", round, a, gen)
			}
			n := uint64(0)
			for _, e := range events {
				if e.Evidence == string(id) {
					n++
				}
			}
			if n != gen {
				t.Errorf("round %d: %d changes, %d events", round, gen, n)
			}
		}
	}
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A process that dies within a transaction leaves nothing behind, and nobody waits for it.
func TestKilledWithin(t *testing.T) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	p := start(t, "stuck", dir)
	p.line()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := step(ctx, s, "g"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beside a transaction: %v", err)
	}
	p.kill()
	if _, err := step(t.Context(), s, "g"); err != nil {
		t.Fatal(err)
	}
	err := s.Read(t.Context(), func(r store.Reader) error {
		_, err := r.Connection("stuck")
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half a transaction: %v", err)
	}
	chainHolds(t, s)
}

// DB-4: a creation that is killed anywhere leaves no store or a whole one.
func TestKilledCreation(t *testing.T) {
	made := 0
	for round := range 20 {
		dir := filepath.Join(t.TempDir(), "deck")
		k := store.Key{IdentityFile: storetest.Identity(dir)}
		p := start(t, "create", dir)
		p.line()
		for end := time.Now().Add(time.Duration(round) * 700 * time.Microsecond); time.Now().Before(end); {
			runtime.Gosched()
		}
		p.kill()
		e := bolt.New(bolt.Options{})
		s, err := e.Open(t.Context(), dir)
		if errors.Is(err, store.ErrNoStore) {
			if fi, err := os.Stat(k.IdentityFile); err == nil && fi.Size() == 0 {
				continue // it died between making and writing the identity; the error says to remove it
			}
			s, err = e.Create(t.Context(), dir, k)
		} else {
			made++
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := s.Unlock(t.Context(), k); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		chainHolds(t, s)
		_ = s.Close()
	}
	t.Logf("%d of 20 were made before they were killed", made)
}

// AU-9: fifty processes change a record each, all of it is kept, in one chain.
func TestFiftyProcesses(t *testing.T) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	var all []*proc
	for i := range 50 {
		all = append(all, start(t, "write", dir, fmt.Sprintf("g%d", i), "4"))
	}
	for _, p := range all {
		p.end()
	}
	for i := range 50 {
		if gen := generation(t, s, store.ID(fmt.Sprintf("g%d", i))); gen != 4 {
			t.Errorf("g%d has generation %d", i, gen)
		}
	}
	if n := len(chainHolds(t, s)); n != 201 {
		t.Errorf("%d events", n)
	}
}

// A stream of readers doesn't keep a writer out: each of its writes has its turn in time.
func TestReadersDontStarveWriters(t *testing.T) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	var readers []*proc
	for range 4 {
		p := start(t, "read", dir)
		p.line()
		readers = append(readers, p)
	}
	for range 100 {
		if _, err := step(t.Context(), s, "g"); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range readers {
		p.end()
	}
}

// A lease that another process holds is named, and free when that process is killed.
func TestLeaseOfKilledProcess(t *testing.T) {
	s, dir := storetest.NewIn(t, bolt.Options{})
	p := start(t, "lease", dir, "g")
	p.line()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Lease(ctx, "g", "refreshing")
	var held *store.HeldError
	if !errors.As(err, &held) || held.Holder.PID != p.cmd.Process.Pid || held.Holder.What != "refreshing" || held.Holder.Host != "test-host" {
		t.Errorf("beside the holder: %v", err)
	}
	p.kill()
	l, err := s.Lease(t.Context(), "g", "refreshing")
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	if _, err := os.Stat(filepath.Join(dir, "locks", "grant-g.lock")); err != nil {
		t.Errorf("the lock file was unlinked: %v", err)
	}
}

func TestLeaseAcrossProcesses(t *testing.T) {
	_, dir := storetest.NewIn(t, bolt.Options{})
	file := filepath.Join(t.TempDir(), "count")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var all []*proc
	for range 8 {
		all = append(all, start(t, "count", dir, file))
	}
	for _, p := range all {
		p.end()
	}
	if b, err := os.ReadFile(file); err != nil || len(b) != 40 {
		t.Errorf("%d of 40 turns counted, %v", len(b), err)
	}
}
