package themes

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"unicode"
)

//go:embed builtin/*.toml
var builtin embed.FS

// builtinOrder is the order in which a person is offered the six.
var builtinOrder = [...]string{darkName, lightName, "cvd", "contrast-dark", "contrast-light", "mono"}

// maxFile bounds one theme file: thirty short lines need 2 KiB.
const maxFile = 64 << 10

// FileError says what is wrong in one theme file. It is the only error Load
// returns for the content of a file; several are joined.
type FileError struct {
	File   string // as named in the file system given to Load
	Line   int    // from 1; of a field that is missing, the last line
	Field  string // the field concerned, or "" where the file is no TOML
	Reason string // lower case, without the field
}

// Error is "file:line: field: reason" on one line; what in a foreign file or
// its name could act on a terminal is left out.
func (e *FileError) Error() string {
	at := fmt.Sprintf("%s:%d: ", e.File, e.Line)
	if e.Field != "" {
		at += e.Field + ": "
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, at+e.Reason)
}

// Load returns the built-in themes and, where own is not nil, those of its
// top-level *.toml files (a person's themes folder; it need not exist).
//
// The Set can be used whatever the error: a file that is wrong adds nothing
// and changes nothing, and each such file is one *FileError in the joined
// error. A name that is taken, built-in ones included, is wrong too: the six
// are checked, and what is called "dark" stays what was checked.
func Load(own fs.FS) (Set, error) {
	var set Set
	for _, name := range builtinOrder {
		t, err := readTheme(builtin, "builtin/"+name+".toml")
		if err != nil {
			return set, fmt.Errorf("reading built-in theme: %w", err)
		}
		t.Builtin = true
		set.all = append(set.all, t)
	}
	if own == nil {
		return set, nil
	}
	files, err := fs.Glob(own, "*.toml")
	if err != nil {
		return set, fmt.Errorf("listing themes: %w", err)
	}
	sort.Strings(files)
	var wrong []error
	for _, file := range files {
		t, err := readTheme(own, file)
		if err == nil {
			err = set.add(t, file)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return set, errors.Join(wrong...)
}

// add takes in an own theme unless its name is taken.
func (s *Set) add(t Theme, file string) error {
	had, taken := s.Lookup(t.Name)
	switch {
	case taken && had.Builtin:
		return &FileError{File: file, Line: 1, Field: "name", Reason: fmt.Sprintf("%q is built in", t.Name)}
	case taken:
		return &FileError{File: file, Line: 1, Field: "name", Reason: fmt.Sprintf("%q is the name of another theme here", t.Name)}
	}
	s.all = append(s.all, t)
	return nil
}

// readTheme reads one bounded file.
func readTheme(fsys fs.FS, file string) (Theme, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return Theme{}, fmt.Errorf("opening theme: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Theme{}, fmt.Errorf("reading theme %s: %w", path.Base(file), err)
	}
	if len(src) > maxFile {
		return Theme{}, &FileError{File: file, Line: 1, Reason: "larger than 64 KiB"}
	}
	return parse(file, src)
}
