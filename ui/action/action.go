// Package action is the one registry of what a person can do.
//
// An Action is data: its keys, its words, where it is alive, what it needs. The
// keys, the footer, the page of keys, the palette, the read-only mode and the
// documentation all follow from the same table, so that none can disagree with
// another. A page says only which actions it hints at and why one cannot work
// now. Nothing is registered by init: All lists the table.
package action

// ID names an action; stable, used by pages and tests.
type ID string

// Scope is where an action is alive: a page, or Everywhere.
type Scope string

// The scopes. Within one (and Everywhere) a key has one meaning.
const (
	Everywhere Scope = "everywhere"
	Deck       Scope = "deck"
	Detail     Scope = "detail"
	Settings   Scope = "settings"
	Keys       Scope = "keys"
	Wizard     Scope = "wizard"
	TestSync   Scope = "test"
	Revoke     Scope = "revoke"
	Audit      Scope = "audit"
)

// Group is the heading that the page of keys lists an action under.
type Group string

// The groups, in the order in which they are listed.
const (
	Move  Group = "move"
	This  Group = "this connection"
	Many  Group = "many at once"
	Whole Group = "the whole deck"
	Here  Group = "on this page"
	Any   Group = "anywhere"
)

// Action is one thing a person can do.
type Action struct {
	ID ID
	// Keys are spelt as tea.KeyPressMsg.String spells them; the two keys of a
	// chord are parted by a blank: "g g". The first is the one that is shown.
	Keys []string
	// Shown is how footers write the key, where that is not the first of Keys.
	Shown string
	// Label stands behind the key in footers: one or two words.
	Label string
	// Title is what the palette and the page of keys say.
	Title string
	// Group is its heading; Scopes is where it is alive.
	Group  Group
	Scopes []Scope
	// Changes: it alters something, so it is not there in read-only mode.
	Changes bool
	// Secret: it needs the store unlocked; a locked one is asked for first.
	Secret bool
	// Heavy: it cannot be undone; it opens a dialog with the double border.
	Heavy bool
	// Row: it acts on the connection in focus, which the palette names.
	Row bool
	// Opens is the page that it goes to, if that is all it does.
	Opens string
	// Demo: it is there in the demo only.
	Demo bool
	// Quiet: it is not listed in the palette (moving about, mostly).
	Quiet bool
}

// Alive reports whether the action is alive in a scope.
func (a *Action) Alive(in Scope) bool {
	for _, s := range a.Scopes {
		if s == in || s == Everywhere {
			return true
		}
	}
	return false
}

// Key is the key that is shown for the action.
func (a *Action) Key() string {
	switch {
	case a.Shown != "":
		return a.Shown
	case len(a.Keys) == 0:
		return ""
	}
	return a.Keys[0]
}
