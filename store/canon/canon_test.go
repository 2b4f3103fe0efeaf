package canon

import (
	"encoding/hex"
	"testing"
)

// Different lists of fields have different encodings.
func TestDifferent(t *testing.T) {
	seen := map[string]int{}
	for i, e := range []*Encoding{
		New("d"), New("d").Text(""), New("d").Text("").Text(""), New("e"), New("").Text("d"),
		New("d").Text("ab").Text("c"), New("d").Text("a").Text("bc"), New("d").Text("abc"), New("d").Texts([]string{"abc"}),
		New("d").Texts([]string{"a", "bc"}), New("d").Texts([]string{"ab", "c"}), New("d").Texts([]string{"a"}).Text("bc"),
		New("d").Number(1).Text("x"), New("d").Number(1 << 56).Text("x"), New("d").Number(1).Number(0),
	} {
		if j, ok := seen[string(e.Bytes())]; ok {
			t.Errorf("%d and %d are the same", i, j)
		}
		seen[string(e.Bytes())] = i
	}
}

func TestForm(t *testing.T) {
	const want = "0000000000000001" + "64" + "0000000000000002" + "6869" + "0000000000000001" + "ff" + "0000000000000009" + "0000000000000001" + "0000000000000001" + "78"
	if got := hex.EncodeToString(New("d").Text("hi").Raw([]byte{0xff}).Number(9).Texts([]string{"x"}).Bytes()); got != want {
		t.Errorf("got %s", got)
	}
}
