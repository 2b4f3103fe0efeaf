package auditlog

import (
	"encoding/hex"
	"time"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// eventDialog shows all of one event.
type eventDialog struct {
	title string
	lines [][2]string // label and what stands behind it
	shown int
	top   int
}

// labelWidth is the cells of the labels; edges the lines and cells of a dialog's frame.
const (
	labelWidth = 13
	edges      = 4
	dialogMost = 76
)

func newEventDialog(e *page.Env, ev *store.Event) *eventDialog {
	d := &eventDialog{title: words.AuditEvent + e.Figures().Number(int64(ev.Seq))}
	room := widget.ContentWidth(min(dialogMost, e.Screen.W-edges)) - labelWidth - 2
	connection := ev.Connection
	if ev.ConnectionID != "" {
		connection += " (" + string(ev.ConnectionID) + ")"
	}
	for _, f := range [][2]string{
		{words.AuditTime, e.Figures().Stamp(ev.At) + " (" + ev.At.UTC().Format(time.RFC3339Nano) + ")"},
		{words.TitleActor, ev.Actor}, {words.TitleHost, ev.Host}, {words.TitleAct, string(ev.Act)},
		{words.TitleConnection, connection}, {words.TitleOutcome, ev.Outcome}, {words.TitleProof, ev.Evidence},
		{words.AuditOp, string(ev.Op)}, {words.AuditChainRow, hex.EncodeToString(ev.Chain)},
	} {
		label := f[0]
		for _, part := range broken(text.Clean(f[1]), max(8, room)) {
			d.lines = append(d.lines, [2]string{label, part})
			label = ""
		}
	}
	d.shown = max(1, min(len(d.lines), e.Screen.Screen-edges-2))
	return d
}

// broken is a text in lines of a width; what has no blank is cut where the line ends.
func broken(s string, w int) []string {
	if s == "" {
		return nil
	}
	var out []string
	for _, line := range widget.Wrap(s, w) {
		r := []rune(line)
		for len(r) > w {
			out = append(out, string(r[:w]))
			r = r[w:]
		}
		out = append(out, string(r))
	}
	return out
}

// Frame implements page.Dialog.
func (d *eventDialog) Frame(*page.Env) widget.Dialog {
	hints := []widget.Hint{{Key: "esc", Label: words.HintClose}}
	if len(d.lines) > d.shown {
		hints = append(hints, widget.Hint{Key: widget.GlyphArrowDown, Label: words.ToastMore})
	}
	return widget.Dialog{Title: d.title, Lines: d.shown + 2, Hints: hints}
}

// Line implements page.Dialog.
func (d *eventDialog) Line(_ *page.Env, b *widget.Buf, i int) {
	i--
	if i < 0 || i >= d.shown || d.top+i >= len(d.lines) {
		return
	}
	line := d.lines[d.top+i]
	b.Space(1)
	b.Fit(muted, line[0], labelWidth)
	b.Text(widget.Fg(themes.Text), widget.Cut(line[1], b.Room()))
}

// Key implements page.Dialog.
func (d *eventDialog) Key(e *page.Env, msg tea.Msg) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return
	}
	switch k.String() {
	case "esc", "enter", "q":
		e.Hide()
	case "down", "j":
		d.top = min(d.top+1, len(d.lines)-d.shown)
	case "up", "k":
		d.top = max(0, d.top-1)
	}
}
