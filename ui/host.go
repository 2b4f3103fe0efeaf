package ui

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/action"
	"crmdeck/ui/page"
)

// App is the Host of its pages.
var _ page.Host = (*App)(nil)

// Run implements page.Host.
func (a *App) Run(cmd tea.Cmd, counted bool) {
	if cmd == nil {
		return
	}
	if counted {
		cmd = a.busy.wrap(cmd)
		if a.busy.Catch != nil {
			a.busy.Catch(cmd)
			return
		}
	}
	a.cmds = append(a.cmds, cmd)
}

// Has implements page.Host.
func (a *App) Has(name string) bool {
	_, ok := a.makers[name]
	return ok
}

// Open implements page.Host.
func (a *App) Open(name string, args page.Args) {
	mk, ok := a.makers[name]
	if !ok {
		return
	}
	p := mk(a.env, args)
	if p == nil {
		return
	}
	a.pages = append(a.pages, p)
	a.env.Scope = p.Scope()
	p.Start(a.env)
}

// openFirst opens the deck, under which there is nothing.
func (a *App) openFirst() { a.Open(pageDeck, page.Args{}) }

// Pop implements page.Host.
func (a *App) Pop() {
	p := a.top()
	if len(a.pages) < 2 {
		return
	}
	if c, ok := p.(page.Closer); ok && !c.Close(a.env) {
		return
	}
	a.pages[len(a.pages)-1] = nil
	a.pages = a.pages[:len(a.pages)-1]
	a.env.Scope = a.top().Scope()
	if a.deps.Store != nil {
		a.read() // what the page wrote shows at once, not when the watch finds it
	}
}

// Quit ends the program; pages are asked first, from the top.
func (a *App) quit() {
	for len(a.pages) > 1 {
		n := len(a.pages)
		a.Pop()
		if len(a.pages) == n {
			return
		}
	}
	a.cancel()
	if a.clip.there { // it would stay for good
		a.clip.forget()
		a.env.Tea(tea.Sequence(tea.SetClipboard(""), tea.Quit))
		return
	}
	a.env.Tea(tea.Quit)
}

// SetTheme implements page.Host.
func (a *App) SetTheme(name string) {
	a.theme = name
	a.repaint()
}

// Theme implements page.Host.
func (a *App) Theme() string { return a.theme }

// Do implements page.Host.
func (a *App) Do(id action.ID) {
	x, ok := a.env.Keys.Get(id)
	if !ok {
		return
	}
	if why := a.why(x); why != "" {
		a.Toast(page.Toast{Kind: page.ToastInfo, Text: why})
		return
	}
	if x.Secret && a.env.Locked {
		a.Unlocked(func(*page.Env) { a.do(x) })
		return
	}
	a.do(x)
}

// do does an action that can be done.
func (a *App) do(x *action.Action) {
	if a.global(x.ID) {
		return
	}
	if x.Opens != "" {
		a.Open(x.Opens, page.Args{Of: a.env.Scope})
		return
	}
	a.top().Act(a.env, x.ID)
}
