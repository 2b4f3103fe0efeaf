package deck

import (
	"strconv"
	"time"

	"crmdeck/connectors/policy"
	"crmdeck/store"
	"crmdeck/themes"
	"crmdeck/ui/live"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// source is the rows as the table wants them. now and fig are set for each
// frame; scratch saves an allocation a figure.
type source struct {
	rows    *live.Rows
	running func(store.ID) bool
	now     time.Time
	fig     widget.Figures
	scratch []byte
}

var _ widget.Finder = (*source)(nil)

// Len, Key and Find implement widget.Finder.
func (s *source) Len() int            { return s.rows.Len() }
func (s *source) Key(i int) string    { return s.rows.Key(i) }
func (s *source) Find(key string) int { return s.rows.Find(key) }

// Cell implements widget.Rows.
func (s *source) Cell(i, column int, c *widget.Cell) {
	row := s.rows.At(i)
	state, test := row.Glows()
	if (state && (column == colState || column == colGlyph)) || (test && column == colTest) {
		c.Ground = themes.Glow
	}
	switch column {
	case colState:
		row.Look.Sign.Draw(c)
	case colGlyph:
		c.Glyph(row.Look.Sign.Style, row.Look.Sign.Glyph)
	case colName:
		c.Text(widget.Fg(themes.Text), row.S.Name)
	case colCRM:
		c.Text(muted, row.CRM)
	case colEnv:
		c.Text(muted, row.S.Environment)
	case colMethod:
		c.Text(muted, live.MethodWord(row.S.Method))
	case colScopes:
		s.scopes(row, c)
	case colAccess:
		s.access(row, c)
	case colFirst:
		s.first(row, c)
	case colNext:
		s.next(row, c)
	case colKeyBar:
		s.keyBar(row, c)
	case colKey:
		s.key(row, c)
	case colTest:
		s.test(row, c)
	case colOwner:
		c.Text(muted, row.S.Owner)
	}
}

// muted is the style of what is in order.
var muted = widget.Fg(themes.Muted)

// levels is the style of a clock that is near its end.
var levels = [...]widget.Style{muted, widget.Strong(themes.Warn), widget.Strong(themes.Bad)}

// scopes writes granted, or granted of asked, and how many are risky.
func (s *source) scopes(row *live.Row, c *widget.Cell) {
	b := s.scratch[:0]
	switch {
	case row.Look.Group == widget.Done:
		c.Glyph(muted, words.None)
		return
	case row.S.Granted < 0:
		c.Glyph(muted, widget.GlyphQuestion)
		return
	case row.S.Missing > 0:
		b = strconv.AppendInt(b, int64(row.S.Asked-row.S.Missing), 10)
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(row.S.Asked), 10)
	default:
		b = strconv.AppendInt(b, int64(row.S.Granted), 10)
	}
	style := muted
	if row.S.Missing > 0 {
		style = levels[policy.LevelWarn]
	}
	c.Bytes(style, b)
	if row.S.Risky > 0 {
		b = strconv.AppendInt(append(b[:0], ' '), int64(row.S.Risky), 10)
		c.Bytes(widget.Fg(themes.Warn), append(b, '!'))
	}
}

// access writes the time left of the access token.
func (s *source) access(row *live.Row, c *widget.Cell) {
	if s.running(row.S.ID) {
		c.Glyph(widget.Fg(themes.Info), words.Running)
		return
	}
	s.left(row.Look.Access, c)
}

// left writes a clock's time left.
func (s *source) left(k policy.Clock, c *widget.Cell) {
	if k.IsZero() {
		c.Glyph(muted, words.None)
		return
	}
	style, left := levels[k.Level], k.At.Sub(s.now)
	if left < 0 && again(k) {
		c.Text(muted, words.Now) // it is about to be tried: nothing is late
		return
	}
	if k.Assumed && left >= 0 {
		c.Glyph(style, widget.GlyphTilde)
	}
	c.Bytes(style, s.fig.AppendLeft(s.scratch[:0], left))
}

