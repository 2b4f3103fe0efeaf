package ui_test

import (
	"math/rand/v2"
	"testing"

	tea "charm.land/bubbletea/v2"

	"crmdeck/ui"
	"crmdeck/ui/page"
	"crmdeck/ui/uitest"
)

// fuzzed are the keys that the fuzzer presses: everything bound, text and noise.
var fuzzed = []string{"j", "k", "down", "up", "g", "G", "enter", "esc", "tab", "shift+tab", "space", "v", "*", "/", "s", "0", "1",
	"2", "3", "4", "5", "h", "l", "t", "T", "r", "c", "x", "e", "N", "p", "D", "o", "y", "n", "U", "+", "-", ":", "?", "f1", "a", "d",
	"backspace", "ctrl+u", "ctrl+w", "ctrl+d", "pgup", "pgdown", "home", "end", "é", "世"}

// FZ-14: no order of keys ends the program in anger, and none writes in read-only mode.
func TestAnyKeysInAnyOrder(t *testing.T) {
	for seed := range uint64(24) {
		w := uitest.New(t).Deck(t)
		w.Deps.Settings.ReadOnly = seed%2 == 0
		before := w.Store.Writes()
		random := rand.New(rand.NewPCG(seed, 1))
		run := newRun(t, w.Deps, 30+random.IntN(180), 10+random.IntN(50))
		for range 300 {
			run.update(randomMsg(random))
		}
		if w.Deps.Settings.ReadOnly && (w.Store.Writes() != before || len(w.Engine.Calls()) > 0) {
			t.Fatalf("seed %d: %d writes, calls %q", seed, w.Store.Writes()-before, w.Engine.Calls())
		}
	}
}

// randomMsg is mostly a key, at times a click, a paste or another size.
func randomMsg(random *rand.Rand) tea.Msg {
	switch n := random.IntN(100); {
	case n < 88:
		return ui.KeyNamed(fuzzed[random.IntN(len(fuzzed))])
	case n < 92:
		return tea.MouseClickMsg{X: random.IntN(200), Y: random.IntN(50), Button: tea.MouseLeft}
	case n < 95:
		return tea.MouseWheelMsg{X: random.IntN(200), Y: random.IntN(50), Button: tea.MouseWheelDown}
	case n < 97:
		return tea.PasteMsg{Content: "x\x1b[31m\nq:"}
	}
	return tea.WindowSizeMsg{Width: 20 + random.IntN(200), Height: 5 + random.IntN(60)}
}

// run is the model without a terminal: work runs at once, waits never end.
type run struct {
	app  *ui.App
	work []tea.Cmd
}

// newRun starts the model at a size.
func newRun(t testing.TB, deps page.Deps, width, height int) *run {
	r := &run{app: ui.New(t.Context(), deps)}
	r.app.Busy().Catch = func(c tea.Cmd) { r.work = append(r.work, c) }
	r.app.Init()
	r.update(tea.WindowSizeMsg{Width: width, Height: height})
	return r
}

// update gives the model a message, runs the work it asks for, and draws.
func (r *run) update(msg tea.Msg) {
	r.app.Update(msg)
	for len(r.work) > 0 {
		c := r.work[0]
		r.work = r.work[1:]
		r.app.Update(c())
	}
	r.app.View()
}
