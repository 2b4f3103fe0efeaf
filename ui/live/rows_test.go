package live_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/ui/live"
)

var noon = time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC)

// randomSummary is one connection in a state of its own.
func randomSummary(random *rand.Rand, i int) store.Summary {
	s := store.Summary{ID: store.ID(fmt.Sprint("id-", i)), Name: fmt.Sprint("name-", random.IntN(500), "-", i), Provider: "p",
		Method: store.AuthorizationCode, HasAccess: true, HasRefresh: true, Granted: 3, Asked: 3,
		Access: noon.Add(time.Duration(random.IntN(4000)-400) * time.Second)}
	classes := []store.Class{"", "", "", store.Dead, store.Config, store.Transient}
	if s.Class = classes[random.IntN(len(classes))]; s.Class != "" {
		s.Since = noon.Add(-time.Duration(random.IntN(1000)) * time.Second)
	}
	if random.IntN(20) == 0 {
		s.Revocation, s.Verdict, s.RevokedAt = store.RevocationDone, store.VerdictDead, noon.Add(-time.Duration(random.IntN(48))*time.Hour)
	}
	return s
}

// newRows makes rows without a catalogue.
func newRows() *live.Rows { return live.New(live.NewJudge(nil), func(s string) string { return s }) }

// names lists what is shown.
func names(r *live.Rows) []string {
	var all []string
	for i := range r.Len() {
		all = append(all, r.At(i).S.Name)
	}
	return all
}

// What was mended change by change is what would have been made at once.
func TestMendingIsSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	mended, now := newRows(), noon
	have := map[store.ID]store.Summary{}
	for rev := range 200 {
		d := store.Delta{Revision: store.Revision(rev + 1), Full: rev == 0}
		for range 1 + random.IntN(12) {
			s := randomSummary(random, random.IntN(300))
			d.Changed = append(d.Changed, s)
			have[s.ID] = s
		}
		if id := store.ID(fmt.Sprint("id-", random.IntN(300))); rev > 0 {
			if _, ok := have[id]; ok && !slices.ContainsFunc(d.Changed, func(s store.Summary) bool { return s.ID == id }) {
				d.Removed = append(d.Removed, id)
				delete(have, id)
			}
		}
		mended.Apply(d, now)
		now = now.Add(time.Duration(random.IntN(20)) * time.Second)
		mended.Pass(now)
		mended.Settle()
		if first := mended.First(); first == nil || first.S.Name != names(mended)[0] {
			t.Fatalf("revision %d: first in line is %v, on top is %s", rev, first, names(mended)[0])
		}
	}
	whole := newRows()
	d := store.Delta{Revision: 1, Full: true}
	for _, s := range have {
		d.Changed = append(d.Changed, s)
	}
	whole.Apply(d, now)
	if a, b := names(mended), names(whole); !slices.Equal(a, b) {
		t.Fatalf("mended\n%v\nsorted\n%v", a, b)
	}
	if mended.Counts() != whole.Counts() {
		t.Fatalf("counts %v and %v", mended.Counts(), whole.Counts())
	}
	for i := range mended.Len() {
		if mended.Find(mended.Key(i)) != i {
			t.Fatalf("row %d is found at %d", i, mended.Find(mended.Key(i)))
		}
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	r := newRows()
	r.Apply(store.Delta{Revision: 5, Full: true, Changed: []store.Summary{{ID: "a", Name: "new"}}}, noon)
	if c := r.Apply(store.Delta{Revision: 4, Changed: []store.Summary{{ID: "a", Name: "old"}}}, noon); c.Any || names(r)[0] != "new" {
		t.Fatalf("an older answer counted: %v", names(r))
	}
}

func TestRowsChangeByThemselves(t *testing.T) {
	r := newRows()
	s := store.Summary{ID: "a", Name: "a", Method: store.AuthorizationCode, HasAccess: true, HasRefresh: true, Access: noon.Add(time.Hour)}
	r.Apply(store.Delta{Revision: 1, Full: true, Changed: []store.Summary{s}}, noon)
	seen := []policy.State{r.At(0).Look.State}
	for range 10 {
		at, ok := r.Due()
		if !ok {
			break
		}
		r.Pass(at)
		if now := r.At(0).Look.State; now != seen[len(seen)-1] {
			seen = append(seen, now)
		}
	}
	if want := []policy.State{policy.Healthy, policy.Expiring, policy.Expired}; !slices.Equal(seen, want) {
		t.Fatalf("states %v, want %v", seen, want)
	}
}

func TestFilterTerms(t *testing.T) {
	r := newRows()
	r.Apply(store.Delta{Revision: 1, Full: true, Changed: []store.Summary{
		{ID: "1", Name: "hubspot-prod", Provider: "hubspot", Environment: "prod", Owner: "Jan", Tags: []string{"Sales"},
			Method: store.AuthorizationCode, HasAccess: true, HasRefresh: true, Access: noon.Add(2 * time.Hour)},
		{ID: "2", Name: "close-test", Provider: "close", Environment: "test", Owner: "mira", Method: store.APIKey, HasKey: true,
			KeyMade: noon.Add(-100 * 24 * time.Hour), KeyMadeKnown: true},
		{ID: "3", Name: "gone", Provider: "close", Method: store.APIKey, HasKey: true, Revocation: store.RevocationDone,
			Verdict: store.VerdictDead, RevokedAt: noon.Add(-25 * time.Hour)},
	}}, noon)
	for filter, want := range map[string]string{
		"": "[close-test hubspot-prod]", "crm:hub": "[hubspot-prod]", "!crm:hub": "[close-test]", "owner:JAN": "[hubspot-prod]",
		"env:test": "[close-test]", "tag:sales": "[hubspot-prod]", "state:overdue": "[close-test]", "state:revoked": "[gone]",
		"key>90d": "[close-test]", "key<90d": "[]", "access<3h": "[hubspot-prod]", "expires<1h": "[close-test]", "jan prod": "[hubspot-prod]",
		"method:key": "[close-test]", "nothing": "[]", "crm:": "[close-test hubspot-prod]", "weird>x": "[]", "!": "[]", "name:t": "[close-test hubspot-prod]",
	} {
		r.SetFilter(filter, noon)
		if got := fmt.Sprint(names(r)); got != want {
			t.Errorf("%q leaves %s, want %s", filter, got, want)
		}
	}
}
