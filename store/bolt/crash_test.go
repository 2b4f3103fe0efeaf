package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

// A scenario is a list of operations on a store, that a process does one after the other.
// It does the same each time, to the byte where that can be: so the states in between can
// be compared with those of a run that nothing went wrong in.
type scenario struct {
	// start names what lies in the directory at first: "" nothing, "small" a small store,
	// "format1" a store of that format.
	start string
	shape shape
	ops   []operation
}

type operation struct {
	name string
	do   func(*runner) error
	// hidden: what can be told without a key does not show that it was done.
	hidden bool
	// lazy: where there is no room it is left undone and called done, as raising the format is.
	lazy bool
}

// runner does the operations of a scenario.
type runner struct {
	context.Context
	dir    string
	engine *bolt.Backend
	s      *bolt.Store
}

var crashTime = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func newRunner(dir string) *runner {
	var seed [32]byte
	copy(seed[:], "the same bytes in each run")
	return &runner{Context: context.Background(), dir: dir, engine: bolt.New(bolt.Options{
		Clock: clock.NewScaled(crashTime, 0), Rand: rand.NewChaCha8(seed), Actor: "child", Host: "test-host",
	})}
}

func (r *runner) key() store.Key { return store.Key{IdentityFile: storetest.Identity(r.dir)} }

func opCreate(r *runner) error {
	s, err := r.engine.Create(r, r.dir, r.key())
	if err == nil {
		r.s = s.(*bolt.Store)
	}
	return err
}

func opUnlock(r *runner) error {
	s, err := r.engine.Open(r, r.dir)
	if err != nil {
		return err
	}
	r.s = s.(*bolt.Store)
	return s.Unlock(r, r.key())
}

func opRefresh(id store.ID, gen uint64) operation {
	return operation{name: fmt.Sprint("refresh ", id, " ", gen), do: func(r *runner) error {
		v, err := r.s.Vault()
		if err != nil {
			return err
		}
		return putTokens(r, r.s, v, id, gen)
	}}
}

// opPut writes one record with its event.
func opPut(name string, put func(store.Writer) error) operation {
	return operation{name: name, do: func(r *runner) error {
		return r.s.Write(r, func(w store.Writer) error {
			if err := put(w); err != nil {
				return err
			}
			_, err := w.Append(store.Event{Act: store.ActEdit, Outcome: "done", Evidence: name})
			return err
		})
	}}
}

func opConnection(id, grant string) operation {
	return opPut("connection "+id, func(w store.Writer) error {
		c := store.Connection{ID: store.ID(id), Name: "name-" + id, Provider: "close", Method: store.APIKey, Grant: store.ID(grant),
			Purpose: strings.Repeat("why it is there ", 20)}
		return w.PutConnection(&c)
	})
}

// opIntent notes that a refresh begins, as each refresh does before it sends anything.
func opIntent(id store.ID) operation {
	return operation{name: "intent " + string(id), do: func(r *runner) error {
		return r.s.Write(r, func(w store.Writer) error {
			g, err := w.Grant(id)
			if err != nil {
				return err
			}
			w.Bookkeeping()
			g.Intent = &store.Intent{Attempt: "a", Generation: g.Generation, Begun: crashTime}
			return w.PutGrant(&g)
		})
	}}
}

func opDraft(n int) operation {
	return opPut(fmt.Sprint("draft of ", n), func(w store.Writer) error {
		return w.PutDraft(&store.Draft{ID: store.ID(fmt.Sprint("draft", n)), Data: make([]byte, n)})
	})
}

