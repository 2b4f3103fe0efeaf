package audit

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"crmdeck/store"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func at(n int) time.Time { return time.Date(2026, 3, 1, 12, 0, n, 5, time.UTC) }

func log(n int) (list []store.Event, head Head) {
	for i := range n {
		e := store.Event{Seq: uint64(i + 1), At: at(i), Actor: "a", Host: "h", Act: store.ActEdit, Connection: "c", ConnectionID: "id", Outcome: "done", Evidence: "e", Op: "op"}
		e.Chain = Chain(key, head.Chain, e)
		head = Head{Seq: e.Seq, Chain: e.Chain}
		list = append(list, e)
	}
	return list, head
}

func TestWhole(t *testing.T) {
	list, head := log(5)
	got, err := Verify(key, Head{}, list, head)
	if err != nil || got.Seq != 5 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := Verify(key, Head{Seq: 2, Chain: list[1].Chain}, list[2:], head); err != nil {
		t.Errorf("from the middle: %v", err)
	}
	if _, err := Verify(key, Head{}, nil, Head{}); err != nil {
		t.Errorf("empty: %v", err)
	}
}

// AU-2 to AU-5: whatever is done to a log, the first bad entry is named.
func TestTampering(t *testing.T) {
	_, head := log(5)
	type change func([]store.Event) []store.Event
	edit := func(fn func(*store.Event)) change {
		return func(l []store.Event) []store.Event { fn(&l[2]); return l }
	}
	for name, c := range map[string]struct {
		do  change
		bad uint64
	}{
		"time":       {edit(func(e *store.Event) { e.At = e.At.Add(1) }), 3},
		"actor":      {edit(func(e *store.Event) { e.Actor = "b" }), 3},
		"host":       {edit(func(e *store.Event) { e.Host = "b" }), 3},
		"act":        {edit(func(e *store.Event) { e.Act = store.ActRevoke }), 3},
		"connection": {edit(func(e *store.Event) { e.Connection = "b" }), 3},
		"id":         {edit(func(e *store.Event) { e.ConnectionID = "b" }), 3},
		"outcome":    {edit(func(e *store.Event) { e.Outcome = "failed" }), 3},
		"evidence":   {edit(func(e *store.Event) { e.Evidence = "" }), 3},
		"op":         {edit(func(e *store.Event) { e.Op = "" }), 3},
		"shifted":    {edit(func(e *store.Event) { e.Actor, e.Host = "ah", "" }), 3},
		"chain":      {edit(func(e *store.Event) { e.Chain = slices.Clone(e.Chain); e.Chain[0] ^= 1 }), 3},
		"removed":    {func(l []store.Event) []store.Event { return slices.Delete(l, 2, 3) }, 3},
		"first gone": {func(l []store.Event) []store.Event { return l[1:] }, 1},
		"doubled":    {func(l []store.Event) []store.Event { return slices.Insert(l, 2, l[1]) }, 2},
		"swapped":    {func(l []store.Event) []store.Event { l[2], l[3] = l[3], l[2]; return l }, 3},
		"swapped and renumbered": {func(l []store.Event) []store.Event {
			l[2], l[3] = l[3], l[2]
			l[2].Seq, l[3].Seq = 3, 4
			return l
		}, 3},
		"cut by one": {func(l []store.Event) []store.Event { return l[:4] }, 5},
		"cut by all": {func(l []store.Event) []store.Event { return nil }, 1},
		"rewritten without the key": {func(l []store.Event) []store.Event {
			l[0].Chain = Chain([]byte("another key"), nil, l[0])
			return l
		}, 1},
	} {
		list, _ := log(5)
		_, err := Verify(key, Head{}, c.do(list), head)
		var b *BrokenError
		if !errors.As(err, &b) || b.Seq != c.bad || !IsBroken(err) {
			t.Errorf("%s: got %v, want event %d", name, err, c.bad)
		}
	}
}

// AU-5, AU-6: with the key everything can be rewritten; a head that was kept elsewhere shows it.
func TestRewrittenWithTheKey(t *testing.T) {
	list, kept := log(5)
	list[0].Actor = "b"
	var head Head
	for i := range list {
		list[i].Chain = Chain(key, head.Chain, list[i])
		head = Head{Seq: list[i].Seq, Chain: list[i].Chain}
	}
	if _, err := Verify(key, Head{}, list, head); err != nil {
		t.Errorf("against its own head: %v", err)
	}
	if _, err := Verify(key, Head{}, list, kept); !IsBroken(err) {
		t.Errorf("against the head that was kept: %v", err)
	}
}

// The form of the chain is a promise to logs that exist and to other verifiers.
func TestChainValue(t *testing.T) {
	list, _ := log(2)
	const want = "ea41216430f2c6c6f42b6dd82f2ae4e7d5abb4c6dc859bcb7514bd6481a878fa"
	if got := hex.EncodeToString(list[1].Chain); got != want {
		t.Errorf("chain value %s, want %s", got, want)
	}
}
