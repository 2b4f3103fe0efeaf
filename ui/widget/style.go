// Package widget holds what the pages share: the buffer that lines are drawn
// into, the virtual table, dialogs, fields, bars, and the one way to write a
// time or a figure.
//
// It promises that a frame costs next to nothing: escape sequences are made
// once a theme (Painter), lines are appended to a reused buffer (Buf), and the
// table touches the rows that show. It promises that what is drawn is text:
// everything but the package's own glyphs goes through store/text on its way.
// It does no I/O, reads no clock and keeps no state outside its values.
//
// Start at Buf for drawing, Table for lists, Figures for times.
package widget

import "crmdeck/themes"

// Attr is the weight of text; the values can be combined.
type Attr uint8

// The attributes that survive NO_COLOR and the mono theme.
const (
	Bold Attr = 1 << iota
	Dim
	Underline

	attrCount = 1 << iota
)

// Style is how text looks: roles, never colours. The zero Style is the
// terminal's own colour on the ground of the line.
type Style struct {
	Fg   themes.Role
	Bg   themes.Role // Plain: the ground of the line (see Buf.Ground)
	Attr Attr
}

// Fg is a plain style in one role.
func Fg(r themes.Role) Style { return Style{Fg: r} }

// Strong is a bold style in one role.
func Strong(r themes.Role) Style { return Style{Fg: r, Attr: Bold} }

// On puts the style on a ground of its own.
func (s Style) On(ground themes.Role) Style { s.Bg = ground; return s }

// BadgeStyle is the reversed text of the header's badge, the only one of its
// kind: one at a time.
func BadgeStyle() Style { return Style{Fg: themes.OnBadge, Bg: themes.Badge, Attr: Bold} }
