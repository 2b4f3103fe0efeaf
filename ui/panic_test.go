package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"crmdeck/ui/page"
	"crmdeck/ui/uitest"
)

// TM-15: a panic of work that runs beside the screen ends the program on its own goroutine,
// where Bubble Tea puts the terminal back first, and tells where it was.
func TestPanicOfWorkReachesTheProgram(t *testing.T) {
	r := newRun(t, uitest.New(t).Deck(t).Deps, 120, 36)
	defer func() {
		said := fmt.Sprint(recover())
		if !strings.Contains(said, "a bug") || !strings.Contains(said, "panic_test.go") {
			t.Errorf("the program hears %q", said)
		}
	}()
	var slot page.Slot
	r.update(page.Then(func(e *page.Env) {
		page.Stream(e, &slot, false, func(context.Context, func(int)) (int, error) { panic("a bug") },
			func(*page.Env, int) {}, func(*page.Env, int, error) {})
	}))
}
