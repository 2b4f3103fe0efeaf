package detail

import (
	"crmdeck/store"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// noteLines is the room under a list in which the row in focus is told in full, with
// the empty line above it; shorter pages give all lines to the list.
const (
	noteLines = 3
	noteFrom  = 12
)

// note is the whole text of the row in focus, which the list may have cut.
func (p *Page) note(method store.Method) string {
	row, _, ok := p.tables[p.tab].Focus()
	if !ok {
		return ""
	}
	switch p.tab {
	case tabScopes:
		r := p.scopes.list[row]
		return words.ScopeTold(r.Name, r.Meaning, method == store.APIKey)
	case tabTests:
		return words.TestFailed(p.tests.at(row))
	}
	return p.events.list[row].Evidence
}

// drawNote draws it under the list, in at most two lines.
func (p *Page) drawNote(b *widget.Buf, method store.Method, s page.Size) {
	lines := widget.Wrap(p.note(method), max(1, s.W-2))
	b.Line()
	for i := range noteLines - 1 {
		b.Space(1)
		if i < len(lines) {
			b.Text(muted, lines[i])
		}
		b.Line()
	}
}
