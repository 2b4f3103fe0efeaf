package page

import (
	"context"
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Slot is one question that a page may have open. Asking again cancels what
// was asked before and drops its answer. The zero Slot is ready.
type Slot struct {
	gen    uint64
	cancel context.CancelFunc
	runs   bool
}

// next begins another question.
func (s *Slot) next(parent context.Context) (context.Context, uint64) {
	s.Cancel()
	s.gen++
	ctx, cancel := context.WithCancel(parent)
	s.cancel = cancel
	return ctx, s.gen
}

// is reports whether gen is still the newest question.
func (s *Slot) is(gen uint64) bool { return s.gen == gen }

// Runs reports whether an answer is awaited.
func (s *Slot) Runs() bool { return s.runs }

// Cancel ends the question; its answer is dropped.
func (s *Slot) Cancel() {
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel, s.runs = nil, false
	s.gen++
}

// Interrupt asks the work to end early and still hears its answer.
func (s *Slot) Interrupt() {
	if s.cancel != nil {
		s.cancel()
	}
}

// Answer is what work brings back: it applies itself on the program's
// goroutine. Package ui gets it as a message.
type Answer struct {
	apply func(*Env)
	more  tea.Cmd
	waits bool
}

// Then is an Answer that does what it is told.
func Then(apply func(*Env)) Answer { return Answer{apply: apply} }

// Apply gives the answer to who asked and goes on waiting for more.
func (a Answer) Apply(e *Env) {
	if a.apply != nil {
		a.apply(e)
	}
	if a.more != nil {
		e.host.Run(a.more, !a.waits)
	}
}

// Go runs ask on a goroutine of its own and then on the program's. It is the
// one way from a page to the engine and the store.
func Go[T any](e *Env, s *Slot, ask func(context.Context) (T, error), then func(*Env, T, error)) {
	ctx, gen := s.next(e.ctx)
	s.runs = true
	e.host.Run(func() tea.Msg {
		v, err := ask(ctx)
		return Answer{apply: func(e *Env) {
			if s.is(gen) {
				s.runs = false
				then(e, v, err)
			}
		}}
	}, true)
}

// Stream is Go for work that tells how far it is: each gets the newest
// progress, then the answer. What comes faster than it is drawn is dropped.
// Work that waits for a person says so with waits, so that tests do not.
func Stream[P, T any](e *Env, s *Slot, waits bool, run func(context.Context, func(P)) (T, error),
	each func(*Env, P), then func(*Env, T, error)) {
	ctx, gen := s.next(e.ctx)
	s.runs = true
	news := make(chan P, 1)
	end := make(chan func(*Env), 1)
	send := func(p P) {
		for {
			select {
			case news <- p:
				return
			default:
			}
			select { // the older one gives way
			case <-news:
			default:
			}
		}
	}
	var next tea.Cmd
	next = func() tea.Msg {
		select {
		case p := <-news:
			return Answer{more: next, waits: waits, apply: func(e *Env) {
				if s.is(gen) {
					each(e, p)
				}
			}}
		case last := <-end:
			return Answer{apply: last}
		}
	}
	go func() {
		// A panic ends the program on its own goroutine, where the terminal is put back first (TM-15).
		defer func() {
			if p := recover(); p != nil {
				said := fmt.Sprintf("%v\n\n%s", p, debug.Stack())
				end <- func(*Env) { panic(said) }
			}
		}()
		v, err := run(ctx, send)
		end <- func(e *Env) {
			if !s.is(gen) {
				return
			}
			select { // what was told last and not yet taken in
			case p := <-news:
				each(e, p)
			default:
			}
			s.runs = false
			then(e, v, err)
		}
	}()
	e.host.Run(next, !waits)
}
