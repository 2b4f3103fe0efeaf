package widget

// The words that figures and fields are written with; everything else that a
// person reads comes from the pages' own table.
const (
	wordNow       = "now"
	wordAgo       = " ago"
	wordOver      = "over"
	wordOf        = " of "
	wordPerSecond = "/s"
	wordHidden    = " characters, hidden"
	wordHiddenOne = " character, hidden"
)

// Units of time, one letter each, and of latency.
const (
	unitSecond = 's'
	unitMinute = 'm'
	unitHour   = 'h'
	unitDay    = 'd'
	unitMillis = " ms"
)

// Layouts of package time: the day first, 24 hours, English short names.
const (
	layoutClock    = "15:04"
	layoutEvidence = "15:04:05"
	layoutStamp    = "2006-01-02 15:04:05"
	layoutDay      = "2 Jan"
	layoutYear     = "2 Jan 2006"
	layoutHeader   = "Mon 2 Jan 15:04"
)
