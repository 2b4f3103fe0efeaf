package doctor_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"crmdeck/connectors/doctor"
	"crmdeck/store"
	"crmdeck/store/bolt"
)

// altered is a real store of which some answers are others.
type altered struct {
	*bolt.Store
	space  *store.Space
	costs  []store.SlotCost
	place  *store.Place
	refuse []*store.DamageError
	event  func(*store.Event)
	info   func(*store.Info)
}

func (a altered) Space(ctx context.Context) (store.Space, error) {
	if a.space != nil {
		return *a.space, nil
	}
	return a.Store.Space(ctx)
}

func (a altered) SlotCosts(ctx context.Context) ([]store.SlotCost, error) {
	if a.costs != nil {
		return a.costs, nil
	}
	return a.Store.SlotCosts(ctx)
}

func (a altered) Place(ctx context.Context) (store.Place, error) {
	if a.place != nil {
		return *a.place, nil
	}
	return a.Store.Place(ctx)
}

func (a altered) CheckSealed(ctx context.Context, fn func(store.SealedProgress) error) error {
	if a.refuse != nil {
		return fn(store.SealedProgress{Records: 1, All: 1, Values: 1, Refused: a.refuse})
	}
	return a.Store.CheckSealed(ctx, fn)
}

func (a altered) EachEvent(ctx context.Context, after uint64, fn func([]store.Event) error) error {
	return a.Store.EachEvent(ctx, after, func(page []store.Event) error {
		page = slices.Clone(page)
		if a.event != nil {
			for i := range page {
				a.event(&page[i])
			}
		}
		return fn(page)
	})
}

func (a altered) Info(ctx context.Context) (store.Info, error) {
	in, err := a.Store.Info(ctx)
	if a.info != nil {
		a.info(&in)
	}
	return in, err
}

// TestFound: what the store tells of itself is found: SE-5 a passphrase that is cheap to guess,
// SE-11 a new data key that was begun, a file that is mostly empty or of an older format, a copy of a store
// (RF-14), values that do not open with the connection that they belong to, and a broken chain.
func TestFound(t *testing.T) {
	s, _ := patient(t)
	connect(t, s.Store, "hubspot-prod", "https://a.test", nil)
	real := s.Store.(*bolt.Store)
	cases := []struct {
		name  string
		store altered
		code  string
		facts map[string]string
	}{
		{"cheap slot", altered{costs: []store.SlotCost{{SlotInfo: store.SlotInfo{ID: "00ff", Label: "jan"}, Memory: 19 << 10, Passes: 2, Lanes: 1, Low: true}}},
			"warn slot_cheap", map[string]string{"slot": "00ff", "cost": "19 MiB, 2 passes"}},
		{"emptied", altered{space: &store.Space{Size: 100 << 20, Free: 80 << 20, Format: 3, Newest: 3}},
			"warn growth_large", map[string]string{"share": "80 %", "free": "80 MiB"}},
		{"small and empty", altered{space: &store.Space{Size: 1 << 20, Free: 900 << 10, Format: 3, Newest: 3}}, "", nil},
		{"older format", altered{space: &store.Space{Size: 1 << 20, Format: 2, Newest: 3}}, "warn format_old", map[string]string{"newest": "3"}},
		{"copy", altered{place: &store.Place{Suspect: &store.Suspicion{Why: store.SuspectMoved, Seen: time.Now()}}}, "bad place_moved", nil},
		{"older", altered{place: &store.Place{Suspect: &store.Suspicion{Why: store.SuspectOlder, Seen: time.Now()}}}, "bad place_older", nil},
		{"restored", altered{place: &store.Place{Suspect: &store.Suspicion{Why: store.SuspectRestored, From: time.Now()}}}, "bad place_restored", nil},
		{"a value", altered{refuse: []*store.DamageError{{What: "the refresh token", Problem: "was put back", Next: "reconnect", Owner: "grant-hubspot-prod", Field: store.FieldRefresh}}},
			"bad sealed_bad", map[string]string{"name": "hubspot-prod"}},
		{"a value of nobody", altered{refuse: []*store.DamageError{{What: "part 7", Problem: "is damaged", Next: "reconnect", Wide: true}}}, "bad sealed_wide", nil},
		{"a changed event", altered{event: func(e *store.Event) { e.Evidence += "!" }}, "bad audit_broken", map[string]string{"at": "1"}},
		{"a new data key", altered{info: func(in *store.Info) { in.Rekeying = true }}, "warn data_key_running", nil},
	}
	for _, c := range cases {
		c.store.Store = real
		s.Store = c.store
		found := run(t, s)
		var codes []string
		if c.code != "" {
			codes = []string{c.code}
		}
		if !t.Run(c.name, func(t *testing.T) { want(t, found, codes...) }) {
			continue
		}
		for name, v := range c.facts {
			if got := fact(found, c.code[len(found[0].Level)+1:], name); got != v {
				t.Errorf("%s: %s is %q, want %q", c.name, name, got, v)
			}
		}
	}
}

// TestMany: more damaged values than can be read are counted.
func TestMany(t *testing.T) {
	s, _ := patient(t)
	a := altered{Store: s.Store.(*bolt.Store)}
	for range 30 {
		a.refuse = append(a.refuse, &store.DamageError{What: "x", Problem: "y", Next: "z"})
	}
	s.Store = a
	found := run(t, s)
	if n := fact(found, "sealed_more", "count"); n != "20" || doctor.Worst(found) != doctor.Bad {
		t.Errorf("%q more", n)
	}
}
