// Package uitest drives the real program on a terminal emulator.
//
// A Terminal is a tea.Program whose input and output are an emulator of
// charmbracelet/x/vt: keys go in as bytes, and what stands on the emulator's
// screen is what a person would see. After each key the Terminal waits until
// nothing that the key set going is under way (ui.Busy) and the screen shows the
// frame drawn last, so tests need no waiting of their own. Time stands still
// until Pass moves it.
//
// Memory, Engine and Deck are a store, an engine and connections to test with.
package uitest

import (
	"context"
	"image/color"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"crmdeck/ui"
	"crmdeck/ui/page"
)

// patience is how long a Terminal waits for something before the test fails.
const patience = 10 * time.Second

// Terminal is the program on an emulator.
type Terminal struct {
	t    testing.TB
	em   *vt.SafeEmulator
	prog *tea.Program
	app  *ui.App
	done chan struct{}
	err  error

	// screen guards the emulator's cells: it hands out pointers to them.
	screen *sync.Mutex

	mu   sync.Mutex
	clip string // what the clipboard holds
	seen int    // keys, pastes and clicks that reached the program
	news chan struct{}
	sent int
}

// Option changes how a Terminal starts.
type Option func(*options)

type options struct {
	profile    colorprofile.Profile
	background color.Color
	env        []string
}

// Profile sets the colours that the terminal has.
func Profile(p colorprofile.Profile) Option { return func(o *options) { o.profile = p } }

// Background sets the terminal's background.
func Background(c color.Color) Option { return func(o *options) { o.background = c } }

// Env sets the environment of the program.
func Env(env ...string) Option { return func(o *options) { o.env = env } }

// Start runs the program on a screen of width by height and waits for its first rest.
func Start(t testing.TB, deps page.Deps, width, height int, opts ...Option) *Terminal {
	t.Helper()
	o := options{profile: colorprofile.TrueColor, env: []string{"TERM=xterm-256color"}}
	for _, f := range opts {
		f(&o)
	}
	x := &Terminal{t: t, em: vt.NewSafeEmulator(width, height), done: make(chan struct{}), news: make(chan struct{}, 1),
		screen: &sync.Mutex{}}
	if o.background != nil {
		x.em.SetBackgroundColor(o.background)
	}
	x.em.RegisterOscHandler(oscClipboard, x.keepClip)
	ctx, cancel := context.WithCancel(context.Background())
	x.app = ui.New(ctx, deps)
	in := newInput(x.em)
	x.prog = tea.NewProgram(&driven{app: x.app}, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(onlcr{x.em, x.screen}),
		tea.WithWindowSize(width, height), tea.WithoutSignals(), tea.WithColorProfile(o.profile),
		tea.WithEnvironment(o.env), tea.WithFPS(120), tea.WithFilter(x.count))
	go func() {
		_, x.err = x.prog.Run()
		close(x.done)
	}()
	t.Cleanup(func() {
		in.close()
		cancel()
		<-x.done
		if pipe, ok := x.em.InputPipe().(io.Closer); ok {
			_ = pipe.Close() // the emulator's own Close races with its Read
		}
	})
	x.Settle()
	return x
}

// onlcr turns line feeds into new lines, as a terminal's driver does: the
// renderer counts on it where its input is no terminal.
type onlcr struct {
	em     *vt.SafeEmulator
	screen *sync.Mutex
}

// Write implements io.Writer.
func (w onlcr) Write(p []byte) (int, error) {
	w.screen.Lock()
	defer w.screen.Unlock()
	_, err := w.em.Write([]byte(strings.ReplaceAll(string(p), "\n", "\r\n")))
	return len(p), err
}

// driven is the program with one more message: what it shows now.
type driven struct{ app *ui.App }

// look asks for the frame of this moment and whether anything is under way.
type look struct{ answer chan frame }

type frame struct {
	content string
	rest    <-chan struct{}
	still   bool // nothing was under way when it was drawn
}

func (d *driven) Init() tea.Cmd  { return d.app.Init() }
func (d *driven) View() tea.View { return d.app.View() }

func (d *driven) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if l, ok := msg.(look); ok {
		f := frame{content: d.app.View().Content, rest: d.app.Busy().Rest()}
		select {
		case <-f.rest:
			f.still = true
		default:
		}
		l.answer <- f
		return d, nil
	}
	_, cmd := d.app.Update(msg)
	return d, cmd
}

