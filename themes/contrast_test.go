package themes

import (
	"fmt"
	"math"
	"testing"

	"github.com/lucasb-eyer/go-colorful"
)

// luminance is relative luminance by WCAG 2.x, definition "relative luminance".
func luminance(c colorful.Color) float64 {
	lin := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// contrast is the ratio of WCAG 2.x, from 1 to 21.
func contrast(a, b colorful.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// matrix maps linear RGB to what a person with full dichromacy sees: severity
// 1.0 of Machado, Oliveira and Fernandes, "A Physiologically-based Model for
// Simulation of Color Vision Deficiency", 2009, table 1.
type matrix [3][3]float64

// visions are the four ways in which the state colours have to stay apart.
var visions = []struct {
	name string
	m    matrix
}{
	{"full colour", matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
	{"deuteranopia", matrix{
		{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
	{"protanopia", matrix{
		{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
	{"tritanopia", matrix{
		{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}

// see is the colour as it looks through m.
func (m matrix) see(c colorful.Color) colorful.Color {
	r, g, b := c.LinearRgb()
	row := func(i int) float64 { return m[i][0]*r + m[i][1]*g + m[i][2]*b }
	return colorful.LinearRgb(row(0), row(1), row(2)).Clamped()
}

// get is a role's colour for the calculation.
func get(t Theme, r Role) colorful.Color {
	c, _ := t.Color(r)
	out, _ := colorful.MakeColor(c)
	return out
}

// The grounds that text stands on, and what stands on each.
var (
	grounds = []Role{Bg, Raised, Focus, Glow}
	reading = []Role{Text, Muted, Accent, Good, Info, Warn, Bad, Off, Danger, Mark, Match, Code}
	painted = []struct{ text, ground Role }{{OnAccent, Accent}, {OnDanger, Danger}, {OnBadge, Badge}}
	states  = []Role{Good, Info, Warn, Bad, Off}
)

// need is the contrast of text in a theme, and of bars and sparklines: WCAG
// 1.4.3 and 1.4.11, for the two of high contrast 1.4.6.
func need(t Theme) (text, shape float64) {
	if t.Name == "contrast-dark" || t.Name == "contrast-light" {
		return 7, 3
	}
	return 4.5, 3
}

// checked is the built-in themes that have colours.
func checked(t *testing.T) []Theme {
	t.Helper()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []Theme
	for _, th := range set.all {
		if !th.Mono {
			out = append(out, th)
		}
	}
	if len(out) != 5 {
		t.Fatalf("%d themes with colours, want 5", len(out))
	}
	return out
}

func TestTextIsReadableOnEveryGround(t *testing.T) {
	for _, th := range checked(t) {
		text, shape := need(th)
		check := func(fg, bg Role, least float64) {
			if got := contrast(get(th, fg), get(th, bg)); got < least {
				t.Errorf("%s: %s on %s has %.2f:1, needs %.1f", th.Name, fg, bg, got, least)
			}
		}
		for _, g := range grounds {
			for _, r := range reading {
				check(r, g, text)
			}
			check(Accent, g, shape)
			check(Fill, g, shape)
		}
		check(Faint, Bg, text)
		check(Faint, Raised, text)
		for _, p := range painted {
			check(p.text, p.ground, text)
		}
	}
}

func TestStateColoursStayApart(t *testing.T) {
	const least = 10
	for _, th := range checked(t) {
		for _, v := range visions {
			closest, pair := math.Inf(1), ""
			for i, a := range states {
				for _, b := range states[i+1:] {
					d := 100 * v.m.see(get(th, a)).DistanceCIEDE2000(v.m.see(get(th, b)))
					if d < closest {
						closest, pair = d, fmt.Sprintf("%s/%s", a, b)
					}
				}
			}
			t.Logf("%-14s %-12s closest %s %.1f", th.Name, v.name, pair, closest)
			if closest < least {
				t.Errorf("%s: %s are %.1f apart under %s, need %d", th.Name, pair, closest, v.name, least)
			}
		}
	}
}
