package widget

// Align is on which side of its column a cell stands.
type Align uint8

// Text stands left, figures stand right.
const (
	AlignLeft Align = iota
	AlignRight
)

// Column is one column of a table. Which columns show follows from the width
// alone, so a page lists all of them, and two forms of one (with a bar and
// without) as two entries with the same Sort and different From and Below.
type Column struct {
	// ID is what Rows.Cell is asked for.
	ID int
	// Title stands above the column; "" has none.
	Title string
	// Width in cells; Max, if larger, is how wide it grows.
	Width, Max int
	// Gap is the blanks after the column; 0 means two, the rule.
	Gap int
	// Align is the side; Middle cuts text in its middle instead of its end.
	Align  Align
	Middle bool
	// From and Below: the column shows in tables of at least From and of less
	// than Below cells; 0 sets no bound.
	From, Below int
	// Sort names the order that the column's title stands for; "" is none.
	Sort string
}

// defaultGap is the blanks between columns.
const defaultGap = 2

// gutter is the cells before the first column: the focus bar and the mark.
const gutter = 2

// keepFree is the cells that a growing column leaves at the right edge, so
// that figures do not stand against it.
const keepFree = 3

// gap is the blanks after the column.
func (c *Column) gap() int {
	if c.Gap > 0 {
		return c.Gap
	}
	return defaultGap
}

// shows reports whether the column is there at this table width.
func (c *Column) shows(width int) bool {
	return width >= c.From && (c.Below == 0 || width < c.Below)
}

// placed is a column with its place in a table of one width.
type placed struct {
	col   *Column
	x, w  int
	spill int // blanks before it that a wide figure may take
}

// layOut lays the columns out. Growing ones share what is free from left to
// right; what still does not fit is clipped at the right edge, never wrapped.
func layOut(dst []placed, cols []Column, width int) []placed {
	dst = dst[:0]
	x, spill := gutter, 0
	for i := range cols {
		c := &cols[i]
		if !c.shows(width) {
			continue
		}
		dst = append(dst, placed{col: c, x: x, w: c.Width, spill: spill})
		x += c.Width + c.gap()
		spill = c.gap() - 1
	}
	if len(dst) == 0 {
		return dst
	}
	free := width - keepFree - (dst[len(dst)-1].x + dst[len(dst)-1].w)
	shift := 0
	for i := range dst {
		p := &dst[i]
		p.x += shift
		if grow := min(p.col.Max-p.w, free); grow > 0 {
			p.w += grow
			free -= grow
			shift += grow
		}
	}
	return dst
}
