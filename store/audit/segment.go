package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// SegmentSeal is the seal of a closed run of events whose other fields are set; before is
// the seal of the run before it, nil for the first.
func SegmentSeal(key, before []byte, s *store.Segment) []byte {
	c := canon.New("crmdeck/audit segment/1").Raw(before).Number(s.First).Number(s.Last)
	c.Number(uint64(s.From.UnixNano())).Number(uint64(s.To.UnixNano())).Raw(s.Before).Raw(s.Chain)
	return keyed(key, c)
}

// OutMAC authenticates where the events of a sealed segment were moved to.
func OutMAC(key, seal []byte, o *store.SegmentOut) []byte {
	c := canon.New("crmdeck/audit segment out/1").Raw(seal).Number(uint64(o.At.UnixNano())).Text(o.File).Raw(o.SHA256).Number(o.Event)
	return keyed(key, c)
}

func keyed(key []byte, c *canon.Encoding) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(c.Bytes())
	return m.Sum(nil)
}

// Chained checks that segments follow each other from a head on, and that each has its seal.
// before is the seal of the segment before them. Its error is a *BrokenError.
func Chained(key []byte, from Head, before []byte, list []store.Segment) error {
	for i := range list {
		s := &list[i]
		why := ""
		switch {
		case s.First != from.Seq+1 || s.Last < s.First:
			return &BrokenError{Seq: from.Seq + 1, Reason: fmt.Sprintf("the seals of the segments leave it out, the next one is of event %d", s.First)}
		case s.From.Before(earliest) || s.From.After(latest) || s.To.Before(earliest) || s.To.After(latest):
			why = "has a time out of range"
		case !bytes.Equal(s.Before, from.Chain):
			why = "does not follow the one before"
		case !hmac.Equal(s.Seal, SegmentSeal(key, before, s)):
			why = "was changed, or not written with this store's key"
		case s.Out != nil && !hmac.Equal(s.Out.MAC, OutMAC(key, s.Seal, s.Out)):
			why = "was not noted as moved out by this store"
		case s.Out != nil && i > 0 && list[i-1].Out == nil:
			why = "was moved out before an older one"
		}
		if why != "" {
			return &BrokenError{Seq: s.First, Reason: fmt.Sprintf("the seal of events %d to %d %s", s.First, s.Last, why)}
		}
		from, before = Head{Seq: s.Last, Chain: s.Chain}, s.Seal
	}
	return nil
}

// segments compares sealed segments with the events that they are of.
type segments struct{ list []store.Segment }

// check compares a page of events that are chained, and forgets the segments that end in it.
func (s *segments) check(page []store.Event) error {
	first, last := page[0].Seq, page[len(page)-1].Seq
	for len(s.list) > 0 {
		x := &s.list[0]
		if x.First >= first && x.First <= last && !page[x.First-first].At.Equal(x.From) {
			return &BrokenError{Seq: x.First, Reason: "its segment was sealed with another time for it"}
		}
		if x.Last > last {
			return nil
		}
		if e := &page[x.Last-first]; !e.At.Equal(x.To) || !bytes.Equal(e.Chain, x.Chain) {
			return &BrokenError{Seq: x.Last, Reason: "its segment was sealed with another end"}
		}
		s.list = s.list[1:]
	}
	return nil
}

// SegmentVerifier checks the events of sealed segments, and nothing else: no end but that of
// the last segment.
type SegmentVerifier struct {
	*Verifier
	sealed segments
	end    Head
	heads  []Head
	kept   int
}

// NewSegmentVerifier starts after from. The segments are chained, which Chained has found, and at
// least one. heads are those that were kept elsewhere; those within the segments are compared.
func NewSegmentVerifier(key []byte, from Head, list []store.Segment, heads []Head) *SegmentVerifier {
	last := list[len(list)-1]
	return &SegmentVerifier{NewVerifier(key, from), segments{list}, Head{Seq: last.Last, Chain: last.Chain}, heads, 0}
}

// AddPage checks the next events. Its error is a *BrokenError.
func (v *SegmentVerifier) AddPage(page []store.Event) error {
	if len(page) == 0 {
		return nil
	}
	if last := page[len(page)-1].Seq; last > v.end.Seq {
		return &BrokenError{Seq: v.end.Seq + 1, Reason: "stands after the end of the last segment"}
	}
	if err := v.Verifier.AddPage(page); err != nil {
		return err
	}
	for _, h := range v.heads {
		if h.Seq < page[0].Seq || h.Seq >= page[0].Seq+uint64(len(page)) {
			continue
		}
		if !bytes.Equal(h.Chain, page[h.Seq-page[0].Seq].Chain) {
			return &BrokenError{Seq: h.Seq, Reason: "the log has another history than a head that was kept"}
		}
		v.kept++
	}
	return v.sealed.check(page)
}

// End checks that all events came. Its error is a *BrokenError.
func (v *SegmentVerifier) End() error { return v.Verifier.End(v.end) }

// Kept is how many heads agree.
func (v *SegmentVerifier) Kept() int { return v.kept }
