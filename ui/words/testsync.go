package words

import (
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// The page of a test sync.
const (
	CrumbTest    = "test sync"
	HintStop     = "stop, keep the counts"
	TestObject   = "object"
	TestProgress = "progress"
	TestRecords  = "records"
	TestOf       = "of"
	TestPages    = "pages"
	TestRate     = "rate"
	TestP50      = "latency p50"
	TestP95      = "p95"
	TestQuota    = "quota"
	TestRetries  = "retries"
	TestReading  = "reading"
	TestReadOnly = "read-only, nothing is stored but counts"
	TestCounting = "counting what there is"
	TestAllTitle = "All of it"
	TestGoOn     = "read it all"
	TestLeave    = "leave it"
	TestStopped  = "It was stopped; the counts so far are kept."
	WhyTestRuns  = "the test runs; esc stops it"
	ReadOf       = " of "
	ProvesWord   = "proves "
)

// TestNth counts tests one after another: "connection 2 of 3".
func TestNth(n, all int) string { return "connection " + strconv.Itoa(n) + " of " + strconv.Itoa(all) }

// TestRateNow tells how many records come a second.
func TestRateNow(now, best int64, f widget.Figures) string {
	return f.Rate(now) + " now, best " + f.Rate(best)
}

// TestQuotaNow tells what the provider last said of its limits.
func TestQuotaNow(q lifecycle.QuotaView, f widget.Figures) string {
	var out []string
	if q.Max > 0 {
		s := f.Of(int64(q.Used), int64(q.Max))
		if q.Window > 0 {
			s += " in this " + seconds(q.Window)
		}
		out = append(out, s)
	}
	if q.DayMax > 0 {
		out = append(out, f.Of(int64(q.DayUsed), int64(q.DayMax))+" today")
	}
	return strings.Join(out, ", ")
}

// seconds is a short window: "10 s".
func seconds(d time.Duration) string { return strconv.Itoa(int(d/time.Second)) + " s" }

// TestWaits tells that the provider asked to wait, and for how long.
func TestWaits(d time.Duration, crm, why string) string {
	if d <= 0 {
		return ""
	}
	out := text.Clean(crm) + " asked to wait"
	if why != "" {
		out += " (" + text.Clean(why) + ")"
	}
	return out + "; it goes on in " + widget.Figures{}.Left(max(d, time.Second))
}

// TestSoFar tells how long it runs, and how long it still will.
func TestSoFar(d, eta time.Duration, f widget.Figures) string {
	out := widget.Figures{}.Left(d) + " so far"
	if eta > 0 {
		out += ", about " + widget.Figures{}.Left(eta) + " to go"
	}
	return out
}

// TestCost says what reading everything costs.
func TestCost(c lifecycle.Cost, f widget.Figures) []string {
	var out []string
	if c.Calls < 0 {
		out = append(out, "The provider does not say how much there is, so nobody knows how many calls it takes.")
	} else {
		out = append(out, "It reads "+Counted(c.Records, "record", "records")+" in about "+Counted(c.Calls, "call", "calls")+".")
	}
	q := c.Quota
	if q.DayMax > 0 && c.Calls >= 0 {
		out = append(out, "The day's quota is "+f.Number(int64(q.DayMax))+" calls, "+f.Number(int64(q.DayUsed))+" of them are used: "+
			f.Number(int64(max(0, q.DayMax-q.DayUsed-c.Calls)))+" would be left.")
	}
	if q.Max > 0 && q.Window > 0 {
		out = append(out, "The provider spoke last of "+f.Number(int64(q.Max))+" calls in "+seconds(q.Window)+
			"; where it asks to wait, the test waits.")
	}
	return append(out, "It only reads. Other programs share the same quota.")
}

// TestVerdict is the first words of a result: "3 of 3 objects read".
func TestVerdict(run *store.TestRun) string {
	read := 0
	for _, o := range run.Objects {
		switch o.Outcome {
		case lifecycle.OutcomeOK, lifecycle.OutcomeSampled, lifecycle.OutcomeCeiling:
			read++
		}
	}
	switch {
	case run.Outcome == lifecycle.OutcomeCancelled:
		return "stopped"
	case len(run.Objects) == 0:
		return "not tested"
	}
	return widget.Figures{}.Of(int64(read), int64(len(run.Objects))) + " objects read"
}

// TestFigures sums a run up: "9.4s · 20,004 records · 203 requests · 1 retry".
func TestFigures(run *store.TestRun, f widget.Figures) string {
	if run.At.IsZero() {
		return ""
	}
	records := 0
	for _, o := range run.Objects {
		records += o.Records
	}
	out := f.Took(run.Took) + Between + Counted(records, "record", "records") + Between + Counted(run.Requests, "request", "requests")
	if run.Retries > 0 {
		out += Between + Counted(run.Retries, "retry", "retries")
	}
	return out
}

// TestProves says what an object proves, or why it could not be read.
func TestProves(o *store.TestObject) string {
	switch o.Outcome {
	case lifecycle.OutcomeFailed:
		return strings.TrimSpace(text.Clean(o.Reason) + ": " + text.Clean(o.Message))
	case lifecycle.OutcomeSkipped:
		return "not read: what failed before it ends the test"
	case lifecycle.OutcomeCancelled:
		return "stopped"
	case lifecycle.OutcomeCeiling:
		return "the provider lets nobody read further"
	}
	if len(o.Proved) == 0 {
		return ""
	}
	return ProvesWord + strings.Join(o.Proved, " ")
}

// TestSaid tells what failed first.
func TestSaid(run *store.TestRun) string {
	if run.Message == "" {
		return "The first that failed: " + spaced(text.Clean(run.Reason)) + "."
	}
	return sentence(text.Clean(run.Message))
}

// TestNext is the next step after a result.
func TestNext(run *store.TestRun) []string {
	if run.Reason == "bad_scope" {
		return []string{"A scope is missing: c asks for it again, and who consents must be allowed to give it."}
	}
	if run.Outcome != lifecycle.OutcomeOK {
		return nil
	}
	const onlyReads = "A test only reads, so scopes for writing stay unproven."
	for _, o := range run.Objects {
		if o.Outcome == lifecycle.OutcomeSampled {
			return []string{"That was a sample: at most 10 pages of each; T reads all of it. " + onlyReads}
		}
	}
	return []string{onlyReads}
}
