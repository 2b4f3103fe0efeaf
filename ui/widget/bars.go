package widget

import (
	"time"

	"crmdeck/themes"
)

// barCells is the length of the bar of a key's age: ten steps of half a cell.
const barCells = 5

// glyphBytes is the length of one heavy or light line in UTF-8.
const glyphBytes = len(GlyphHeavy)

// heavyRun and lightRun are sliced, so that bars cost no memory.
const (
	heavyRun = "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"
	lightRun = "────────────────────────────────────────────────────────────────"
)

// run draws n cells of one line, in as few pieces as the run is long.
func run(w Inker, st Style, line string, n int) {
	for n > 0 {
		k := min(n, len(line)/glyphBytes)
		w.Glyph(st, line[:k*glyphBytes])
		n -= k
	}
}

// KeyBar draws the age of a key against its policy in five cells: "━╸───";
// past the policy the last cell is "▲", in Bad. Without a policy the bar is
// empty. The bar is rounded down, as all figures are.
func KeyBar(w Inker, age, policy time.Duration) {
	fill, track := Fg(themes.Fill), Fg(themes.Track)
	switch {
	case policy <= 0:
		run(w, track, lightRun, barCells)
		return
	case age > policy:
		run(w, fill, heavyRun, barCells-1)
		w.Glyph(Strong(themes.Bad), GlyphOverdue)
		return
	}
	steps := int(max(0, age) * (2 * barCells) / policy)
	run(w, fill, heavyRun, steps/2)
	if steps%2 == 1 {
		w.Glyph(fill, GlyphHeavyHalf)
	}
	run(w, track, lightRun, barCells-(steps+1)/2)
}

// Progress draws done of all in cells, whole cells only, rounded down. With no
// total there is no bar: a page shows the count alone.
func Progress(w Inker, cells int, done, all int64) {
	if all <= 0 || cells <= 0 {
		return
	}
	full := int(float64(min(max(0, done), all)) / float64(all) * float64(cells))
	run(w, Fg(themes.Fill), heavyRun, full)
	run(w, Fg(themes.Track), lightRun, cells-full)
}

// sparks is the eight heights of a sparkline.
const sparks = "▁▂▃▄▅▆▇█"

// Spark draws the last cells values as a line of heights between nothing and
// the largest of them; the newest is at the right.
func Spark(w Inker, st Style, values []int64, cells int) {
	if len(values) > cells {
		values = values[len(values)-max(0, cells):]
	}
	var top int64
	for _, v := range values {
		top = max(top, v)
	}
	const heights = len(sparks) / glyphBytes
	for _, v := range values {
		h := 0
		if top > 0 && v > 0 {
			h = int(float64(v)/float64(top)*float64(heights-1) + 0.5)
		}
		w.Glyph(st, sparks[h*glyphBytes:(h+1)*glyphBytes])
	}
}
