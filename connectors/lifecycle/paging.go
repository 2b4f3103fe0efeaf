package lifecycle

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle/jsonscan"
)

// Ways in which a provider's pages lead nowhere (RS-2, RS-4).
var (
	ErrForeignLink = errors.New("the next page is said to be on another host")
	ErrRepeated    = errors.New("the provider sends the same page again")
	ErrEndless     = errors.New("the pages do not end")
	ErrNoRecords   = errors.New("the page holds no list of records")
)

const (
	maxPages = 100_000 // of one object; ten million records at 100 a page
	maxEmpty = 3       // pages in a row without a record, yet with a next one
)

// pager knows where the pages of one object are.
type pager struct {
	page   connectors.Page
	header http.Header
	first  string
	url    string
	skip   int
	pages  int
	empty  int
	seed   maphash.Seed
	seen   map[uint64]struct{}
}

func newPager(base string, o connectors.Object) (*pager, error) {
	method, first, err := crm.Call(base, o.Request)
	if err != nil {
		return nil, err
	}
	if method != http.MethodGet {
		return nil, fmt.Errorf("reading %s: pages are read with GET only", o.Name)
	}
	p := &pager{page: o.Page, first: first, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
	size := strconv.Itoa(o.Page.Size)
	if o.Page.SizeParam != "" && o.Page.Size > 0 {
		p.first = withParam(p.first, o.Page.SizeParam, size)
	}
	if name, value, ok := strings.Cut(o.Page.SizeHeader, ":"); ok && o.Page.Size > 0 {
		p.header = http.Header{}
		p.header.Set(strings.TrimSpace(name), strings.ReplaceAll(strings.TrimSpace(value), "{size}", size))
	}
	p.url = p.first
	return p, nil
}

// withParam adds to the query without touching what the definition wrote there.
func withParam(u, name, value string) string {
	sep := "?"
	if strings.Contains(u, "?") {
		sep = "&"
	}
	return u + sep + url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// ceiling reports that the provider would refuse the page that comes now.
func (p *pager) ceiling() bool {
	return p.page.Style == connectors.PageOffset && p.page.Ceiling > 0 && p.skip >= p.page.Ceiling
}

// advance goes to the next page; false: that was the last one.
func (p *pager) advance(got jsonscan.Page) (more bool, err error) {
	p.pages++
	if !p.more(got) {
		return false, nil
	}
	if p.empty++; got.Records > 0 {
		p.empty = 0
	}
	if p.pages >= maxPages || p.empty >= maxEmpty {
		return false, ErrEndless
	}
	mark := got.Next
	if p.page.Style == connectors.PageOffset {
		p.skip += got.Records
		mark = strconv.Itoa(p.skip)
	}
	key := maphash.String(p.seed, mark)
	if _, twice := p.seen[key]; twice {
		return false, ErrRepeated
	}
	p.seen[key] = struct{}{}
	return true, p.turn(got.Next)
}

// more reports whether the page says that another one follows.
func (p *pager) more(got jsonscan.Page) bool {
	if got.More != nil && *got.More == p.page.MoreIsDone {
		return false
	}
	if p.page.Style == connectors.PageOffset {
		return got.More != nil || got.Records >= p.page.Size && got.Records > 0
	}
	return got.Next != ""
}

func (p *pager) turn(next string) error {
	switch p.page.Style {
	case connectors.PageOffset:
		p.url = withParam(p.first, p.page.SkipParam, strconv.Itoa(p.skip))
		return nil
	case connectors.PageNextLink:
		u, err := follow(p.url, next)
		p.url = u
		return err
	}
	p.url = withParam(p.first, p.page.NextParam, next)
	return nil
}

// follow resolves a link that a page holds. It must stay on the host and scheme that the
// credential is for: net/http would take credentials on to sub-domains (RS-2).
func follow(from, link string) (string, error) {
	at, err := url.Parse(from)
	if err != nil {
		return "", ErrForeignLink
	}
	to, err := at.Parse(link)
	if err != nil || to.Scheme != at.Scheme {
		return "", ErrForeignLink
	}
	here, err1 := guard.Host(from)
	there, err2 := guard.Host(to.String())
	if err1 != nil || err2 != nil || here != there {
		return "", ErrForeignLink
	}
	return to.String(), nil
}
