package ui

import (
	"sync"

	tea "charm.land/bubbletea/v2"
)

// Busy counts the work under way, so that a test can wait until what a key set
// going has come to rest. Waits (for the store to change, for a moment, for a
// person) are not work. It is the one choke point: no command runs outside it.
type Busy struct {
	mu   sync.Mutex
	n    int
	rest chan struct{} // closed when n falls to zero

	// Catch, if set before the program starts, is given counted commands instead
	// of Bubble Tea: whoever drives the model without a terminal runs them.
	Catch func(tea.Cmd)
}

// arrival is the answer of counted work; it is over when Update is done with it.
type arrival struct{ msg tea.Msg }

// wrap counts a command from now until its answer was taken in.
func (b *Busy) wrap(cmd tea.Cmd) tea.Cmd {
	b.mu.Lock()
	b.n++
	b.mu.Unlock()
	return func() tea.Msg { return arrival{msg: cmd()} }
}

// arrived unpacks a message.
func (b *Busy) arrived(msg tea.Msg) (counted bool, inner tea.Msg) {
	if in, ok := msg.(arrival); ok {
		return true, in.msg
	}
	return false, msg
}

// done notes that counted work came to its end.
func (b *Busy) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n--
	if b.n == 0 && b.rest != nil {
		close(b.rest)
		b.rest = nil
	}
}

// Rest is closed as soon as nothing is under way.
func (b *Busy) Rest() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n == 0 {
		at := make(chan struct{})
		close(at)
		return at
	}
	if b.rest == nil {
		b.rest = make(chan struct{})
	}
	return b.rest
}
