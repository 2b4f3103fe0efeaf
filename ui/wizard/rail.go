package wizard

import (
	"slices"

	"crmdeck/connectors/setup"
	"crmdeck/themes"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// rail is the eight stations, and how far one is.
type rail struct {
	at   string
	seen map[string]bool
}

// stations is their order.
var stations = [...]string{
	setup.StationCRM, setup.StationPurpose, setup.StationMethod, setup.StationCredentials,
	setup.StationScopes, setup.StationConsent, setup.StationIdentity, setup.StationTest,
}

// The rail's cells: text, and the line between it and the panel.
const (
	railWidth = 17
	paneAt    = railWidth + 2
	railFrom  = 60 // narrower screens have no rail
)

// place is the number of the station, from 0.
func (r *rail) place() int { return max(0, slices.Index(stations[:], r.at)) }

// goTo moves to a station. known: what is before it was answered elsewhere.
func (r *rail) goTo(station string, known bool) {
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.at = station
	r.seen[station] = true
	if known {
		for _, s := range stations[:r.place()] {
			r.seen[s] = true
		}
	}
}

// draw draws one row of the rail. The focus bar is here only while the panel
// has nothing that could have the focus.
func (r *rail) draw(b *widget.Buf, row int, bar, over bool) {
	if row < len(stations) {
		r.station(b, row, bar, over)
	}
	b.To(railWidth)
	b.Glyph(widget.Fg(themes.Line), widget.GlyphVLine)
	b.To(paneAt)
}

// station draws one station: done, skipped, here, or to come.
func (r *rail) station(b *widget.Buf, row int, bar, over bool) {
	name, here := words.Station(stations[row]), r.place()
	b.Space(1)
	switch {
	case row == here && over:
		sign := widget.StepDone.Sign()
		b.Glyph(sign.Style, sign.Glyph)
		b.Space(1)
		b.Text(muted, name)
	case row == here && bar:
		b.MarkCursor()
		b.Glyph(keyed, widget.GlyphBar)
		b.Space(1)
		b.Text(bold, name)
	case row == here:
		b.Glyph(keyed, widget.GlyphCrumb)
		b.Space(1)
		b.Text(bold, name)
	case row < here:
		step := widget.StepDone
		if !r.seen[stations[row]] {
			step = widget.StepSkipped
		}
		b.Glyph(step.Sign().Style, step.Sign().Glyph)
		b.Space(1)
		b.Text(muted, name)
	default:
		b.Space(2)
		b.Text(faint, name)
	}
}
