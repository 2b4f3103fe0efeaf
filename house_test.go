package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors from the top down: a package may import its own floor and those below.
// themes and store stand side by side.
var floors = map[string]int{"": 3, "ui": 2, "connectors": 1, "store": 0, "themes": 0}

const (
	maxFunction = 60  // lines
	maxFile     = 400 // lines
)

// TestHouse holds the walls of the house: no arrow upwards, no function longer than
// a screen, no file that nobody wants to open, and a sentence for every package.
func TestHouse(t *testing.T) {
	fset := token.NewFileSet()
	documented := map[string]bool{}
	eachGoFile(t, func(path string) {
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		checkImports(t, path, dir, f)
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		documented[dir] = documented[dir] || f.Doc != nil
		if n := fset.Position(f.End()).Line; n > maxFile {
			t.Errorf("%s: %d lines; a file has at most %d", path, n, maxFile)
		}
		checkFunctions(t, fset, f)
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", dir)
		}
	}
}

// eachGoFile walks the module's files; nested modules and hidden folders are not part of it.
func eachGoFile(t *testing.T, visit func(path string)) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." {
			nested, _ := filepath.Glob(filepath.Join(path, "go.mod"))
			if strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || len(nested) > 0 {
				return filepath.SkipDir
			}
		}
		if !d.IsDir() && strings.HasSuffix(path, ".go") {
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImports(t *testing.T, path, dir string, f *ast.File) {
	mine := floor(dir)
	test := strings.HasSuffix(path, "_test.go") || strings.HasSuffix(dir, "test")
	for _, im := range f.Imports {
		target, _ := strconv.Unquote(im.Path.Value)
		inner, ours := strings.CutPrefix(target, "crmdeck/")
		if !ours {
			continue
		}
		if floors[floor(inner)] > floors[mine] && !test {
			t.Errorf("%s: %s imports upwards: %s", path, mine, target)
		}
		engine := strings.HasPrefix(inner, "store/bolt") || strings.HasPrefix(inner, "connectors/sim")
		own := strings.HasPrefix(dir, "store/bolt") || strings.HasPrefix(dir, "connectors/sim")
		if engine && !own && mine != "" && !test {
			t.Errorf("%s: only main may import %s", path, target)
		}
	}
}

// floor is the first part of a folder; "" is the main package.
func floor(dir string) string {
	if dir == "." {
		return ""
	}
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func checkFunctions(t *testing.T, fset *token.FileSet, f *ast.File) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from, to := fset.Position(fn.Pos()), fset.Position(fn.End())
		if n := to.Line - from.Line + 1; n > maxFunction {
			t.Errorf("%s: %s has %d lines; a function has at most %d", from, fn.Name.Name, n, maxFunction)
		}
	}
}
