// Package ui is the program on the screen: the root model that shows pages,
// and nothing of what they show.
//
// Its rules: Update never blocks and does no I/O (see ui/page's Go and Stream);
// View draws from the model into one reused buffer; every key is looked up in
// ui/action; every sentence is in ui/words; nothing ticks unless a figure that
// shows is about to change. It speaks no HTTP and opens no database: Deps has
// what does. Start at New, run it with Run.
package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// App is the root model. It is used through tea.Program; Busy tells tests when
// it is at rest.
type App struct {
	env     *page.Env
	deps    *page.Deps
	ctx     context.Context
	cancel  context.CancelFunc
	makers  map[string]page.Maker
	pages   []page.Page
	dialog  dialogs
	toast   toaster
	cmds    []tea.Cmd // collected during one Update
	chord   string    // keys of a chord so far
	size    page.Size
	buf     *widget.Buf
	over    *widget.Buf
	dark    bool
	theme   string
	away    bool // the window lost the focus
	follow  follower
	ticks   page.Slot
	tickAt  time.Time
	engine  page.Slot
	opening page.Slot // the store by the key that main was given
	locker  locker
	clip    clip
	kinds   []string // of the store's slots, as far as they were read
	busy    *Busy
	adopted store.Store // created at the first start
}

// New makes the program on what main gives it. The pages are those of Makers.
func New(ctx context.Context, deps page.Deps) *App {
	if deps.Clock == nil {
		deps.Clock = clock.System{}
	}
	if deps.Real == nil {
		deps.Real = clock.System{}
	}
	a := &App{deps: &deps, makers: Makers(), dark: true, theme: deps.Settings.Theme, busy: &Busy{}}
	a.ctx, a.cancel = context.WithCancel(ctx)
	a.env = page.NewEnv(a.ctx, a.deps, a)
	a.env.Keys = action.NewMap(action.All(), a.keeps)
	a.env.Live = live.New(live.NewJudge(deps.Catalog), live.Names(deps.Catalog))
	a.env.Locked = isLocked(deps.Store)
	a.buf = widget.NewBuf(nil, 0)
	a.over = widget.NewBuf(nil, 0)
	a.repaint()
	return a
}

// keeps says which actions this run has at all.
func (a *App) keeps(x *action.Action) bool {
	if x.Demo && a.deps.Demo == nil {
		return false
	}
	_, there := a.makers[x.Opens]
	return x.Opens == "" || there
}

// isLocked asks a store whether its secrets can be read.
func isLocked(s store.Store) bool {
	if s == nil {
		return true
	}
	_, err := s.Vault()
	return err != nil
}

// Env is what pages get; tests ask it about the rows.
func (a *App) Env() *page.Env { return a.env }

// Busy tells when nothing that was asked is under way.
func (a *App) Busy() *Busy { return a.busy }

// Init implements tea.Model.
func (a *App) Init() tea.Cmd {
	a.cmds = append(a.cmds, tea.RequestBackgroundColor)
	if a.deps.Store != nil {
		a.begin()
	}
	a.openFirst()
	a.firstStart()
	a.openByKey()
	return a.flush()
}

// Update implements tea.Model. It gives the message to whoever it is for and
// then sees to ticks and commands.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	counted, msg := a.busy.arrived(msg)
	a.receive(msg)
	a.settleTicks()
	cmd := a.flush()
	if counted {
		a.busy.done()
	}
	return a, cmd
}

// receive dispatches one message.
func (a *App) receive(msg tea.Msg) {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg, tea.ResumeMsg:
		if a.touched() {
			return
		}
	}
	switch msg := msg.(type) {
	case page.Answer:
		msg.Apply(a.env)
	case tea.KeyPressMsg:
		a.key(msg)
	case tea.PasteMsg:
		a.paste(msg)
	case tea.MouseClickMsg:
		a.clicked(msg)
	case tea.MouseWheelMsg:
		a.wheel(msg)
	case tea.WindowSizeMsg:
		a.resized(msg)
	case tea.BackgroundColorMsg:
		a.dark = msg.IsDark()
		a.repaint()
	case tea.FocusMsg:
		a.away = false
	case tea.ClipboardMsg:
		a.clip.told(a, msg.Content)
	case tea.BlurMsg:
		a.away = true
	case tea.ResumeMsg:
		a.away = false
		a.env.Tea(tea.ClearScreen)
	}
}

// resized tells every page of the screen's new size.
func (a *App) resized(msg tea.WindowSizeMsg) {
	a.size = page.Size{W: msg.Width, H: msg.Height, Screen: msg.Height}
	a.env.Screen = a.size
	for _, p := range a.pages {
		if s, ok := p.(page.Sized); ok {
			s.Resized(a.env)
		}
	}
}

// repaint makes the painter of the theme in force.
func (a *App) repaint() {
	name := a.theme
	if name == "" {
		name = themes.Auto
	}
	t := a.deps.Themes.Pick(name, a.dark)
	a.env.Paint = widget.NewPainter(t, widget.NewGlyphs(a.deps.Settings.ASCII))
}

// flush hands the collected commands to Bubble Tea.
func (a *App) flush() tea.Cmd {
	if len(a.cmds) == 0 {
		return nil
	}
	cmd := tea.Batch(a.cmds...)
	a.cmds = nil
	return cmd
}

// top is the page that shows.
func (a *App) top() page.Page {
	if len(a.pages) == 0 {
		return nil
	}
	return a.pages[len(a.pages)-1]
}
