package widget

import (
	"testing"
	"time"
)

func TestTimeLeftIsWrittenAsTheTableSays(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		d                    time.Duration
		left, fast, headline string
	}{
		{0, "0s", "0m", "0s"},
		{41*s + 999*time.Millisecond, "41s", "0m", "41s"},
		{m - 1, "59s", "0m", "59s"},
		{m, "1m 00s", "1m", "1m 00s"},
		{4*m + 12*s, "4m 12s", "4m", "4m 12s"},
		{10*m - 1, "9m 59s", "9m", "9m 59s"},
		{10 * m, "10m", "10m", "10m 00s"},
		{27*m + 59*s, "27m", "27m", "27m 59s"},
		{h - 1, "59m", "59m", "59m 59s"},
		{h, "1h 00m", "1h 00m", "1h 00m"},
		{h + 52*m + 59*s, "1h 52m", "1h 52m", "1h 52m"},
		{h + 7*m, "1h 07m", "1h 07m", "1h 07m"},
		{6*h - 1, "5h 59m", "5h 59m", "5h 59m"},
		{6 * h, "6h", "6h", "6h 00m"},
		{9*h + 59*m, "9h", "9h", "9h 59m"},
		{31*h + 8*m, "31h", "31h", "31h 08m"},
		{48*h - 1, "47h", "47h", "47h 59m"},
		{48 * h, "2d 0h", "2d 0h", "2d 0h"},
		{6*day + 4*h, "6d 4h", "6d 4h", "6d 4h"},
		{10*day - 1, "9d 23h", "9d 23h", "9d 23h"},
		{10 * day, "10d", "10d", "10d 0h"},
		{41*day + 23*h, "41d", "41d", "41d 23h"},
		{-1, "over", "over", "over"},
		{-3*m - 1, "over 3m", "over 3m", "over 3m"},
		{-38 * m, "over 38m", "over 38m", "over 38m"},
		{-2*h - 59*m, "over 2h", "over 2h", "over 2h"},
		{-99 * day, "over 99d", "over 99d", "over 99d"},
		{-100 * day, "over", "over", "over"},
	} {
		fast := Figures{Fast: true}
		if got := (Figures{}).Left(c.d); got != c.left {
			t.Errorf("Left(%v) is %q, want %q", c.d, got, c.left)
		}
		if got := fast.Left(c.d); got != c.fast {
			t.Errorf("fast Left(%v) is %q, want %q", c.d, got, c.fast)
		}
		if got := (Figures{}).Headline(c.d); got != c.headline {
			t.Errorf("Headline(%v) is %q, want %q", c.d, got, c.headline)
		}
	}
	if got := (Figures{}).Assumed(112 * m); got != "~1h 52m" {
		t.Errorf("Assumed is %q", got)
	}
	if got := (Figures{}).Assumed(-3 * m); got != "over 3m" {
		t.Errorf("Assumed of what is past is %q", got)
	}
}

func TestAges(t *testing.T) {
	for _, c := range []struct {
		d        time.Duration
		age, ago string
	}{
		{-time.Hour, "now", "now"}, {59 * time.Second, "now", "now"}, {2*time.Minute + 59*time.Second, "2m", "2m ago"},
		{59 * time.Minute, "59m", "59m ago"}, {5*time.Hour + 1, "5h", "5h ago"}, {day, "1d", "1d ago"}, {143 * day, "143d", "143d ago"},
	} {
		if Age(c.d) != c.age || Ago(c.d) != c.ago {
			t.Errorf("%v is %q, %q, want %q, %q", c.d, Age(c.d), Ago(c.d), c.age, c.ago)
		}
	}
	if got := DaysOf(143*day+23*time.Hour, 90*day); got != "143d of 90d" {
		t.Errorf("DaysOf is %q", got)
	}
}

// The tick is set for the moment when a figure changes: not before, so that
// nothing is drawn twice, and not later.
func TestNextChangeIsWhenTheFigureChanges(t *testing.T) {
	figures := []struct {
		name string
		show func(time.Duration) string
		next func(time.Duration) time.Duration
	}{
		{"Left", Figures{}.Left, Figures{}.NextChange},
		{"fast Left", Figures{Fast: true}.Left, Figures{Fast: true}.NextChange},
		{"Headline", Figures{}.Headline, Figures{}.NextHeadline},
		{"Age", func(d time.Duration) string { return Age(-d) }, func(d time.Duration) time.Duration { return NextAge(-d) }},
	}
	for _, f := range figures {
		starts := []time.Duration{11 * day, 49 * time.Hour, 7 * time.Hour, 61 * time.Minute, 10*time.Minute + 1, time.Minute, 3, 0, -1,
			-time.Minute, -59*time.Minute - 1, -25 * time.Hour}
		for _, d := range starts {
			if f.name == "Age" && d > 0 {
				continue
			}
			for range 200 {
				n := f.next(d)
				if n <= 0 {
					t.Fatalf("%s: next change of %v is in %v", f.name, d, n)
				}
				before, after := f.show(d-n+1), f.show(d-n)
				if before != f.show(d) {
					t.Fatalf("%s: %v changed from %q to %q before %v", f.name, d, f.show(d), before, n)
				}
				if after == before && after != "over" && after != "now" {
					t.Fatalf("%s: %q of %v did not change after %v", f.name, after, d, n)
				}
				d -= n
			}
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	f := Figures{Zone: time.FixedZone("CET", 3600)}
	at := time.Date(2026, 11, 17, 13, 29, 22, 0, time.UTC)
	for got, want := range map[string]string{
		f.Number(18204): "18,204", f.Number(0): "0", f.Number(999): "999", f.Number(-1234567): "-1,234,567",
		f.Number(-123): "-123", f.Rate(2310): "2,310/s", f.Of(62, 110): "62 of 110", f.Millis(41 * time.Millisecond): "41 ms",
		f.Took(9*time.Second + 499*time.Millisecond): "9.4s", f.Took(90 * time.Second): "1m 30s",
		Figures{Group: "."}.Number(18204): "18.204", Figures{Group: "\u00a0"}.Number(18204): "18\u00a0204",
		f.Clock(at): "14:29", f.Evidence(at): "14:29:22", f.Stamp(at): "2026-11-17 14:29:22", f.Header(at): "Tue 17 Nov 14:29",
		f.Date(at, at): "17 Nov", f.Date(at.AddDate(0, 4, -1), at): "16 Mar 2027",
		f.Moment(at, at): "14:29", f.Moment(at.AddDate(0, 0, 1), at): "18 Nov 14:29", f.Moment(at.AddDate(0, 4, -1), at): "16 Mar 2027",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := NextMinute(at); got != 38*time.Second {
		t.Errorf("next minute in %v", got)
	}
}

func TestFormattingIntoABufferAllocatesNothing(t *testing.T) {
	var tmp [32]byte
	got := testing.AllocsPerRun(100, func() {
		Figures{}.AppendLeft(tmp[:0], 112*time.Minute)
		Figures{}.AppendNumber(tmp[:0], 1234567)
		AppendAge(tmp[:0], day)
		AppendDays(tmp[:0], day)
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
