package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/pelletier/go-toml/v2"
)

const canary = "canary-7f3a9e21-hush"

// leaks reports whether the canary, or a part of it, is in out in any usual form.
func leaks(out string) bool {
	for i := 0; i+12 <= len(canary); i++ {
		p := []byte(canary[i : i+12])
		for _, form := range []string{string(p), hex.EncodeToString(p), strings.ToUpper(hex.EncodeToString(p)),
			base64.StdEncoding.EncodeToString(p)[:14], strings.Trim(fmt.Sprint(p), "[]")} {
			if strings.Contains(out, form) {
				return true
			}
		}
	}
	return false
}

type open struct{ V Value }
type hidden struct{ v Value }
type deep struct {
	M map[string]Value
	S []Value
	P *Value
	I any
	h *hidden
}

func holders() []any {
	v := FromString(canary)
	return []any{v, &v, open{v}, &open{v}, hidden{v}, &hidden{v}, []Value{v}, map[string]any{"k": v}, [1]hidden{{v}},
		map[string]hidden{"k": {v}}, []*hidden{{v}}, struct{ h any }{hidden{v}}, deep{M: map[string]Value{"k": v}, S: []Value{v}, P: &v, I: v, h: &hidden{v}}}
}

// LK-2: no verb, with or without flags, prints a secret, however deep it lies.
func TestVerbs(t *testing.T) {
	if !leaks("x" + canary + "y") {
		t.Fatal("this test can't see a leak")
	}
	for _, h := range holders() {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", ".3", "+#"} {
				if out := fmt.Sprintf("%"+flags+string(verb), h); leaks(out) {
					t.Errorf("%%%s%c of %T prints %s", flags, verb, h, out)
				}
			}
		}
		if out := fmt.Sprintln(h, reflect.ValueOf(h)); leaks(out) {
			t.Errorf("Println of %T prints %s", h, out)
		}
		if out := fmt.Errorf("reading: %w", fmt.Errorf("%v", h)).Error(); leaks(out) {
			t.Errorf("an error with %T says %s", h, out)
		}
	}
}

// LK-2: encoders refuse, or write nothing of it.
func TestEncoders(t *testing.T) {
	for _, h := range holders() {
		for name, enc := range map[string]func(any) ([]byte, error){
			"json": json.Marshal, "xml": xml.Marshal, "cbor": cbor.Marshal, "toml": toml.Marshal,
			"gob": func(v any) ([]byte, error) {
				var b bytes.Buffer
				err := gob.NewEncoder(&b).Encode(v)
				return b.Bytes(), err
			},
		} {
			out, err := enc(h)
			if leaks(string(out)) || (err != nil && leaks(err.Error())) {
				t.Errorf("%s of %T: %s, %v", name, h, out, err)
			}
		}
	}
	if _, err := json.Marshal(open{FromString(canary)}); err == nil {
		t.Error("JSON takes a secret without an error")
	}
}

// LK-2
func TestLoggers(t *testing.T) {
	for _, h := range holders() {
		var b bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(handler).With("a", h).WithGroup("g").Info("m", "b", h, slog.Group("c", "d", h))
		}
		if leaks(b.String()) {
			t.Errorf("a log of %T says %s", h, b.String())
		}
	}
}

func TestValue(t *testing.T) {
	src := []byte(canary)
	v := New(src)
	src[0] = 'X'
	w := v
	if v.Reveal() != canary || !v.Equal(FromString(canary)) || v.Equal(FromString("other")) || v.Len() != len(canary) || v.IsZero() {
		t.Error("the secret is not what was put in")
	}
	v.Wipe()
	if !v.IsZero() || !w.IsZero() || w.Reveal() != "" {
		t.Error("a copy outlives Wipe")
	}
	var zero Value
	zero.Wipe()
	if !zero.IsZero() || zero.Reveal() != "" || !zero.Equal(New(nil)) {
		t.Error("the zero value is not empty")
	}
}
