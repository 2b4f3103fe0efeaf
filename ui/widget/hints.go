package widget

import "crmdeck/themes"

// Hint is one key and what it does, as footers and dialogs show it.
type Hint struct {
	Key   string
	Label string
	// Off draws it faint: it would be expected, but cannot work now.
	Off bool
}

// Blanks between hints, and the most a footer has.
const (
	footerGap = 2
	dialogGap = 3
	maxHints  = 8
)

// width is the hint's cells: key, blank, label.
func (h Hint) width() int {
	if h.Label == "" {
		return Width(h.Key)
	}
	return Width(h.Key) + 1 + Width(h.Label)
}

// draw draws key and label.
func (h Hint) draw(b *Buf) {
	key, label := Strong(themes.Accent), Fg(themes.Muted)
	if h.Off {
		key, label = Fg(themes.Faint), Fg(themes.Faint)
	}
	b.Text(key, h.Key)
	if h.Label != "" {
		b.Space(1)
		b.Text(label, h.Label)
	}
}

// drawHints draws hints while whole ones fit into room cells.
func drawHints(b *Buf, hints []Hint, gap, room int) {
	used := 0
	for i, h := range hints {
		need := h.width()
		if i > 0 {
			need += gap
		}
		if used+need > room {
			return
		}
		if i > 0 {
			b.Space(gap)
		}
		h.draw(b)
		used += need
	}
}

// hintsWidth is the cells of all hints with their gaps.
func hintsWidth(hints []Hint, gap int) int {
	w := 0
	for i, h := range hints {
		if i > 0 {
			w += gap
		}
		w += h.width()
	}
	return w
}

// Hints draws hints from where b stands, two blanks apart, while whole ones
// fit into room cells.
func Hints(b *Buf, hints []Hint, room int) { drawHints(b, hints, footerGap, room) }

// Footer draws the last line of a page: at most eight hints from the left,
// likeliest first, and those that are always there at the right. The left ones
// give way. The line is not ended.
func Footer(b *Buf, hints, always []Hint) {
	room, col := footerRoom(b.Width(), always)
	b.Space(1)
	drawHints(b, footerHints(hints), footerGap, room)
	if col < b.Width() {
		b.To(col)
		drawHints(b, always, footerGap, b.Room())
	}
}

// footerHints is the hints a footer may show.
func footerHints(hints []Hint) []Hint { return hints[:min(len(hints), maxHints)] }

// footerRoom is the cells for the left hints and where the right ones begin; in
// a window too narrow for these, the left ones have it all.
func footerRoom(width int, always []Hint) (room, col int) {
	col = width - 1 - hintsWidth(always, footerGap)
	if col <= 1 {
		return width - 2, width
	}
	return col - footerGap - 1, col
}

// FooterAt is the hint under cell x of a footer, for clicks.
func FooterAt(width int, hints, always []Hint, x int) (Hint, bool) {
	room, col := footerRoom(width, always)
	if x >= col {
		return hintAt(always, footerGap, width, x-col)
	}
	return hintAt(footerHints(hints), footerGap, room, x-1)
}

// hintAt is the hint under cell x of a row of hints that has room cells.
func hintAt(hints []Hint, gap, room, x int) (Hint, bool) {
	from := 0
	for _, h := range hints {
		w := h.width()
		if from+w > room {
			break
		}
		if x >= from && x < from+w {
			return h, true
		}
		from += w + gap
	}
	return Hint{}, false
}