// count is the program's filter: it notes what came in from the terminal.
func (x *Terminal) count(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		x.mu.Lock()
		x.seen++
		x.mu.Unlock()
		select {
		case x.news <- struct{}{}:
		default:
		}
	case tea.MouseReleaseMsg, tea.MouseMotionMsg:
		return nil
	}
	return msg
}

// arrived waits until everything that was sent has reached the program.
func (x *Terminal) arrived() {
	x.t.Helper()
	limit := time.After(patience)
	for {
		x.mu.Lock()
		seen := x.seen
		x.mu.Unlock()
		if seen >= x.sent {
			return
		}
		select {
		case <-x.news:
		case <-x.done:
			return
		case <-limit:
			x.t.Fatalf("%d of %d keys reached the program\n%s", seen, x.sent, x.Text())
		}
	}
}

// Settle waits until nothing is under way and the screen shows the last frame.
func (x *Terminal) Settle() {
	x.t.Helper()
	x.arrived()
	limit := time.After(patience)
	for {
		l := look{make(chan frame, 1)}
		go x.prog.Send(l)
		var f frame
		select {
		case f = <-l.answer:
		case <-x.done:
			if x.err != nil {
				x.t.Fatalf("the program ended: %v\n%s", x.err, x.Text())
			}
			return
		case <-limit:
			x.t.Fatalf("the program does not answer\n%s", x.Text())
		}
		select {
		case <-f.rest:
		case <-x.done:
			return
		case <-limit:
			x.t.Fatalf("work does not end\n%s", x.Text())
		}
		if !f.still {
			continue // the frame is older than what the work brought
		}
		if f.content != "" && x.shows(f.content) {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-limit:
			x.t.Fatalf("the screen does not show the frame:\n%s\n-- frame --\n%s", x.Text(), ansi.Strip(f.content))
		}
	}
}

// shows reports whether the screen shows a frame.
func (x *Terminal) shows(content string) bool {
	lines := x.Lines()
	want := strings.Split(ansi.Strip(content), "\n")
	for i := range lines {
		w := ""
		if i < len(want) {
			w = strings.TrimRight(want[i], " ")
		}
		if lines[i] != w {
			return false
		}
	}
	return true
}

// Press presses keys, each spelt as tea.KeyPressMsg.String spells it, and
// waits for rest after each. "g s" is two keys.
func (x *Terminal) Press(keys ...string) {
	x.t.Helper()
	for _, k := range keys {
		for _, one := range strings.Fields(k) {
			x.sent++
			x.send(one)
			x.Settle()
		}
	}
}

// send puts one key into the terminal.
func (x *Terminal) send(key string) {
	k := ui.KeyNamed(key)
	if k.Text != "" {
		x.em.SendText(k.Text)
		return
	}
	x.em.SendKey(uv.KeyPressEvent{Code: k.Code, Mod: k.Mod})
}

// Type types text, letter by letter, and waits for rest at its end.
func (x *Terminal) Type(text string) {
	x.t.Helper()
	for _, r := range text {
		x.sent++
		x.em.SendText(string(r))
	}
	x.Settle()
}

// Paste pastes text.
func (x *Terminal) Paste(text string) {
	x.t.Helper()
	x.sent++
	x.em.Paste(text)
	x.Settle()
}

// Click clicks on a cell; Wheel turns the wheel there.
func (x *Terminal) Click(col, row int) {
	x.t.Helper()
	x.sent++
	x.em.SendMouse(uv.MouseClickEvent{X: col, Y: row, Button: uv.MouseLeft})
	x.Settle()
}

// Wheel turns the wheel down or up over a cell.
func (x *Terminal) Wheel(col, row int, down bool) {
	x.t.Helper()
	button := uv.MouseWheelUp
	if down {
		button = uv.MouseWheelDown
	}
	x.sent++
	x.em.SendMouse(uv.MouseWheelEvent{X: col, Y: row, Button: button})
	x.Settle()
}

// Resize changes the size of the screen.
func (x *Terminal) Resize(width, height int) {
	x.t.Helper()
	x.screen.Lock()
	x.em.Resize(width, height)
	x.screen.Unlock()
	x.prog.Send(tea.WindowSizeMsg{Width: width, Height: height})
	x.Settle()
}

// Send gives the program a message, as the terminal's answers are.
func (x *Terminal) Send(msg tea.Msg) {
	x.t.Helper()
	x.prog.Send(msg)
	x.Settle()
}