// again reports a clock at whose end something is tried again.
func again(k policy.Clock) bool { return k.Kind == policy.ClockRetry || k.Kind == policy.ClockWait }

// next writes the kind and the time left of whatever ends after access.
func (s *source) next(row *live.Row, c *widget.Cell) {
	switch {
	case row.S.Paused && row.Look.Group != widget.Done:
		c.Glyph(muted, words.Paused)
	case row.Look.Next.IsZero() || row.Look.State == policy.Overdue && row.Look.Next.Kind == policy.ClockKey:
		c.Glyph(muted, words.None) // the key's age says it
	default:
		k := row.Look.Next
		style := levels[k.Level]
		if again(k) { // nothing ends with it
			style = muted
		}
		c.Text(style, words.ClockKind(k.Kind, row.S.HasKey))
		c.Pad(1)
		s.left(k, c)
	}
}

// first writes whichever clock ends first, where there is one column for both.
func (s *source) first(row *live.Row, c *widget.Cell) {
	a, n := row.Look.Access, row.Look.Next
	switch {
	case s.running(row.S.ID):
		c.Glyph(widget.Fg(themes.Info), words.Running)
	case row.Look.State == policy.Overdue:
		s.key(row, c)
	case !a.IsZero() && (n.IsZero() || !n.At.Before(a.At)):
		s.left(a, c)
	case !n.IsZero():
		s.next(row, c)
	default:
		s.key(row, c)
	}
}

// keyBar writes the bar and the age of the key or secret.
func (s *source) keyBar(row *live.Row, c *widget.Cell) {
	if !hasKeyAge(row) {
		c.Right(muted, words.None, c.Room)
		return
	}
	age := s.now.Sub(row.S.KeyMade)
	widget.KeyBar(c, age, row.Look.Policy)
	b := widget.AppendDays(s.scratch[:0], age)
	least := 0
	if !row.S.KeyMadeKnown {
		least = 1
	}
	c.Pad(c.Room - c.Width() - len(b) - least)
	s.days(row, c, b)
}

// key writes the age of the key or secret alone.
func (s *source) key(row *live.Row, c *widget.Cell) {
	if !hasKeyAge(row) {
		c.Glyph(muted, words.None)
		return
	}
	s.days(row, c, widget.AppendDays(s.scratch[:0], s.now.Sub(row.S.KeyMade)))
}

// days writes an age in days, with "≥" where nobody knows when it began.
func (s *source) days(row *live.Row, c *widget.Cell, b []byte) {
	style := levels[row.Look.KeyLevel]
	if !row.S.KeyMadeKnown {
		c.Glyph(style, widget.GlyphAtLeast)
	}
	c.Bytes(style, b)
}

// hasKeyAge reports whether there is a key or secret whose age counts.
func hasKeyAge(row *live.Row) bool {
	return !row.S.KeyMade.IsZero() && row.Look.Group != widget.Done
}

// test writes how the last test sync went and how long ago it was.
func (s *source) test(row *live.Row, c *widget.Cell) {
	switch {
	case row.Look.Group == widget.Done:
		c.Glyph(muted, words.None)
		return
	case row.S.TestAt.IsZero():
		c.Glyph(widget.Fg(themes.Faint), words.Never)
		return
	}
	sign := widget.TestSign(row.S.TestOutcome)
	c.Glyph(sign.Style, sign.Glyph)
	c.Pad(1)
	c.Bytes(muted, widget.AppendAge(s.scratch[:0], s.now.Sub(row.S.TestAt)))
}

// lasts is how long the figures of a row stay true.
func (s *source) lasts(row *live.Row, least time.Duration) time.Duration {
	for _, k := range [...]policy.Clock{row.Look.Access, row.Look.Next} {
		if !k.IsZero() {
			least = min(least, s.fig.NextChange(k.At.Sub(s.now)))
		}
	}
	return least
}
