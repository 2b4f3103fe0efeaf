package detail

import (
	"crmdeck/store"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// Pane is the overview of one connection beside the deck, on wide screens.
type Pane struct {
	id   store.ID
	data data
}

// NewPane makes an empty pane.
func NewPane(*page.Env) *Pane { return &Pane{} }

// Show shows a connection; its records are read while its row shows already.
func (p *Pane) Show(e *page.Env, id store.ID) {
	if p.id == id {
		return
	}
	p.id = id
	p.data.forget()
	if id != "" {
		p.data.read(e, id)
	}
}

// Changed reads the records again if they are among what changed.
func (p *Pane) Changed(e *page.Env, c live.Change) {
	if p.id != "" && c.Touches(p.id) {
		p.data.read(e, p.id)
	}
}

// Draw draws exactly s.H lines.
func (p *Pane) Draw(e *page.Env, b *widget.Buf, s page.Size) {
	end := b.Row() + s.H
	if row, ok := e.Row(p.id); ok {
		lines := widget.NewBuf(e.Paint, s.W)
		if b.IsUnder() {
			lines.Under()
		}
		lines.Space(1)
		row.Look.Sign.Draw(lines)
		lines.Space(2)
		lines.Text(bold, widget.Cut(row.S.Name, lines.Room()-1))
		lines.Line()
		drawOverview(e, lines, row, &p.data, s)
		b.Window(lines, 0, s.H)
	}
	for b.Row() < end {
		b.Line()
	}
}
