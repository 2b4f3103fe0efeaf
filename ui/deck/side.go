package deck

import (
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// drawBeside draws the list and, parted from it by one line, the detail of the
// row in focus. The two are drawn on buffers of their own and joined by lines.
func (p *Page) drawBeside(e *page.Env, b *widget.Buf) {
	if p.left == nil {
		p.left, p.right = widget.NewBuf(e.Paint, listWidth+sideGap), widget.NewBuf(e.Paint, 0)
	}
	s := page.Size{W: b.Width() - listWidth - sideGap - 1, H: p.size.H - p.listTop(), Screen: p.size.Screen}
	p.left.Reset(e.Paint, listWidth+sideGap)
	p.left.Pad()
	p.right.Reset(e.Paint, s.W)
	if b.IsUnder() {
		p.left.Under()
		p.right.Under()
	}
	p.drawList(e, p.left)
	p.side.Draw(e, p.right, s)
	b.Beside(p.left, p.right)
}
