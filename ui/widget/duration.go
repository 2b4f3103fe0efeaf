package widget

import (
	"strconv"
	"time"
)

// day is 24 hours; calendars play no part in time left.
const day = 24 * time.Hour

// form is how a time left is written while it is less than below: the larger
// unit, then the smaller, if there is one.
type form struct {
	below        time.Duration
	large, small unit
}

// unit is one unit of time with its letter.
type unit struct {
	d      time.Duration
	letter byte
	pad    bool // two digits behind a larger unit
}

var (
	seconds = unit{time.Second, unitSecond, true}
	minutes = unit{time.Minute, unitMinute, true}
	hours   = unit{time.Hour, unitHour, false}
	days    = unit{day, unitDay, false}
	noUnit  = unit{}
)

// forever ends each list of forms.
const forever = time.Duration(1<<63 - 1)

// leftForms is the table of time left; fastForms the same without seconds,
// which would blur when a demo's clock runs fast; headlineForms has one unit
// more; ageForms has one unit only.
var (
	leftForms = []form{
		{time.Minute, seconds, noUnit}, {10 * time.Minute, minutes, seconds}, {time.Hour, minutes, noUnit},
		{6 * time.Hour, hours, minutes}, {48 * time.Hour, hours, noUnit}, {10 * day, days, hours}, {forever, days, noUnit},
	}
	fastForms = []form{
		{time.Hour, minutes, noUnit}, {6 * time.Hour, hours, minutes}, {48 * time.Hour, hours, noUnit},
		{10 * day, days, hours}, {forever, days, noUnit},
	}
	headlineForms = []form{
		{time.Minute, seconds, noUnit}, {time.Hour, minutes, seconds}, {48 * time.Hour, hours, minutes}, {forever, days, hours},
	}
	ageForms = []form{
		{time.Hour, minutes, noUnit}, {day, hours, noUnit}, {forever, days, noUnit},
	}
)

// formOf is how d is written.
func formOf(forms []form, d time.Duration) form {
	for _, f := range forms {
		if d < f.below {
			return f
		}
	}
	return forms[len(forms)-1]
}

// finest is the smallest unit that a form shows.
func (f form) finest() time.Duration {
	if f.small.letter != 0 {
		return f.small.d
	}
	return f.large.d
}

// append writes d, which is not negative, rounded down.
func (f form) append(dst []byte, d time.Duration) []byte {
	dst = append(strconv.AppendInt(dst, int64(d/f.large.d), 10), f.large.letter)
	if f.small.letter == 0 {
		return dst
	}
	rest := int64(d % f.large.d / f.small.d)
	dst = append(dst, ' ')
	if f.small.pad && rest < 10 {
		dst = append(dst, '0')
	}
	return append(strconv.AppendInt(dst, rest, 10), f.small.letter)
}

// maxOver is from where on a time that is past is written without a figure: it
// has to fit a column of seven cells and one of its gap.
const maxOver = 100 * day

// AppendLeft is Figures.Left for a caller's buffer; it allocates nothing.
func (f Figures) AppendLeft(dst []byte, d time.Duration) []byte {
	if d < 0 {
		return appendOver(dst, -d)
	}
	return formOf(f.forms(), d).append(dst, d)
}

// appendOver writes how long something is past.
func appendOver(dst []byte, d time.Duration) []byte {
	dst = append(dst, wordOver...)
	if d < time.Minute || d >= maxOver {
		return dst
	}
	dst = append(dst, ' ')
	return formOf(ageForms, d).append(dst, d)
}

// Left is a time left: "41s", "4m 12s", "27m", "1h 52m", "9h", "6d 4h", "41d".
// It is rounded down: time that is not there is never promised. What is past
// reads "over 3m", for less than a minute and for 100 days or more "over".
func (f Figures) Left(d time.Duration) string { return string(f.AppendLeft(nil, d)) }

// Assumed is a time left that the provider did not state: "~1h 52m".
func (f Figures) Assumed(d time.Duration) string {
	if d < 0 {
		return f.Left(d)
	}
	return string(f.AppendLeft([]byte(GlyphTilde), d))
}

// Headline is a time left with one unit more, for the page that is about it:
// "31h 08m", "27m 12s".
func (f Figures) Headline(d time.Duration) string {
	if d < 0 || f.Fast {
		return f.Left(d)
	}
	return string(formOf(headlineForms, d).append(nil, d))
}

// AppendAge is Age for a caller's buffer; it allocates nothing.
func AppendAge(dst []byte, d time.Duration) []byte {
	if d < time.Minute {
		return append(dst, wordNow...)
	}
	return formOf(ageForms, d).append(dst, d)
}

// Age is how long ago something was: "now", "2m", "5h", "143d".
func Age(d time.Duration) string { return string(AppendAge(nil, d)) }

// Ago is Age in a sentence: "2m ago", "now".
func Ago(d time.Duration) string {
	if d < time.Minute {
		return wordNow
	}
	return Age(d) + wordAgo
}

// AppendDays is Days for a caller's buffer; it allocates nothing.
func AppendDays(dst []byte, d time.Duration) []byte {
	return days.whole().append(dst, max(0, d))
}

// whole is the form that writes the unit alone.
func (u unit) whole() form { return form{large: u} }

// Days is the age of a key in whole days: "143d".
func Days(d time.Duration) string { return string(AppendDays(nil, d)) }

// DaysOf is the age of a key in a sentence: "143d of 90d".
func DaysOf(d, policy time.Duration) string { return Days(d) + wordOf + Days(policy) }

// NextChange is how long the figure that Left shows for d stays true: the tick
// that redraws it is set for then. It is never less than a nanosecond.
func (f Figures) NextChange(d time.Duration) time.Duration {
	if d < 0 {
		return NextAge(-d)
	}
	return d%formOf(f.forms(), d).finest() + 1
}

// NextHeadline is NextChange for the figure of Headline.
func (f Figures) NextHeadline(d time.Duration) time.Duration {
	if d < 0 || f.Fast {
		return f.NextChange(d)
	}
	return d%formOf(headlineForms, d).finest() + 1
}

// NextAge is how long the figure that Age shows for d stays true.
func NextAge(d time.Duration) time.Duration {
	u := formOf(ageForms, d).finest()
	return u - d%u
}
