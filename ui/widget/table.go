package widget

import (
	"crmdeck/themes"

	"github.com/charmbracelet/x/ansi"
)

// Rows is what a table shows. The table asks only for rows in sight, so the
// source may have any length; it is not kept between frames unless it is
// handed to SetRows.
type Rows interface {
	// Len is the number of rows.
	Len() int
	// Key tells rows apart through sorting and filtering; unique, stable.
	Key(row int) string
	// Cell writes what a column shows of a row.
	Cell(row, column int, c *Cell)
}

// Finder is a Rows that knows where a key is without being searched.
type Finder interface {
	Rows
	// Find is the row of a key, or -1.
	Find(key string) int
}

// Table is a list of rows in columns with one row in focus. Focus and marks
// belong to keys, not to places: they stay on their row when the order changes
// around it. Methods cost the same for ten rows and for a hundred thousand;
// only SetRows may search for the focused key once.
type Table struct {
	cols   []Column
	rows   Rows
	width  int
	height int // rows in sight, titles not counted
	top    int
	focus  int
	key    string
	titles bool
	sort   string
	desc   bool
	placed []placed
	cell   Cell
	marks  map[string]struct{}
}

// NewTable makes an empty table of columns; titles asks for the line of column
// titles.
func NewTable(cols []Column, titles bool) *Table {
	return &Table{cols: cols, titles: titles, rows: noRows{}, marks: map[string]struct{}{}}
}

// noRows is the source of a table that has none yet.
type noRows struct{}

func (noRows) Len() int               { return 0 }
func (noRows) Key(int) string         { return "" }
func (noRows) Cell(_, _ int, _ *Cell) {}

// Resize sets the cells and the lines of the table, titles included.
func (t *Table) Resize(width, height int) {
	if t.titles {
		height--
	}
	if width != t.width {
		t.placed = layOut(t.placed, t.cols, width)
	}
	t.width, t.height = width, max(0, height)
	t.reveal()
}

// SetTitles switches the line of column titles; call Resize after it.
func (t *Table) SetTitles(on bool) { t.titles = on }

// SetSort says which column's title carries the arrow: down for descending
// urgency or figures, up for the other way.
func (t *Table) SetSort(name string, up bool) { t.sort, t.desc = name, !up }

// SetRows shows another source, or the same one after it changed. The focus
// stays on its key; if the key is gone, on its place.
func (t *Table) SetRows(rows Rows) {
	t.rows = rows
	if i := t.find(t.key); i >= 0 {
		// The row keeps its line on the screen where that is possible: what
		// did not change does not move.
		t.top += i - t.focus
		t.focus = i
	}
	t.settle()
}

// Len is the number of rows.
func (t *Table) Len() int { return t.rows.Len() }

// Rows is the source that is shown.
func (t *Table) Rows() Rows { return t.rows }

// find is the row of a key, or -1.
func (t *Table) find(key string) int {
	if f, ok := t.rows.(Finder); ok {
		return f.Find(key)
	}
	n := t.rows.Len()
	if t.focus < n && t.rows.Key(t.focus) == key {
		return t.focus
	}
	for i := range n {
		if t.rows.Key(i) == key {
			return i
		}
	}
	return -1
}

// settle brings focus and window into the rows and takes the focused key.
func (t *Table) settle() {
	n := t.rows.Len()
	t.focus = max(0, min(t.focus, n-1))
	t.key = ""
	if n > 0 {
		t.key = t.rows.Key(t.focus)
	}
	t.reveal()
}

// reveal scrolls as little as is needed for the focused row to be in sight.
func (t *Table) reveal() {
	t.top = min(t.top, t.focus)
	t.top = max(t.top, t.focus-t.height+1)
	t.top = max(0, min(t.top, t.rows.Len()-t.height))
}

// Focus is the row in focus; ok is false for an empty table.
func (t *Table) Focus() (row int, key string, ok bool) {
	return t.focus, t.key, t.rows.Len() > 0
}

// FocusKey puts the focus on a key; ok is false if it is not there.
func (t *Table) FocusKey(key string) (ok bool) {
	i := t.find(key)
	if i < 0 {
		return false
	}
	t.FocusRow(i)
	return true
}

// FocusRow puts the focus on a row, or the nearest there is.
func (t *Table) FocusRow(row int) {
	t.focus = row
	t.settle()
}

// Move moves the focus by rows and stops at the ends.
func (t *Table) Move(rows int) { t.FocusRow(t.focus + rows) }

