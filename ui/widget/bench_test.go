package widget

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"crmdeck/themes"
)

// manyRows is a deck of any length that formats its figures while it draws, as
// a live deck does.
type manyRows struct{ keys []string }

func newManyRows(n int) *manyRows {
	m := &manyRows{keys: make([]string, n)}
	for i := range m.keys {
		m.keys[i] = "connection-" + strconv.Itoa(i)
	}
	return m
}

func (m *manyRows) Len() int         { return len(m.keys) }
func (m *manyRows) Key(i int) string { return m.keys[i] }
func (m *manyRows) Cell(i, col int, c *Cell) {
	var tmp [32]byte
	muted := Fg(themes.Muted)
	switch col {
	case colState:
		s, _, _ := StateSign("expiring")
		s.Draw(c)
	case colName:
		c.Text(Fg(themes.Text), m.keys[i])
	case colCRM:
		c.Text(muted, "Salesforce")
	case colEnv:
		c.Text(muted, "prod")
	case colMethod:
		c.Text(muted, "OAuth")
	case colScopes:
		c.Bytes(muted, Figures{}.AppendNumber(tmp[:0], int64(i%9)))
		c.Text(Strong(themes.Warn), " 2!")
	case colAccess:
		c.Bytes(muted, Figures{}.AppendLeft(tmp[:0], time.Duration(i+90)*time.Second))
	case colNext:
		c.Text(muted, "secret ")
		c.Bytes(muted, Figures{}.AppendLeft(tmp[:0], time.Duration(i%400)*day))
	case colKeyBar:
		KeyBar(c, time.Duration(i%200)*day, 180*day)
		b := AppendDays(tmp[:0], time.Duration(i%200)*day)
		c.Pad(10 - c.Width() - len(b))
		c.Bytes(muted, b)
	case colTest:
		c.Glyph(Fg(themes.Good), GlyphCheck)
		c.Pad(1)
		c.Bytes(muted, AppendAge(tmp[:0], time.Duration(i%40)*time.Hour))
	case colOwner:
		c.Text(muted, "jan")
	}
}

func BenchmarkKeyAndView(b *testing.B) {
	p := painter(b, "dark", false)
	for _, n := range []int{10, 10_000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			t := NewTable(deckColumns(), true)
			t.Resize(140, 45)
			t.SetRows(newManyRows(n))
			buf := NewBuf(p, 140)
			b.ReportAllocs()
			var frame string
			step := 1
			for b.Loop() {
				if row, _, _ := t.Focus(); row == n-1 || row == 0 {
					step = -step
				}
				t.Move(-step)
				buf.Reset(p, 140)
				t.Draw(buf)
				frame = buf.String()
			}
			b.ReportMetric(float64(len(frame)), "bytes/frame")
		})
	}
}

func BenchmarkOverlay(b *testing.B) {
	p := painter(b, "dark", false)
	t := NewTable(deckColumns(), true)
	t.Resize(140, 45)
	t.SetRows(newManyRows(1000))
	page, top := NewBuf(p, 140), NewBuf(p, 76)
	d := Dialog{Title: "Revoke close-nightly", Danger: true, Lines: 14, Hints: []Hint{{Key: "esc", Label: "keep"}}}
	b.ReportAllocs()
	for b.Loop() {
		page.Reset(p, 140)
		t.Draw(page)
		x, y, w := d.Place(140, 45)
		top.Reset(p, w)
		d.Draw(top, func(b *Buf, _ int) { b.Text(Fg(themes.Text), "what stops working") })
		page.Overlay(top, x, y)
	}
}

func BenchmarkOrderChanges(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			t := NewTable(deckColumns(), true)
			t.Resize(140, 45)
			one, two := newManyRows(n), newManyRows(n)
			for i := range n / 2 {
				two.keys[i], two.keys[n-1-i] = two.keys[n-1-i], two.keys[i]
			}
			t.SetRows(one)
			b.ReportAllocs()
			for b.Loop() {
				t.SetRows(two)
				t.SetRows(one)
			}
		})
	}
}
