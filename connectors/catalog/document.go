package catalog

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"crmdeck/connectors"
)

// document is one provider file: its values, and where each stands. Places are keyed
// by field as people read it: "scopes[oauth].risk", with the entry's id, name or case
// in brackets, else its number from 0. So places of two files can be laid over each other.
type document struct {
	values map[string]any
	layers []layer // the files, each over the one before
	places map[string]place
}

// layer is one file as it was read.
type layer struct {
	file   string
	data   []byte
	values map[string]any
}

type place struct {
	file string
	line int
}

// keyFields name an entry of a list, in this order.
var keyFields = [...]string{"id", "name", "case"}

// decode reads a provider strictly: a field that nobody knows is a problem.
func decode(file string, data []byte) (*connectors.Provider, []Problem) {
	p := &connectors.Provider{}
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, decodeProblems(file, err)
	}
	return p, nil
}

// fitting blanks the lines whose values do not fit their fields, so that the rest can be
// judged, and returns what is left with every problem of strict decoding. Lines keep
// their numbers.
func fitting(file string, data []byte) ([]byte, []Problem) {
	var misfits []Problem
	left := bytes.Split(data, []byte("\n"))
	for range left {
		rest := bytes.Join(left, []byte("\n"))
		_, problems := decode(file, rest)
		n := 0
		if len(problems) > 0 {
			n = problems[0].Line
		}
		if len(problems) != 1 || problems[0].Text == noField || n < 1 || len(left[n-1]) == 0 {
			return rest, append(misfits, problems...)
		}
		misfits = append(misfits, problems[0])
		left[n-1] = nil
	}
	return bytes.Join(left, []byte("\n")), misfits
}

// noField is what is wrong with a field that nobody knows.
const noField = "is no field of a provider"

// misfit is how the TOML reader says that a value has the wrong type.
var misfit = regexp.MustCompile(`^cannot decode TOML (\S+) into .*of type (\S+)$`)

// typeWords says which value a type of a field takes.
func typeWords(t string) string {
	switch {
	case t == "bool":
		return "true or false"
	case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "uint"):
		return "a whole number"
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case strings.HasPrefix(t, "map["):
		return "a table"
	}
	return "a string"
}

// read parses the TOML of one file; whether the fields are right is for decode to say.
func read(file string, data []byte) (document, []Problem) {
	if len(data) > MaxFile {
		return document{}, []Problem{{File: file, Text: "is larger than 1 MiB"}}
	}
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		return document{}, decodeProblems(file, err)
	}
	return document{values: values, layers: []layer{{file, data, values}}}, nil
}

// place finds where a field stands. Places are worked out when one is asked for: a file
// without mistakes is used without.
func (d *document) place(field string) (place, bool) {
	if d.places == nil {
		d.places = map[string]place{}
		for _, l := range d.layers {
			maps.Copy(d.places, places(l.file, l.data, l.values))
		}
	}
	p, ok := d.places[field]
	return p, ok
}

// decodeProblems places what the TOML reader says. Its long form quotes the document
// and is not used: the line may hold what must not be repeated.
func decodeProblems(file string, err error) []Problem {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var problems []Problem
		for i := range strict.Errors {
			e := &strict.Errors[i]
			line, _ := e.Position()
			problems = append(problems, Problem{
				File: file, Line: line, Field: strings.Join(e.Key(), "."), Text: noField})
		}
		return problems
	}
	p := Problem{File: file, Text: strings.TrimPrefix(err.Error(), "toml: ")}
	if m := misfit.FindStringSubmatch(p.Text); m != nil {
		p.Text = "holds a value of the wrong type (" + m[1] + "); it takes " + typeWords(m[2])
	}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		p.Line, _ = at.Position()
		p.Field = strings.Join(at.Key(), ".")
	}
	return []Problem{p}
}

// step is one part of a path: a field, or an entry of a list.
type step struct {
	name  string
	index int // of an entry, else -1
}

// locator walks a document's expressions and notes the line of every field.
type locator struct {
	file   string
	parser unstable.Parser
	values map[string]any
	counts map[string]int // entries so far of each [[list]], by its field
	places map[string]place
	breaks []int // where lines end
}

func places(file string, data []byte, values map[string]any) map[string]place {
	l := &locator{file: file, values: values, counts: map[string]int{}, places: map[string]place{}}
	for i, c := range data {
		if c == '\n' {
			l.breaks = append(l.breaks, i)
		}
	}
	l.parser.Reset(data)
	var table []step
	for l.parser.NextExpression() {
		switch e := l.parser.Expression(); e.Kind {
		case unstable.Table:
			table = l.open(e, false)
		case unstable.ArrayTable:
			table = l.open(e, true)
		case unstable.KeyValue:
			l.keyValue(table, e)
		}
	}
	return l.places
}

// open resolves a [table] or [[list]] header: names of lists mean their last entry.
func (l *locator) open(e *unstable.Node, list bool) []step {
	var path []step
	keys := e.Key()
	for keys.Next() {
		k := keys.Node()
		path = append(path, step{string(k.Data), -1})
		field := l.field(path)
		if list && keys.IsLast() {
			l.counts[field]++
		}
		if n := l.counts[field]; n > 0 {
			path = append(path, step{index: n - 1})
		}
		l.note(path, k)
	}
	return path
}

func (l *locator) keyValue(table []step, e *unstable.Node) {
	path := append([]step(nil), table...)
	keys := e.Key()
	for keys.Next() {
		path = append(path, step{string(keys.Node().Data), -1})
		l.note(path, keys.Node())
	}
	l.value(path, e.Value())
}

func (l *locator) value(path []step, v *unstable.Node) {
	children := v.Children()
	for i := 0; children.Next(); {
		switch c := children.Node(); {
		case v.Kind == unstable.InlineTable:
			l.keyValue(path, c)
		case v.Kind == unstable.Array && c.Kind != unstable.Comment:
			l.value(append(append([]step(nil), path...), step{index: i}), c)
			i++
		}
	}
}

// note keeps the first line of a field.
func (l *locator) note(path []step, key *unstable.Node) {
	field := l.field(path)
	if _, seen := l.places[field]; !seen && key.Raw.Length > 0 {
		before, _ := slices.BinarySearch(l.breaks, int(key.Raw.Offset))
		l.places[field] = place{l.file, before + 1}
	}
}

// field writes a path as people read it.
func (l *locator) field(path []step) string {
	var b strings.Builder
	var at any = l.values
	for _, s := range path {
		if s.index >= 0 {
			list, _ := at.([]any)
			at = nil
			if s.index < len(list) {
				at = list[s.index]
			}
			b.WriteString("[" + entryName(at, s.index) + "]")
			continue
		}
		table, _ := at.(map[string]any)
		at = table[s.name]
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
	}
	return b.String()
}

// entryName is the entry's id, name or case, else its number.
func entryName(entry any, i int) string {
	if name := entryKey(entry); name != "" {
		return name
	}
	return strconv.Itoa(i)
}

func entryKey(entry any) string {
	table, ok := entry.(map[string]any)
	if !ok {
		return ""
	}
	for _, k := range keyFields {
		if s, ok := table[k].(string); ok && s != "" {
			return s
		}
	}
	return ""
}
