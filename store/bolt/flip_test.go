package bolt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// harm is one way to damage a store's file.
type harm struct {
	Kind string // flip, cut, zero, swap, double
	At   int    // the bit, the length or the page
	To   int    // the other page
}

func (h harm) String() string { return fmt.Sprint(h.Kind, " ", h.At, " ", h.To) }

const harmPage = 4096

// do returns the damaged file.
func (h harm) do(whole []byte) []byte {
	b := append([]byte(nil), whole...)
	page := func(n int) []byte { return b[n*harmPage:][:harmPage] }
	switch h.Kind {
	case "flip":
		b[h.At/8] ^= 1 << (h.At % 8)
	case "cut":
		b = b[:h.At]
	case "zero":
		clear(page(h.At))
	case "swap":
		was := append([]byte(nil), page(h.At)...)
		copy(page(h.At), page(h.To))
		copy(page(h.To), was)
	case "double":
		copy(page(h.To), page(h.At))
	}
	return b
}

// result is what came of one harm.
type result struct {
	Harm     harm
	Wrong    []string
	Absent   []string // facts that are said not to be there
	Refusals int
	Older    bool // the state before the last transaction
	Changed  bool // written to, and it said that it worked
}

// childHarm does to a copy of a store what the lines of its standard input say, each for
// itself, and tells a result a line. What it is asked for is in args: the store, its
// identity, the facts of the whole store, "write" to write as well.
func childHarm(ctx context.Context, args []string) error {
	dir, write := args[0], len(args) > 2 && args[2] == "write"
	b, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var want states
	if err := json.Unmarshal(b, &want); err != nil {
		return err
	}
	db := filepath.Join(dir, "store.db")
	whole, err := os.ReadFile(db + ".whole")
	if err != nil {
		return err
	}
	dec, enc := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for dec.More() {
		var h harm
		if err := dec.Decode(&h); err != nil {
			return err
		}
		if err := os.WriteFile(db, h.do(whole), 0o600); err != nil {
			return err
		}
		r := result{Harm: h}
		r.Wrong, r.Absent, r.Refusals, r.Older = want.match(look(ctx, dir, storetest.Identity(dir), smallShape()))
		if write {
			r.write(ctx, dir, want)
		}
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// states are what a store tells, and what it told before its last transaction: a file whose
// newest meta page is damaged is the one of before, whole.
type states struct{ Now, Before facts }

func (s states) match(f facts) (wrong, absent []string, refusals int, older bool) {
	wrong, absent, refusals = f.against(s.Now)
	if len(wrong)+len(absent) > 0 {
		if w, a, n := f.against(s.Before); len(w)+len(a) == 0 {
			return nil, nil, n, true
		}
	}
	return wrong, absent, refusals, false
}

// write refreshes a grant in the damaged store and looks again: what is told must be what
// was, with that refresh or without it.
func (r *result) write(ctx context.Context, dir string, want states) {
	s, err := bolt.New(bolt.Options{Actor: "writer", Host: "test-host"}).Open(ctx, dir)
	if err != nil {
		return
	}
	defer s.Close()
	if err := s.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
		return
	}
	v, err := s.Vault()
	if err != nil {
		return
	}
	err = putTokens(ctx, s, v, "g0", 4)
	if err != nil && !clean(err) {
		r.Wrong = append(r.Wrong, "writing: "+err.Error())
	}
	r.Changed = err == nil
	ref := want.Now
	if r.Older {
		ref = want.Before
	}
	wrong, absent, n := look(ctx, dir, storetest.Identity(dir), smallShape()).against(ref)
	r.Refusals += n
	// Where the store is can have been noted, even if no more was written.
	other := func(fact string) bool {
		return !strings.HasPrefix(fact, "info") && (!r.Changed || !touchedByWrite(fact))
	}
	for _, w := range wrong {
		if other(w) {
			r.Wrong = append(r.Wrong, "after writing: "+w)
		}
	}
	for _, a := range absent {
		if other(a) {
			r.Absent = append(r.Absent, "after writing: "+a)
		}
	}
}

// touchedByWrite reports the facts that the refresh of grant g0 changes.
func touchedByWrite(fact string) bool {
	for _, p := range []string{"info", "changes", "grant g0", "grants of client", "secret g0", "events", "chain", "summary c0", "summary c4"} {
		if strings.HasPrefix(fact, p) {
			return true
		}
	}
	return false
}

// harming runs harms in child processes.
type harming struct {
	t     *testing.T
	dir   string
	want  string // file with the facts
	write bool
	size  int
	used  []int // pages

	done, refused, silent, changed, died, wrong, absent, older int
}

func newHarming(t *testing.T, write bool) *harming {
	t.Helper()
	dir := copyStore(t, fillSmall(t))
	h := &harming{t: t, dir: dir, want: filepath.Join(t.TempDir(), "facts.json"), write: write}
	db := filepath.Join(dir, "store.db")
	_ = h.whole(dir) // the first unlock in a new place writes
	whole, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	h.size = len(whole)
	var s states
	s.Now = h.whole(dir)
	newest := h.survey(db)
	if err := os.WriteFile(db, harm{Kind: "zero", At: newest}.do(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Before = h.whole(dir)
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{h.want: b, db + ".whole": whole} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// whole tells what a store that is not damaged tells.
func (h *harming) whole(dir string) facts {
	h.t.Helper()
	f := look(h.t.Context(), dir, storetest.Identity(dir), smallShape())
	for k, v := range f {
		if strings.HasPrefix(v, refusedMark) || strings.HasPrefix(v, "unclean") {
			h.t.Fatalf("of the whole store: %s: %s", k, v)
		}
	}
	return f
}

// survey finds out which pages are in use, and which of the two meta pages is the newest.
func (h *harming) survey(path string) (newest int) {
	h.t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		newest = tx.ID() % 2
		for i := range h.size / harmPage {
			p, err := tx.Page(i)
			if err != nil || p == nil {
				return err
			}
			if p.Type != "free" {
				for n := range p.OverflowCount + 1 {
					h.used = append(h.used, i+n)
				}
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return newest
}

// run does all harms; a child that dies is reported with what killed it, and the next goes on.
func (h *harming) run(all []harm) {
	h.t.Helper()
	for len(all) > 0 {
		args := []string{h.dir, h.want}
		if h.write {
			args = append(args, "write")
		}
		p := start(h.t, "harm", args...)
		go func() {
			enc := json.NewEncoder(p.in)
			for _, x := range all {
				if enc.Encode(x) != nil {
					break
				}
			}
			_ = p.in.Close()
		}()
		n := 0
		p.out.Buffer(nil, 1<<20)
		for p.out.Scan() {
			var r result
			if err := json.Unmarshal(p.out.Bytes(), &r); err != nil {
				h.t.Fatalf("%v: %s", err, p.out.Bytes())
			}
			h.count(r)
			n++
		}
		err := p.cmd.Wait()
		if n == len(all) {
			return
		}
		h.died++
		if h.died <= 20 {
			h.t.Errorf("%s ended the process: %v\n%.2500s", all[n], err, p.err)
		}
		all = all[n+1:]
	}
}

func (h *harming) count(r result) {
	h.done++
	switch {
	case len(r.Wrong) > 0:
		h.wrong++
		if h.wrong <= 20 {
			h.t.Errorf("%s: %s", r.Harm, strings.Join(r.Wrong, "\n"))
		}
	case len(r.Absent) > 0:
		h.absent++
	case r.Older:
		h.older++
	case r.Refusals > 0:
		h.refused++
	default:
		h.silent++
	}
	if r.Changed {
		h.changed++
	}
}

func (h *harming) String() string {
	return fmt.Sprintf("%d harms to a store of %d bytes: %d refused, %d touched nothing that is read, %d brought back the state before, %d hid a record, %d wrong, %d died, %d written to",
		h.done+h.died, h.size, h.refused, h.silent, h.older, h.absent, h.wrong, h.died, h.changed)
}

// pages lists the harms to whole pages, and the truncations at every 512 bytes.
func (h *harming) pages() (all []harm) {
	n := h.size / harmPage
	for i := range n {
		all = append(all, harm{Kind: "zero", At: i})
		for j := range n {
			if i != j {
				all = append(all, harm{Kind: "double", At: i, To: j})
			}
			if i < j {
				all = append(all, harm{Kind: "swap", At: i, To: j})
			}
		}
	}
	for at := 0; at < h.size; at += 512 {
		all = append(all, harm{Kind: "cut", At: at})
	}
	return all
}

// flips spreads n bits over the pages in use.
func (h *harming) flips(n int) (all []harm) {
	bits := len(h.used) * harmPage * 8
	for i := range min(n, bits) {
		at := int(uint64(i) * uint64(bits) / uint64(n))
		if step := bits / n; step > 1 { // not always the same bit of a byte
			at += (i * 7919) % step
		}
		page, within := at/(harmPage*8), at%(harmPage*8)
		all = append(all, harm{Kind: "flip", At: h.used[page]*harmPage*8 + within})
	}
	return all
}

// DB-7, DB-8: a few of what TestCampaignHarm does to all of the file.
func TestHarm(t *testing.T) {
	h := newHarming(t, false)
	h.run(h.flips(300))
	h.write = true
	h.run(h.flips(100))
	all := h.pages()
	for i := range all {
		if i%20 == 0 {
			h.run(all[i : i+1])
		}
	}
	t.Log(h)
}
