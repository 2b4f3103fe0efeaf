package ui_test

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui"
	"crmdeck/ui/live"
	"crmdeck/ui/uitest"
)

// sizes are the decks that figures are quoted for.
var sizes = []int{10, 10_000, 100_000}

// manySummaries are n connections in the states of a healthy deck with some trouble.
func manySummaries(n int) store.Delta {
	d := store.Delta{Revision: 1, Full: true, Changed: make([]store.Summary, n)}
	for i := range d.Changed {
		s := &d.Changed[i]
		*s = store.Summary{ID: store.ID(fmt.Sprintf("id-%06d", i)), Name: fmt.Sprintf("hubspot-%06d", i), Provider: "hubspot",
			Environment: "prod", Method: store.AuthorizationCode, Owner: "ops", Asked: 7, Granted: 7, Risky: i % 3, HasAccess: true,
			HasRefresh: true, Access: uitest.Noon.Add(time.Duration(i%3600) * time.Second), KeyMade: uitest.Noon.Add(-40 * 24 * time.Hour),
			KeyMadeKnown: true, TestAt: uitest.Noon.Add(-time.Hour), TestOutcome: "ok", Account: store.Account{ID: "48213377"}}
		if i%50 == 0 {
			s.Class, s.Reason, s.Since = store.Dead, "invalid_grant", uitest.Noon.Add(-time.Hour)
		}
	}
	return d
}

// bigRun is the model on n connections, at 140x48.
func bigRun(b *testing.B, n int) *run {
	b.Helper()
	w := uitest.New(b)
	r := newRun(b, w.Deps, 140, 48)
	r.app.Env().Live.Apply(manySummaries(n), uitest.Noon)
	r.app.Env().Live.Settle()
	r.update(tea.FocusMsg{})
	return r
}

// BenchmarkKeyToView is one key press and the frame that it leads to.
func BenchmarkKeyToView(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := bigRun(b, n)
			down := ui.KeyNamed("j")
			b.ReportAllocs()
			for b.Loop() {
				r.app.Update(down)
				r.app.View()
			}
		})
	}
}

// BenchmarkView is the frame alone.
func BenchmarkView(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := bigRun(b, n)
			b.ReportAllocs()
			for b.Loop() {
				r.app.View()
			}
		})
	}
}

// BenchmarkFilter is one letter typed into the filter: every row is asked.
func BenchmarkFilter(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rows := live.New(live.NewJudge(uitest.New(b).Deps.Catalog), func(s string) string { return s })
			rows.Apply(manySummaries(n), uitest.Noon)
			b.ReportAllocs()
			for b.Loop() {
				rows.SetFilter("crm:hub 48213 !state:revoked", uitest.Noon)
			}
		})
	}
}

// BenchmarkSort orders all rows by another column.
func BenchmarkSort(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rows := live.New(live.NewJudge(uitest.New(b).Deps.Catalog), func(s string) string { return s })
			rows.Apply(manySummaries(n), uitest.Noon)
			by := []live.Column{live.ByName, live.ByAccess}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				rows.SetSort(live.Sort{By: by[i%2]})
			}
		})
	}
}

// BenchmarkChange takes in one changed connection and mends the order.
func BenchmarkChange(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rows := live.New(live.NewJudge(uitest.New(b).Deps.Catalog), func(s string) string { return s })
			all := manySummaries(n)
			rows.Apply(all, uitest.Noon)
			one := store.Delta{Revision: 2, Changed: all.Changed[n/2 : n/2+1]}
			b.ReportAllocs()
			for b.Loop() {
				one.Revision++
				rows.Apply(one, uitest.Noon)
				rows.Settle()
			}
		})
	}
}

// BenchmarkFirstFrame judges and orders everything and draws the first frame.
func BenchmarkFirstFrame(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := manySummaries(n)
			deps := uitest.New(b).Deps
			b.ReportAllocs()
			for b.Loop() {
				app := ui.New(b.Context(), deps)
				app.Busy().Catch = func(tea.Cmd) {}
				app.Init()
				app.Update(tea.WindowSizeMsg{Width: 140, Height: 48})
				app.Env().Live.Apply(all, uitest.Noon)
				app.Update(tea.FocusMsg{})
				app.View()
			}
		})
	}
}