func operations() []operation {
	return []operation{
		{name: "unlock", do: opUnlock},
		opIntent("g0"), opRefresh("g0", 4), opConnection("c6", "g0"),
		{name: "room", hidden: true, do: func(r *runner) error { return r.s.Reserve(r, 256<<10) }},
		opRefresh("g1", 4),
		{name: "add slot", do: func(r *runner) error {
			_, err := r.s.AddSlot(r, store.NewSlot{Key: store.Key{IdentityFile: storetest.Identity(r.dir) + ".2"}})
			return err
		}},
		opDraft(60_000),
		opPut("delete draft", func(w store.Writer) error { return w.DeleteDraft("draft60000") }),
		{name: "remove slot", do: func(r *runner) error {
			list, err := r.s.Slots(r)
			if err == nil {
				_, err = r.s.RemoveSlot(r, list[len(list)-1].ID)
			}
			return err
		}},
		{name: "lease", hidden: true, do: func(r *runner) error {
			l, err := r.s.Lease(r, "g0", "refreshing")
			if err == nil {
				l.Release()
			}
			return err
		}},
		opRefresh("g0", 5), opRefresh("g9", 1), opConnection("c7", "g9"),
		opPut("delete connection", func(w store.Writer) error { return w.DeleteConnection("c1") }),
		opPut("delete grant", func(w store.Writer) error { return errors.Join(w.DeleteConnection("c3"), w.DeleteGrant("g3")) }),
		opDraft(200_000),
		opRefresh("g2", 4),
	}
}

// scenarios are all that are known, by name.
func scenarios() map[string]scenario {
	x := smallShape()
	x.Conns, x.Names, x.Grants = append(x.Conns, "c6", "c7"), append(x.Names, "name-c6", "name-c7"), append(x.Grants, "g9")
	old := shape{Conns: []string{"conn1"}, Names: []string{"name"}, Grants: []string{"grant1"}, Clients: []string{"client1"}}
	refreshes := []operation{{name: "unlock", do: opUnlock}}
	for i := range uint64(12) {
		refreshes = append(refreshes, opRefresh(store.ID(fmt.Sprint("g", i%3)), 4+i/3))
	}
	return map[string]scenario{
		"unlock":     {start: "small", shape: x, ops: []operation{{name: "unlock", do: opUnlock, lazy: true}}},
		"create":     {shape: x, ops: []operation{{name: "create", do: opCreate}, opRefresh("g0", 1)}},
		"operations": {start: "small", shape: x, ops: operations()},
		"refreshes":  {start: "small", shape: x, ops: refreshes},
		"format1":    {start: "format1", shape: old, ops: []operation{{name: "unlock", do: opUnlock, lazy: true}, opRefresh("grant1", 9)}},
		"format2":    {start: "format2", shape: old, ops: []operation{{name: "unlock", do: opUnlock, lazy: true}, opRefresh("grant1", 9)}},
		"compact": {start: "small", shape: x, ops: []operation{{name: "unlock", do: opUnlock}, opRefresh("g0", 4),
			{name: "compact", do: func(r *runner) error { _, err := r.s.Compact(r); return err }}, opRefresh("g0", 5)}},
		"backup": {start: "small", shape: x, ops: []operation{{name: "unlock", do: opUnlock},
			{name: "copy", hidden: true, do: func(r *runner) error {
				st, err := r.s.Copy(r)
				if err == nil {
					err = st.Close()
				}
				return err
			}}, opRefresh("g0", 4)}},
	}
}

