package widget_test

import (
	"fmt"
	"strings"
	"time"

	"crmdeck/themes"
	"crmdeck/ui/widget"

	"github.com/charmbracelet/x/ansi"
)

// job is a row of the example: a name and the time that its token has left.
type job struct {
	name string
	left time.Duration
}

// jobs is a source of rows.
type jobs []job

func (j jobs) Len() int         { return len(j) }
func (j jobs) Key(i int) string { return j[i].name }
func (j jobs) Cell(i, column int, c *widget.Cell) {
	switch column {
	case 0:
		c.Text(widget.Fg(themes.Text), j[i].name)
	case 1:
		var tmp [24]byte
		c.Bytes(widget.Fg(themes.Muted), widget.Figures{}.AppendLeft(tmp[:0], j[i].left))
	}
}

func ExampleTable() {
	set, err := themes.Load(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := widget.NewPainter(set.Pick(themes.Auto, true), widget.NewGlyphs(false))
	t := widget.NewTable([]widget.Column{
		{ID: 0, Title: "job", Width: 10, Max: 20, Middle: true, Sort: "name"},
		{ID: 1, Title: "left", Width: 7, Align: widget.AlignRight, Sort: "left"},
		{ID: 2, Title: "owner", Width: 5, From: 80}, // wide windows only
	}, true)
	t.SetSort("left", true)
	t.Resize(24, 4)
	t.SetRows(jobs{{"nightly-sync-prod", 9 * time.Hour}, {"forecast", 112 * time.Minute}, {"board", -3 * time.Minute}})
	t.Move(1)
	t.ToggleMark()

	b := widget.NewBuf(p, 24) // kept and Reset for every frame
	t.Draw(b)
	for line := range strings.Lines(ansi.Strip(b.String())) {
		fmt.Println("|" + strings.TrimRight(line, " \n"))
	}
	x, y, _ := b.Cursor()
	fmt.Println("cursor", x, y)
	// Output:
	// |  job          left ↑
	// |  nightl…rod       9h
	// |▌+forecast     1h 52m
	// |  board       over 3m
	// cursor 0 2
}
