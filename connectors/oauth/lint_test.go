package oauth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// banned names what no code of the connectors may use, and why.
var banned = map[string]string{
	"http.DefaultClient":         "has no time limit and follows redirects",
	"http.DefaultTransport":      "is shared by everybody",
	"http.Get":                   "uses the default client",
	"http.Post":                  "uses the default client",
	"http.PostForm":              "uses the default client",
	"http.Head":                  "uses the default client",
	"http.DefaultServeMux":       "is shared by everybody",
	"http.HandleFunc":            "uses the default mux",
	"oauth2.AuthStyleAutoDetect": "sends a code twice",
	"oauth2.NewClient":           "uses the library's token client",
	"oauth2.HTTPClient":          "uses the library's token client",
	"oauth2.RetrieveError":       "prints bodies",
	"io.ReadAll":                 "has no limit",
	"ioutil.ReadAll":             "has no limit",
	"time.Sleep":                 "cannot be cancelled or turned",
}

var bannedFields = map[string]string{
	"InsecureSkipVerify":       "switches verification off",
	"KeyLogWriter":             "writes session keys",
	"TokenSource":              "uses the library's token client",
	"PasswordCredentialsToken": "is the password grant",
}

var bannedImports = map[string]string{
	"math/rand": "is no source of secrets", "math/rand/v2": "is no source of secrets", "net/http/pprof": "serves on the default mux",
	"expvar": "serves on the default mux", "golang.org/x/oauth2/jwt": "ignores the context", "os/exec": "starts programs",
}

// SU-3, TL-6, ST-7, CA-1, GR-3: a lint over the connectors that talk to real providers.
// The simulated ones are servers of their own and judged by their own tests.
func TestSU3_BannedCode(t *testing.T) {
	root := filepath.Join("..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "sim" || d.Name() == "peer" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lint(t, path, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files were looked at", files)
	}
}

// answers reports whether a file deals with HTTP, where a body has no end of its own.
func answers(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		return i.Path.Value == `"net/http"` || i.Path.Value == `"crmdeck/connectors/guard"`
	})
}

func lint(t *testing.T, path string, src []byte) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, src, 0)
	if err != nil {
		t.Error(err)
		return
	}
	for _, i := range file.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if why, bad := bannedImports[name]; bad || err != nil {
			t.Errorf("%s imports %s, which %s", path, name, why)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			name := x.Sel.Name
			if pkg, ok := x.X.(*ast.Ident); ok {
				if why, bad := banned[pkg.Name+"."+name]; bad && (name != "ReadAll" || answers(file)) {
					t.Errorf("%s: %s.%s %s", set.Position(x.Pos()), pkg.Name, name, why)
				}
			}
			if why, bad := bannedFields[name]; bad {
				t.Errorf("%s: %s %s", set.Position(x.Pos()), name, why)
			}
		case *ast.KeyValueExpr:
			if key, ok := x.Key.(*ast.Ident); ok {
				if why, bad := bannedFields[key.Name]; bad {
					t.Errorf("%s: %s %s", set.Position(x.Pos()), key.Name, why)
				}
			}
		}
		return true
	})
}
