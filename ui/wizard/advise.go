package wizard

import (
	"strconv"

	"crmdeck/connectors/policy"
	"crmdeck/connectors/setup"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// advise is the choice of a method: the advised one first, with its reasons.
type advise struct {
	p       *Page
	at      int
	weights bool // every criterion with its weight is shown
}

func newAdvise(p *Page) *advise { return &advise{p: p} }

func (a *advise) field() *widget.Field { return nil }
func (a *advise) close()               {}
func (a *advise) bar() bool            { return len(a.p.step.Advice) > 0 }

func (a *advise) hints() []action.ID {
	return []action.ID{next, action.WizardWhy, action.WizardBack}
}

func (a *advise) label(id action.ID) string {
	if id == action.WizardWhy && a.weights {
		return words.HintReasons
	}
	return ""
}

func (a *advise) act(e *page.Env, id action.ID) {
	last := max(0, len(a.p.step.Advice)-1)
	switch id {
	case action.Down, action.WizardNextField:
		a.at = min(a.at+1, last)
	case action.Up:
		a.at = max(a.at-1, 0)
	case action.Top:
		a.at = 0
	case action.Bottom:
		a.at = last
	case action.WizardWhy:
		a.weights = !a.weights
	case next:
		if a.at > last || len(a.p.step.Advice) == 0 {
			return
		}
		x := a.p.step.Advice[a.at]
		if !x.Built {
			e.Note(words.NotBuilt(x.Label))
			return
		}
		a.p.answer(e, setup.Answer{Value: setup.MethodValue(x)})
	}
}

func (a *advise) content(_ *page.Env, w int) content {
	c := content{head: []line{said(span{bold, words.MethodTitle}), empty}}
	for i := range a.p.step.Advice {
		x := &a.p.step.Advice[i]
		if i == a.at {
			c.focus = len(c.body)
		}
		c.body = append(c.body, a.heading(x, i == a.at))
		if i == a.at {
			c.body = append(c.body, a.reasons(x, w)...)
		} else if x.ChooseIf != "" && x.Built {
			c.body = append(c.body, labelled(span{faint, words.ChooseIt}, faint, words.ChooseWhen(x.ChooseIf), 3, adviceLabels, w)...)
		}
		c.body = append(c.body, empty)
	}
	c.foot = fault(a.p.wrong, 0, w)
	c.spare = append(wrapped(faint, words.MethodKept, 0, w), notes(a.p.step.Notes, w)...)
	return c
}

// heading is the name of one way, and whether it is advised.
func (a *advise) heading(x *policy.Advice, on bool) line {
	return focused(on, func(b *widget.Buf) {
		st := strong(on)
		if !x.Built {
			st = faint
		}
		b.Text(st, widget.Cut(x.Label, b.Room()-12))
		b.Space(3)
		switch {
		case x.Recommended:
			b.Text(good, words.Advised)
		case !x.Built:
			b.Text(faint, words.NotYet)
		case x.Ending != "":
			b.Text(warn, words.Ending)
		}
	})
}

// adviceLabels is the cells of "because", "costs" and "choose".
const adviceLabels = 10

// reasons are what speaks for one way, what it costs, and when to choose it.
func (a *advise) reasons(x *policy.Advice, w int) []line {
	var out []line
	add := func(label string, st widget.Style, text string) {
		if text != "" {
			out = append(out, labelled(span{faint, label}, st, text, 3, adviceLabels, w)...)
		}
	}
	if a.weights {
		return append(out, a.table(x, w)...)
	}
	add(words.Because, plain, words.Criteria(x.Because))
	add(words.Against, muted, words.Criteria(x.Against))
	add(words.Costs, muted, words.List(x.Costs))
	add(words.ChooseIt, muted, words.ChooseWhen(x.ChooseIf))
	add(words.Note, muted, x.Ending)
	return out
}

// table is every criterion with its weight.
func (a *advise) table(x *policy.Advice, w int) []line {
	var out []line
	row := func(weight string, st widget.Style, text string) {
		out = append(out, labelled(span{st, weight}, plain, text, 3, adviceLabels, w)...)
	}
	for _, c := range x.Because {
		row("+"+strconv.Itoa(c.Weight), good, words.Criterion(c))
	}
	for _, c := range x.Against {
		if c.Veto {
			row(words.RulesOut, bad, words.Criterion(c))
		} else {
			row(strconv.Itoa(c.Weight), muted, words.Criterion(c))
		}
	}
	row(strconv.Itoa(x.Score), bold, words.Sum)
	return out
}
