package ui

import (
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// hinted finds the action behind a hint that was clicked.
func (a *App) hinted(h widget.Hint) (*action.Action, bool) {
	ids := append(a.top().Hints(a.env), action.Palette, action.ShowKeys)
	for _, id := range ids {
		if x, ok := a.env.Keys.Get(id); ok && ShownKey(x.Key()) == h.Key {
			return x, true
		}
	}
	return nil, false
}

// footer is the keys for what is in focus, and those that are always there.
// What can't work now is faint; in read-only mode what changes something is gone.
func (a *App) footer() (hints, always []widget.Hint) {
	for _, id := range a.top().Hints(a.env) {
		x, ok := a.env.Keys.Get(id)
		if !ok || (x.Changes && a.env.ReadOnly()) {
			continue
		}
		hints = append(hints, widget.Hint{Key: ShownKey(x.Key()), Label: a.label(x), Off: a.why(x) != ""})
	}
	if a.size.W >= wideFooter {
		always = append(always, a.hint(action.Palette))
	}
	return hints, append(always, a.hint(action.ShowKeys))
}

// wideFooter is from where on the palette is hinted at: the keys page says it too.
const wideFooter = 100

// label is what the footer calls an action, as the page sees it.
func (a *App) label(x *action.Action) string {
	if l, ok := a.top().(page.Labeller); ok {
		if s := l.Label(a.env, x.ID); s != "" {
			return s
		}
	}
	return x.Label
}

// hint is an action's key and label.
func (a *App) hint(id action.ID) widget.Hint {
	x, ok := a.env.Keys.Get(id)
	if !ok {
		return widget.Hint{}
	}
	return widget.Hint{Key: ShownKey(x.Key()), Label: x.Label}
}

// shownKeys is how keys are written that are not their own letter.
var shownKeys = map[string]string{
	"down": widget.GlyphArrowDown, "up": widget.GlyphArrowUp, "left": widget.GlyphArrowLeft, "right": widget.GlyphArrowRight,
}

// ShownKey is how a key is written for people.
func ShownKey(key string) string {
	if s, ok := shownKeys[key]; ok {
		return s
	}
	return key
}
