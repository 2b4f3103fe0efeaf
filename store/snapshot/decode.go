package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"syscall"

	"crmdeck/store"
)

// readFile reads a file that may come from anybody. It may be a symbolic link, since it
// holds no secret; it never hangs on a pipe.
func readFile(path string) ([]byte, os.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("opening snapshot: %w", err)
	}
	defer func() { _ = f.Close() }()
	fi, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("opening snapshot: %w", err)
	case !fi.Mode().IsRegular():
		return nil, nil, &Error{Path: path, Problem: "it is no regular file"}
	case fi.Size() > MaxSize:
		return nil, nil, &Error{Path: path, Problem: fmt.Sprintf("it has %d bytes; a snapshot has at most %d", fi.Size(), MaxSize)}
	}
	b := bytes.NewBuffer(make([]byte, 0, fi.Size()+bytes.MinRead))
	if _, err := io.Copy(b, io.LimitReader(f, MaxSize+1)); err != nil {
		return nil, nil, fmt.Errorf("reading snapshot: %w", err)
	}
	if b.Len() > MaxSize {
		return nil, nil, &Error{Path: path, Problem: "it grows while it is read"}
	}
	return b.Bytes(), fi, nil
}

// Decode reads and checks a document. What is wrong is an *Error that names the place;
// path is what it calls the file.
func Decode(path string, b []byte) (*Document, error) {
	if at := tooDeep(b); at >= 0 {
		return nil, &Error{path, fmt.Sprintf("byte %d", at), "its parts lie too deep in each other"}
	}
	d := &Document{}
	err := json.Unmarshal(b, d) // goes on after a field of another kind, so that the version is known
	switch {
	case err != nil && (d.Version == 0 || d.Version == Version):
		return nil, jsonError(path, err)
	case d.Version == 0:
		return nil, &Error{path, "crmdeck_snapshot", "it is missing: this is no snapshot"}
	case d.Version != Version:
		return nil, &Error{path, "crmdeck_snapshot", fmt.Sprintf("it is a snapshot of version %d, this program knows %d", d.Version, Version)}
	}
	scrub(reflect.ValueOf(d).Elem())
	return d, d.check(path)
}

func jsonError(path string, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return &Error{path, fmt.Sprintf("byte %d", syntax.Offset), "it is no JSON, or was cut off"}
	case errors.As(err, &kind):
		return &Error{path, kind.Field, fmt.Sprintf("it should be %s", jsonKind(kind.Type))}
	}
	return &Error{path, "", "it holds a value that is none, such as a moment that is no time"}
}

// jsonKind names what a field should hold, in the words of JSON.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	}
	return "a number that fits"
}

// tooDeep is where parts lie deeper than maxDepth in each other, or -1.
func tooDeep(b []byte) int {
	depth, inText, escaped := 0, false, false
	for i, c := range b {
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = c == '\\', c != '"'
		case c == '"':
			inText = true
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				return i
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return -1
}

// check tells what in a document does not fit together.
func (d *Document) check(path string) error {
	bad := func(list string, i int, field, problem string) error {
		return &Error{path, fmt.Sprintf("%s[%d].%s", list, i, field), problem}
	}
	if d.Taken.IsZero() {
		return &Error{path, "taken", "it is missing"}
	}
	grants, clients := map[store.ID]bool{}, map[store.ID]bool{}
	for i, c := range d.Clients {
		if c.ID == "" || clients[c.ID] {
			return bad("clients", i, "id", "it is missing, or there twice")
		}
		clients[c.ID] = true
	}
	for i, g := range d.Grants {
		if g.ID == "" || grants[g.ID] {
			return bad("grants", i, "id", "it is missing, or there twice")
		}
		grants[g.ID] = true
	}
	ids, names := map[store.ID]bool{}, map[string]bool{}
	for i, c := range d.Connections {
		switch {
		case c.ID == "" || ids[c.ID]:
			return bad("connections", i, "id", "it is missing, or there twice")
		case c.Name == "" || names[c.Name]:
			return bad("connections", i, "name", "it is missing, or there twice")
		}
		ids[c.ID], names[c.Name] = true, true
	}
	var last uint64
	for i, e := range d.Events {
		if e.Seq <= last {
			return bad("events", i, "seq", "it does not come after the one before it")
		}
		last = e.Seq
	}
	return nil
}
