package connectors_test

import (
	"encoding/json"
	"strings"
	"testing"

	"crmdeck/connectors"
)

func TestLookup(t *testing.T) {
	var v any
	d := json.NewDecoder(strings.NewReader(`{"paging":{"next":{"after":"NTI1"}},"list":[{"id":7},null],
		"@odata.nextLink":"https://x.example","n":12345678901234567890,"yes":true,"null":null,"a b":{"c":1}}`))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"paging.next.after": "NTI1", "list.0.id": "7", `@odata\.nextLink`: "https://x.example",
		"n": "12345678901234567890", "yes": "true", "a b.c": "1",
	} {
		if got, ok := connectors.LookupString(v, path); !ok || got != want {
			t.Errorf("%s: %q %v, want %q", path, got, ok, want)
		}
	}
	for _, path := range []string{"paging.prev", "list.1", "list.2", "list.-1", "list.x", "null", "n.x", "yes.0", "@odata.nextLink"} {
		if got, ok := connectors.Lookup(v, path); ok {
			t.Errorf("%s: %v", path, got)
		}
	}
	if got, ok := connectors.LookupString(v, "paging"); ok {
		t.Errorf("an object as text: %q", got)
	}
	if _, ok := connectors.Lookup(v, ""); !ok {
		t.Error("the empty path is the value itself")
	}
}

func TestCheckPath(t *testing.T) {
	for _, path := range []string{"", "a", "a.0.b", `@odata\.nextLink`, "field-errors", "expire time"} {
		if err := connectors.CheckPath(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, path := range []string{"$.a", "a[0]", "a..b", ".a", "a.", "$"} {
		if connectors.CheckPath(path) == nil {
			t.Errorf("%q passed", path)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"a.b", `a\.b`, `\`, "..", "0.1", `a\\.b`} {
		f.Add(seed)
	}
	v := map[string]any{"a": map[string]any{"b": []any{1.0}}, "a.b": "x", "0": []any{nil, "y"}}
	f.Fuzz(func(t *testing.T, path string) {
		_ = connectors.CheckPath(path)
		if got, ok := connectors.Lookup(v, path); ok && got == nil {
			t.Errorf("%q: found nothing", path)
		}
	})
}
