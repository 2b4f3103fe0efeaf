// Package doctor looks at a store, its directory and what the program stands on, and says
// for each thing how it fares.
//
// It promises to change nothing, to go on whatever it finds, and to name what it could not
// look at: a check that needs the key of a locked store says so. A check is a row of a table: an
// id and a function. What it finds is data, a code and its facts; the sentences, what each
// thing is good for and the command that mends it stand in ui. Start with Run.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"crmdeck/connectors/catalog"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/text"
)

// Level is how something fares.
type Level string

// The levels, worst first.
const (
	Bad     Level = "bad"     // it is wrong now: something does not work, or is not safe
	Warn    Level = "warn"    // it works, and should be seen to
	Unknown Level = "unknown" // it could not be looked at
	Fine    Level = "ok"
)

var rank = map[Level]int{Bad: 0, Warn: 1, Unknown: 2, Fine: 3}

// Finding is what one check found. Code is a stable word for it, Facts are the values of the
// places in its sentences, cleaned.
type Finding struct {
	Check string
	Level Level
	Code  string
	Facts map[string]string
}

// Subject is what is looked at. The zero value of a field means that it is not there.
type Subject struct {
	Home  string
	Store store.Store // nil: none, or it could not be opened
	// OpenErr is why there is no Store.
	OpenErr error
	// KeyErr is why the key that was given did not open it.
	KeyErr  error
	Clock   clock.Clock
	Catalog *catalog.Catalog
	// ConfigErr is what is wrong with the settings.
	ConfigErr error
	// KeyFiles are files that open the store, by the setting that names them.
	KeyFiles map[string]string
	Env      func(string) string
	Terminal Terminal
	Process  Process
	// CheckPages has a child process go through the pages of the store's file; nil: it can't.
	CheckPages func(context.Context) error
	// Proxy finds the proxy for an address; nil: as requests find it, from the environment.
	Proxy func(*http.Request) (*url.URL, error)
	// Network reaches out to the hosts of the connections.
	Network bool
	// Progress is told what is being looked at and how far that is; nil: nobody is.
	Progress func(check string, done, all int)
}

// Terminal is what the screen knows of the terminal.
type Terminal struct {
	Is            bool // there is one
	Width, Height int
	Term          string // TERM
	Colours       string // e.g. "true colour"
	UTF8          bool
	Remote        bool // over SSH
}

// Process is what holds for this process.
type Process struct {
	CoreOff, Unreadable bool
	Allowed             bool // a person switched the two off
	Unsupported         bool // this system has no such protection
}

// check is a row of the table.
type check struct {
	id  string
	run func(*examination, context.Context) error
}

// checks are all there are, in the order in which they are done.
func checks() []check {
	return []check{
		{"home", (*examination).home},
		{"files", (*examination).files},
		{"space", (*examination).space},
		{"store", (*examination).store},
		{"pages", (*examination).pages},
		{"growth", (*examination).growth},
		{"key", (*examination).key},
		{"slots", (*examination).slots},
		{"data key", (*examination).dataKey},
		{"sealed values", (*examination).sealed},
		{"audit log", (*examination).audit},
		{"place", (*examination).place},
		{"connections", (*examination).connections},
		{"revocations", (*examination).revocations},
		{"clock", (*examination).clock},
		{"settings", (*examination).settings},
		{"providers", (*examination).providers},
		{"network", (*examination).network},
		{"process", (*examination).process},
		{"terminal", (*examination).terminal},
	}
}

// IDs lists the ids of all checks.
func IDs() []string {
	var out []string
	for _, c := range checks() {
		out = append(out, c.id)
	}
	return out
}

// Run does all checks and returns what was found, the worst first. It ends early only with
// ctx, whose error it returns.
func Run(ctx context.Context, s Subject) ([]Finding, error) {
	x := &examination{Subject: s, began: time.Now()}
	if x.Proxy == nil {
		x.Proxy = http.ProxyFromEnvironment
	}
	for _, c := range checks() {
		x.now = c.id
		if err := c.run(x, ctx); err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if errors.Is(err, store.ErrDamaged) {
				x.damaged(err)
				continue
			}
			x.find(Unknown, "failed", "said", err.Error())
		}
	}
	slices.SortStableFunc(x.found, func(a, b Finding) int { return cmp.Compare(rank[a.Level], rank[b.Level]) })
	return x.found, nil
}

// Worst is the worst level among findings.
func Worst(list []Finding) Level {
	worst := Fine
	for _, f := range list {
		if rank[f.Level] < rank[worst] {
			worst = f.Level
		}
	}
	return worst
}

// examination is one run.
type examination struct {
	Subject
	now   string // the check that runs
	began time.Time
	found []Finding
}

// find notes something; facts are names and values by turns.
func (x *examination) find(l Level, code string, facts ...string) {
	f := Finding{Check: x.now, Level: l, Code: code, Facts: map[string]string{}}
	for i := 0; i+1 < len(facts); i += 2 {
		f.Facts[facts[i]] = text.Cut(text.Clean(facts[i+1]), maxFact)
	}
	x.found = append(x.found, f)
}

// has reports that something was found with this fact.
func (x *examination) has(code, fact, value string) bool {
	return slices.ContainsFunc(x.found, func(f Finding) bool { return f.Code == code && f.Facts[fact] == value })
}

// maxFact is the most characters of a fact.
const maxFact = 500

func (x *examination) progress(done, all int) {
	if x.Progress != nil {
		x.Progress(x.now, done, all)
	}
}

// locked reports, and notes, that a check can't be done without the key.
func (x *examination) locked() bool {
	if x.Store == nil {
		return true // that there is none was said
	}
	if _, err := x.Store.Vault(); err != nil {
		x.find(Unknown, "needs_key")
		return true
	}
	return false
}
