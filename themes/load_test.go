package themes

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// darkSource is the dark theme's file, for tests to spoil.
func darkSource(t *testing.T) string {
	t.Helper()
	src, err := builtin.ReadFile("builtin/dark.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// own makes a themes folder of one file.
func own(src string) fstest.MapFS { return fstest.MapFS{"mine.toml": {Data: []byte(src)}} }

func TestSixThemesAreBuiltIn(t *testing.T) {
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"dark", "light", "cvd", "contrast-dark", "contrast-light", "mono"}
	if got := set.Names(); !slices.Equal(got, want) {
		t.Fatalf("themes %v, want %v", got, want)
	}
	for _, th := range set.all {
		if !th.Builtin || th.Dark == strings.HasSuffix(th.Name, "light") || th.Mono != (th.Name == "mono") {
			t.Errorf("%s: builtin %v, dark %v, mono %v", th.Name, th.Builtin, th.Dark, th.Mono)
		}
		for _, r := range Roles() {
			if _, ok := th.Color(r); ok == th.Mono {
				t.Errorf("%s: %s has a colour: %v", th.Name, r, ok)
			}
		}
	}
}

func TestPickFollowsNameThenBackground(t *testing.T) {
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		dark bool
		want string
	}{
		{"", true, "dark"}, {"", false, "light"}, {Auto, true, "dark"}, {Auto, false, "light"},
		{"light", true, "light"}, {"mono", false, "mono"}, {"gone", false, "light"},
	} {
		if got := set.Pick(c.name, c.dark).Name; got != c.want {
			t.Errorf("Pick(%q, %v) is %s, want %s", c.name, c.dark, got, c.want)
		}
	}
}

func TestOwnThemesAreAdded(t *testing.T) {
	dir := t.TempDir()
	src := strings.Replace(darkSource(t), `name = "dark"`, `name = "dusk-2"`, 1)
	src = strings.Replace(src, "paint_bg = false", "paint_bg = true", 1)
	if err := os.WriteFile(filepath.Join(dir, "dusk.toml"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	th, ok := set.Lookup("dusk-2")
	if !ok || th.Builtin || !th.PaintBg {
		t.Fatalf("own theme is %+v, found %v", th, ok)
	}
	if set, err = Load(os.DirFS(filepath.Join(dir, "none"))); err != nil || len(set.all) != 6 {
		t.Fatalf("without a folder: %d themes, %v", len(set.all), err)
	}
}

// A wrong file is named with its line and field, adds nothing and takes
// nothing away.
func TestWrongThemeIsNamedAndChangesNothing(t *testing.T) {
	good := strings.Replace(darkSource(t), `name = "dark"`, `name = "mine"`, 1)
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the dark theme has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct {
		what, src string
		line      int
		field     string
	}{
		{"colour", swap(`"#f2c64f"`, `"yellow"`), 19, "warn"},
		{"short colour", swap(`"#1a202a"`, `"#fff"`), 8, "raised"},
		{"sign in colour", swap(`"#1a202a"`, `"#+1202a"`), 8, "raised"},
		{"number", swap(`"#1a202a"`, `12`), 8, "raised"},
		{"one role without colour", swap(`"#1a202a"`, `"none"`), 8, "raised"},
		{"unknown role", swap("raised ", "raisin "), 8, "raisin"},
		{"missing role", swap(`code      = "#b9c7dc"`, ""), 29, "code"},
		{"missing flag", swap("dark = true\n", ""), 29, "dark"},
		{"flag", swap("dark = true", `dark = "yes"`), 4, "dark"},
		{"name", swap(`"mine"`, `"My theme"`), 3, "name"},
		{"no name", swap(`"mine"`, `""`), 3, "name"},
		{"name auto", swap(`"mine"`, `"auto"`), 3, "name"},
		{"name of a built-in", swap(`"mine"`, `"dark"`), 1, "name"},
		{"no TOML", swap(`"mine"`, `"mine`), 3, ""},
		{"twice", good + "mark = \"#000000\"\n", 31, "mark"},
		{"too large", good + strings.Repeat("#\n", maxFile), 1, ""},
		{"escape in field", swap("raised ", `"\u001b[31m\u202e" `), 30, ""},
		{"empty", "", 1, "name"},
	} {
		set, err := Load(own(c.src))
		var fe *FileError
		if !errors.As(err, &fe) {
			t.Errorf("%s: error is %v", c.what, err)
			continue
		}
		if fe.File != "mine.toml" || fe.Line != c.line || (c.field != "" && fe.Field != c.field) {
			t.Errorf("%s: %v, want line %d, field %q", c.what, fe, c.line, c.field)
		}
		if strings.ContainsAny(fe.Error(), "\x1b\n\u202e") {
			t.Errorf("%s: error %q could act on a terminal", c.what, fe)
		}
		if len(set.all) != 6 {
			t.Errorf("%s: %d themes after it", c.what, len(set.all))
		}
	}
}

// One wrong file does not keep the others out.
func TestWrongThemeStandsAlone(t *testing.T) {
	src := darkSource(t)
	set, err := Load(fstest.MapFS{
		"a.toml": {Data: []byte("nonsense")},
		"b.toml": {Data: []byte(strings.Replace(src, `"dark"`, `"b"`, 1))},
		"c.toml": {Data: []byte(strings.Replace(src, `"dark"`, `"b"`, 1))},
	})
	if _, ok := set.Lookup("b"); !ok {
		t.Error("the good theme is missing")
	}
	if err == nil || !strings.Contains(err.Error(), "a.toml:1") || !strings.Contains(err.Error(), "c.toml:1: name") {
		t.Errorf("error is %v", err)
	}
}

func FuzzParse(f *testing.F) {
	src, err := builtin.ReadFile("builtin/dark.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	f.Add([]byte("name = 1\n[dark]\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, src []byte) {
		th, err := parse("x.toml", src)
		var fe *FileError
		if err != nil && (!errors.As(err, &fe) || fe.Line < 1) {
			t.Fatalf("error without a line: %v", err)
		}
		if err == nil && th.Name == "" {
			t.Fatal("a theme without a name was taken")
		}
	})
}
