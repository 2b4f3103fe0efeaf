package ui

import (
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/palette"
	"crmdeck/ui/words"
)

// maxNamed is how many connections the palette offers by name.
const maxNamed = 2000

// showPalette opens the palette on everything that can be done here.
func (a *App) showPalette() {
	var items []palette.Item
	for _, x := range a.env.Keys.In(a.env.Scope) {
		if x.Quiet || (a.env.ReadOnly() && (x.Changes || x.ID == action.Unlock)) {
			continue
		}
		items = append(items, palette.Item{Text: a.named(x), Kind: kindOf(x), Key: ShownKey(x.Key()), Off: a.why(x),
			Run: func(*page.Env) { a.Do(x.ID) }})
	}
	items = append(items, a.themeItems()...)
	a.env.Live.Each(func(row *live.Row) {
		if len(items) < maxNamed {
			id := row.S.ID
			items = append(items, palette.Item{Text: row.S.Name, Kind: words.KindGo,
				Run: func(e *page.Env) { e.Open(action.PageDetail, page.Args{ID: id}) }})
		}
	})
	a.Show(palette.New(items, a.size.Screen), false)
}

// kindOf is how the palette sorts an action.
func kindOf(x *action.Action) string {
	if x.Opens != "" && !x.Changes {
		return words.KindPage
	}
	return words.KindAction
}

// named is an action with the connection it acts on: "refresh now hubspot-prod".
func (a *App) named(x *action.Action) string {
	f, ok := a.top().(page.Focuser)
	if !x.Row || !ok {
		return x.Title
	}
	id, ok := f.Focused()
	if !ok {
		return x.Title
	}
	if row, ok := a.env.Row(id); ok {
		return x.Title + ": " + row.S.Name
	}
	return x.Title
}

// themeItems offers the themes; what is in focus shows at once.
func (a *App) themeItems() []palette.Item {
	was := a.theme
	var items []palette.Item
	for _, name := range a.deps.Themes.Names() {
		items = append(items, palette.Item{Text: words.ThemePrefix + name, Kind: words.KindSetting,
			Preview: func(*page.Env) { a.SetTheme(name) }, Undo: func(*page.Env) { a.SetTheme(was) },
			Run: func(e *page.Env) { e.KeepTheme(name) }})
	}
	return items
}