// Page moves by whole pages, the focus keeping its line; n may be negative.
func (t *Table) Page(n int) { t.scroll(n * max(1, t.height)) }

// HalfPage moves by half pages; n may be negative.
func (t *Table) HalfPage(n int) { t.scroll(n * max(1, t.height/2)) }

// scroll moves focus and window together.
func (t *Table) scroll(rows int) {
	t.top += rows
	t.Move(rows)
}

// Home puts the focus on the first row, End on the last.
func (t *Table) Home() { t.FocusRow(0) }

// End puts the focus on the last row.
func (t *Table) End() { t.FocusRow(t.rows.Len() - 1) }

// Wheel scrolls the window; the focus follows only to stay in sight.
func (t *Table) Wheel(rows int) {
	t.top = max(0, min(t.top+rows, t.rows.Len()-t.height))
	t.focus = max(t.top, min(t.focus, t.top+t.height-1))
	t.settle()
}

// Window is the rows in sight: the first, and the one after the last.
func (t *Table) Window() (from, to int) {
	return t.top, min(t.top+t.height, t.rows.Len())
}

// RowAt is the row on a line of the table (the titles are line 0 if shown).
func (t *Table) RowAt(line int) (row int, ok bool) {
	if t.titles {
		line--
	}
	row = t.top + line
	return row, line >= 0 && line < t.height && row < t.rows.Len()
}

// SortAt is the order that a click on cell x of the titles asks for.
func (t *Table) SortAt(x int) (name string, ok bool) {
	for _, p := range t.placed {
		if x >= p.x-p.spill && x < p.x+p.w && p.col.Sort != "" {
			return p.col.Sort, true
		}
	}
	return "", false
}

// Draw draws the titles and exactly the table's height in lines, empty ones
// after the last row. Without rows in sight it allocates nothing.
func (t *Table) Draw(b *Buf) {
	if t.titles {
		t.drawTitles(b)
	}
	n := t.rows.Len()
	for i := t.top; i < t.top+t.height; i++ {
		if i < n {
			t.drawRow(b, i)
		}
		b.Line()
	}
}

// drawTitles draws the line of column titles.
func (t *Table) drawTitles(b *Buf) {
	for i := range t.placed {
		p := &t.placed[i]
		c := &t.cell
		c.reset(p.w)
		if p.col.Sort != "" && p.col.Sort == t.sort {
			room := p.w
			if p.col.Align == AlignRight {
				room += p.spill
			}
			title, gap := sortedTitle(p.col.Title, room)
			c.Text(Fg(themes.Text), title)
			c.Pad(gap)
			c.Glyph(Fg(themes.Accent), arrow(t.desc))
		} else {
			c.Text(Fg(themes.Muted), p.col.Title)
		}
		b.To(p.x - t.spilled(p))
		c.draw(b, p.col, p.w, p.spill)
	}
	b.Line()
}

// sortedTitle is a title with room for its arrow: a blank between them, none,
// or the title's last letters gone.
func sortedTitle(title string, room int) (fits string, gap int) {
	w := Width(title)
	if w+2 <= room {
		return title, 1
	}
	if w+1 <= room {
		return title, 0
	}
	return ansi.TruncateWc(title, room-1, ""), 0
}

// arrow follows a sorted column's title.
func arrow(down bool) string {
	if down {
		return GlyphArrowDown
	}
	return GlyphArrowUp
}

// spilled is how many cells of the gap before it the current cell takes.
func (t *Table) spilled(p *placed) int {
	if p.col.Align != AlignRight {
		return 0
	}
	return max(0, min(t.cell.cells-p.w, p.spill))
}

// drawRow draws one row up to its last column.
func (t *Table) drawRow(b *Buf, row int) {
	t.drawGutter(b, row)
	for i := range t.placed {
		p := &t.placed[i]
		t.cell.reset(p.w)
		t.rows.Cell(row, p.col.ID, &t.cell)
		b.To(p.x - t.spilled(p))
		t.cell.draw(b, p.col, p.w, p.spill)
	}
}

// drawGutter draws the focus bar and the mark.
func (t *Table) drawGutter(b *Buf, row int) {
	FocusBar(b, row == t.focus)
	if len(t.marks) > 0 && t.marked(t.rows.Key(row)) {
		b.Glyph(Strong(themes.Mark), GlyphPlus)
	}
}
