package ui

import (
	"crmdeck/store/text"
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// drawHeader draws where you are on the left; badge, store, role, who
// refreshes, day and time on the right. What has no room goes, the time last.
func (a *App) drawHeader(b *widget.Buf) {
	b.Space(1)
	b.Text(widget.Strong(themes.Accent), words.Product)
	for _, c := range a.top().Crumbs() {
		b.Text(widget.Fg(themes.Faint), " "+widget.GlyphCrumb+" ")
		b.Text(widget.Fg(themes.Text), widget.CutMiddle(c, 32))
	}
	if s, ok := a.top().(page.Summarizer); ok && a.size.Tight() {
		s.Summary(a.env, b)
		b.Line()
		return
	}
	parts := a.headerParts()
	for headerWidth(parts) > b.Room()-2 && len(parts) > 1 {
		parts = dropPart(parts)
	}
	w := headerWidth(parts)
	if w > b.Room()-2 {
		b.Line()
		return
	}
	b.To(b.Width() - 1 - w)
	for i, p := range parts {
		if i > 0 {
			b.Space(2)
		}
		p.draw(b)
	}
	b.Line()
}

// headerPart is one fact at the right of the header; the highest rank goes first.
type headerPart struct {
	text  string
	style widget.Style
	hint  widget.Hint
	rank  int
}

// width is the cells of a part.
func (p headerPart) width() int {
	w := widget.Width(p.text)
	if p.hint.Key != "" {
		w += widget.Width(p.hint.Key) + 1 + widget.Width(p.hint.Label)
	}
	return w
}

// draw draws a part: text, or a key and what it does.
func (p headerPart) draw(b *widget.Buf) {
	if p.text != "" {
		b.Text(p.style, p.text)
	}
	if p.hint.Key != "" {
		b.Text(widget.Strong(themes.Accent), p.hint.Key)
		b.Space(1)
		b.Text(widget.Fg(themes.Muted), p.hint.Label)
	}
}

// headerWidth is the cells of all parts with their gaps.
func headerWidth(parts []headerPart) int {
	w := 2 * max(0, len(parts)-1)
	for _, p := range parts {
		w += p.width()
	}
	return w
}

// dropPart takes out the part that is needed least.
func dropPart(parts []headerPart) []headerPart {
	worst := 0
	for i, p := range parts {
		if p.rank > parts[worst].rank {
			worst = i
		}
	}
	return append(parts[:worst], parts[worst+1:]...)
}

// headerParts lists the facts at the right of the header, from left to right.
func (a *App) headerParts() []headerPart {
	muted := widget.Fg(themes.Muted)
	var parts []headerPart
	add := func(text string, style widget.Style, rank int) {
		if text != "" {
			parts = append(parts, headerPart{text: text, style: style, rank: rank})
		}
	}
	add(a.badge(), widget.BadgeStyle(), 1)
	if a.deps.Demo != nil {
		add(words.DemoCRMs, muted, 6)
		parts = append(parts, headerPart{hint: a.hint(action.Faster), rank: 4}, headerPart{hint: a.hint(action.Slower), rank: 5})
	} else {
		if s := a.deps.Snapshot; s != nil {
			add(words.SnapshotMark(s.Name(), a.env.Now().Sub(s.Taken())), widget.Fg(themes.Warn), 0)
		} else {
			add(text.Clean(a.deps.Label), muted, 5)
		}
		add(text.Clean(a.deps.Role), muted, 3)
		who, style := words.Nobody, widget.Fg(themes.Warn)
		if a.env.Refreshing {
			who, style = words.ThisDeck, muted
		}
		if !a.env.ReadOnly() && a.deps.Store != nil {
			add(who, style, 4)
		}
	}
	add(a.env.Figures().Header(a.env.Now()), widget.Fg(themes.Text), 0)
	return parts
}

// badge is the one that shows: they are never two at a time.
func (a *App) badge() string {
	switch {
	case a.env.ChainBroken > 0:
		return words.BadgeBroken
	case a.deps.Snapshot != nil:
		return words.BadgeSnapshot
	case a.env.ReadOnly():
		return words.BadgeRead
	case a.deps.Demo != nil:
		return words.BadgeDemo(a.deps.Demo.Speed())
	case a.env.Locked && a.deps.Store != nil:
		return words.BadgeLocked
	case a.env.Live.Offline():
		return words.BadgeOffline
	}
	return ""
}
