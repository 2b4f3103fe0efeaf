package themes

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// none is the colour of every role of a theme without colours.
const none = "none"

// maxName is the longest theme name; the settings list has that much room.
const maxName = 32

// parse reads one theme. Every fault is a *FileError; the first one in the
// file is reported.
func parse(file string, src []byte) (Theme, error) {
	raw := map[string]any{}
	if err := toml.Unmarshal(src, &raw); err != nil {
		return Theme{}, syntaxError(file, err)
	}
	p := parser{file: file, src: src, raw: raw}
	t := p.theme()
	if p.wrong != nil {
		return Theme{}, p.wrong
	}
	return t, nil
}

// syntaxError places what the TOML reader says.
func syntaxError(file string, err error) error {
	fe := &FileError{File: file, Line: 1, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		fe.Line, _ = de.Position()
		fe.Field = strings.Join(de.Key(), ".")
	}
	return fe
}

// parser checks the fields of one file and keeps the fault nearest its top.
type parser struct {
	file  string
	src   []byte
	raw   map[string]any
	wrong *FileError
}

// theme reads all fields; the result counts only if wrong stayed nil.
func (p *parser) theme() Theme {
	var t Theme
	p.unknown()
	t.Name = p.name()
	t.Dark = p.flag("dark")
	t.PaintBg = p.flag("paint_bg")
	colourless := 0
	for _, r := range Roles() {
		c, ok := p.color(r.String())
		if !ok {
			colourless++
		}
		t.colors[r] = c
	}
	t.Mono = colourless == len(Roles())
	if p.wrong == nil && colourless > 0 && !t.Mono {
		p.fail(p.firstNone(), "all roles are \"none\" or none is")
	}
	if p.wrong == nil && t.Mono && t.PaintBg {
		p.fail("paint_bg", "a theme without colours has none to paint")
	}
	return t
}

// unknown refuses fields that are not those of a theme: a misspelt role would
// otherwise be a missing one, reported at the wrong place.
func (p *parser) unknown() {
	for field := range p.raw {
		_, isRole := roleNamed(field)
		if !isRole && field != "name" && field != "dark" && field != "paint_bg" {
			p.fail(field, "no such field")
		}
	}
}

// name reads the name a person picks the theme by.
func (p *parser) name() string {
	s, ok := p.text("name")
	if !ok {
		return ""
	}
	if s == "" || len(s) > maxName || s == Auto || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		p.fail("name", fmt.Sprintf("%q is no theme name: a-z, 0-9 and hyphens, at most %d, not %q", s, maxName, Auto))
	}
	return s
}

// text reads a required string.
func (p *parser) text(field string) (string, bool) {
	v, ok := p.raw[field]
	if !ok {
		p.fail(field, "missing")
		return "", false
	}
	s, ok := v.(string)
	if !ok {
		p.fail(field, "must be a string")
	}
	return s, ok
}

// flag reads a required true or false.
func (p *parser) flag(field string) bool {
	v, ok := p.raw[field]
	if !ok {
		p.fail(field, "missing")
		return false
	}
	b, ok := v.(bool)
	if !ok {
		p.fail(field, "must be true or false")
	}
	return b
}

// color reads a required "#rrggbb"; ok is false for "none" and for faults.
func (p *parser) color(field string) (color.RGBA, bool) {
	s, ok := p.text(field)
	if !ok || s == none {
		return color.RGBA{}, false
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != len("#rrggbb") || s[0] != '#' {
		p.fail(field, fmt.Sprintf("%q is no colour: \"#rrggbb\" or \"none\"", s))
		return color.RGBA{}, false
	}
	return color.RGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 0xff}, true
}

// firstNone is the first role, in file order, that has no colour.
func (p *parser) firstNone() string {
	for _, r := range Roles() {
		if p.raw[r.String()] == none {
			return r.String()
		}
	}
	return ""
}

// fail notes a fault, unless one further up in the file is known.
func (p *parser) fail(field, reason string) {
	line := p.line(field)
	if p.wrong == nil || line < p.wrong.Line {
		p.wrong = &FileError{File: p.file, Line: line, Field: field, Reason: reason}
	}
}

// line finds a top-level field. Theme files are flat, so the first line that
// begins with the field's name is the one; a missing field counts as last.
func (p *parser) line(field string) int {
	lines := bytes.Split(bytes.TrimRight(p.src, "\n"), []byte("\n"))
	for i, l := range lines {
		l = bytes.TrimLeft(l, " \t[\"'")
		if rest, ok := bytes.CutPrefix(l, []byte(field)); ok && len(bytes.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz_")) == len(rest) {
			return i + 1
		}
	}
	return len(lines)
}
