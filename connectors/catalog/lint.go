package catalog

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"crmdeck/connectors"
	"crmdeck/store"
)

// Problem is one mistake in a provider file.
type Problem struct {
	File  string
	Line  int    // from 1; 0: the whole file
	Field string // as written in the file, entries of lists by id, name or case
	Text  string // what is wrong; it never repeats the value
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// LintError says why a provider file is not used.
type LintError struct{ Problems []Problem }

func (e *LintError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// idPattern is what a provider's id may be; it is a file name and part of a redirect path.
var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,31}$`)

// LintFile lints one provider file, laid over the built-in provider of its id if there
// is one. An error means that it cannot be read.
func LintFile(path string) ([]Problem, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Lint(path, data), nil
}

// Lint finds every mistake in one provider file. file names it in problems; its stem
// must be the provider's id. Mistakes are in the order of their lines.
func Lint(file string, data []byte) []Problem {
	_, problems := lintOwn(file, data)
	return problems
}

// lintOwn reads, merges and lints; the provider is usable if there are no problems.
// A mistake hides others only where nothing after it can be read.
func lintOwn(file string, data []byte) (*connectors.Provider, []Problem) {
	own, problems := read(file, data)
	if len(problems) > 0 {
		return nil, problems
	}
	if left, misfits := fitting(file, data); len(misfits) > 0 {
		if own, problems = read(file, left); len(problems) > 0 {
			return nil, misfits
		}
		problems = misfits
	}
	id := strings.TrimSuffix(filepath.Base(file), ".toml")
	if own.values["id"] == nil {
		own.values["id"] = id // an override may leave it to the file's name
	}
	l := &linter{doc: own, file: file}
	l.scan("", own.values)
	l.addUnread(problems)
	if own.values["id"] != id {
		l.add("id", "differs from the file's name; name the file ID.toml")
	}
	base, haveBase := builtIn(id)
	if haveBase {
		b, problems := read(BuiltIn+"/"+id+".toml", base)
		if len(problems) > 0 {
			return nil, problems
		}
		l.doc = overlay(b, own)
	}
	p, err := l.doc.provider()
	if err != nil {
		l.add("", err.Error())
		return nil, l.problems
	}
	p.Origin = file
	completeMethods(p, l.doc.values)
	l.provider(p)
	l.once(len(problems) > 0)
	l.sort()
	return p, l.problems
}

// once drops what only follows from a value that could not be read: its field counts
// as missing then.
func (l *linter) once(unread bool) {
	if !unread {
		return
	}
	seen := map[string]bool{}
	l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool {
		again := p.Field != "" && seen[p.Field]
		seen[p.Field] = true
		return again
	})
}

// completeMethods fills "built" where a user's file leaves it out: crmdeck can do it.
func completeMethods(p *connectors.Provider, values map[string]any) {
	list, _ := values["methods"].([]any)
	for i, e := range list {
		table, _ := e.(map[string]any)
		if _, said := table["built"]; said || i >= len(p.Methods) {
			continue
		}
		m := &p.Methods[i]
		m.Built = m.Supported != "no" && slices.Contains(buildable, m.ID) &&
			(m.ID != store.AuthorizationCode || !p.Authorize.RedirectHTTPS)
	}
}

// linter collects the problems of one provider.
type linter struct {
	doc      document
	file     string
	problems []Problem
}

// add notes a problem at the place of the field, or of the nearest field around it.
func (l *linter) add(field, text string) {
	p := Problem{File: l.file, Field: field, Text: text}
	for at := field; at != ""; {
		if where, ok := l.doc.place(at); ok {
			p.File, p.Line = where.file, where.line
			break
		}
		i := strings.LastIndexAny(at, ".[")
		at = at[:max(i, 0)]
	}
	l.problems = append(l.problems, p)
}

func (l *linter) addf(field, format string, args ...any) { l.add(field, fmt.Sprintf(format, args...)) }

// need notes an empty value.
func (l *linter) need(field, value string) bool {
	if strings.TrimSpace(value) == "" {
		l.add(field, "is missing")
		return false
	}
	return true
}

// oneOf notes a value outside a closed set.
func oneOf[T ~string](l *linter, field string, value T, set ...T) {
	if slices.Contains(set, value) {
		return
	}
	words := make([]string, len(set))
	for i, w := range set {
		words[i] = string(w)
	}
	if value == "" {
		l.addf(field, "is missing; one of %s", strings.Join(words, ", "))
		return
	}
	l.addf(field, "must be one of %s", strings.Join(words, ", "))
}

// addUnread adds what strict decoding found, unless its line is named already: a secret
// is no unknown field only.
func (l *linter) addUnread(problems []Problem) {
	for _, p := range problems {
		if !slices.ContainsFunc(l.problems, func(q Problem) bool { return q.Line == p.Line }) {
			l.problems = append(l.problems, p)
		}
	}
	l.sort()
}

func (l *linter) sort() {
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
}

// provider runs every rule.
func (l *linter) provider(p *connectors.Provider) {
	if !idPattern.MatchString(p.ID) {
		l.add("id", "must be lower-case letters, digits, - or _, 2 to 32 of them, and begin with a letter")
	}
	l.need("name", p.Name)
	l.need("summary", p.Summary)
	oneOf(l, "kind", p.Kind, "crm", "erp", "productivity", "generic")
	if p.Checked != "" && !validDate(p.Checked) {
		l.add("checked", "is no date like 2006-01-02")
	}
	l.duplicates()
	l.api(p)
	l.methods(p)
	l.endpoints(p)
	l.tenancy(p)
	l.scopes(p)
	l.keys(p)
	l.identity(p)
	l.objects(p)
	l.quota(p)
	l.errorRules(p)
	l.revoke(p)
	l.console(p)
	l.facts(p)
}

// duplicates notes two entries of one list with one name: merging could not tell them apart.
func (l *linter) duplicates() {
	for field, v := range l.doc.values {
		list, ok := v.([]any)
		if !ok {
			continue
		}
		seen := map[string]bool{}
		for _, e := range list {
			name := entryKey(e)
			if name != "" && seen[name] {
				l.add(field+"["+name+"]", "is there twice")
			}
			seen[name] = true
		}
	}
}

// Problems collects the mistakes of every LintError within an error.
func Problems(err error) []Problem {
	if e, ok := err.(*LintError); ok {
		return e.Problems
	}
	var out []Problem
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return Problems(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			out = append(out, Problems(one)...)
		}
	}
	return out
}
