// Package page says what a page and a dialog are, and what they may ask of the
// program that shows them.
//
// # How a page is made
//
// A page is a pointer to a small struct with the methods of Page. It has a
// folder of its own (ui/deck, ui/detail …) with a New that returns it, an entry
// in ui/pages.go under the name that actions open it by, its actions in
// ui/action's table, and its sentences in a file of ui/words. Everything else
// is optional and found by type assertion: Typist for text fields, Pointer for
// the mouse, Follower for what changed in the store, Ticker for figures that
// run, Reporter for the terminal's status line, Closer to refuse or clean up.
//
// The program calls a page from one goroutine only. Keys do not reach it: they
// are looked up in the registry and arrive as Act(id), whether pressed,
// clicked or chosen in the palette. A page never blocks and does no I/O: it
// hands the work to Go (one answer) or Stream (progress, then an answer) with a
// Slot, and gets the answer back on its own goroutine. A Slot counts what was
// asked; an answer to anything but the newest question is dropped.
//
//	func (p *Page) Start(e *page.Env) {
//		page.Go(e, &p.loading, func(ctx context.Context) (store.Grant, error) {
//			return readGrant(ctx, e.Deps.Store, p.id)
//		}, func(e *page.Env, g store.Grant, err error) {
//			if err != nil { e.Fail(err); return }
//			p.grant = g
//		})
//	}
//
// Draw draws exactly the lines it is given, into the program's buffer, from
// what the page holds. The header, the toast and the footer are the program's.
// Dialogs are shown with Env.Show and tell their answer through a function that
// whoever made them gave them, with the type they need.
package page

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/widget"
)

// Size is the room of a page: the lines between header and footer. Screen is
// the height of the whole terminal, which rows give way to (see Roomy, Tight).
type Size struct {
	W, H   int
	Screen int
}

// Roomy screens have the two empty rows; Tight ones have no summary of their
// own and a lower edge of one row.
const (
	roomy = 30
	tight = 20
)

// Roomy reports whether empty rows part the blocks.
func (s Size) Roomy() bool { return s.Screen >= roomy }

// Tight reports whether every row counts.
func (s Size) Tight() bool { return s.Screen < tight }

// Page is one screen under the header.
type Page interface {
	// Scope is where its keys are looked up.
	Scope() action.Scope
	// Crumbs are the places after the product's name: "deck", a name, "test sync".
	Crumbs() []string
	// Start is called once, before the page is drawn.
	Start(*Env)
	// Act does an action of the page's scope.
	Act(*Env, action.ID)
	// Why says why an action of its scope can't work now; "" if it can.
	Why(*Env, action.ID) string
	// Hints lists the footer's actions, likeliest first, the one that mends always among them.
	Hints(*Env) []action.ID
	// Draw draws exactly s.H lines.
	Draw(*Env, *widget.Buf, Size)
}

// Typist is a page (or dialog) with a text field: while Typing, every key and
// paste goes to Type first, and only what it does not use is an action.
type Typist interface {
	Typing() bool
	// Type takes a tea.KeyPressMsg or tea.PasteMsg.
	Type(*Env, tea.Msg) (used bool)
}

// Pointer takes clicks and the wheel; x and y are cells of the page's own room.
type Pointer interface {
	Click(e *Env, x, y int)
	Wheel(e *Env, lines int)
}

// Follower is told what changed in the rows.
type Follower interface {
	Changed(*Env, live.Change)
}

// Sized is told that the screen has another size, which Env.Screen has already:
// what a size needs is asked for here, since drawing starts no work.
type Sized interface {
	Resized(*Env)
}

// Ticker says how long, on the program's clock, what it shows stays true; ok
// is false if nothing runs. Nothing ticks while no Ticker asks for it.
type Ticker interface {
	Lasts(*Env) (live.Wait, bool)
}

// Reporter tells the terminal what is going on (OSC 7501); nil is idle.
type Reporter interface {
	Report() *tea.ProgramStatus
}

// Titler has a window title of its own, a fixed text: a title reaches the
// terminal as it is. "" is the program's.
type Titler interface {
	Title() string
}

// Closer is asked before a page goes; false keeps it. It cancels what runs.
type Closer interface {
	Close(*Env) bool
}

// Canceller has work that ctrl+c cancels; false if nothing runs.
type Canceller interface {
	Cancel(*Env) bool
}

// Focuser tells which connection the page is about, for the palette and for
// actions that act on one.
type Focuser interface {
	Focused() (store.ID, bool)
}

// Summarizer writes the header's middle on tight screens.
type Summarizer interface {
	Summary(*Env, *widget.Buf)
}

// Dialog is a box over a page. It takes every key while it is open, esc
// included, and ends itself with Env.Hide.
type Dialog interface {
	// Frame is the title, the keys, the number of lines; the latter never changes.
	Frame(*Env) widget.Dialog
	// Line draws one content line and does not end it.
	Line(e *Env, b *widget.Buf, i int)
	// Key takes a tea.KeyPressMsg or tea.PasteMsg. Clicked hints arrive as their key.
	Key(*Env, tea.Msg)
}

// Wiper is a dialog that may hold what a person typed: locking the store wipes it.
type Wiper interface {
	Wipe(*Env)
}

// Args is what a page is opened with; each page says which it reads.
type Args struct {
	ID  store.ID
	IDs []store.ID
	// All asks a test sync for everything.
	All bool
	// Draft resumes a set-up.
	Draft store.ID
	// Of is the scope that the page of keys is about.
	Of action.Scope
}

// Maker makes a page. A nil Page means that it can't be made and the maker has
// said why with a toast, or that a dialog over the page that shows does it.
type Maker func(*Env, Args) Page

// Labeller calls an action by another name in the footer than the registry
// does: "ask again" for reconnect. "" leaves it.
type Labeller interface {
	Label(*Env, action.ID) string
}
