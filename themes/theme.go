// Package themes holds the palettes: what colour each role has.
//
// A theme is twenty-four roles and nothing else, kept as TOML. Six are built
// in and each is checked by a test: text reads at 4.5:1 (7:1 in the two of
// high contrast) on every ground it can stand on, and the five state colours
// stay apart under full deuteranopia, protanopia and tritanopia. The sixth,
// mono, names no colour at all. Own themes have the same fields; they are
// checked for form, not for contrast.
//
// The package knows colours, not escape sequences: what reaches a terminal is
// made by crmdeck/ui/widget. Start at Load.
package themes

import "image/color"

// Auto is the name that stands for "as the terminal's background asks".
const Auto = "auto"

// The built-in themes that Pick falls back on.
const (
	darkName  = "dark"
	lightName = "light"
)

// Theme is one palette. Themes are values: comparing and copying is cheap
// enough, and nothing in one can be changed from afar.
type Theme struct {
	// Name is what a person picks it by: a-z, 0-9 and hyphens.
	Name string
	// Dark says for which background it is made.
	Dark bool
	// Mono is set when every role is "none": only bold, faint and reverse speak.
	Mono bool
	// PaintBg asks to paint Bg behind plain cells instead of keeping the
	// terminal's own background.
	PaintBg bool
	// Builtin tells the six from a person's own.
	Builtin bool

	colors [RoleCount]color.RGBA
}

// Color is the role's colour; ok is false for Plain and throughout mono.
func (t Theme) Color(r Role) (c color.RGBA, ok bool) {
	if t.Mono || r == Plain || int(r) >= RoleCount {
		return color.RGBA{}, false
	}
	return t.colors[r], true
}

// Set is the themes that can be picked, built-in ones first.
type Set struct{ all []Theme }

// Names lists the themes in order.
func (s Set) Names() []string {
	names := make([]string, len(s.all))
	for i, t := range s.all {
		names[i] = t.Name
	}
	return names
}

// Lookup finds a theme by name.
func (s Set) Lookup(name string) (Theme, bool) {
	for _, t := range s.all {
		if t.Name == name {
			return t, true
		}
	}
	return Theme{}, false
}

// Pick returns the named theme. With "", Auto or a name that is not there it
// chooses dark or light by the terminal's background.
func (s Set) Pick(name string, darkBackground bool) Theme {
	if t, ok := s.Lookup(name); ok {
		return t
	}
	byGround := lightName
	if darkBackground {
		byGround = darkName
	}
	t, _ := s.Lookup(byGround)
	return t
}
