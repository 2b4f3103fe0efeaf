package ui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/page"
)

// framesPerSecond is the most that Bubble Tea draws: a key reaches the screen
// in 6 ms instead of the 10 of its default.
const framesPerSecond = 120

// Run shows the deck until the person quits or ctx ends. more options are for
// tests and for programs that bring their own terminal.
func Run(ctx context.Context, deps page.Deps, more ...tea.ProgramOption) error {
	app := New(ctx, deps)
	defer app.closeAdopted()
	defer app.cancel()
	options := append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond), tea.WithFilter(app.coalesce)}, more...)
	_, err := tea.NewProgram(app, options...).Run()
	if errors.Is(err, tea.ErrInterrupted) || (errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil) {
		return context.Canceled
	}
	return err
}

// coalesce drops motion of the mouse, which nothing here uses, before it costs
// a frame.
func (a *App) coalesce(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.MouseMotionMsg, tea.MouseReleaseMsg, tea.KeyReleaseMsg:
		return nil
	}
	return msg
}
