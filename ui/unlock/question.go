package unlock

import (
	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
)

// question shows what the key wants to know. A message is shown and answers itself.
func (d *Dialog) question(e *page.Env, q *question) {
	d.reply.Clear()
	d.reply = widget.Field{Secret: q.Kind == store.AskPassphrase || q.Kind == store.AskSecret}
	d.asked = q
	if q.Kind == store.AskNothing {
		d.answer(e, secret.Value{})
		d.asked = q // it stays to be read: touch the key
	}
}

// answer gives the answer and waits for what comes next.
func (d *Dialog) answer(e *page.Env, v secret.Value) {
	q := d.asked
	d.asked = nil
	q.answer <- v
	d.next(e, q.Kind == store.AskNothing)
}

// answerKey takes a key while a question is shown.
func (d *Dialog) answerKey(e *page.Env, msg tea.Msg) {
	k, pressed := msg.(tea.KeyPressMsg)
	switch d.asked.Kind {
	case store.AskNothing:
	case store.AskConfirm:
		switch {
		case pressed && k.String() == "enter":
			d.answer(e, secret.FromString(d.asked.Yes))
		case pressed && k.String() == "n" && d.asked.No != "":
			d.answer(e, secret.FromString(d.asked.No))
		}
	default:
		if !pressed || k.String() != "enter" {
			d.reply.Handle(msg)
			return
		}
		if d.reply.Secret {
			d.answer(e, d.reply.Take())
			return
		}
		v := secret.FromString(d.reply.Value())
		d.reply.Clear()
		d.answer(e, v)
	}
}
