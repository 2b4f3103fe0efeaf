package jsonscan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func hubspotPage(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"results":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","properties":{"email":"person%d@example.test","firstname":"First \"%d\"","lastname":"Last"},"createdAt":"2026-01-01T00:00:00Z","archived":false,"tags":["a]","}"]}`, i, i, i)
	}
	b.WriteString(`],"paging":{"next":{"after":"NTI1","link":"https://x.example/?after=NTI1"}}}`)
	return []byte(b.String())
}

func TestReadTakesCountCursorTotalAndSamples(t *testing.T) {
	s := NewSpec("results", "paging.next.after", "has_more", "total", 3)
	p, err := s.Read(hubspotPage(100))
	if err != nil || p.Records != 100 || p.Next != "NTI1" || len(p.Samples) != 3 || p.Total != -1 || p.More != nil {
		t.Fatalf("got %+v, %v", p, err)
	}
	if !json.Valid(p.Samples[2]) {
		t.Fatalf("sample is no JSON: %s", p.Samples[2])
	}
	p, err = s.Read([]byte(` { "has_more" : true, "total":12, "results": [ ], "paging": {"next": null} } `))
	if err != nil || p.Records != 0 || !p.Found || p.More == nil || !*p.More || p.Total != 12 || p.Next != "" {
		t.Fatalf("got %+v, %v", p, err)
	}
}

func TestReadDecodesEscapedLinksAndNumbers(t *testing.T) {
	s := NewSpec("records", "next", "", "", 0)
	for in, want := range map[string]string{
		`{"next":"\/services\/data?a=1\u0026b=2"}`: "/services/data?a=1&b=2",
		`{"next":200}`:       "200",
		`{"next":null}`:      "",
		`{"next":{"a":"b"}}`: "",
	} {
		if p, err := s.Read([]byte(in)); err != nil || p.Next != want || p.Found {
			t.Errorf("%s: %+v, %v", in, p, err)
		}
	}
}

// RS-4, RL-4: cut off, unbalanced, too deep and trailing input is refused.
func TestReadRefusesMalformed(t *testing.T) {
	s := NewSpec("results", "next", "", "", 1)
	page := hubspotPage(3)
	for i := range page {
		if _, err := s.Read(page[:i]); err == nil {
			t.Fatalf("cut at %d of %d was read", i, len(page))
		}
	}
	for _, in := range []string{
		"", " ", "{", "[}", `{"a":[}]}`, `{"a":1}x`, `{"a":1,}`, `{"results":[1,]}`, `{"results":[1 2]}`, `{a:1}`, "<html>", `{"results":[{"a":"\"}]}`,
		strings.Repeat("[", 10000), strings.Repeat("[", 65) + strings.Repeat("]", 65), `{"a":tru}`,
	} {
		if _, err := s.Read([]byte(in)); err == nil {
			t.Errorf("%.40q was read", in)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"results":[{"a":1},{"b":"]"}],"next":"x","total":3}`))
	f.Add(hubspotPage(2))
	s := NewSpec("results", "next", "more", "total", 2)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := s.Read(b)
		var v map[string]json.RawMessage
		if json.Unmarshal(b, &v) != nil {
			return
		}
		if err != nil && deepest(b) <= MaxDepth {
			t.Fatalf("valid JSON was refused: %q", b)
		}
		var list []json.RawMessage
		if err == nil && json.Unmarshal(v["results"], &list) == nil && strings.Count(string(b), "results") == 1 && len(list) != p.Records {
			t.Fatalf("%q: counted %d, want %d", b, p.Records, len(list))
		}
	})
}

func deepest(b []byte) int { return strings.Count(string(b), "[") + strings.Count(string(b), "{") }

func BenchmarkRead(b *testing.B) {
	s := NewSpec("results", "paging.next.after", "", "", 3)
	page := hubspotPage(100)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(page); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	page := hubspotPage(100)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		var v struct {
			Results []struct {
				ID         string
				Properties map[string]string
			}
			Paging struct{ Next struct{ After string } }
		}
		if err := json.Unmarshal(page, &v); err != nil {
			b.Fatal(err)
		}
	}
}
