package snapshot

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"crmdeck/store/text"
)

// whole is a small file that is a snapshot.
const whole = `{"crmdeck_snapshot":1,"taken":"2026-11-24T12:00:00Z","store":{"id":"s","format":3},
"connections":[{"id":"c1","name":"one","provider":"hubspot","method":"api_key","grant":"g1","account":{"id":"1"}}],
"grants":[{"id":"g1","provider":"hubspot","method":"api_key"}],"clients":[],"findings":[],"events":[{"seq":1},{"seq":2}]}`

// TestHostile: a file from outside that is none is refused with the place of what is wrong.
func TestHostile(t *testing.T) {
	cases := []struct{ name, from, to, at, says string }{
		{"whole", "", "", "", ""},
		{"no JSON", whole, "hello", "byte 1", "no JSON"},
		{"empty", whole, "", "byte 0", "no JSON"},
		{"another JSON", whole, `{"name":"x"}`, "crmdeck_snapshot", "missing"},
		{"a list", whole, `[]`, "", "an object"},
		{"newer", `"crmdeck_snapshot":1`, `"crmdeck_snapshot":2`, "crmdeck_snapshot", "version 2, this program knows 1"},
		{"newer, other kinds", `"crmdeck_snapshot":1,"taken":"2026-11-24T12:00:00Z","store":{`, `"crmdeck_snapshot":2,"grants":"elsewhere","store":{`, "crmdeck_snapshot", "version 2"},
		{"version as text", `"crmdeck_snapshot":1`, `"crmdeck_snapshot":"1"`, "crmdeck_snapshot", "a number"},
		{"cut", `"grants"`, "", "byte", "no JSON"},
		{"no time", `"taken":"2026-11-24T12:00:00Z"`, `"taken":"yesterday"`, "", "no time"},
		{"no taken", `"taken"`, `"token"`, "taken", "missing"},
		{"name is a number", `"name":"one"`, `"name":1`, "connections.name", "a text"},
		{"no name", `"name":"one"`, `"name":""`, "connections[0].name", "missing"},
		{"name of blanks", `"name":"one"`, `"name":"\u202e"`, "connections[0].name", "missing"},
		{"grant twice", `"grants":[`, `"grants":[{"id":"g1"},`, "grants[1].id", "twice"},
		{"connection twice", `"connections":[`, `"connections":[{"id":"c1","name":"x"},`, "connections[1].id", "twice"},
		{"events run back", `{"seq":2}`, `{"seq":1}`, "events[1].seq", "after"},
		{"too many records", `"api_key","grant"`, `"api_key","scopes_risky":99999999999999999999,"grant"`, "connections.scopes_risky", "a number"},
		{"deep", `"clients":[]`, `"clients":` + strings.Repeat("[", 100000), "byte", "too deep"},
	}
	for _, c := range cases {
		b := strings.Replace(whole, c.from, c.to, 1)
		if c.name == "cut" {
			b = whole[:strings.Index(whole, c.from)]
		}
		_, err := Decode("FILE", []byte(b))
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var bad *Error
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.At, c.at) || !strings.Contains(bad.Problem, c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// FuzzSnapshot: whatever the file holds, it is refused or shown clean, and what is shown
// is the same when it is written and read again.
func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"crmdeck_snapshot":1,"taken":"2026-11-24T12:00:00Z","connections":[{"id":"a","name":"\u001b]0;x\u0007","params":{"\u202ea":"b","a":"c"}}]}`))
	_, c, g, k, e := filled()
	var b bytes.Buffer
	if err := Encode(&b, &Document{Version: Version, Taken: moment, Connections: []connection{fromConnection(c)},
		Grants: []grant{fromGrant(g)}, Clients: []client{fromClient(k)}, Events: []event{fromEvent(e)},
		Findings: []Finding{{Connection: c.Name, State: "healthy"}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode("file", data)
		if err != nil {
			if s := text.Clean(err.Error()); s != err.Error() {
				t.Errorf("the error acts on a terminal: %q", err.Error())
			}
			return
		}
		for _, s := range newState(d, 1).sums {
			if s.Name != text.Clean(s.Name) || s.Owner != text.Clean(s.Owner) || s.Message != text.Clean(s.Message) {
				t.Errorf("%q is not clean", s.Name)
			}
		}
		var one, two bytes.Buffer
		if err := Encode(&one, d); err != nil {
			t.Fatal(err)
		}
		back, err := Decode("file", one.Bytes())
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if err := Encode(&two, back); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("it changes when it is read and written again (%v)", err)
		}
	})
}

// TestSizeLimit: a file that is too large is refused before it is read.
func TestSizeLimit(t *testing.T) {
	path := t.TempDir() + "/big"
	fh, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(fh.Truncate(MaxSize+1), fh.Close())
	if err != nil {
		t.Fatal(err)
	}
	var bad *Error
	if _, err := Open(path); !errors.As(err, &bad) || !strings.Contains(bad.Problem, "at most") {
		t.Errorf("%v", err)
	}
}
