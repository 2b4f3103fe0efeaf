package unlock

import (
	"time"

	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/themes"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// lines is the height of the dialog.
const lines = 6

// labels of the ways, hints of tab for what comes next.
var (
	labels = [wayCount]string{words.UnlockPassphrase, words.UnlockIdentity, words.UnlockKeyring}
	hints  = [wayCount]string{words.HintOtherBack, words.HintOther, words.HintKeyring}
)

// Frame implements page.Dialog.
func (d *Dialog) Frame(*page.Env) widget.Dialog {
	f := widget.Dialog{Title: d.ask.Title, Lines: lines}
	switch {
	case d.asked != nil && d.asked.Kind == store.AskConfirm:
		f.Hints = append(f.Hints, widget.Hint{Key: "enter", Label: text.Clean(d.asked.Yes)})
		if d.asked.No != "" {
			f.Hints = append(f.Hints, widget.Hint{Key: "n", Label: text.Clean(d.asked.No)})
		}
	case d.asked != nil && d.asked.Kind != store.AskNothing:
		f.Hints = append(f.Hints, widget.Hint{Key: "enter", Label: words.HintAnswer})
	case d.try == nil:
		f.Hints = append(f.Hints, widget.Hint{Key: "enter", Label: words.HintUnlock, Off: d.way() != byKeyring && d.field[d.way()].Len() == 0})
		if len(d.ways) > 1 {
			f.Hints = append(f.Hints, widget.Hint{Key: "tab", Label: hints[d.ways[(d.at+1)%len(d.ways)]]})
		}
	}
	esc := words.HintCancel
	if d.try != nil {
		esc = words.HintStopTrying
	}
	f.Hints = append(f.Hints, widget.Hint{Key: "esc", Label: esc})
	return f
}

// labelWidth is the cells of the label.
const labelWidth = 15

// Line implements page.Dialog.
func (d *Dialog) Line(e *page.Env, b *widget.Buf, i int) {
	switch i {
	case 1:
		d.drawField(b)
	case 3:
		b.Space(1)
		d.drawState(e, b)
	case 4:
		b.Space(1)
		b.Text(widget.Fg(themes.Muted), widget.Cut(d.ask.About, b.Room()))
	}
}

// drawField draws what is typed, or what the key asks.
func (d *Dialog) drawField(b *widget.Buf) {
	muted := widget.Fg(themes.Muted)
	q := d.asked
	switch {
	case q == nil && d.way() == byKeyring:
		widget.FocusBar(b, true)
		b.Fit(muted, labels[byKeyring], labelWidth)
		b.Text(widget.Fg(themes.Text), widget.Cut(words.UnlockByKeyring, b.Room()-1))
	case q == nil:
		widget.FocusBar(b, true)
		b.Fit(muted, labels[d.way()], labelWidth)
		d.field[d.way()].Draw(b, b.Room()-1, true)
	case q.Kind == store.AskPassphrase || q.Kind == store.AskSecret || q.Kind == store.AskValue:
		widget.FocusBar(b, true)
		b.Fit(muted, words.UnlockAnswer, labelWidth)
		d.reply.Draw(b, b.Room()-1, true)
	}
}

// drawState draws what is going on, or what was wrong.
func (d *Dialog) drawState(e *page.Env, b *widget.Buf) {
	plain, info := widget.Fg(themes.Text), widget.Fg(themes.Info)
	switch {
	case d.asked != nil && d.asked.Kind == store.AskPassphrase:
		b.Text(plain, widget.CutMiddle(words.UnlockKeyPhrase(d.asked.From), b.Room()-1))
	case d.asked != nil:
		b.Text(plain, widget.Cut(words.UnlockAsks(d.asked.From, d.asked.Text), b.Room()-1))
	case d.waiting(e) > 0:
		b.Text(widget.Fg(themes.Warn), widget.Cut(words.UnlockSlow(d.waiting(e)), b.Room()-1))
	case d.try != nil:
		b.Text(info, words.UnlockChecking)
	case d.wrong != "":
		b.Text(widget.Strong(themes.Bad), widget.GlyphCross+" ")
		b.Text(plain, widget.Cut(d.wrong, b.Room()-1))
	}
}

// waiting is how long the attempt still waits because others were wrong before it.
func (d *Dialog) waiting(e *page.Env) time.Duration {
	if d.try == nil || d.until.IsZero() {
		return 0
	}
	return max(0, d.until.Sub(e.Deps.Real.Now()))
}

// Lasts implements page.Ticker: seconds run while the attempt waits.
func (d *Dialog) Lasts(e *page.Env) (live.Wait, bool) {
	left := d.waiting(e)
	return live.Wait(left%time.Second + time.Millisecond), left > 0
}
