package widget

import (
	"strconv"

	"crmdeck/themes"
)

// Painter turns styles into escape sequences. Each sequence is made once, so
// that painting appends a ready string and allocates nothing. Colours are 24
// bit: Bubble Tea reduces them to what the terminal has, and drops them all
// under NO_COLOR. Not for concurrent use.
type Painter struct {
	theme  themes.Theme
	glyphs Glyphs
	// made is the sequences that were needed so far, by style.
	made [themes.RoleCount][themes.RoleCount][attrCount]string
}

// NewPainter prepares a theme for drawing with one set of glyphs.
func NewPainter(t themes.Theme, g Glyphs) *Painter { return &Painter{theme: t, glyphs: g} }

// sgr is one colour parameter with its leading semicolon, or "".
func sgr(layer string, t themes.Theme, r themes.Role) string {
	c, ok := t.Color(r)
	if !ok {
		return ""
	}
	return ";" + layer + ";2;" + strconv.Itoa(int(c.R)) + ";" + strconv.Itoa(int(c.G)) + ";" + strconv.Itoa(int(c.B))
}

// Theme is the palette that is painted with.
func (p *Painter) Theme() themes.Theme { return p.theme }

// Glyphs is the set of glyphs that is drawn with.
func (p *Painter) Glyphs() Glyphs { return p.glyphs }

// color is a role's colour as one layer's parameter, or "". A theme that paints
// its ground gives the terminal's own colours a colour too.
func (p *Painter) color(layer string, own, r themes.Role) string {
	if r == themes.Plain && p.theme.PaintBg {
		r = own
	}
	return sgr(layer, p.theme, r)
}

// reversed tells the grounds that are text turned inside out. They are sent as
// reverse video with the two colours swapped: with colour that looks the same,
// and where colours are dropped the badge still stands out.
func reversed(ground themes.Role) bool {
	return ground == themes.Badge || ground == themes.Danger || ground == themes.Accent
}

// sequence is what switches to s from any other style.
func (p *Painter) sequence(s Style) string {
	made := &p.made[s.Fg][s.Bg][s.Attr%attrCount]
	if *made == "" {
		*made = p.make(s)
	}
	return *made
}

// make makes a sequence for the first time.
func (p *Painter) make(s Style) string {
	if p.theme.Mono {
		s = inMono(s)
	}
	seq := "\x1b[0"
	for i, code := range [...]string{";1", ";2", ";4"} {
		if s.Attr&(1<<i) != 0 {
			seq += code
		}
	}
	if reversed(s.Bg) {
		return seq + ";7" + sgr("38", p.theme, s.Bg) + sgr("48", p.theme, s.Fg) + "m"
	}
	return seq + p.color("38", themes.Text, s.Fg) + p.color("48", themes.Bg, s.Bg) + "m"
}

// inMono says in weight what colour can't: focus is bold, what is out of
// reach is faint.
func inMono(s Style) Style {
	if s.Bg == themes.Focus {
		s.Attr |= Bold
	}
	if s.Fg == themes.Faint || s.Fg == themes.Track {
		s.Attr |= Dim
	}
	return s
}