// childCrash does the operations of a scenario and acknowledges each. All of it is done on
// one thread, so that the system calls of this process can be counted. With a third
// argument it keeps the store's file of each state there.
func childCrash(args []string) error {
	runtime.LockOSThread()
	sc := scenarios()[args[1]]
	r := newRunner(args[0])
	for i, op := range sc.ops {
		if err := op.do(r); err != nil {
			fmt.Println("failed", i, strings.ReplaceAll(err.Error(), "\n", " "))
			if !errors.Is(err, store.ErrUnwritable) {
				return fmt.Errorf("%s: %w", op.name, err)
			}
			return r.afterwards(op, err)
		}
		fmt.Println("done", i)
		if len(args) > 2 {
			b, err := os.ReadFile(filepath.Join(args[0], "store.db"))
			if err == nil {
				err = os.WriteFile(filepath.Join(args[2], fmt.Sprint(i)), b, 0o600)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// afterwards goes on where an operation could not be written. Reading must go on; where
// it is unknown what is on disk, nothing more may be written by this process (DB-6).
func (r *runner) afterwards(op operation, failed error) error {
	if r.s == nil {
		return nil
	}
	if _, err := r.s.Changes(r, 0); err != nil {
		return fmt.Errorf("reading after %s: %w", op.name, err)
	}
	if !strings.Contains(failed.Error(), "outcome is unknown") {
		return nil
	}
	fmt.Println("unknown")
	if _, err := step(r, r.s, "more"); !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("writing where the outcome of %s is unknown: %w", op.name, err)
	}
	if err := r.s.Reserve(r, 1); !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("making room where the outcome of %s is unknown: %w", op.name, err)
	}
	return nil
}

// rehearsal is a scenario that nothing went wrong in: what each state tells.
type rehearsal struct {
	scenario
	name   string
	t      *testing.T
	from   string            // a directory with what lies there at first, "" if nothing does
	second string            // another identity, for the slot that is added
	before map[string][]byte // what lies there at first, by its path from beside the store
	states []facts
	files  [][]byte // the store's file of each state; nil before it is there
}

func rehearse(t *testing.T, name string) *rehearsal {
	t.Helper()
	second, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	re := &rehearsal{scenario: scenarios()[name], name: name, t: t, second: second.String()}
	switch re.start {
	case "":
	case "small":
		re.from = fillSmall(t)
	default:
		re.from = filepath.Join("testdata", re.start)
	}
	snaps := t.TempDir()
	dir := re.stage()
	re.see(dir)
	p := start(t, "crash", dir, name, snaps)
	p.end()
	for i := range re.ops {
		b, err := os.ReadFile(filepath.Join(snaps, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "store.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		re.see(dir)
	}
	return re
}

// see notes what the store in dir tells as the next state.
func (re *rehearsal) see(dir string) {
	b, err := os.ReadFile(filepath.Join(dir, "store.db"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		re.t.Fatal(err)
	}
	re.files = append(re.files, b)
	re.states = append(re.states, re.tells(dir))
}

// tells is what the store in dir says without a key, and without what differs from run to run.
func (re *rehearsal) tells(dir string) facts {
	f := look(re.t.Context(), dir, "", re.shape)
	for k, v := range f {
		if strings.HasPrefix(v, "unclean") {
			re.t.Errorf("%s: %s: %s", re.name, k, v)
		}
		f[k] = anyRecipient.ReplaceAllString(strings.ReplaceAll(v, dir, "DIR"), "age1")
	}
	if strings.HasPrefix(re.start, "format") {
		// The first unlock is several transactions, of which not all have to be: revisions
		// and events can differ, records can't.
		maps.DeleteFunc(f, func(k, _ string) bool {
			return k == "info" || k == "changes" || strings.HasPrefix(k, "events") || strings.HasPrefix(k, "summary")
		})
	}
	return f
}

var anyRecipient = regexp.MustCompile("age1[a-z0-9]+")

// stage makes a directory as it is before the first operation.
func (re *rehearsal) stage() (dir string) {
	re.t.Helper()
	top, err := os.MkdirTemp(re.t.TempDir(), "")
	if err != nil {
		re.t.Fatal(err)
	}
	dir = filepath.Join(top, "deck")
	if re.from == "" {
		return dir
	}
	if err := os.WriteFile(storetest.Identity(dir)+".2", []byte(re.second), 0o600); err != nil {
		re.t.Fatal(err)
	}
	db, id := filepath.Join(re.from, "store.db"), filepath.Join(re.from, "identity.txt")
	if re.start == "small" {
		id = storetest.Identity(re.from)
	}
	err = os.Mkdir(dir, 0o700)
	re.before = map[string][]byte{"identity.txt.2": []byte(re.second)}
	for from, to := range map[string]string{db: "deck/store.db", id: "identity.txt"} {
		b, e := os.ReadFile(from)
		re.before[to] = b
		err = errors.Join(err, e, os.WriteFile(filepath.Join(top, to), b, 0o600))
	}
	if err != nil {
		re.t.Fatal(err)
	}
	return dir
}

// check tells what is wrong with the store in dir, of which acked operations were
// acknowledged: that state or the next, whole; it opens, every secret with it, the log holds
// together, and it can be written to.
// With undone the next is not allowed: the process said that nothing came of it.
func (re *rehearsal) check(dir string, acked int, undone bool) error {
	got := re.tells(dir)
	at := re.stateOf(got, acked)
	if at < 0 && acked > 0 && re.ops[acked-1].lazy {
		at = re.stateOf(got, acked-1)
	}
	if undone && at > acked && !re.ops[acked].lazy {
		return fmt.Errorf("%s was said to be undone, and was done", re.opName(acked))
	}
	if at < 0 {
		from := re.states[acked]
		wrong, absent, n := got.against(from)
		return fmt.Errorf("after %d operations (%s) the store is neither as it was nor as it should be: %d refused, absent %v\n%s",
			acked, re.opName(acked), n, absent, strings.Join(wrong, "\n"))
	}
	if _, none := got["open"]; none {
		return re.again(dir)
	}
	s, err := bolt.New(bolt.Options{Actor: "parent", Host: "test-host"}).Open(re.t.Context(), dir)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Unlock(re.t.Context(), store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
		return fmt.Errorf("unlocking: %w", err)
	}
	return re.deep(s)
}

func (re *rehearsal) opName(i int) string {
	if i < len(re.ops) {
		return re.ops[i].name
	}
	return "the end"
}

// stateOf tells which state a store is in: that of acked operations or one more, or -1.
func (re *rehearsal) stateOf(got facts, acked int) int {
	for at := acked; at <= min(acked+1, len(re.ops)); at++ {
		wrong, absent, refusals := got.against(re.states[at])
		if _, closed := got["open"]; closed {
			if got["open"] == re.states[at]["open"] {
				return at
			}
			continue
		}
		if len(wrong)+len(absent)+refusals == 0 {
			return at
		}
	}
	return -1
}

// again makes the store that was not made.
func (re *rehearsal) again(dir string) error {
	if fi, err := os.Stat(storetest.Identity(dir)); err == nil && fi.Size() == 0 {
		return nil // it died between making and writing the identity; the error says to remove it
	}
	s, err := bolt.New(bolt.Options{}).Create(re.t.Context(), dir, store.Key{IdentityFile: storetest.Identity(dir)})
	if err != nil {
		return fmt.Errorf("making the store again: %w", err)
	}
	defer s.Close()
	left, _ := filepath.Glob(filepath.Join(dir, "store.db.new-*"))
	if len(left) > 0 {
		return fmt.Errorf("left behind: %v", left)
	}
	return re.deep(s)
}

// deep examines an unlocked store, verifies its log, and writes to it.
func (re *rehearsal) deep(s store.Store) error {
	ctx := re.t.Context()
	x, err := s.(store.Examiner).Examine(ctx)
	if err == nil && len(x.Refused) > 0 {
		err = fmt.Errorf("does not open: %w", x.Refused[0])
	}
	if err != nil {
		return fmt.Errorf("examining: %w", err)
	}
	f := facts{}
	f.secrets(ctx, s, re.shape)
	for k, val := range f {
		var owner, field string
		if _, err := fmt.Sscanf(k, "secret %s %s", &owner, &field); err == nil && strings.HasPrefix(owner, "g") && !strings.Contains(val, "of "+owner) && re.start == "small" {
			return fmt.Errorf("%s opens to %s", k, val)
		}
	}
	if _, err := verifyLog(ctx, s); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if _, err := step(ctx, s, "gx"); err != nil {
		return fmt.Errorf("writing afterwards: %w", err)
	}
	_, err = verifyLog(ctx, s)
	return err
}

// DB-1: each scenario does what it says when nothing goes wrong, and each of its states is
// a good one.
func TestScenarios(t *testing.T) {
	for _, name := range scenarioNames() {
		t.Run(name, func(t *testing.T) {
			re := rehearse(t, name)
			for i := range re.states {
				dir := re.stage()
				if re.files[i] == nil {
					continue
				}
				if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "store.db"), re.files[i], 0o600)); err != nil {
					t.Fatal(err)
				}
				if re.from == "" {
					continue // its identity was made by the child
				}
				if err := re.check(dir, i, false); err != nil {
					t.Errorf("state %d: %v", i, err)
				}
				if i > 0 && !re.ops[i-1].hidden && i > 1 && re.stateOf(re.states[i], i-1) == i-1 {
					t.Errorf("%s changes nothing that is seen", re.opName(i-1))
				}
			}
		})
	}
}

func scenarioNames() (names []string) {
	for name := range scenarios() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
