package wizard

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors"
	"crmdeck/connectors/setup"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// ask is a step with fields: texts, secrets, yes or no, and one of several.
type ask struct {
	p      *Page
	crm    string
	inputs []input
	at     int // index into rows
}

// input is one question with what was entered.
type input struct {
	setup.Field
	text   widget.Field
	choice int // index into Choices; len(Choices): typed
	yes    bool
}

// row is one line that can have the focus: a question, or the field of its "another".
type row struct {
	in    int
	other bool
}

// newAsk fills the fields with what is known.
func newAsk(p *Page, e *page.Env) *ask {
	a := &ask{p: p, crm: crm(e, p.step.Provider)}
	for _, f := range p.step.Fields {
		a.inputs = append(a.inputs, newInput(f))
	}
	return a
}

func newInput(f setup.Field) input {
	in := input{Field: f}
	in.text.Secret = f.Secret
	switch {
	case f.Bool:
		in.yes = f.Default == "true"
	case len(f.Choices) > 0:
		in.choice = len(f.Choices)
		for i, c := range f.Choices {
			if c.Value == f.Default {
				in.choice = i
			}
		}
		if in.choice == len(f.Choices) && f.Pattern == "" {
			in.choice = 0
		}
		if in.choice == len(f.Choices) {
			in.text.Set(f.Default)
		}
	case f.ID == setup.FieldKeyMade:
		in.text.Placeholder = words.HoldKeyMadeOr
	case !f.Secret:
		in.text.Set(f.Default)
	}
	return in
}

// kinds is how many choices there are, the typed one included.
func (in *input) kinds() int {
	if in.Pattern != "" {
		return len(in.Choices) + 1
	}
	return len(in.Choices)
}

// rows are the lines that can have the focus.
func (a *ask) rows() []row {
	var out []row
	for i := range a.inputs {
		out = append(out, row{in: i})
		if n := len(a.inputs[i].Choices); n > 0 && a.inputs[i].choice == n {
			out = append(out, row{in: i, other: true})
		}
	}
	return out
}

// focus is the question in focus; typed tells that text is entered there.
func (a *ask) focus() (in *input, typed bool) {
	r := a.rows()[a.at]
	in = &a.inputs[r.in]
	return in, r.other || !in.Bool && len(in.Choices) == 0
}

func (a *ask) field() *widget.Field {
	if in, typed := a.focus(); typed {
		return &in.text
	}
	return nil
}

func (a *ask) close() {
	for i := range a.inputs {
		a.inputs[i].text.Clear()
	}
}

func (a *ask) bar() bool { return true }

func (a *ask) hints() []action.ID {
	ids := []action.ID{next}
	if _, typed := a.focus(); !typed {
		ids = append(ids, action.WizardToggle)
	}
	if len(a.rows()) > 1 && a.at < len(a.rows())-1 && a.p.step.ID != stepPurpose {
		ids = append(ids, action.WizardNextField)
	}
	ids = append(ids, action.WizardBack)
	if a.p.step.RedirectURI != "" {
		ids = append(ids, action.WizardCopy)
	}
	if a.p.step.ConsoleURL != "" {
		ids = append(ids, action.WizardConsole)
	}
	return ids
}

// fieldBack moves to the field before; false on the first one.
func (a *ask) fieldBack() bool {
	if a.at == 0 || a.p.step.ID == stepPurpose {
		return false
	}
	a.at--
	return true
}

// fault puts the focus on the field that does not fit.
func (a *ask) fault(e *setup.InputError) {
	for i, r := range a.rows() {
		if a.inputs[r.in].ID == e.Field {
			a.at = i
		}
	}
}

func (a *ask) act(e *page.Env, id action.ID) {
	switch id {
	case action.Down:
		a.at = min(a.at+1, len(a.rows())-1)
	case action.WizardNextField:
		a.at = (a.at + 1) % len(a.rows())
	case action.Up:
		a.at = max(a.at-1, 0)
	case action.Top:
		a.at = 0
	case action.Bottom:
		a.at = len(a.rows()) - 1
	case action.WizardToggle, action.WizardMore:
		a.turn(1)
	case action.WizardLess:
		a.turn(-1)
	case action.WizardCopy:
		if a.p.step.RedirectURI != "" {
			e.Tea(tea.SetClipboard(a.redirect()))
			e.Good(words.CopiedURI)
		}
	case action.WizardConsole:
		a.p.openPage(e, a.p.step.ConsoleURL)
	case next:
		a.enter(e)
	}
}

// turn takes another choice.
func (a *ask) turn(by int) {
	in, typed := a.focus()
	switch {
	case typed:
	case in.Bool:
		in.yes = !in.yes
	default:
		in.choice = (in.choice + by + in.kinds()) % in.kinds()
		a.at = min(a.at, len(a.rows())-1)
	}
}

// enter goes to the next empty field, and from the last one on.
func (a *ask) enter(e *page.Env) {
	if a.p.slot.Runs() {
		return
	}
	rows := a.rows()
	for i := a.at + 1; i < len(rows) && a.p.step.ID != stepPurpose; i++ {
		in := &a.inputs[rows[i].in]
		if in.Required && (len(in.Choices) == 0 || rows[i].other) && in.text.Len() == 0 {
			a.at = i
			return
		}
	}
	a.p.answer(e, a.answers())
}

// answers is what was entered. A secret stays in its field too until the step
// is over: one wrong date must not cost pasting the key again.
func (a *ask) answers() setup.Answer {
	out := setup.Answer{Values: map[string]string{}, Secrets: map[string]setup.Secret{}}
	for i := range a.inputs {
		in := &a.inputs[i]
		switch {
		case in.Bool:
			out.Values[in.ID] = strconv.FormatBool(in.yes)
		case in.Secret:
			v := in.text.Take()
			in.text.Insert(v.Reveal())
			out.Secrets[in.ID] = v
		case len(in.Choices) > in.choice:
			out.Values[in.ID] = in.Choices[in.choice].Value
		default:
			out.Values[in.ID] = strings.TrimSpace(in.text.Value())
		}
	}
	return out
}

// redirect is the URI to register, with the port as it is entered now.
func (a *ask) redirect() string {
	uri := a.p.step.RedirectURI
	for i := range a.inputs {
		if a.inputs[i].ID != setup.FieldPort {
			continue
		}
		port := strings.TrimSpace(a.inputs[i].text.Value())
		u, err := url.Parse(uri)
		if n, bad := strconv.Atoi(port); err == nil && bad == nil && n >= 1024 && n <= 65535 {
			u.Host = net.JoinHostPort(u.Hostname(), port)
			return u.String()
		}
	}
	return uri
}

// chosen is the ready answer that is taken now; ok is false if it is typed.
func (in *input) chosen() (c connectors.Choice, ok bool) {
	if in.choice < len(in.Choices) {
		return in.Choices[in.choice], true
	}
	return connectors.Choice{}, false
}
