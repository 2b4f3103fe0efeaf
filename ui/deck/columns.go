package deck

import (
	"crmdeck/ui/live"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// The columns, as the table asks for them.
const (
	colState = iota
	colGlyph
	colName
	colCRM
	colEnv
	colMethod
	colScopes
	colAccess
	colFirst
	colNext
	colKeyBar
	colKey
	colTest
	colOwner
)

// columns is the deck's table: what shows from which width on. Narrower than
// its From, a column goes; what it said stands in the lower edge.
func columns() []widget.Column {
	return []widget.Column{
		{ID: colState, Title: words.ColState, Width: 11, From: 59, Sort: string(live.ByState)},
		{ID: colGlyph, Width: 1, Gap: 1, Below: 59},
		{ID: colName, Title: words.ColName, Width: 20, Max: 32, Middle: true, Sort: string(live.ByName)},
		{ID: colCRM, Title: words.ColCRM, Width: 10, From: 78, Sort: string(live.ByCRM)},
		{ID: colEnv, Title: words.ColEnv, Width: 4, From: 97, Sort: string(live.ByEnv)},
		{ID: colMethod, Title: words.ColMethod, Width: 6, Gap: 1, From: 105, Sort: string(live.ByMethod)},
		{ID: colScopes, Title: words.ColScopes, Width: 7, From: 85, Align: widget.AlignRight, Sort: string(live.ByScopes)},
		{ID: colAccess, Title: words.ColAccess, Width: 7, From: 49, Align: widget.AlignRight, Sort: string(live.ByAccess)},
		{ID: colFirst, Title: words.ColFirst, Width: 11, Below: 49, Align: widget.AlignRight},
		{ID: colNext, Title: words.ColNext, Width: 13, From: 49, Sort: string(live.ByNext)},
		{ID: colKeyBar, Title: words.ColKeyAge, Width: 10, From: 91, Sort: string(live.ByKey)},
		{ID: colKey, Title: words.ColKey, Width: 5, From: 66, Below: 91, Align: widget.AlignRight, Sort: string(live.ByKey)},
		{ID: colTest, Title: words.ColTest, Width: 6, From: 113, Sort: string(live.ByTest)},
		{ID: colOwner, Title: words.ColOwner, Width: 5, From: 120, Sort: string(live.ByOwner)},
	}
}
