package widget

import (
	"strconv"
	"time"
)

// Figures is how figures are written on this machine. The zero value groups
// with commas, shows seconds and UTC.
type Figures struct {
	// Fast leaves seconds out, while a demo's clock runs faster than life.
	Fast bool
	// Group parts thousands; "" is a comma.
	Group string
	// Zone is the zone of clocks and dates; nil is UTC.
	Zone *time.Location
}

// forms is the table of times left in force.
func (f Figures) forms() []form {
	if f.Fast {
		return fastForms
	}
	return leftForms
}

// AppendNumber is Number for a caller's buffer; it allocates nothing.
func (f Figures) AppendNumber(dst []byte, n int64) []byte {
	var digits [20]byte
	b := strconv.AppendInt(digits[:0], n, 10)
	if n < 0 {
		dst = append(dst, '-')
		b = b[1:]
	}
	group := f.Group
	if group == "" {
		group = ","
	}
	for i, d := range b {
		if i > 0 && (len(b)-i)%3 == 0 {
			dst = append(dst, group...)
		}
		dst = append(dst, d)
	}
	return dst
}

// Number is a full figure, grouped: "18,204".
func (f Figures) Number(n int64) string { return string(f.AppendNumber(nil, n)) }

// Rate is a figure a second: "2,310/s".
func (f Figures) Rate(n int64) string { return f.Number(n) + wordPerSecond }

// Of is a part of a whole: "62 of 110".
func (f Figures) Of(n, all int64) string { return f.Number(n) + wordOf + f.Number(all) }

// Millis is a latency: "41 ms".
func (f Figures) Millis(d time.Duration) string { return f.Number(d.Milliseconds()) + unitMillis }

// Took is how long a finished run lasted: "9.4s", from a minute on as Left. What
// is shorter than a tenth of a second took some time too.
func (f Figures) Took(d time.Duration) string {
	if d < 100*time.Millisecond {
		return "<0.1s"
	}
	if d >= time.Minute {
		return Figures{Group: f.Group, Zone: f.Zone}.Left(d)
	}
	tenths := int64(d / (100 * time.Millisecond))
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + string(unitSecond)
}

// in is t on this machine's clock.
func (f Figures) in(t time.Time) time.Time {
	if f.Zone == nil {
		return t.UTC()
	}
	return t.In(f.Zone)
}

// Clock is a time of the day: "14:32".
func (f Figures) Clock(t time.Time) string { return f.in(t).Format(layoutClock) }

// Evidence is a time of the day where seconds prove something: "14:29:22".
func (f Figures) Evidence(t time.Time) string { return f.in(t).Format(layoutEvidence) }

// Stamp is a full time in tables of evidence: "2026-11-17 14:29:22".
func (f Figures) Stamp(t time.Time) string { return f.in(t).Format(layoutStamp) }

// Date is a day: "17 Nov", in another year than now's "16 Mar 2027".
func (f Figures) Date(t, now time.Time) string {
	t = f.in(t)
	if t.Year() == f.in(now).Year() {
		return t.Format(layoutDay)
	}
	return t.Format(layoutYear)
}

// Moment is the clock for today, else the day and the clock: "15:02",
// "18 Nov 09:40", "16 Mar 2027".
func (f Figures) Moment(t, now time.Time) string {
	a, b := f.in(t), f.in(now)
	switch {
	case a.Year() != b.Year():
		return a.Format(layoutYear)
	case a.YearDay() != b.YearDay():
		return a.Format(layoutDay + " " + layoutClock)
	}
	return a.Format(layoutClock)
}

// Header is the header's day and time: "Tue 17 Nov 14:32".
func (f Figures) Header(t time.Time) string { return f.in(t).Format(layoutHeader) }

// NextMinute is how long a clock without seconds stays true.
func NextMinute(t time.Time) time.Duration {
	return time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond())
}
