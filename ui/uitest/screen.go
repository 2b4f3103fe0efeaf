package uitest

import (
	"fmt"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"crmdeck/ui"
)

// Lines is the screen without trailing blanks.
func (x *Terminal) Lines() []string {
	x.screen.Lock()
	defer x.screen.Unlock()
	lines := make([]string, x.em.Height())
	var b strings.Builder
	for y := range lines {
		b.Reset()
		for col := 0; col < x.em.Width(); {
			c := x.em.CellAt(col, y)
			if c == nil || c.Content == "" {
				b.WriteByte(' ')
				col++
				continue
			}
			b.WriteString(c.Content)
			col += max(1, c.Width)
		}
		lines[y] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// Text is the screen as one string.
func (x *Terminal) Text() string { return strings.Join(x.Lines(), "\n") }

// Cell is one cell of the screen with its style.
func (x *Terminal) Cell(col, row int) uv.Cell {
	x.screen.Lock()
	defer x.screen.Unlock()
	if c := x.em.CellAt(col, row); c != nil {
		return *c
	}
	return uv.Cell{}
}

// Find is the cell at which a text begins on the screen.
func (x *Terminal) Find(text string) (col, row int, ok bool) {
	for y, line := range x.Lines() {
		if i := strings.Index(line, text); i >= 0 {
			return ansi.StringWidthWc(line[:i]), y, true
		}
	}
	return 0, 0, false
}

// Has reports whether the screen shows a text.
func (x *Terminal) Has(text string) bool { return strings.Contains(x.Text(), text) }

// Want fails the test unless the screen shows all texts.
func (x *Terminal) Want(texts ...string) {
	x.t.Helper()
	for _, s := range texts {
		if !x.Has(s) {
			x.t.Fatalf("the screen does not show %q:\n%s", s, x.Text())
		}
	}
}

// WantNot fails the test if the screen shows one of the texts.
func (x *Terminal) WantNot(texts ...string) {
	x.t.Helper()
	for _, s := range texts {
		if x.Has(s) {
			x.t.Fatalf("the screen shows %q:\n%s", s, x.Text())
		}
	}
}

// Until waits until the screen shows a text: for what comes by itself, after
// the clock moved or another process wrote.
func (x *Terminal) Until(text string) {
	x.t.Helper()
	x.Wait(fmt.Sprintf("the screen never shows %q", text), func() bool { return x.Has(text) })
}

// UntilNot waits until the screen no longer shows a text.
func (x *Terminal) UntilNot(text string) {
	x.t.Helper()
	x.Wait(fmt.Sprintf("the screen goes on showing %q", text), func() bool { return !x.Has(text) })
}

// Wait looks again and again until it holds.
func (x *Terminal) Wait(what string, holds func() bool) {
	x.t.Helper()
	limit, again := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-limit:
			x.t.Fatalf("%s:\n%s", what, x.Text())
		}
	}
	x.Settle()
}

// App is the program, for what can't be seen.
func (x *Terminal) App() *ui.App { return x.app }

// Done waits for the program's end and returns its error.
func (x *Terminal) Done() error {
	x.t.Helper()
	select {
	case <-x.done:
		return x.err
	case <-time.After(patience):
		x.t.Fatalf("the program does not end:\n%s", x.Text())
		return nil
	}
}

// Ended reports whether the program has ended.
func (x *Terminal) Ended() bool {
	select {
	case <-x.done:
		return true
	default:
		return false
	}
}
