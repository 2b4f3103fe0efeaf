package widget

import (
	"strconv"

	"crmdeck/themes"
)

// Painter turns styles into escape sequences. All parts are made once, so that
// painting appends ready strings and allocates nothing. Colours are 24 bit:
// Bubble Tea reduces them to what the terminal has, and drops them all under
// NO_COLOR.
type Painter struct {
	theme  themes.Theme
	glyphs Glyphs
	fg, bg [themes.RoleCount]string
	attr   [attrCount]string
}

// NewPainter prepares a theme for drawing with one set of glyphs.
func NewPainter(t themes.Theme, g Glyphs) *Painter {
	p := &Painter{theme: t, glyphs: g}
	for r := range p.fg {
		role := themes.Role(r)
		if role == themes.Plain && t.PaintBg {
			p.fg[r], p.bg[r] = sgr("38", t, themes.Text), sgr("48", t, themes.Bg)
			continue
		}
		p.fg[r], p.bg[r] = sgr("38", t, role), sgr("48", t, role)
	}
	for a := range p.attr {
		for i, code := range [...]string{";1", ";2", ";4"} {
			if a&(1<<i) != 0 {
				p.attr[a] += code
			}
		}
	}
	return p
}

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

// Paints reports whether the style leaves a trace on blank cells.
func (p *Painter) paints(s Style) bool {
	return p.bg[s.Bg] != "" || reversed(s.Bg) || s.Attr&Underline != 0
}

// reversed tells the grounds that are text turned inside out. They are sent as
// reverse video with the two colours swapped: with colour that looks the same,
// and where colours are dropped the badge still stands out.
func reversed(ground themes.Role) bool {
	return ground == themes.Badge || ground == themes.Danger || ground == themes.Accent
}

// appendSGR appends the sequence that switches to s from any other style.
func (p *Painter) appendSGR(dst []byte, s Style) []byte {
	if p.theme.Mono {
		s = inMono(s)
	}
	dst = append(dst, "\x1b[0"...)
	dst = append(dst, p.attr[s.Attr%attrCount]...)
	if reversed(s.Bg) {
		dst = append(dst, ";7"...)
		dst = appendLayer(dst, p.fg[s.Bg])
		return append(appendLayer(dst, p.bg[s.Fg]), 'm')
	}
	dst = append(dst, p.fg[s.Fg]...)
	return append(append(dst, p.bg[s.Bg]...), 'm')
}

// appendLayer keeps appendSGR readable: the parts already carry their layer.
func appendLayer(dst []byte, part string) []byte { return append(dst, part...) }

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
