// Package catalog holds the providers as TOML, embedded, and reads the ones that a
// user adds.
//
// A file DIR/providers/ID.toml adds the provider ID, or changes fields of the built-in
// one of that id. Tables merge field by field; lists whose entries have an id, name or
// case merge entry by entry on it; every other list is replaced. A user's file is
// linted before it is used: what it says wrong is an error with file, line and field,
// never a guess. Built-in files are linted by a test.
//
// Only the provider that is asked for is parsed: a token for a job must not wait for
// providers that it does not need.
package catalog

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"crmdeck/connectors"
	"crmdeck/store"
)

//go:embed *.toml
var builtins embed.FS

// BuiltIn is the Origin of a provider that no file of the user touches.
const BuiltIn = "built-in"

// MaxFile is the largest provider file that is read, in bytes. A real one has about 20 KiB.
const MaxFile = 1 << 20

// Catalog gives providers by id. It is safe for concurrent use.
type Catalog struct {
	dir string // DIR/providers, or empty

	mu     sync.Mutex
	parsed map[string]*connectors.Provider
}

// Load makes a catalogue of the built-in providers and of dir/providers/*.toml. No
// file is parsed yet. An empty dir, or one without providers, means built-in ones only.
func Load(dir string) (*Catalog, error) {
	c := &Catalog{parsed: map[string]*connectors.Provider{}}
	if dir == "" {
		return c, nil
	}
	c.dir = filepath.Join(dir, "providers")
	if _, err := c.own(); err != nil {
		return nil, err
	}
	return c, nil
}

// IDs lists the ids of all providers, sorted.
func (c *Catalog) IDs() []string {
	ids := builtInIDs()
	own, _ := c.own() // Load has shown that it can be read; if it went away, so did its providers
	ids = append(ids, own...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Provider parses one provider, once. An id that nobody defined wraps
// store.ErrNotFound; a user's file with mistakes is a *LintError.
func (c *Catalog) Provider(id string) (*connectors.Provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.parsed[id]; ok {
		return p, nil
	}
	p, err := c.load(id)
	if err != nil {
		return nil, err
	}
	c.parsed[id] = p
	return p, nil
}

// All parses every provider, sorted by name. Broken files of the user do not hide the
// rest: the error joins what is wrong with them. Two providers of one issuer that
// disagree about its endpoints are an error too (RFC 9207 section 4).
func (c *Catalog) All() ([]*connectors.Provider, error) {
	var all []*connectors.Provider
	var errs []error
	for _, id := range c.IDs() {
		p, err := c.Provider(id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b *connectors.Provider) int { return strings.Compare(a.Name, b.Name) })
	errs = append(errs, issuerClashes(all)...)
	return all, errors.Join(errs...)
}

// CheckOwn parses the user's files only. The error joins what is wrong with them.
func (c *Catalog) CheckOwn() error {
	ids, err := c.own()
	errs := []error{err}
	for _, id := range ids {
		if _, err := c.Provider(id); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *Catalog) load(id string) (*connectors.Provider, error) {
	if !idPattern.MatchString(id) {
		return nil, fmt.Errorf("provider %q: %w", id, store.ErrNotFound)
	}
	own, path, err := c.ownFile(id)
	if err != nil {
		return nil, err
	}
	base, haveBase := builtIn(id)
	switch {
	case own != nil:
		p, problems := lintOwn(path, own)
		if len(problems) > 0 {
			return nil, &LintError{Problems: problems}
		}
		return p, nil
	case haveBase:
		// not strictly, which takes half as long again: a test has done that
		p := &connectors.Provider{Origin: BuiltIn}
		if err := toml.Unmarshal(base, p); err != nil {
			return nil, &LintError{Problems: decodeProblems(BuiltIn+"/"+id+".toml", err)}
		}
		return p, nil
	}
	return nil, fmt.Errorf("provider %q: %w", id, store.ErrNotFound)
}

// own lists the ids of the user's files.
func (c *Catalog) own() ([]string, error) {
	if c.dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading providers: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".toml"); ok && !e.IsDir() {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// ownFile reads the user's file of an id; nil if there is none.
func (c *Catalog) ownFile(id string) ([]byte, string, error) {
	if c.dir == "" {
		return nil, "", nil
	}
	path := filepath.Join(c.dir, id+".toml")
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, path, nil
	}
	return data, path, err
}

// readFile reads a file of at most MaxFile bytes, and one more to tell that it is larger.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading provider: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading provider: %w", err)
	}
	return data, nil
}

func builtInIDs() []string {
	entries, err := builtins.ReadDir(".")
	if err != nil {
		return nil // the embedded root always reads
	}
	var ids []string
	for _, e := range entries {
		ids = append(ids, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return ids
}

func builtIn(id string) ([]byte, bool) {
	data, err := builtins.ReadFile(id + ".toml")
	return data, err == nil
}

// issuerClashes finds providers that share an issuer and not its endpoints.
func issuerClashes(all []*connectors.Provider) []error {
	var errs []error
	first := map[string]*connectors.Provider{}
	for _, p := range all {
		e := p.Endpoints
		if e.Issuer == "" {
			continue
		}
		q, seen := first[e.Issuer]
		if !seen {
			first[e.Issuer] = p
			continue
		}
		if f := q.Endpoints; e.Authorize != f.Authorize || e.Token != f.Token {
			errs = append(errs, &LintError{Problems: []Problem{{
				File: p.Origin, Field: "endpoints.issuer",
				Text: fmt.Sprintf("%s has the same issuer and other endpoints; one of them would get the other's codes (RFC 9207)", q.ID),
			}}})
		}
	}
	return errs
}
